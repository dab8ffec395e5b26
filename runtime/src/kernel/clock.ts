/**
 * A node's two clocks as functions of virtual time. The monotonic clock runs at a slightly wrong rate; the wall clock
 * is kept within ± skew / 2 of the truth by resynchronisation. Injected faults (a jump, a rate) are on top of that and
 * nothing corrects them.
 */
import type { Clock } from '../design/topology.ts';
import type { RandomStream } from './random.ts';

export interface NodeClock {
  readonly declared: Clock;
  /** Wall-clock offset and rate error drawn once, within what was declared. */
  readonly offsetNs: number;
  readonly rateError: number;
  /** Sum of injected jumps of the wall clock. */
  jumpNs: number;
  /** Injected rate error, in force since `sinceNs`; `gainedNs` was gained before. */
  injectedRate: number;
  sinceNs: number;
  gainedNs: number;
}

export function createClock(declared: Clock, random: RandomStream): NodeClock {
  const half = declared.skewNs / 2;
  const rate = declared.driftPpm * 1e-6;
  return {
    declared,
    offsetNs: half === 0 ? 0 : Math.round((random.uniform() * 2 - 1) * half),
    rateError: rate === 0 ? 0 : (random.uniform() * 2 - 1) * rate,
    jumpNs: 0,
    injectedRate: 0,
    sinceNs: 0,
    gainedNs: 0,
  };
}

const injected = (clock: NodeClock, now: number): number => clock.gainedNs + (now - clock.sinceNs) * clock.injectedRate;

export const monotonicNs = (clock: NodeClock, now: number): number =>
  Math.round(now + now * clock.rateError + injected(clock, now));

export function wallNs(clock: NodeClock, now: number): number {
  const half = clock.declared.skewNs / 2;
  const error = Math.min(half, Math.max(-half, clock.offsetNs + now * clock.rateError));
  return Math.round(now + error + injected(clock, now) + clock.jumpNs);
}

/** Changes the injected rate from `now` on; what was gained so far stays. */
export function setDrift(clock: NodeClock, now: number, ppm: number): void {
  clock.gainedNs = injected(clock, now);
  clock.sinceNs = now;
  clock.injectedRate = ppm * 1e-6;
}

/** Rate error that faults have given it, in parts per million. */
export const injectedPpm = (clock: NodeClock): number => clock.injectedRate * 1e6;

/** The clock that timers of this node run on. */
export const timerNs = (clock: NodeClock, now: number): number =>
  clock.declared.timers === 'wall' ? wallNs(clock, now) : monotonicNs(clock, now);

/**
 * Virtual time at which the timer clock will show `deadline`, if nothing changes until then; at least `now`.
 * A stopped or backward-running clock (drift of −10⁶ ppm and worse) never shows it: `Infinity`.
 */
export function realTimeOf(clock: NodeClock, now: number, deadline: number): number {
  const ahead = deadline - timerNs(clock, now);
  if (ahead <= 0) return now;
  const rate = 1 + clock.rateError + clock.injectedRate;
  return rate <= 0 ? Number.POSITIVE_INFINITY : now + Math.max(1, Math.ceil(ahead / rate));
}
