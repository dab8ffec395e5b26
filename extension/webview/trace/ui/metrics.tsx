/** The numbers behind the lanes of metrics, of the part of the run that is in view. */

import type { JSX } from 'preact';
import { amount, type Chart } from '../model/metrics.ts';
import { firstAtLeast, firstGreater } from '../model/search.ts';
import { grouped, moment } from '../model/times.ts';
import { visibleTime } from './overview.tsx';
import { Table } from './table.tsx';
import type { Viewer } from './viewer.ts';

/** Most rows of a table. */
const MAX_ROWS = 60;

export function Metrics({ viewer }: { readonly viewer: Viewer }): JSX.Element {
  const { charts, origin } = viewer.opened.value!;
  const { from, to } = visibleTime(viewer);
  return (
    <section class="details metrics" aria-label="Metrics" tabIndex={0}>
      <h2>
        Metrics <small>of what is in view</small>
      </h2>
      {charts.length === 0 && <p class="hint">This trace has no metrics.</p>}
      {charts.map((chart, index) => (
        <Samples key={index} chart={chart} from={from} to={to} origin={origin} />
      ))}
    </section>
  );
}

interface SamplesProps {
  readonly chart: Chart;
  /** Virtual ns of the first and the last moment. */
  readonly from: number;
  readonly to: number;
  readonly origin: number;
}

function Samples({ chart: { name, unit, x, series }, from, to, origin }: SamplesProps): JSX.Element {
  const first = firstAtLeast(x, from);
  const count = Math.max(0, firstGreater(x, to) - first);
  const rows = Array.from({ length: Math.min(count, MAX_ROWS) }, (_, index) => first + index);
  return (
    <>
      <Table
        caption={name}
        head={['around', ...series.map(one => one.name)]}
        rows={rows.map(row => [
          moment(x[row] - origin),
          ...series.map(({ values }) => (Number.isNaN(values[row]) ? 'none' : amount(values[row], unit))),
        ])}
      />
      {count === 0 && <p class="muted">No sample is in view.</p>}
      {count > MAX_ROWS && (
        <p class="muted">{grouped(count - MAX_ROWS)} later ones are left out: zoom in to see them.</p>
      )}
    </>
  );
}
