import { isWrite } from './changes.ts';
import type { History, Operation } from './history.ts';

/** Figures of a history, in base units: ns, fractions, per second. Pure functions; what cannot be said is `null`. */

/** The part of a run that figures are about: virtual ns, `until` excluded. Operations are counted where they overlap it. */
export interface Window {
  readonly from: number;
  readonly until: number;
}

export type Side = 'read' | 'write';

const NS_PER_SECOND = 1_000_000_000;

/** A refused cas is an answer; what failed or was given up is not. */
export function succeeded({ outcome }: Operation): boolean {
  return outcome === 'ok';
}

function onSide(operation: Operation, side: Side | undefined): boolean {
  return side === undefined || isWrite(operation) === (side === 'write');
}

/**
 * When the client was free again: when it was answered or gave up; for operations of unknown outcome whose end was not
 * recorded, when the same client asked again, or else the end of the window. One number per operation.
 */
export function endsOf(history: History, window: Window): Float64Array {
  const { operations } = history;
  const ends = new Float64Array(operations.length);
  const nextInvoke = new Map<number, number>();
  for (let i = operations.length - 1; i >= 0; i--) {
    const { process, complete, abandoned, invoke } = operations[i];
    const recorded = abandoned ?? (Number.isFinite(complete) ? complete : undefined);
    ends[i] = recorded ?? nextInvoke.get(process) ?? Math.max(window.until, invoke);
    nextInvoke.set(process, invoke);
  }
  return ends;
}

/**
 * Share of client time not spent in operations (of `side`, if given) that failed or timed out. Client time is that of
 * `clients` clients over the whole window, idle or not. `null` for an empty window or no clients.
 */
export function availability(history: History, window: Window, clients: number, side?: Side): number | null {
  const total = clients * (window.until - window.from);
  if (!(total > 0)) return null;
  const ends = endsOf(history, window);
  let wasted = 0;
  for (const [i, operation] of history.operations.entries()) {
    if (succeeded(operation) || !onSide(operation, side)) continue;
    wasted += Math.max(0, Math.min(ends[i], window.until) - Math.max(operation.invoke, window.from));
  }
  return Math.max(0, 1 - wasted / total);
}

/** Latency of one operation, and when it began. */
export interface Timed {
  readonly invoke: number;
  readonly ns: number;
}

/** All operations (of `side`) that began in the window, in that order; failures at their duration. */
export function timed(history: History, window: Window, side?: Side): Timed[] {
  const ends = endsOf(history, window);
  const found: Timed[] = [];
  for (const [i, operation] of history.operations.entries()) {
    const { invoke } = operation;
    if (invoke >= window.from && invoke < window.until && onSide(operation, side))
      found.push({ invoke, ns: ends[i] - invoke });
  }
  return found;
}

/** Latencies in ns of all operations (of `side`) that began in the window, in ascending order; failures at their duration. */
export function latencies(history: History, window: Window, side?: Side): Float64Array {
  return Float64Array.from(timed(history, window, side), ({ ns }) => ns).sort();
}

/** Nearest rank: the smallest value that a share `p` (0 < p ≤ 1) of all does not exceed. `null` without values. */
export function percentile(ascending: ArrayLike<number>, p: number): number | null {
  if (ascending.length === 0) return null;
  // p is a decimal fraction: 0.07 × 100 must be 7, not a little more.
  const rank = Math.ceil(p * ascending.length - 1e-9);
  return ascending[Math.min(Math.max(rank, 1), ascending.length) - 1];
}

export interface Summary {
  readonly count: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly 'p99.9': number | null;
  readonly max: number | null;
}

export function summary(ascending: ArrayLike<number>): Summary {
  let sum = 0;
  for (let i = 0; i < ascending.length; i++) sum += ascending[i];
  return {
    count: ascending.length,
    mean: ascending.length === 0 ? null : sum / ascending.length,
    p50: percentile(ascending, 0.5),
    p99: percentile(ascending, 0.99),
    'p99.9': percentile(ascending, 0.999),
    max: percentile(ascending, 1),
  };
}

/** When operations (of `side`) succeeded, of those that did so in the window. */
export function successTimes(history: History, window: Window, side?: Side): number[] {
  return history.operations
    .filter(operation => succeeded(operation) && onSide(operation, side))
    .map(({ complete }) => complete)
    .filter(time => time >= window.from && time < window.until);
}

/** When clients were told of a failure, or gave up not knowing, of those times that lie in the window. */
export function failureTimes(history: History, window: Window, outcome: 'fail' | 'unknown'): number[] {
  const ends = endsOf(history, window);
  return history.operations
    .filter(operation => operation.outcome === outcome)
    .map(({ id }) => ends[id])
    .filter(time => time >= window.from && time < window.until);
}

/** Events a second; `null` for an empty window. */
export function perSecond(count: number, { from, until }: Window): number | null {
  return until > from ? (count * NS_PER_SECOND) / (until - from) : null;
}

/** Successful operations (of `side`) a second, counted by when they completed. `null` for an empty window. */
export function throughput(history: History, window: Window, side?: Side): number | null {
  return perSecond(successTimes(history, window, side).length, window);
}

export interface Recovery {
  /** Length of the stretch in ns. */
  readonly ns: number;
  readonly partition: string;
  readonly from: number;
  readonly until: number;
  /** False: no write had succeeded by the end of the window. */
  readonly recovered: boolean;
}

/**
 * The longest stretch after a fault in which writes to some partition were tried and none succeeded. A stretch begins at
 * the fault, or when a write was first tried after the last success, if that was later; it ends at the next success, or
 * with the window. `null`: no fault, or nothing was written after one.
 */
export function recovery(
  history: History,
  window: Window,
  faults: readonly number[],
  partitionOf: (key: string) => string,
): Recovery | null {
  const firstFault = Math.min(...faults.filter(time => time >= window.from && time < window.until));
  if (!Number.isFinite(firstFault)) return null;
  const ends = endsOf(history, window);
  const writes = Map.groupBy(
    history.operations.filter(
      operation => isWrite(operation) && operation.invoke < window.until && ends[operation.id] > firstFault,
    ),
    ({ key }) => partitionOf(key),
  );
  let longest: Recovery | null = null;
  for (const [partition, attempts] of writes) {
    for (const stretch of stretchesOf(attempts, ends, firstFault, window.until)) {
      const ns = stretch.until - stretch.from;
      if (longest === null || ns > longest.ns) longest = { ns, partition, ...stretch };
    }
  }
  return longest;
}

/** Stretches between successes, after `start`. `attempts` are ordered by invocation. */
function stretchesOf(attempts: readonly Operation[], ends: Float64Array, start: number, until: number) {
  const successes = attempts
    .filter(write => succeeded(write) && write.complete < until)
    .map(({ complete }) => complete);
  successes.sort((a, b) => a - b);
  const stretches: { from: number; until: number; recovered: boolean }[] = [];
  let gapStart = start;
  let oldest = 0; // the attempt invoked first of those that were open, or not yet invoked, when the gap began
  for (const success of [...successes, Number.POSITIVE_INFINITY]) {
    const recovered = Number.isFinite(success);
    const end = recovered ? success : until;
    if (end <= gapStart) continue;
    while (oldest < attempts.length && ends[attempts[oldest].id] <= gapStart) oldest++;
    const first = attempts[oldest]?.invoke ?? Number.POSITIVE_INFINITY;
    if (first < end) stretches.push({ from: Math.max(gapStart, first), until: end, recovered });
    gapStart = end;
  }
  return stretches;
}

/**
 * The longest time (ns) for which acknowledgements turned out to be worth nothing: from the first acknowledged write that
 * was lost to the fault that followed; if none followed, to the last such acknowledgement. 0 if nothing was lost.
 */
export function lossWindow(lost: readonly Operation[], faults: readonly number[]): number {
  const ascending = [...faults].sort((a, b) => a - b);
  const byFault = Map.groupBy(lost, ({ complete }) => ascending.find(time => time >= complete));
  let longest = 0;
  for (const [fault, writes] of byFault) {
    const times = writes.map(({ complete }) => complete);
    longest = Math.max(longest, (fault ?? Math.max(...times)) - Math.min(...times));
  }
  return longest;
}
