/** A text of the trace beside the diagram, with the lines marked that an event comes from. */

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { fileName } from '../model/source-lines.ts';
import { Icon } from './icons.tsx';
import type { Viewer } from './viewer.ts';

/** Most lines around the marked ones that are shown: designs are shorter, strangers' texts need not be. */
const MAX_LINES = 4000;
const MAX_LINE_CHARACTERS = 1000;

export function TextPanel({ viewer }: { readonly viewer: Viewer }): JSX.Element | null {
  const shown = viewer.text.value;
  const marked = useRef<HTMLLIElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const [line, box] = [marked.current, scroller.current];
    // Only up or down: what leads sideways would hide the numbers.
    if (line !== null && box !== null) box.scrollTop = line.offsetTop - box.offsetTop - box.clientHeight / 2;
  }, [shown]);
  if (shown === null) return null;
  const [first, , last] = shown.range;
  const lines = shown.text.split(/\r\n|\r|\n/);
  const from = Math.max(0, Math.min(first - 1 - MAX_LINES / 2, lines.length - MAX_LINES));
  const name = fileName(shown.uri);
  const isMarked = (line: number): boolean => line >= first && line <= Math.max(first, last);
  return (
    <section class="text-panel" aria-label={`Text of ${name}`}>
      <h2>
        {name}:{first}
        <button
          type="button"
          class="icon-button"
          title="Close (Esc)"
          aria-label="Close the text"
          onClick={() => (viewer.text.value = null)}
        >
          <Icon name="close" />
        </button>
      </h2>
      {/* Long lines scroll, for the keyboard, too. */}
      <div ref={scroller} class="text" tabIndex={0} role="group" aria-label={`Lines of ${name}`}>
        <ol start={from + 1}>
          {lines.slice(from, from + MAX_LINES).map((text, index) => {
            const line = from + index + 1;
            return (
              <li
                key={line}
                ref={line === first ? marked : undefined}
                class={isMarked(line) ? 'marked' : ''}
                aria-current={isMarked(line) ? 'true' : undefined}
              >
                {text.slice(0, MAX_LINE_CHARACTERS)}
              </li>
            );
          })}
        </ol>
      </div>
    </section>
  );
}
