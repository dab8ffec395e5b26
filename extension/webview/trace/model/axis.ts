/**
 * Where events stand from left to right. An axis gives every event a coordinate `u` that does not decrease along the rows,
 * or along the order of rows that it brings;
 * a view shows a range of `u`. Everything that is drawn begins and ends at events, so nothing else needs to know which
 * axis is in use.
 *
 * - `time`: virtual ns;
 * - `step`: every event takes the same room;
 * - `story`: the events of a story stand far enough apart to be read, near to proportional; what lies between two that are
 *   far apart is a *break* of fixed width, which says how much time and how many events it stands for;
 * - `depth`: how many events led to it, one after the other;
 * - `compressed`: the same for all events: nothing is hidden but time in which nothing happened.
 */

import type { Order } from './depth.ts';
import type { Opened } from './opened.ts';
import { firstAtLeast, firstGreater } from './search.ts';

export const AXIS_KINDS = ['time', 'step', 'story', 'depth', 'compressed'] as const;
export type AxisKind = (typeof AXIS_KINDS)[number];

/** A stretch that stands for more than it shows. */
export interface Break {
  readonly from: number;
  readonly to: number;
  /** Events at its ends, which are not part of it. */
  readonly after: number;
  readonly before: number;
  readonly hidden: number;
  readonly ns: number;
}

export interface Axis {
  readonly kind: AxisKind;
  /** Coordinate of each event. */
  readonly at: Float64Array;
  readonly from: number;
  readonly to: number;
  readonly breaks: readonly Break[];
  /** Rows of the story; empty on other axes. */
  readonly story: readonly number[];
  /** 1 for each row that is behind a break, `COLLAPSED` for one that is drawn with others as one; null where there are none. */
  readonly hidden: Uint8Array | null;
  /** The order of rows in which coordinates do not decrease; null where it is the trace's. */
  readonly order: Order | null;
}

/** See `collapse.ts`. */
export const COLLAPSED = 2;

/** Of an axis along which every event stands by itself, in the trace's order. */
export const PLAIN = { breaks: [], story: [], hidden: null, order: null } as const;

export function timeAxis({ trace }: Opened): Axis {
  const at = trace.events.t as Float64Array;
  return { kind: 'time', at, ...ends(at), ...PLAIN };
}

export function stepAxis({ trace }: Opened): Axis {
  const at = new Float64Array(trace.events.length);
  for (let row = 0; row < at.length; row++) at[row] = row;
  return { kind: 'step', at, ...ends(at), ...PLAIN };
}

function ends(at: Float64Array): { from: number; to: number } {
  if (at.length === 0) return { from: 0, to: 1 };
  const [from, to] = [at[0], at[at.length - 1]];
  return { from, to: to > from ? to : from + 1 };
}

/** Virtual time at a coordinate of an axis of time: between two events in proportion. */
export function timeAt(axis: Axis, t: Float64Array, u: number): number {
  if (t.length === 0) return 0;
  const after = firstAtLeast(axis.at, u);
  if (after === 0) return t[0];
  if (after >= t.length) return t[t.length - 1];
  const [left, right] = [axis.at[after - 1], axis.at[after]];
  return right > left ? t[after - 1] + ((t[after] - t[after - 1]) * (u - left)) / (right - left) : t[after];
}

/** A range of an axis. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What a range shows, in virtual time. What is outside of a story is behind breaks, and not counted as shown. */
export function timeRange(axis: Axis, t: Float64Array, range: Range): Range {
  const first = axis.story[0] ?? 0;
  const last = axis.story.at(-1) ?? t.length - 1;
  if (t.length === 0) return { from: 0, to: 1 };
  if (axis.kind === 'time') return range;
  if (axis.order !== null) {
    const [from, to] = rowsIn(axis, range);
    return { from: t[from], to: t[to] };
  }
  const time = (u: number): number => Math.min(t[last], Math.max(t[first], timeAt(axis, t, u)));
  return { from: time(range.from), to: time(range.to) };
}

/** Narrowest ranges; narrower ones show nothing more. */
const LEAST: Readonly<Record<AxisKind, number>> = { time: 10, step: 2, story: 20, depth: 2, compressed: 20 };

/** A range moved and shrunk so that it stays on the axis, and no narrower than can be told apart. */
export function clampRange(axis: Axis, { from, to }: Range): Range {
  const whole = axis.to - axis.from;
  const margin = whole * 0.01;
  const width = Math.min(whole + 2 * margin, Math.max(LEAST[axis.kind], to - from));
  const middle = (from + to) / 2;
  const start = Math.min(Math.max(middle - width / 2, axis.from - margin), axis.to + margin - width);
  return { from: start, to: start + width };
}

/** All of an axis, with a little room at both ends. */
export function wholeRange(axis: Axis): Range {
  const margin = (axis.to - axis.from) * 0.01;
  return { from: axis.from - margin, to: axis.to + margin };
}

/** First and last row in a range; the next ones where there are none in it. Not for a trace without events. */
function rowsIn({ at, order }: Axis, { from, to }: Range): readonly [first: number, last: number] {
  const within = (row: number): number => Math.min(row, at.length - 1);
  if (order === null) return [within(firstAtLeast(at, from)), within(firstAtLeast(at, to))];
  const first = within(firstAtLeast(order.along, from));
  return order.spanOf(first, Math.max(first + 1, firstGreater(order.along, to)));
}

/** A range around the same events on another axis. */
export function translateRange(range: Range, from: Axis, to: Axis, t: Float64Array): Range {
  if (t.length === 0) return wholeRange(to);
  const [first, last] = rowsIn(from, range);
  let [left, right] = [to.at[first], to.at[last]];
  for (let row = first; to.order !== null && row <= last; row++) {
    left = Math.min(left, to.at[row]);
    right = Math.max(right, to.at[row]);
  }
  const pad = (right - left || (to.to - to.from) * 0.01) * 0.04;
  return clampRange(to, { from: left - pad, to: right + pad });
}
