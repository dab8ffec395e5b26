/** What stands beside the diagram: one panel at a time, chosen by tabs. */

import type { JSX } from 'preact';
import { Checks } from './checks.tsx';
import { Compare } from './compare.tsx';
import { Details } from './details.tsx';
import { Metrics } from './metrics.tsx';
import { Notes } from './notes.tsx';
import { State } from './state.tsx';
import { UnderWayPanel } from './under-way.tsx';
import type { Viewer } from './viewer.ts';

const PANELS = [
  ['details', 'Details', Details],
  ['state', 'State', State],
  ['under-way', 'In flight', UnderWayPanel],
  ['checks', 'Checks', Checks],
  ['metrics', 'Metrics', Metrics],
  ['compare', 'Compare', Compare],
  ['notes', 'Notes', Notes],
] as const;

export type PanelName = (typeof PANELS)[number][0];

export function Side({ viewer }: { readonly viewer: Viewer }): JSX.Element {
  const [name, , Panel] = PANELS.find(([one]) => one === viewer.panel.value) ?? PANELS[0];
  const choose = (by: number): void => {
    const index = PANELS.findIndex(([one]) => one === name);
    viewer.panel.value = PANELS[(index + by + PANELS.length) % PANELS.length][0];
    requestAnimationFrame(() => document.getElementById(`tab-${viewer.panel.value}`)?.focus());
  };
  return (
    <div class="side">
      <div
        class="tabs"
        role="tablist"
        aria-label="Beside the diagram"
        onKeyDown={event => {
          const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
          if (by === 0) return;
          event.preventDefault();
          choose(by);
        }}
      >
        {PANELS.map(([one, title]) => (
          <button
            key={one}
            id={`tab-${one}`}
            type="button"
            role="tab"
            aria-selected={one === name}
            aria-controls="side-panel"
            tabIndex={one === name ? 0 : -1}
            onClick={() => (viewer.panel.value = one)}
          >
            {title}
          </button>
        ))}
      </div>
      <div id="side-panel" class="panel" role="tabpanel" aria-labelledby={`tab-${name}`}>
        <Panel viewer={viewer} />
      </div>
    </div>
  );
}
