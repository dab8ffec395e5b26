/**
 * The shown trace (A) and another one (B) beside each other: `compare` says which events are partners; here stands what a
 * person is told of that, and where in A's picture the events stand that only B has.
 */

import { percentile } from '@dsys/runtime/checkers/figures';
import { fateOf, nodeName } from '@dsys/runtime/trace/access';
import { type Comparison, compare, DIVERGES, type Divergence } from '@dsys/runtime/trace/compare';
import { describeEvent } from '@dsys/runtime/trace/describe';
import { STATUS, STATUS_NAMES } from '@dsys/runtime/trace/kinds';
import type { Check, Trace } from '@dsys/runtime/trace/model';
import type { Opened } from './opened.ts';
import { countOf, firstAtLeast, firstGreater } from './search.ts';
import { grouped, moment } from './times.ts';

/** An event that only one of the traces has, or where they part. */
export interface Difference {
  readonly side: 'a' | 'b';
  /** Event of that trace. */
  readonly event: number;
  /** Event of A that is looked at for it: itself, or the one that an event of B stands at; -1 where A has none. */
  readonly at: number;
}

/** Something that is counted or measured in both. */
export interface Figure {
  readonly name: string;
  /** As metrics have it; '' for counts. */
  readonly unit: string;
  /** NaN where there is nothing to measure. */
  readonly a: number;
  readonly b: number;
}

export interface VerdictDifference {
  readonly name: string;
  /** Undefined where the trace has no such check. */
  readonly a?: Check['verdict'];
  readonly b?: Check['verdict'];
}

export interface Compared {
  readonly other: Opened;
  /** What people call B. */
  readonly name: string;
  readonly comparison: Comparison;
  /** 1 for each event of A without a partner. */
  readonly onlyA: Uint8Array;
  /** Events of B without a partner, in order. */
  readonly onlyB: Int32Array;
  /** For each of these the event of A that it stands at, and the node of A on whose lane; -1 for none. */
  readonly placeOfB: Int32Array;
  readonly laneOfB: Int32Array;
  /**
   * All of both, in the order of A's events; at one event A's own first. Each is an event of A, or the complement (`~`) of
   * an index into `onlyB`: there may be millions. `differenceOf` tells what one is.
   */
  readonly differences: Int32Array;
  readonly figures: readonly Figure[];
  readonly verdicts: readonly VerdictDifference[];
}

/** What has to be known of A: small enough a part to be copied to another thread. */
export type Shown = Pick<Opened, 'trace' | 'origin' | 'eventsOfNode'>;

/** @throws RangeError for traces that are too long to be compared, in words */
export function comparedOf(a: Shown, other: Opened, name: string): Compared {
  const comparison = compare(a.trace, other.trace);
  const onlyA = Uint8Array.from(comparison.partnerOfA, partner => (partner < 0 ? 1 : 0));
  const onlyB = rowsWithout(comparison.partnerOfB);
  const { place, lane } = placesOf(a, other, comparison, onlyB);
  return {
    other,
    name,
    comparison,
    onlyA,
    onlyB,
    placeOfB: place,
    laneOfB: lane,
    differences: differencesOf(onlyA, onlyB, place),
    figures: figuresOf(a, other),
    verdicts: verdictsOf(a.trace, other.trace),
  };
}

function rowsWithout(partners: Int32Array): Int32Array {
  let count = 0;
  for (const partner of partners) if (partner < 0) count++;
  const rows = new Int32Array(count);
  for (let row = 0, filled = 0; filled < count; row++) if (partners[row] < 0) rows[filled++] = row;
  return rows;
}

/**
 * Each stands at the last event of A on its lane that is not later, but between the partners of its neighbours: a lane
 * tells both traces in order. What has no lane in A stands at the last event of any.
 */
function placesOf(
  a: Shown,
  b: Opened,
  { partnerOfB, lanes }: Comparison,
  rows: Int32Array,
): { place: Int32Array; lane: Int32Array } {
  const nodeOf = new Int32Array(b.trace.header.nodes.length).fill(-1);
  for (const { nodeA, nodeB } of lanes) if (nodeB >= 0) nodeOf[nodeB] = nodeA;
  const count = b.trace.header.nodes.length;
  const timesOfA = a.trace.events.t as Float64Array;
  const lastBefore = (list: Int32Array, row: number): number => list[firstAtLeast(list, row) - 1] ?? -1;
  const place = new Int32Array(rows.length).fill(-1);
  const lane = new Int32Array(rows.length).fill(-1);
  const { node, t } = b.trace.events;
  // From the left: not before the partner of the event before it on the lane, nor before what stands there already.
  const before = new Int32Array(count).fill(-1);
  for (let row = 0, at = 0; row < node.length; row++) {
    const own = node[row];
    const time = t[row] - b.origin + a.origin;
    if (at >= rows.length || rows[at] !== row) {
      if (own < count) before[own] = partnerOfB[row];
      continue;
    }
    const nodeA = own < count ? nodeOf[own] : -1;
    lane[at] = nodeA;
    const later = firstGreater(timesOfA, time);
    if (nodeA < 0) place[at] = later - 1;
    else place[at] = before[own] = Math.max(lastBefore(a.eventsOfNode[nodeA], later), before[own]);
    at++;
  }
  // From the right: before the partner of the event after it.
  const after = new Int32Array(count).fill(-1);
  for (let row = node.length - 1, at = rows.length - 1; row >= 0; row--) {
    const own = node[row];
    if (at < 0 || rows[at] !== row) {
      if (own < count) after[own] = partnerOfB[row];
      continue;
    }
    if (lane[at] >= 0 && after[own] >= 0 && place[at] >= after[own]) {
      place[at] = lastBefore(a.eventsOfNode[lane[at]], after[own]);
    }
    at--;
  }
  return { place, lane };
}

function differencesOf(onlyA: Uint8Array, onlyB: Int32Array, place: Int32Array): Int32Array {
  const ofA = countOf(onlyA);
  const found = new Int32Array(ofA + onlyB.length);
  for (let event = 0, filled = 0; filled < ofA; event++) if (onlyA[event] === 1) found[filled++] = event;
  for (let index = 0; index < onlyB.length; index++) found[ofA + index] = ~index;
  const at = (one: number): number => (one < 0 ? placeIn(onlyA, place[~one]) : one);
  // At one event those of B are the negative ones, the later the lower.
  return found.sort((left, right) => at(left) - at(right) || right - left);
}

/** What stands before A's first event is looked at there; -1 only where A has no events. */
const placeIn = ({ length }: Uint8Array, place: number): number => Math.min(length - 1, Math.max(0, place));

/** One of `differences`, by its place among them; undefined beyond them. */
export function differenceOf({ differences, onlyA, onlyB, placeOfB }: Compared, index: number): Difference | undefined {
  const one = differences[index];
  if (one === undefined) return undefined;
  if (one >= 0) return { side: 'a', event: one, at: one };
  return { side: 'b', event: onlyB[~one], at: placeIn(onlyA, placeOfB[~one]) };
}

function figuresOf(a: Shown, b: Shown): Figure[] {
  const [inA, inB] = [counts(a.trace), counts(b.trace)];
  const [ofA, ofB] = [measures(a), measures(b)];
  return [
    ...[...inA].map(([name, count]) => ({ name, unit: '', a: count, b: inB.get(name)! })),
    ...ofA.map(({ name, unit, value }, index) => ({ name, unit, a: value, b: ofB[index].value })),
  ];
}

/** Of operations that were ok: how many in a second since the scenario began, and how long they took. */
function measures({ trace, origin }: Shown): { name: string; unit: string; value: number }[] {
  const { t, length } = trace.events;
  const { invoke, complete, status } = trace.ops;
  const took: number[] = [];
  for (let op = 0; op < status.length; op++)
    if (status[op] === STATUS.ok && invoke[op] >= 0 && complete[op] >= 0) took.push(t[complete[op]] - t[invoke[op]]);
  const ascending = Float64Array.from(took).sort();
  const latency = (p: number): number => percentile(ascending, p) ?? Number.NaN;
  return [
    { name: 'throughput', unit: '1/s', value: took.length / ((t[length - 1] - origin) / 1e9) },
    { name: 'latency p50', unit: 'ns', value: latency(0.5) },
    { name: 'latency p99', unit: 'ns', value: latency(0.99) },
  ];
}

const FATES = { delivered: 'messages delivered', dropped: 'messages dropped', inflight: 'messages in flight' } as const;
const STATUSES = { ok: 'operations ok', fail: 'operations failed', info: 'operations unknown' } as const;

function counts(trace: Trace): Map<string, number> {
  const { messages, ops, events } = trace;
  const found = new Map<string, number>([['events', events.length]]);
  for (const name of [...Object.values(FATES), ...Object.values(STATUSES)]) found.set(name, 0);
  const add = (name: string): void => void found.set(name, found.get(name)! + 1);
  for (let message = 0; message < messages.length; message++) add(FATES[fateOf(trace, message)]);
  for (let op = 0; op < ops.length; op++) add(STATUSES[STATUS_NAMES[ops.status[op]] ?? 'info']);
  return found;
}

/** Checks of the same name, and of the same number among those that share one. */
function verdictsOf(a: Trace, b: Trace): VerdictDifference[] {
  const found = new Map<string, { name: string; a?: Check['verdict']; b?: Check['verdict'] }>();
  for (const [side, { checks }] of [
    ['a', a],
    ['b', b],
  ] as const) {
    const seen = new Map<string, number>();
    for (const { name, verdict } of checks) {
      const nth = seen.get(name) ?? 0;
      seen.set(name, nth + 1);
      const key = `${nth} ${name}`;
      const one = found.get(key) ?? { name };
      one[side] = verdict;
      found.set(key, one);
    }
  }
  return [...found.values()].filter(one => one.a !== one.b);
}

/** How far both are the same, as a sentence. */
export function verdictOf({ comparison: { divergence, prefix }, other }: Compared): string {
  const events = (count: number): string => `${grouped(count)} event${count === 1 ? '' : 's'}`;
  if (divergence === undefined) return `Every event is the same: ${events(other.trace.events.length)}.`;
  const row = rowOf(divergence);
  if (row === 0) return `They part at the first event: ${DIVERGES[divergence.how]}.`;
  const later = prefix > row ? ` But for times and states the first ${events(prefix)} are the same.` : '';
  return `The same ${events(row)}, then ${DIVERGES[divergence.how]}.${later}`;
}

/** Both traces have it at the same row. */
const rowOf = ({ a, b }: Divergence): number => Math.max(a, b);

/**
 * The event of A to look at for where they part: A's last one where it had ended; -1 where they do not part, or A has none.
 */
export function partingOf({ comparison: { divergence }, onlyA }: Compared): number {
  if (divergence === undefined) return -1;
  return divergence.a >= 0 ? divergence.a : onlyA.length - 1;
}

/** An event of either trace in words; -1: that it has ended. */
export function sideInWords({ trace, origin }: Opened, event: number): string {
  if (event < 0) return 'has no more events';
  const time = moment(trace.events.t[event] - origin);
  const lane = nodeName(trace, trace.events.node[event]).slice(0, 60);
  return `${time}, ${lane}: ${describeEvent(trace, event).slice(0, 200)}`;
}
