/** How a leader fences itself: it stops acknowledging before the others may have replaced it. */
import { detectNs, promotionPossibleWithout } from './rules.ts';
import type { SingleLeaderIo, SingleLeaderState } from './state.ts';

/** When a leader that is not heard any more must have stopped acknowledging; `Infinity`: nobody replaces it. */
export function mayAcknowledgeUntil(state: SingleLeaderState): number {
  const { options } = state.context;
  const { fencing, mode } = options.failover;
  if (!fencing || mode === 'none' || !promotionPossibleWithout(state, () => false)) return Number.POSITIVE_INFINITY;
  return state.confirmedNs + Math.floor(detectNs(options) / 2);
}

/**
 * An unheard leader stops acknowledging before the others may promote: they wait `detect` from a later moment. Asked
 * before every acknowledgement, because whoever wakes from a pause may find requests before timers.
 */
export function fenceOneself(state: SingleLeaderState, io: SingleLeaderIo): void {
  if (state.suspended || io.monotonicNs() < mayAcknowledgeUntil(state)) return;
  state.suspended = true;
  io.note('not heard by enough replicas: stops acknowledging');
}
