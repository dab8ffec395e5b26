/** Arithmetic of steady availability and of durability. Probabilities and shares of time in [0, 1]; times in ns unless said otherwise. */

const yearMinutes = 365 * 24 * 60;

/**
 * Steady share of time that a part is up.
 * @param mtbfNs mean time between failures, > 0
 * @param mttrNs mean time to repair, >= 0
 */
export const steadyAvailability = (mtbfNs: number, mttrNs: number): number => mtbfNs / (mtbfNs + mttrNs);

/** All of them are needed, and fail independently. */
export const inSeries = (parts: readonly number[]): number => parts.reduce((all, one) => all * one, 1);

/** Minutes of a year of 365 days that an availability leaves for being down: 0.9999 leaves 52.56. */
export const downMinutesPerYear = (availability: number): number => (1 - availability) * yearMinutes;

/** How many nines: 0.999 has 3. Infinity for 1. */
export const nines = (availability: number): number => -Math.log10(1 - availability);

/**
 * What is left of an availability when each failure of a leader stops service while another takes over.
 * @param availability with takeovers that take no time
 * @param mtbfNs of the leader's node; it fails once per `mtbfNs`
 * @param failoverNs detection, election and what else passes before the next one serves
 * @returns at least 0
 */
export const withFailovers = (availability: number, mtbfNs: number, failoverNs: number): number =>
  Math.max(0, availability - failoverNs / mtbfNs);

/**
 * Mean time until all copies of a record are lost: each copy fails once per `mttf` and is restored within `mttr`.
 * `parallel`: lost copies are restored at the same time, MTTF^r / (r MTTR^(r-1)); `serial`: one after the other,
 * MTTF^r / (r! MTTR^(r-1)). Approximations for MTTR far below MTTF (Patterson, Gibson and Katz, SIGMOD 1988, for r = 2).
 * @param mttf, mttr in one unit of time, `mttf` > 0
 * @param copies a whole number, at least 1
 * @returns in that unit; Infinity when repair takes no time and there is more than one copy
 */
export function meanTimeToDataLoss(mttf: number, mttr: number, copies: number, repair: 'parallel' | 'serial'): number {
  if (!(Number.isInteger(copies) && copies >= 1)) throw new RangeError(`there cannot be ${copies} copies`);
  let time = mttf;
  for (let lost = 2; lost <= copies; lost++) time *= mttf / mttr / (repair === 'serial' ? lost : 1);
  return repair === 'serial' ? time : time / copies;
}

/** P(nothing is lost within `time`), losses coming at random once per `meanTimeToDataLoss`. */
export const durability = (mttdl: number, time: number): number => Math.exp(-time / mttdl);
