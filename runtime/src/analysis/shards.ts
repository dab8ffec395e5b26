/** How evenly keys are split, how many move when nodes come and go, how many operations cross shards. */
import type { FieldValues } from '../design/store.ts';
import { zipfWeights } from '../design/zipf.ts';
import { choose, integrate, power } from './binomial.ts';
import { betaCdf, erlangCdf, inverse } from './special-functions.ts';

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/**
 * Share of keys that change their node when `hash mod from` becomes `hash mod to`: hashes that agree with both stay,
 * one in lcm(from, to) for each of the smaller number of nodes. `from` to `from + 1` moves from / (from + 1).
 */
export const movedByModulo = (from: number, to: number): number =>
  1 - Math.min(from, to) / ((from / gcd(from, to)) * to);

/** Share of keys that must move so that `from` nodes become `to` nodes with equal shares: what a ring, rendezvous or jump hashing moves. */
export const movedAtLeast = (from: number, to: number): number => Math.abs(to - from) / Math.max(from, to);

/** Relative standard deviation of a node's share, n nodes with v random points each on the ring: sqrt((n-1) / (nv+1)). */
export const ringDeviation = (n: number, v: number): number => Math.sqrt((n - 1) / (n * v + 1));

/**
 * Interval that holds a node's share with probability `level`, in multiples of the mean share. The share is
 * Beta(v, (n-1) v) distributed. Reproduces Lamping and Veach, "A fast, minimal memory, consistent hash algorithm", 2014, table 1.
 */
export function ringInterval(n: number, v: number, level: number): readonly [number, number] {
  const at = (p: number): number => n * inverse(x => betaCdf(v, (n - 1) * v, x), p, 0, 1);
  return [at((1 - level) / 2), at((1 + level) / 2)];
}

/**
 * Expected share of the fullest of n nodes with v random points each, in multiples of the mean. The shares are n Erlang
 * variables over their sum, which is independent of them: E[max] / v, the maximum's mean by numeric integration.
 */
export function expectedFullest(n: number, v: number): number {
  // Beyond the mean by 12 standard deviations and 40 (for the exponential tail) there is nothing left.
  const far = v + 12 * Math.sqrt(v) + 40;
  return integrate(x => 1 - power(erlangCdf(v, x), n), 0, far, 4000) / v;
}

/** Share of each value of a field, largest first; undefined where the design does not say (values that increase). */
export function valueShares(values: FieldValues): readonly number[] | undefined {
  switch (values.kind) {
    case 'listed':
      return values.shares.map(([, share]) => share).sort((a, b) => b - a);
    case 'distinct': {
      const weights = zipfWeights(values.count, values.zipf);
      const total = weights.reduce((sum, one) => sum + one, 0);
      return Array.from(weights, one => one / total);
    }
    case 'increasing':
      return undefined;
  }
}

/**
 * Least possible share of the fullest of `shards`, in multiples of the mean: some shard holds the most frequent value,
 * however values are assigned. 41 % in one value makes one of 8 shards 3.28 times the mean.
 */
export const leastSkew = (largestShare: number, shards: number): number => Math.max(1, largestShare * shards);

/** P(an operation on k uniformly chosen keys touches more than one of n equal shards). */
export const crossesShards = (keys: number, shards: number): number => 1 - 1 / power(shards, Math.max(0, keys - 1));

/**
 * P(some replica set lies wholly among the failed nodes), `failed` of `nodes` failing at once, `copysets` distinct sets
 * of `replicas` nodes placed at random. Cidon et al., "Copysets", USENIX ATC 2013, section 3.
 */
export function copysetLoss(nodes: number, failed: number, replicas: number, copysets: number): number {
  const one = choose(failed, replicas) / choose(nodes, replicas);
  return 1 - Math.exp(copysets * Math.log(1 - one));
}
