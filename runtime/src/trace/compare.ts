/**
 * Two runs beside each other: how far they are the same, and after that which events of one are events of the other.
 *
 * Up to the first event that differs (`fingerprints.ts`) they are paired one by one. From there on each lane is compared
 * with the lane of the same name (`patience.ts`), so that partners of a lane are in order; partners of different lanes
 * need not be. Columns in, columns out: a viewer draws both from the partners.
 */

import { type Fingerprints, fingerprintsOf } from './fingerprints.ts';
import type { Trace } from './model.ts';
import { patience } from './patience.ts';

/** Longer traces are not compared: their fingerprints would not fit into a process beside them. */
export const MAX_COMPARED_EVENTS = 2_000_000;

export interface Comparison {
  /** For each event of A its partner in B, or -1; and the reverse. */
  readonly partnerOfA: Int32Array;
  readonly partnerOfB: Int32Array;
  /** Events from the beginning on that are the same, one by one, whenever they happen. */
  readonly prefix: number;
  /** Where the traces first differ in anything that happens; `undefined` when they do not. */
  readonly divergence?: Divergence;
  readonly lanes: readonly LaneComparison[];
}

export interface Divergence {
  /** The events, of the same row; -1 for a trace that has ended before it. */
  readonly a: number;
  readonly b: number;
  /** `event`: something else happens; `time`: the same, at another time; `state`: the same, with another change of state or in another epoch; `end`: one trace has no more events. */
  readonly how: 'event' | 'time' | 'state' | 'end';
}

/** What a divergence is, in words that follow a colon or "then". */
export const DIVERGES: Readonly<Record<Divergence['how'], string>> = {
  event: 'something else happens',
  time: 'the same happens at another time',
  state: 'the same happens with another change of state, or in another epoch',
  end: 'one of them has ended',
};

/** How many events of a lane are in both traces, or in one. */
export interface LaneComparison {
  readonly name: string;
  /** Index into the trace's nodes; -1 when it has no such lane. */
  readonly nodeA: number;
  readonly nodeB: number;
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
}

/** @throws RangeError for traces of more than `MAX_COMPARED_EVENTS` */
export function compare(a: Trace, b: Trace): Comparison {
  for (const { events } of [a, b]) {
    if (events.length <= MAX_COMPARED_EVENTS) continue;
    throw new RangeError(
      `traces are compared up to ${MAX_COMPARED_EVENTS} events, and this one has ${events.length}: compare parts of them (dsys trace slice)`,
    );
  }
  const prints = fingerprintsOf(a, b);
  const partnerOfA = new Int32Array(a.events.length).fill(-1);
  const partnerOfB = new Int32Array(b.events.length).fill(-1);
  const prefix = commonPrefix(...prints);
  for (let row = 0; row < prefix; row++) {
    partnerOfA[row] = row;
    partnerOfB[row] = row;
  }
  const lanesOfA = rowsByLane(a, prints[0], prefix);
  const lanesOfB = rowsByLane(b, prints[1], prefix);
  for (const [lane, rowsA] of lanesOfA) {
    const rowsB = lanesOfB.get(lane);
    if (rowsB === undefined) continue;
    const partner = patience(
      Int32Array.from(rowsA, row => prints[0].event[row]),
      Int32Array.from(rowsB, row => prints[1].event[row]),
    );
    partner.forEach((at, place) => {
      if (at < 0) return;
      partnerOfA[rowsA[place]] = rowsB[at];
      partnerOfB[rowsB[at]] = rowsA[place];
    });
  }
  const divergence = firstDivergence(a, b, prints, prefix);
  const lanes = countLanes(a, b, prints, partnerOfA, partnerOfB);
  return { partnerOfA, partnerOfB, prefix, ...(divergence && { divergence }), lanes };
}

function commonPrefix(a: Fingerprints, b: Fingerprints): number {
  const length = Math.min(a.event.length, b.event.length);
  for (let row = 0; row < length; row++) if (a.event[row] !== b.event[row]) return row;
  return length;
}

function firstDivergence(
  a: Trace,
  b: Trace,
  [printsA, printsB]: readonly [Fingerprints, Fingerprints],
  prefix: number,
): Divergence | undefined {
  for (let row = 0; row < prefix; row++) {
    if (a.events.t[row] !== b.events.t[row]) return { a: row, b: row, how: 'time' };
    if (a.events.epoch[row] !== b.events.epoch[row] || printsA.changes(row) !== printsB.changes(row)) {
      return { a: row, b: row, how: 'state' };
    }
  }
  const [hasA, hasB] = [prefix < a.events.length, prefix < b.events.length];
  if (!hasA && !hasB) return undefined;
  return { a: hasA ? prefix : -1, b: hasB ? prefix : -1, how: hasA && hasB ? 'event' : 'end' };
}

/** Rows from `from` on by lane; events without a lane have the lane -1. */
function rowsByLane(trace: Trace, { lane }: Fingerprints, from: number): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  const { node, length } = trace.events;
  for (let row = from; row < length; row++) {
    const at = lane[node[row]] ?? -1;
    const known = rows.get(at);
    if (known === undefined) rows.set(at, [row]);
    else known.push(row);
  }
  return rows;
}

function countLanes(
  a: Trace,
  b: Trace,
  [printsA, printsB]: readonly [Fingerprints, Fingerprints],
  partnerOfA: Int32Array,
  partnerOfB: Int32Array,
): LaneComparison[] {
  const lanes = new Map<number, { -readonly [Name in keyof LaneComparison]: LaneComparison[Name] }>();
  for (const [side, prints] of [
    ['nodeA', printsA],
    ['nodeB', printsB],
  ] as const) {
    prints.lane.forEach((lane, node) => {
      const empty = { name: prints.laneNames[node], nodeA: -1, nodeB: -1, both: 0, onlyA: 0, onlyB: 0 };
      const known = lanes.get(lane) ?? empty;
      known[side] = node;
      lanes.set(lane, known);
    });
  }
  for (let row = 0; row < partnerOfA.length; row++) {
    const counts = lanes.get(printsA.lane[a.events.node[row]]);
    if (counts !== undefined) counts[partnerOfA[row] < 0 ? 'onlyA' : 'both']++;
  }
  for (let row = 0; row < partnerOfB.length; row++) {
    const counts = lanes.get(printsB.lane[b.events.node[row]]);
    if (counts !== undefined && partnerOfB[row] < 0) counts.onlyB++;
  }
  return [...lanes.values()];
}
