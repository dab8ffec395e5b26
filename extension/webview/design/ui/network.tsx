/** Links in rows, for those that the picture has no room for, and clients that stand nowhere. */
import type { JSX } from 'preact';
import { networkRows } from '../model/network.ts';
import { keyOf } from '../model/parts.ts';
import { arrivalText } from '../model/picture.ts';
import { counted } from '../model/words.ts';
import { ClientGlyph, Inline } from './glyphs.tsx';
import { revealPart, type View } from './view.ts';

type Props = { readonly view: View };

export function Network({ view }: Props): JSX.Element | null {
  const picture = view.picture.value;
  if (picture === null) return null;
  const rows = networkRows(view.shown.value!.design, picture.sites);
  if (rows.length === 0) return null;
  return (
    <details class="network">
      <summary>Network: {counted(rows.length, 'link')}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">between</th>
            <th scope="col">typical latency, bandwidth, loss</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ between, text }, i) => (
            <tr key={`${between} ${i}`}>
              <td>{between}</td>
              <td>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** Clients of workloads that name no place, where there are several that they could stand in. */
export function Unplaced({ view }: Props): JSX.Element | null {
  const picture = view.picture.value;
  if (picture === null) return null;
  const lit = new Set(view.highlighted.value.map(({ key }) => key));
  return (
    <>
      {picture.hiddenLinks > 0 && (
        <p class="muted">{picture.hiddenLinks} links are not drawn; they are listed under Network.</p>
      )}
      {picture.unplaced.length > 0 && (
        <div class="chips" role="group" aria-label="Clients beside whichever node they call">
          <span class="chips-name">Clients beside whichever node they call</span>
          {picture.unplaced.map(workload => {
            const key = keyOf('workload', workload.name);
            return (
              <button
                key={key}
                type="button"
                class={lit.has(key) ? 'lit' : undefined}
                onClick={() => revealPart(view, key)}
              >
                <Inline>
                  <ClientGlyph />
                </Inline>
                {workload.name}: {arrivalText(workload)}
              </button>
            );
          })}
        </div>
      )}
    </>
  );
}
