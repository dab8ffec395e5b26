/**
 * The second of three phases (Skeen 1981): all have voted yes, and hear that before anybody commits. Their logs keep it,
 * so the coordinator has to remember nothing before its decision; after a restart it is one that was down, and the
 * participants have finished without it. So they have, too, where one answers that it follows somebody else.
 */
import { precommitInput, type StateResponse, stateInput } from '../transaction-phases.ts';
import { decided, make } from './coordinator.ts';
import type { Call, CoordinatorIo, CoordinatorState, Open } from './state.ts';

/** All have voted yes. */
export function agreed(state: CoordinatorState, tx: Open, io: CoordinatorIo): void {
  tx.phase = 'precommitting';
  tx.acknowledgeByNs = io.monotonicNs() + state.context.options.timeoutNs;
  for (const group of tx.groups) make(state, { kind: 'pre-commit', id: tx.id, group }, io);
}

export const phaseInput = ({ kind }: Call, id: string) => (kind === 'find' ? stateInput(id, 0) : precommitInput(id, 0));

/** An answer to a pre-commit, or to the question what the participants have decided. */
export function phaseAnswered(
  state: CoordinatorState,
  tx: Open,
  group: string,
  [word, status]: StateResponse,
  io: CoordinatorIo,
): void {
  if (tx.phase !== 'precommitting' && tx.phase !== 'finding') return;
  if (status === 'committed' || status === 'aborted') {
    tx.why = 'the participants decided without their coordinator';
    tx.phase = 'finding';
    return decided(state, tx, status === 'committed' ? 'commit' : 'abort', io);
  }
  if (status === 'fenced') {
    if (tx.phase !== 'finding') io.note(`${tx.id}: ${group} follows somebody else`);
    tx.phase = 'finding';
  }
  if (word !== 'ack-pre' || tx.phase === 'finding') return;
  if (!tx.precommitted.includes(group)) tx.precommitted.push(group);
  if (tx.groups.every(one => tx.precommitted.includes(one))) decided(state, tx, 'commit', io);
}

/**
 * Who has not acknowledged by now has failed, and asks when it is back. If nobody has, or this node stood still itself,
 * the participants may have gone on without it: they are asked, now and then, what they have decided.
 */
export function phaseDue(state: CoordinatorState, tx: Open, now: number, io: CoordinatorIo): void {
  const stoodStill = now - state.checkedNs > state.context.options.timeoutNs;
  if (tx.phase === 'precommitting' && (stoodStill || now >= tx.acknowledgeByNs)) {
    if (!stoodStill && tx.precommitted.length > 0) return decided(state, tx, 'commit', io);
    tx.phase = 'finding';
  }
  if (tx.phase === 'finding') for (const group of tx.groups) make(state, { kind: 'find', id: tx.id, group }, io);
}
