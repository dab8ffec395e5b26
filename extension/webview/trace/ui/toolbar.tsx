/** Filter, axis, zoom, where one is in the run, and how exact the picture is. */

import { readChanges } from '@dsys/runtime/trace/changes';
import type { JSX } from 'preact';
import type { AxisKind } from '../model/axis.ts';
import { countOf } from '../model/search.ts';
import { duration, grouped, moment } from '../model/times.ts';
import { backToCrumb, fit, setAxis, toggleCollapse, toggleMetrics, turn, zoom } from './commands.ts';
import { ExportMenu } from './export-menu.tsx';
import { IconButton } from './icons.tsx';
import { visibleTime } from './overview.tsx';
import { Player } from './player.tsx';
import type { Viewer } from './viewer.ts';

type Props = { readonly viewer: Viewer };

const AXES: readonly (readonly [AxisKind, string, string])[] = [
  ['time', 'Time', 'Virtual time, in proportion (1)'],
  ['step', 'Step', 'The same room for every event (2)'],
  ['story', 'Story', 'What tells why the check was violated, with breaks between (3)'],
  ['depth', 'Depth', 'Causal depth: how many events led to it, one after the other (4)'],
  ['compressed', 'Compressed', 'Time, with long gaps in which nothing happens narrowed to breaks (5)'],
];

export function Toolbar({ viewer }: Props): JSX.Element {
  const file = viewer.file.value;
  const header = viewer.opened.value!.trace.header;
  return (
    <div class="toolbar" role="toolbar" aria-label="Diagram">
      <FilterBox viewer={viewer} />
      <fieldset class="group">
        <legend>Axis</legend>
        {AXES.map(([kind, name, title]) => (
          <Toggle
            key={kind}
            name={name}
            title={title}
            on={viewer.axis.value.kind === kind}
            disabled={kind === 'story' && viewer.story.value === null}
            run={() => setAxis(viewer, kind)}
          />
        ))}
      </fieldset>
      <Toggle
        name="↓"
        label="Time downwards"
        title="Time downwards (6)"
        on={viewer.down.value}
        run={() => turn(viewer)}
      />
      <fieldset class="group">
        <legend>Zoom</legend>
        <IconButton icon="zoom-in" title="Zoom in (W)" run={() => zoom(viewer, 0.7)} />
        <IconButton icon="zoom-out" title="Zoom out (S)" run={() => zoom(viewer, 1 / 0.7)} />
        <IconButton icon="fit" title="All (0)" run={() => fit(viewer)} />
      </fieldset>
      <Player viewer={viewer} />
      <Toggle
        name="Collapse"
        title="Runs of local events, and messages without an answer, as one (V)"
        on={viewer.collapses.value}
        run={() => toggleCollapse(viewer)}
      />
      {viewer.opened.value!.charts.length > 0 && (
        <Toggle
          name="Metrics"
          title="Metrics under the lanes (U)"
          on={viewer.metrics.value}
          run={() => toggleMetrics(viewer)}
        />
      )}
      {file?.canRun === true && (
        <IconButton
          icon="again"
          title="Execute the scenario again under this seed"
          run={() =>
            viewer.host.runAgain({
              scenario: header.model.name,
              seed: header.seed,
              changes: readChanges(header.params.changes) ?? [],
            })
          }
        />
      )}
      {file !== null && <ExportMenu viewer={viewer} />}
      <button
        type="button"
        title="Keys (?)"
        aria-expanded={viewer.help.value}
        onClick={() => (viewer.help.value = !viewer.help.value)}
      >
        ?
      </button>
    </div>
  );
}

interface ToggleProps {
  readonly name: string;
  /** What it is called where its name is only a sign. */
  readonly label?: string;
  readonly title: string;
  readonly on: boolean;
  readonly disabled?: boolean;
  readonly run: () => void;
}

function Toggle({ name, label, title, on, disabled, run }: ToggleProps): JSX.Element {
  return (
    <button type="button" title={title} aria-label={label} aria-pressed={on} disabled={disabled} onClick={run}>
      {name}
    </button>
  );
}

function FilterBox({ viewer }: Props): JSX.Element {
  const { filter, filterText, mask, hide } = viewer;
  const matches = mask.value && countOf(mask.value);
  const note =
    filter.value.problem || (matches === null ? '' : `${grouped(matches)} of ${grouped(mask.value!.length)}`);
  return (
    <search class="filter">
      <input
        id="filter"
        type="text"
        placeholder="Filter: text, node:n1 kind:drop term>3 before:#31 (? for more)"
        aria-label="Filter events"
        aria-describedby="filter-note"
        spellcheck={false}
        autocomplete="off"
        maxLength={500}
        value={filterText.value}
        onInput={event => (filterText.value = event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key !== 'Escape') return;
          if (filterText.value === '') document.getElementById('diagram')?.focus();
          filterText.value = '';
        }}
      />
      <output id="filter-note" class={filter.value.problem === '' ? '' : 'problem'}>
        {note}
      </output>
      <label>
        <input type="checkbox" checked={hide.value} onChange={event => (hide.value = event.currentTarget.checked)} />{' '}
        hide others
      </label>
    </search>
  );
}

/** The way back through the ranges, what is in view, and how it is drawn. */
export function RangeLine({ viewer }: Props): JSX.Element {
  const { crumbs, mode } = viewer;
  const { from, to } = visibleTime(viewer);
  const { origin } = viewer.opened.value!;
  return (
    <div class="range-line">
      <nav aria-label="Ranges" class="crumbs">
        {crumbs.value.map((crumb, index) => (
          <button
            key={index}
            type="button"
            class="link"
            title="Back to this range"
            onClick={() => backToCrumb(viewer, index)}
          >
            {crumb.axis} ›
          </button>
        ))}
        <span>
          {moment(Math.round(from) - origin)} to {moment(Math.round(to) - origin)} ({duration(Math.round(to - from))})
        </span>
      </nav>
      <span class="mode" title="How exact the diagram is">
        {mode.value}
      </span>
    </div>
  );
}
