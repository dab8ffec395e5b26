/** Suspicion, retries, fan-out: small closed forms about what one does not hear of others. */
import { normalQuantile } from '../design/distribution.ts';
import { power } from './binomial.ts';

/**
 * Silence after which phi = -log10(P(a heartbeat comes later)) reaches `phi`, heartbeat gaps normal(mean, sd).
 * Hayashibara et al., "The phi accrual failure detector", SRDS 2004. In the unit of `mean` and `sd`.
 */
export const phiSilenceNormal = (phi: number, mean: number, sd: number): number =>
  mean - sd * normalQuantile(Math.exp(-phi * Math.LN10));

/** The same for exponential gaps, as Cassandra's detector has them: phi = silence / mean / ln 10. */
export const phiSilenceExponential = (phi: number, mean: number): number => phi * Math.LN10 * mean;

/** P(a live peer is suspected at one check) at this threshold. */
export const falseSuspicion = (phi: number): number => Math.exp(-phi * Math.LN10);

/** Two generals, k alternating messages each lost with probability p, attack when one's last expected message came. */
export const twoGenerals = (k: number, p: number) => ({
  bothAttack: power(1 - p, k),
  disagree: p * power(1 - p, k - 1),
});

export interface RetryFigures {
  /** No attempt was acknowledged. */
  readonly unacknowledged: number;
  /** It was executed at least once, and nobody knows. */
  readonly executedUnacknowledged: number;
  readonly executedTwiceOrMore: number;
  readonly expectedExecutions: number;
}

/**
 * An operation sent up to `attempts` times until acknowledged, requests and replies each lost with probability `loss`,
 * every arriving request executed. By recursion over the attempts.
 */
export function retries(attempts: number, loss: number): RetryFigures {
  const arrives = 1 - loss;
  // Still trying, by whether it was executed never, once, or more often.
  let never = 1;
  let once = 0;
  let more = 0;
  let acknowledgedMore = 0;
  let expectedExecutions = 0;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const trying = never + once + more;
    expectedExecutions += trying * arrives;
    acknowledgedMore += (once + more) * arrives * arrives;
    more = more * (loss + arrives * loss) + once * arrives * loss;
    once = once * loss + never * arrives * loss;
    never *= loss;
  }
  return {
    unacknowledged: never + once + more,
    executedUnacknowledged: once + more,
    executedTwiceOrMore: acknowledgedMore + more,
    expectedExecutions,
  };
}

/** P(a request that waits for all of `fanOut` replies waits for a slow one), each slow with probability `slow`. Dean and Barroso, CACM 2013. */
export const slowFanOut = (fanOut: number, slow: number): number => 1 - power(1 - slow, fanOut);
