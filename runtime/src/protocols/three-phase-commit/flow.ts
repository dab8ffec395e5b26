import type { ThreePhaseCommit } from '../../design/mechanism.ts';
import { commit } from '../atomic-commit/deciding.ts';
import { enter } from '../atomic-commit/rounds.ts';
import { type Flow, participantsOf } from '../atomic-commit/state.ts';

/** A participant's timeout: the coordinator may take its own before it says anything, and what it says must arrive. */
export const participantNs = ({ timeoutNs }: ThreePhaseCommit): number => 2 * timeoutNs;

export const threePhaseFlow: Flow<ThreePhaseCommit> = {
  ask: 'can-commit',
  tell: 'do-commit',
  durable: () => true,
  writesBeginning: () => false,
  writes: () => true,
  acknowledged: () => true,
  presume: () => 'abort',
  /** The coordinator is pre-committed, on its disk, before it says so. */
  agreed(state, led, io) {
    const { tx } = led;
    state.changes.push({ tx, status: 'precommitted', from: 'prepared', recovered: false, votes: 0 });
    io.persist({ kind: 'vote', tx, status: 'precommitted', floor: 0 });
    enter(state, led, 'precommitting', io, threePhaseFlow);
    if (participantsOf(state).length === 0) commit(state, led, io, threePhaseFlow);
  },
  votesAhead: () => false,
  silenceNs: participantNs,
  hurry: () => {},
};
