/**
 * Probabilistically bounded staleness in closed form, for quorums drawn uniformly and without expansion: Bailis et al.,
 * "Probabilistically Bounded Staleness for Practical Partial Quorums", VLDB 2012, section 3. Stores that answer with
 * the *fastest* replicas, and writes that spread on after their acknowledgement, are `wars`'s.
 */
import { choose, power } from './binomial.ts';

/** P(a read of r replicas misses the last write, acknowledged by w of n). Equation 1. All whole, 1 <= r, w <= n. */
export const missesWrite = (n: number, r: number, w: number): number => choose(n - w, r) / choose(n, r);

/** P(a read returns none of the last k versions). Equation 2. */
export const missesVersions = (n: number, r: number, w: number, k: number): number => power(missesWrite(n, r, w), k);

/**
 * P(a read returns an older version than the same client's last read). Equation 3.
 * @param writesPerRead global rate of writes over the client's rate of reads, >= 0
 * @param strict the same version again counts as a violation too
 */
export function violatesMonotonicReads(n: number, r: number, w: number, writesPerRead: number, strict = false): number {
  const p = missesWrite(n, r, w);
  const exponent = (strict ? 0 : 1) + writesPerRead;
  return p === 0 ? (exponent === 0 ? 1 : 0) : Math.exp(exponent * Math.log(p));
}

/**
 * Least load of a system on n nodes that is k-stale with at most probability p: (1 - p)^(1/(2k)) / sqrt(n). Section 3.4.
 */
export const loadBound = (n: number, k: number, p: number): number =>
  Math.exp(Math.log(1 - p) / (2 * k)) / Math.sqrt(n);
