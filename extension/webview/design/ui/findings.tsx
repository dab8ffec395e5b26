/** What rules say, in full: the picture has room for badges only. */
import type { JSX } from 'preact';
import { counted } from '../model/words.ts';
import type { Severity } from '../protocol.ts';
import { Inline, SeverityGlyph } from './glyphs.tsx';
import type { View } from './view.ts';

type Props = { readonly view: View };

const plural: Readonly<Record<Severity, readonly [one: string, many: string]>> = {
  error: ['error', 'errors'],
  warning: ['warning', 'warnings'],
  information: ['remark', 'remarks'],
};
const severities = Object.keys(plural) as readonly Severity[];

/** How many of each kind there are, at the head of the page. */
export function FileBadge({ view }: Props): JSX.Element | null {
  const findings = view.findings.value;
  if (findings.length === 0) return null;
  return (
    <p class="counts">
      {severities.map(severity => {
        const count = findings.filter(one => one.severity === severity).length;
        return count === 0 ? null : (
          <span key={severity}>
            <Inline>
              <SeverityGlyph severity={severity} />
            </Inline>
            {counted(count, ...plural[severity])}
          </span>
        );
      })}
    </p>
  );
}

export function Findings({ view }: Props): JSX.Element {
  const findings = view.findings.value;
  const shown = view.shown.value!;
  return (
    <section class="findings" aria-labelledby="findings-title">
      <h2 id="findings-title">Findings</h2>
      {findings.length === 0 && (
        <p class="muted">Rules have nothing to say. What no rule asks, nobody has looked at.</p>
      )}
      <ul>
        {findings.map((finding, i) => (
          <li key={`${finding.rule} ${i}`}>
            <Inline>
              <SeverityGlyph severity={finding.severity} />
            </Inline>
            <div>
              <button
                type="button"
                class="link"
                onClick={() => view.host.reveal({ uri: shown.uri, range: finding.range })}
              >
                {finding.of}, line {finding.range.start.line + 1}
              </button>{' '}
              <code>{finding.rule}</code>
              <span class="hidden-text">, {plural[finding.severity][0]}</span>
              <p>{finding.message}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
