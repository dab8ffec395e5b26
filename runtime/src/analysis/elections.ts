/**
 * How Raft elections go. Times are in units of the width of the election timeout's range (timeouts uniform over one unit).
 * Ongaro, "Consensus: Bridging Theory and Practice", PhD thesis, Stanford 2014, chapter 9.
 */
import { type RandomStream, stream } from '../kernel/random.ts';
import { exactly, power } from './binomial.ts';

/** Candidates of one term that keep anyone from a majority, with n servers of which s are alive. Thesis, section 9.2. */
export const splittingCandidates = (n: number, s: number): number => s - Math.floor(n / 2) + 1;

/**
 * P(a term ends without a leader) when every message takes exactly `latency`: at least c - 1 further servers time out
 * before the first candidate's request reaches them. Thesis, section 9.2.
 * @param n servers in the cluster
 * @param s servers alive, at least a majority of n
 * @param latency one way, as a share of the timeout range, in [0, 1]
 */
export function splitVote(n: number, s: number, latency: number): number {
  let total = 0;
  for (let k = splittingCandidates(n, s) - 1; k <= s; k++) total += exactly(k, s, latency);
  return total;
}

/** One-way latency of one message, in units of the timeout range. */
export type DrawLatency = (random: RandomStream) => number;

/**
 * P(a term ends without a leader) when latencies vary: a later candidate's request may overtake the first one's and
 * take votes away. Monte Carlo over the first timeout of each server, with every message of the term; a function of its
 * arguments alone, standard error sqrt(P (1 - P) / trials). Thesis, section 9.2.
 */
export function splitVoteDrawn(n: number, s: number, latency: DrawLatency, trials: number, seed: number): number {
  const random = stream(seed, 'elections');
  const timeouts = new Float64Array(s);
  const firstRequest = new Float64Array(s);
  const votes = new Int32Array(s);
  const votedFor = new Int32Array(s);
  const majority = Math.floor(n / 2) + 1;
  let split = 0;
  for (let trial = 0; trial < trials; trial++) {
    for (let i = 0; i < s; i++) timeouts[i] = random.uniform();
    timeouts.sort();
    firstRequest.fill(Number.POSITIVE_INFINITY);
    votes.fill(0);
    // In the order of timeouts: who times out before any request has come is a candidate and asks everybody else.
    for (let i = 0; i < s; i++) {
      if (firstRequest[i]! <= timeouts[i]!) continue;
      votes[i] = 1;
      for (let j = 0; j < s; j++) {
        if (j === i) continue;
        const arrives = timeouts[i]! + latency(random);
        if (arrives >= firstRequest[j]!) continue;
        firstRequest[j] = arrives;
        votedFor[j] = i;
      }
    }
    for (let i = 0; i < s; i++) if (firstRequest[i]! <= timeouts[i]!) votes[votedFor[i]!]!++;
    if (votes.every(count => count < majority)) split++;
  }
  return split / trials;
}

/** E of the smallest of s uniform timeouts, in [0, 1]. Thesis, section 9.1. */
export const expectedSmallestTimeout = (s: number): number => 1 / (s + 1);

/** P(the smallest of s uniform timeouts is at most x). */
export const smallestTimeoutWithin = (s: number, x: number): number => 1 - power(1 - x, s);

/**
 * Expected time from a leader's crash until another leads, timeouts from 1 to 2 units, heartbeats every half unit, the
 * crash at a uniform moment between two heartbeats. Thesis, section 9.3:
 * E = (1 + 1/(s+1) + E[L]) / (1 - P) + E[L] + E[W] - 1/4.
 * @param latency one way, in units of the timeout range
 * @param write time to make a vote durable, in units of the timeout range
 */
export const expectedElection = (n: number, s: number, latency: number, write = 0): number =>
  (1 + expectedSmallestTimeout(s) + latency) / (1 - splitVote(n, s, latency)) + latency + write - 0.25;

/**
 * The timeout range, in multiples of the one-way latency, with the shortest expected election, and that time.
 * Searched to 1/1000 of the latency from `from` to `to`.
 */
export function bestTimeoutRange(
  n: number,
  s: number,
  from = 1.1,
  to = 100,
): { readonly range: number; readonly election: number } {
  // One valley: long ranges wait, short ones split.
  let low = from;
  let high = to;
  const inLatencies = (range: number): number => range * expectedElection(n, s, 1 / range);
  while (high - low > 0.001) {
    const a = low + (high - low) / 3;
    const b = high - (high - low) / 3;
    if (inLatencies(a) <= inLatencies(b)) high = b;
    else low = a;
  }
  const range = (low + high) / 2;
  return { range, election: inLatencies(range) };
}

/** Expected attempts of a client that asks servers at random, none twice, until it meets the leader. Thesis, section 6.2. */
export const expectedLeaderProbes = (n: number): number => (n + 1) / 2;
