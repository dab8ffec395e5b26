/**
 * The WARS model of Dynamo-style reads and writes: Bailis et al., "Probabilistically Bounded Staleness for Practical
 * Partial Quorums", VLDB 2012, section 5.1. A write reaches replica i after W[i], its acknowledgement comes A[i] later; a
 * read reaches it after R[i], its answer comes S[i] later. The write is committed when a write quorum has acknowledged;
 * a read that starts t later is stale when every one of the first read quorum of answers left before the write arrived.
 */
import { isQuorum, type Quorum } from '../design/quorum.ts';
import { type RandomStream, stream } from '../kernel/random.ts';

/** Durations in any one unit, one per replica. */
export interface Legs {
  readonly w: Float64Array;
  readonly a: Float64Array;
  readonly r: Float64Array;
  readonly s: Float64Array;
}

export interface WarsModel {
  readonly replicas: number;
  /** Fills in the legs of one write and one read, and may choose their quorums (over replicas 0, 1, …). */
  readonly draw: (random: RandomStream, legs: Legs) => { readonly read: Quorum; readonly write: Quorum };
}

/** All arrays ascend; durations in the model's unit. */
export interface WarsResult {
  readonly trials: number;
  /** Per trial: the least time after the commit from which on the read is consistent; 0: at once. */
  readonly visibleAfter: Float64Array;
  readonly readLatency: Float64Array;
  readonly writeLatency: Float64Array;
}

/** Trials unless asked otherwise: a probability of 1/2 is then off by 0.0016, one of 0.999 by 0.0001 (standard errors). */
export const defaultTrials = 100_000;
export const trialsMax = 10_000_000;

/**
 * Monte Carlo, a function of its arguments alone.
 * @throws RangeError when `trials` is not a whole number from 1 to `trialsMax`
 */
export function simulateWars(model: WarsModel, trials: number, seed: number): WarsResult {
  if (!(Number.isInteger(trials) && trials >= 1 && trials <= trialsMax)) {
    throw new RangeError(`${trials} trials; there can be 1 to ${trialsMax}`);
  }
  const n = model.replicas;
  const random = stream(seed, 'wars');
  const legs: Legs = { w: new Float64Array(n), a: new Float64Array(n), r: new Float64Array(n), s: new Float64Array(n) };
  const visibleAfter = new Float64Array(trials);
  const readLatency = new Float64Array(trials);
  const writeLatency = new Float64Array(trials);
  const order = Array.from({ length: n }, (_, i) => i);
  const back = new Float64Array(n);
  const byReturn = (x: number, y: number): number => back[x]! - back[y]!;
  for (let trial = 0; trial < trials; trial++) {
    const { read, write } = model.draw(random, legs);
    for (let i = 0; i < n; i++) back[i] = legs.w[i]! + legs.a[i]!;
    order.sort(byReturn);
    const committed = back[order[prefix(write, order) - 1]!]!;
    for (let i = 0; i < n; i++) back[i] = legs.r[i]! + legs.s[i]!;
    order.sort(byReturn);
    const asked = prefix(read, order);
    let earliest = Number.POSITIVE_INFINITY;
    for (let k = 0; k < asked; k++) earliest = Math.min(earliest, legs.w[order[k]!]! - legs.r[order[k]!]!);
    visibleAfter[trial] = Math.max(0, earliest - committed);
    readLatency[trial] = back[order[asked - 1]!]!;
    writeLatency[trial] = committed;
  }
  return {
    trials,
    visibleAfter: visibleAfter.sort(),
    readLatency: readLatency.sort(),
    writeLatency: writeLatency.sort(),
  };
}

/** How many of the first in `order` it takes to contain a quorum. */
function prefix(quorum: Quorum, order: readonly number[]): number {
  // Any `need` of all replicas: nothing to look up.
  if (quorum.kind === 'nodes' && quorum.of.length === order.length) return quorum.need;
  const has = new Set<number>();
  for (const [i, node] of order.entries()) {
    has.add(node);
    if (isQuorum(quorum, one => has.has(one))) return i + 1;
  }
  throw new RangeError('all replicas together are no quorum');
}

/** P(a read that starts `t` after the commit returns that write or a newer one). */
export function consistentAt({ visibleAfter, trials }: WarsResult, t: number): number {
  let low = 0;
  let high = trials;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (visibleAfter[middle]! <= t) low = middle + 1;
    else high = middle;
  }
  return low / trials;
}

/** Nearest-rank percentile of an ascending array, `p` in (0, 1]. Of `visibleAfter`: t-visibility at p. */
export const percentileOf = (ascending: Float64Array, p: number): number =>
  ascending[Math.max(0, Math.ceil(p * ascending.length - 1e-9) - 1)]!;
