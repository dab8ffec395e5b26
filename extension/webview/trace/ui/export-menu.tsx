/** What the trace, and the picture in view, can be saved as. */

import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { sizeFor } from '../draw/frame.ts';
import { svgOfView } from '../draw/picture.ts';
import { roughMeasure } from '../draw/shapes.ts';
import { currentView } from './current-view.ts';
import { Icon } from './icons.tsx';
import { currentFont } from './theme.ts';
import type { Viewer } from './viewer.ts';

export function ExportMenu({ viewer }: { readonly viewer: Viewer }): JSX.Element {
  const menu = useRef<HTMLDetailsElement>(null);
  const { host } = viewer;
  const file = viewer.file.value!;
  const entry = (name: string, run: () => void): JSX.Element => (
    <button
      key={name}
      type="button"
      onClick={() => {
        menu.current!.open = false;
        menu.current!.querySelector('summary')!.focus();
        run();
      }}
    >
      {name}
    </button>
  );
  return (
    <details
      ref={menu}
      class="menu"
      onKeyDown={event => {
        if (event.key !== 'Escape' || !menu.current!.open) return;
        event.stopPropagation();
        menu.current!.open = false;
        menu.current!.querySelector('summary')!.focus();
      }}
      onFocusOut={event => {
        if (!menu.current!.contains(event.relatedTarget as Node | null)) menu.current!.open = false;
      }}
    >
      <summary title="Save the trace or the picture" aria-label="Save the trace or the picture">
        <Icon name="save" />
      </summary>
      <div class="entries">
        {file.canExport && entry('Trace (.dsystrace)', () => host.exportTrace())}
        {file.formats?.map(({ ending, name }) => entry(`${name} (${ending})`, () => host.exportAs(ending)))}
        {entry('Picture of this view (.svg)', () => saveSvg(viewer))}
      </div>
    </details>
  );
}

/** The view as it is, with all lanes. */
function saveSvg(viewer: Viewer): void {
  const { width, laneHeight } = viewer.plot.value;
  const size = { ...sizeFor(viewer.down.value, width, laneHeight), measure: roughMeasure };
  const view = { ...currentView(viewer, size), scroll: 0 };
  const svg = svgOfView(view, { kind: viewer.theme.value, font: currentFont() });
  const name = viewer.file.value!.name.replace(/\.(dsystrace|jsonl)$/, '').replace(/[^\w.-]+/g, '-');
  viewer.host.saveFile({ name: `${name.slice(0, 100) || 'trace'}.svg`, bytes: new TextEncoder().encode(svg).buffer });
}
