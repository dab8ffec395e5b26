/** The metrics of a trace as they are drawn and told: a chart each, whatever a stranger's file made of them. */

import type { Trace } from '@dsys/runtime/trace/model';
import type { Axis } from './axis.ts';
import { firstAtLeast } from './search.ts';
import { duration, grouped, niceStep } from './times.ts';

/** More than anybody reads; the others of a trace are left out. */
const MAX_CHARTS = 12;
const MAX_SERIES = 4;
const MAX_SAMPLES = 4000;
/** Larger ones have no place on a scale that can be computed with. */
const MAX_VALUE = 1e300;

export interface Series {
  readonly name: string;
  /** As many as the chart has times; NaN where there is none. */
  readonly values: Float64Array;
}

export interface Chart {
  /** Metric and how it was put together: `latency p99`. */
  readonly name: string;
  readonly unit: string;
  /** Virtual ns of the samples, in ascending order. */
  readonly x: Float64Array;
  readonly series: readonly Series[];
  /** Round numbers between which all values lie; the lower one is 0 unless there are negative values. */
  readonly low: number;
  readonly high: number;
  /** The same metric of another trace, on the same scale, its times moved to those of this one. */
  readonly other?: Chart;
}

/** The charts of A, each with the one of B that is of the same metric. */
export function overlaid(a: Charted, b: Charted): Chart[] {
  return a.charts.map(chart => {
    const other = b.charts.find(({ name, unit }) => name === chart.name && unit === chart.unit);
    if (other === undefined) return chart;
    const x = other.x.map(ns => ns - b.origin + a.origin);
    const [low, high] = [Math.min(chart.low, other.low), Math.max(chart.high, other.high)];
    return { ...chart, low, high, other: { ...other, x } };
  });
}

interface Charted {
  readonly charts: readonly Chart[];
  /** Virtual ns at which the scenario began. */
  readonly origin: number;
}

export function chartsOf({ metrics }: Trace): Chart[] {
  return metrics.slice(0, MAX_CHARTS).map(({ name, unit, agg, x, series }) => {
    const order = x.map((_, index) => index);
    if (x.some((ns, index) => index > 0 && ns < x[index - 1])) order.sort((left, right) => x[left] - x[right]);
    const kept = order.slice(0, MAX_SAMPLES);
    const lines = Object.entries(series)
      .slice(0, MAX_SERIES)
      .map(
        ([of, values]): Series => ({
          name: of.slice(0, 40),
          values: Float64Array.from(kept, index => {
            const value = values[index] ?? Number.NaN;
            return Math.abs(value) <= MAX_VALUE ? value : Number.NaN;
          }),
        }),
      );
    let [least, most] = [0, 0];
    for (const { values } of lines) {
      for (const value of values) {
        if (value < least) least = value;
        if (value > most) most = value;
      }
    }
    return {
      name: agg === '' || agg === 'rate' ? name.slice(0, 40) : `${name} ${agg}`.slice(0, 40),
      unit: unit.slice(0, 20),
      x: Float64Array.from(kept, index => x[index]),
      series: lines,
      low: -roundAbove(-least),
      high: roundAbove(most) || (least < 0 ? 0 : 1),
    };
  });
}

/** The next of the marks that an axis up to `value` would have; 0 for 0. */
function roundAbove(value: number): number {
  const step = niceStep(value, 4);
  return value === 0 ? 0 : Math.ceil(value / step) * step;
}

/** A value with its unit: `1.2 ms`, `350 /s`. */
export function amount(value: number, unit: string): string {
  if (unit === 'ns') return duration(Math.round(value));
  const size = Math.abs(value);
  const number = size >= 1000 && size < 1e15 ? grouped(Math.round(value)) : `${Number(value.toPrecision(3))}`;
  return unit === '' || unit === '1'
    ? number
    : unit.startsWith('1/')
      ? `${number} ${unit.slice(1)}`
      : `${number} ${unit}`;
}

/**
 * Coordinate of a moment: between the two events next to it in proportion, which is what `timeAt` takes back. NaN before
 * the first event and after the last one, and where moments have no place.
 */
export function unitOf({ kind, at, order }: Pick<Axis, 'kind' | 'at' | 'order'>, t: Float64Array, ns: number): number {
  if (kind === 'time') return ns;
  if (order !== null) return Number.NaN;
  const after = firstAtLeast(t, ns);
  if (after >= t.length) return Number.NaN;
  if (t[after] === ns) return at[after];
  if (after === 0) return Number.NaN;
  return at[after - 1] + ((at[after] - at[after - 1]) * (ns - t[after - 1])) / (t[after] - t[after - 1]);
}
