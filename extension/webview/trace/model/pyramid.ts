/**
 * How many events of each class a node has between any two rows, at the price of a look at a few dozen of them: sums up
 * to the beginning of every block of rows. Differences of sums are exact for columns of any width on any axis, where the
 * levels of a pyramid of fixed columns would be exact for their own widths only.
 */

import { KIND } from '@dsys/runtime/trace/kinds';
import { NONE16, type Trace } from '@dsys/runtime/trace/model';

/** What of a trace is looked at to count. */
export interface Counted {
  readonly header: Pick<Trace['header'], 'nodes'>;
  readonly events: Pick<Trace['events'], 'kind' | 'node' | 'length'>;
}

/** What bars tell apart, each in a row of its own inside a lane. */
export const EVENT_CLASSES = ['messages', 'lost', 'operations', 'inside'] as const;
export type EventClass = (typeof EVENT_CLASSES)[number];
export const CLASS_COUNT = EVENT_CLASSES.length;

const OF_KIND: Readonly<Partial<Record<keyof typeof KIND, EventClass>>> = {
  send: 'messages',
  deliver: 'messages',
  duplicate: 'messages',
  drop: 'lost',
  invoke: 'operations',
  ok: 'operations',
  fail: 'operations',
  info: 'operations',
  linearize: 'operations',
};

/** Class of each kind; kinds that nobody knows count as what happens inside of a node. */
const CLASS_OF_KIND = new Uint8Array(256).fill(EVENT_CLASSES.indexOf('inside'));
for (const [kind, name] of Object.entries(OF_KIND)) {
  CLASS_OF_KIND[KIND[kind as keyof typeof KIND]] = EVENT_CLASSES.indexOf(name);
}

export interface Pyramid {
  /** Node × class: series `node * CLASS_COUNT + class`. */
  readonly series: number;
  /** Rows of a block are `1 << shift`. */
  readonly shift: number;
  /** `sums[block * series + one]`: events of a series in the rows before the block. */
  readonly sums: Uint32Array;
  /** Events of each series in all rows. */
  readonly totals: Uint32Array;
  /** Events that are counted; null: all. */
  readonly mask: Uint8Array | null;
}

const LEAST_SHIFT = 6;
/** Most sums, 16 MiB of them; with many nodes blocks become longer. */
const MAX_SUMS = 4_194_304;

/** @param mask 1 for each event that counts; null: all. It must not change afterwards. */
export function pyramidOf(trace: Counted, mask: Uint8Array | null = null): Pyramid {
  const { kind, node, length } = trace.events;
  const nodes = trace.header.nodes.length;
  const series = nodes * CLASS_COUNT;
  let shift = LEAST_SHIFT;
  while (series * ((length >>> shift) + 1) > MAX_SUMS && shift < 24) shift++;
  const sums = new Uint32Array(series * ((length >>> shift) + 1));
  const counts = new Uint32Array(series);
  const within = (1 << shift) - 1;
  for (let row = 0; row < length; row++) {
    if ((row & within) === 0) sums.set(counts, (row >>> shift) * series);
    if (node[row] >= nodes || (mask !== null && mask[row] === 0)) continue;
    counts[node[row] * CLASS_COUNT + CLASS_OF_KIND[kind[row]]]++;
  }
  if ((length & within) === 0) sums.set(counts, (length >>> shift) * series);
  return { series, shift, sums, totals: counts, mask };
}

const ofMask = new WeakMap<Uint8Array, Pyramid>();

/** The pyramid of a mask, made once for each. */
export function pyramidOfMask(trace: Counted, mask: Uint8Array): Pyramid {
  let known = ofMask.get(mask);
  if (known === undefined) ofMask.set(mask, (known = pyramidOf(trace, mask)));
  return known;
}

/** Adds to `into` the events of the rows from `from` to before `to`. */
export type Counter = (from: number, to: number, into: Int32Array) => void;

/**
 * Counts columns of a picture: where one begins at the row at which the last one ended, only its end is looked for.
 * @param slots where each series is counted in `into`; -1: nowhere
 * @param length of `into`
 */
export function counterOf(pyramid: Pyramid, { events }: Counted, slots: Int32Array, length: number): Counter {
  const { series } = pyramid;
  let last = -1;
  let before = new Int32Array(length);
  let after = new Int32Array(length);
  return (from, to, into) => {
    // Where sums would save nothing, rows are looked at one by one.
    if (to - from <= series) return countOneByOne(pyramid, events, from, to, 1, slots, into);
    if (last !== from) sumsBefore(pyramid, events, from, slots, before.fill(0));
    sumsBefore(pyramid, events, to, slots, after.fill(0));
    for (let slot = 0; slot < length; slot++) into[slot] += after[slot] - before[slot];
    [before, after] = [after, before];
    last = to;
  };
}

function sumsBefore(
  pyramid: Pyramid,
  events: Counted['events'],
  row: number,
  slots: Int32Array,
  into: Int32Array,
): void {
  const { shift, series, sums } = pyramid;
  // The beginning of a block that is nearest, before or behind.
  const block = Math.min((row + (1 << (shift - 1))) >>> shift, events.length >>> shift);
  const at = block * series;
  for (let one = 0; one < series; one++) if (slots[one] >= 0) into[slots[one]] += sums[at + one];
  const begin = block << shift;
  if (begin <= row) countOneByOne(pyramid, events, begin, row, 1, slots, into);
  else countOneByOne(pyramid, events, row, begin, -1, slots, into);
}

function countOneByOne(
  { mask, series }: Pyramid,
  { kind, node }: Counted['events'],
  from: number,
  to: number,
  sign: 1 | -1,
  slots: Int32Array,
  into: Int32Array,
): void {
  for (let row = from; row < to; row++) {
    if (node[row] === NONE16 || (mask !== null && mask[row] === 0)) continue;
    const one = node[row] * CLASS_COUNT + CLASS_OF_KIND[kind[row]];
    if (one < series && slots[one] >= 0) into[slots[one]] += sign;
  }
}
