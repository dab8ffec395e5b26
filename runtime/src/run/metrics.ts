/** How a run's figures went along its load: the metrics of its trace. */

import {
  failureTimes,
  percentile,
  perSecond,
  type Side,
  successTimes,
  timed,
  type Window,
} from '../checkers/figures.ts';
import type { Store } from '../design/store.ts';
import type { Metric } from '../trace/model.ts';
import type { Executed } from './execute.ts';
import { partitionName, touchesOf } from './load.ts';
import { viewOf } from './view.ts';

/** Most samples of a metric: as many as a lane of a screen has room for. */
export const bucketsMax = 120;

/** The shortest of 1, 2, 5, 10, 20, 50 … ns of which `most` at most cover `span` ns (0 < `span`). */
export function roundWidth(span: number, most: number): number {
  for (let power = 1; ; power *= 10) {
    for (const factor of [1, 2, 5]) if (factor * power * most >= span) return factor * power;
  }
}

/**
 * Figures of all stores together in equal stretches of the load, from the scenario's time 0 on; the last one ends with the
 * load, or with the run if that was stopped earlier, and may be shorter. `x` is the middle of a stretch in the kernel's
 * virtual ns, as the times of events are.
 *
 * Counted as the figures of the whole run are: answers and failures by when the client was told or gave up, latencies by
 * when the operation began, failures at their duration. A latency is `null` where nothing began.
 */
export function seriesOf(executed: Executed): Metric[] {
  const { originNs, loadEndNs, endNs, stores } = executed;
  const load: Window = { from: 0, until: Math.min(loadEndNs, endNs) - originNs };
  if (!(load.until > 0)) return [];
  const histories = stores.map(store => viewOf(executed, store).history);
  const width = roundWidth(load.until, bucketsMax);
  const windows = Array.from(
    { length: Math.ceil(load.until / width) },
    (_, index): Window => ({ from: index * width, until: Math.min(load.until, (index + 1) * width) }),
  );
  const x = windows.map(({ from, until }) => originNs + Math.round((from + until) / 2));

  const rates = (times: readonly number[]): (number | null)[] => {
    const counts = new Array<number>(windows.length).fill(0);
    for (const time of times) counts[Math.floor(time / width)]!++;
    return windows.map((window, index) => perSecond(counts[index]!, window));
  };
  const successes = (side: Side) => rates(histories.flatMap(history => successTimes(history, load, side)));
  const failures = (outcome: 'fail' | 'unknown') =>
    rates(histories.flatMap(history => failureTimes(history, load, outcome)));
  const latenciesOf = (side: Side): Float64Array[] => {
    const found = windows.map((): number[] => []);
    for (const history of histories) {
      for (const { invoke, ns } of timed(history, load, side)) found[Math.floor(invoke / width)]!.push(ns);
    }
    return found.map(values => Float64Array.from(values).sort());
  };
  const latencies = { read: latenciesOf('read'), write: latenciesOf('write') };
  const latency = (agg: string, share: number): Metric => {
    const of = (side: Side) => latencies[side].map(values => percentile(values, share));
    return { name: 'latency', unit: 'ns', agg, x, series: { read: of('read'), write: of('write') } };
  };
  const rate = { unit: '1/s', agg: 'rate', x } as const;
  return [
    { name: 'throughput', ...rate, series: { read: successes('read'), write: successes('write') } },
    latency('p50', 0.5),
    latency('p99', 0.99),
    { name: 'failures', ...rate, series: { failed: failures('fail'), unknown: failures('unknown') } },
    ...stores.flatMap(store => loadOf(executed, store, x, load.until, rates)),
  ];
}

/** Most partitions that are told apart: a chart has place for four lines, and one is the mean. */
const partitionsTold = 3;

/** Of a store in several partitions: the operations that ended on its busiest ones, and on one of them on average. */
function loadOf(
  executed: Executed,
  store: Store,
  x: readonly number[],
  untilNs: number,
  rates: (times: readonly number[]) => (number | null)[],
): Metric[] {
  const touches = store.partitions.length < 2 ? [] : touchesOf(executed, store);
  const times = new Map<number, number[]>();
  for (const { logged, partition } of touches) {
    const at = logged.ended - executed.originNs;
    if (at >= untilNs) continue;
    const known = times.get(partition);
    if (known === undefined) times.set(partition, [at]);
    else known.push(at);
  }
  if (times.size === 0) return [];
  const busiest = [...times].sort(([a, x], [b, y]) => y.length - x.length || a - b).slice(0, partitionsTold);
  const count = executed.moving.get(store.name)?.map.members.length ?? store.partitions.length;
  const mean = rates([...times.values()].flat()).map(rate => (rate === null ? null : rate / count));
  const series = Object.fromEntries([
    ...busiest.map(([index, at]) => [partitionName(executed, store.name, index), rates(at)] as const),
    ['mean', mean] as const,
  ]);
  return [{ name: `load of ${store.name}`, unit: '1/s', agg: 'rate', x, series }];
}
