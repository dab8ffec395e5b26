/** What the run came to, before anything else; and what has to be said about the trace itself. */

import { changeText, readChanges } from '@dsys/runtime/trace/changes';
import { TOO_MANY } from '@dsys/runtime/trace/model';
import type { JSX } from 'preact';
import { fileName } from '../model/source-lines.ts';
import { grouped } from '../model/times.ts';
import { summaryOf } from '../model/verdict.ts';
import { goToViolation, nextViolation } from './commands.ts';
import { Icon } from './icons.tsx';
import type { Viewer } from './viewer.ts';
import { NARROW } from './viewer.ts';

type Props = { readonly viewer: Viewer };

export function Header({ viewer }: Props): JSX.Element {
  const opened = viewer.opened.value!;
  const { trace, violations } = opened;
  const { outcome, tone, title, message, scenario, held, violated, unknown } = summaryOf(opened);
  const shown = viewer.violation.value;
  const heading = shown === null ? title : `${shown.name}: violated`;
  const { seed, nodes } = trace.header;
  const changes = readChanges(trace.header.params.changes) ?? [];
  const servers = nodes.filter(({ kind }) => kind === 'server').length;
  const clients = nodes.filter(({ kind }) => kind === 'client').length;
  return (
    <header class={`verdict-header ${tone}`}>
      <div class="sign" aria-hidden="true">
        <Icon name={tone === 'danger' ? 'alarm' : tone === 'warn' ? 'question' : 'check'} />
      </div>
      <div class="words">
        <h1>{heading.slice(0, 300)}</h1>
        <p class="message" tabIndex={0}>
          {(shown?.message || message).slice(0, 2000)}
        </p>
        <details open={window.innerWidth >= NARROW}>
          <summary>
            {scenario.slice(0, 80)}, seed {seed}: {outcome}
          </summary>
          <p class="facts">
            <span>
              outcome <b>{outcome}</b>
              {/* Only violations that the scenario expects leave a run passed. */}
              {outcome === 'pass' && violated > 0 && ' (it expects the violation)'}
              {held + violated + unknown === 0 && ' (as it was recorded; what was checked is not here)'}
            </span>
            <span>
              scenario <b>{scenario.slice(0, 80)}</b>
            </span>
            <span>
              seed <b>{seed}</b>
            </span>
            <span title="After an unknown outcome a client goes on as a new process.">
              <b>{servers}</b> servers, <b>{clients}</b> client processes
            </span>
            <span>
              <b>{grouped(trace.events.length)}</b> events
            </span>
            <span>
              checks: <b>{held}</b> hold, <b>{violated}</b> violated, <b>{unknown}</b> unknown
            </span>
          </p>
        </details>
        {changes.length > 0 && (
          <p class="facts">
            <span class="changed">
              changed <b>{changes.map(change => changeText(change, opened.origin).slice(0, 200)).join('; ')}</b>
            </span>
          </p>
        )}
      </div>
      {violations.length > 0 && (
        <div class="buttons">
          <button type="button" onClick={() => goToViolation(viewer, viewer.violationIndex.value)}>
            Go
          </button>
          {violations.length > 1 && (
            <button type="button" onClick={() => nextViolation(viewer, 1)}>
              Next violation ({viewer.violationIndex.value + 1} of {violations.length})
            </button>
          )}
        </div>
      )}
    </header>
  );
}

/** Sentences about the trace: cut, damaged, of a text that has changed. */
export function Banners({ viewer }: Props): JSX.Element | null {
  const { trace, problems } = viewer.opened.value!;
  const { truncated } = trace.header;
  const highlight = viewer.highlight.value?.follows ? null : viewer.highlight.value;
  const changed = trace.sources.filter((_, index) => viewer.sources.value[index] === 'changed');
  const missing = trace.sources.filter((_, index) => viewer.sources.value[index] === 'missing');
  const names = (sources: readonly { uri: string }[]): string =>
    sources
      .slice(0, 3)
      .map(({ uri }) => fileName(uri))
      .join(', ');
  const told = [
    trace.events.length === 0 && 'The trace has no events: there is nothing to draw. Execute the scenario again.',
    truncated !== undefined &&
      `The recording ends before event ${grouped(truncated.after)}: ${truncated.reason.slice(0, 300)}`,
    changed.length > 0 && `${names(changed)} changed since the run: lines may not be where the trace says.`,
    missing.length > 0 && `${names(missing)} cannot be found from here: events cannot be shown in the text.`,
  ].filter(text => text !== false);
  if (told.length + problems.length === 0 && highlight === null) return null;
  return (
    <div class="banners" role="status">
      {told.map(text => (
        <p key={text}>{text}</p>
      ))}
      {problems.length > 0 && (
        <details>
          <summary>
            The trace is {problems.every(text => text.endsWith(TOO_MANY)) ? 'too large' : 'damaged'}:{' '}
            {problems.length === 1 ? 'one part is' : `${problems.length} parts are`} left out, the rest is shown.
          </summary>
          <ul>
            {problems.slice(0, 20).map((text, index) => (
              <li key={index}>{text.slice(0, 500)}</li>
            ))}
          </ul>
        </details>
      )}
      {highlight !== null && (
        <p>
          {grouped(highlight.count)} events come from line {highlight.line} of {fileName(highlight.uri)}.{' '}
          <button type="button" class="link" onClick={() => (viewer.highlight.value = null)}>
            Show all events alike
          </button>
        </p>
      )}
    </div>
  );
}
