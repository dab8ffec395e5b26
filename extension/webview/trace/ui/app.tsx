/** The whole page. */

import type { JSX } from 'preact';
import { Guard, Notice } from '../../common/page.tsx';
import { grouped } from '../model/times.ts';
import { Chapters } from './chapters.tsx';
import { Diagram } from './diagram.tsx';
import { GoTo } from './goto.tsx';
import { Grid } from './grid.tsx';
import { Banners, Header } from './header.tsx';
import { KEYS, turnedKey } from './keys.ts';
import { Legend } from './legend.tsx';
import { Likelihood } from './likelihood.tsx';
import { Overview } from './overview.tsx';
import { Side } from './side.tsx';
import { TextPanel } from './text-panel.tsx';
import { RangeLine, Toolbar } from './toolbar.tsx';
import type { Viewer } from './viewer.ts';

type Props = { readonly viewer: Viewer };

export function App({ viewer }: Props): JSX.Element {
  const phase = viewer.phase.value;
  if (phase.kind === 'failed') return <Notice title={phase.failure.title} text={phase.failure.text} />;
  if (phase.kind === 'waiting') return <Notice title="Trace" text="Waiting for the trace." />;
  if (phase.kind === 'loading') {
    const text = `${grouped(phase.received)} of ${grouped(phase.bytes)} bytes have arrived.`;
    return <Notice title="Loading the trace" text={text} />;
  }
  if (phase.kind === 'opening') {
    return <Notice title="Opening the trace" text={`${phase.part}: ${Math.round(phase.share * 100)} %.`} />;
  }
  return (
    <Guard what="The viewer">
      <main class="viewer">
        <Header viewer={viewer} />
        <Banners viewer={viewer} />
        <Toolbar viewer={viewer} />
        <Likelihood viewer={viewer} />
        <Overview viewer={viewer} />
        <RangeLine viewer={viewer} />
        <Chapters viewer={viewer} />
        <GoTo viewer={viewer} />
        <div class="middle">
          <div class="stage">
            <Diagram viewer={viewer} />
            <Legend viewer={viewer} />
          </div>
          <Side viewer={viewer} />
          <TextPanel viewer={viewer} />
        </div>
        <Grid viewer={viewer} />
        <p id="diagram-help" class="hidden-text">
          Arrow keys go from event to event and from lane to lane, Enter follows a message, N goes to the next
          violation, question mark shows all keys.
        </p>
        <p class="hidden-text" role="log" aria-live="polite">
          {viewer.said.value}
        </p>
        {viewer.help.value && <KeySheet viewer={viewer} />}
      </main>
    </Guard>
  );
}

function KeySheet({ viewer }: Props): JSX.Element {
  return (
    <div class="sheet" role="dialog" aria-label="Keys">
      <h2>Keys of the diagram</h2>
      <dl>
        {KEYS.map(({ shown, what }) => (
          <div key={shown}>
            <dt>
              <kbd>{turnedKey(viewer, shown)}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p>
        {viewer.down.value ? 'Wheel: pan. Shift+wheel: lanes.' : 'Wheel: lanes. Shift+wheel: pan.'} Shift+drag: pan.
        Ctrl+wheel: zoom. Drag: zoom to a range. Double click: text.
      </p>
      <button type="button" onClick={() => (viewer.help.value = false)}>
        Close
      </button>
    </div>
  );
}
