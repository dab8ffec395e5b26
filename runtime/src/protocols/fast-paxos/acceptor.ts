/** Acceptors ("Fast Paxos" §2.2): one vote per round; in a fast round, for the first value that a proposer sends. */
import type { NodeId } from '../../design/topology.ts';
import { type Ballot, roundOf } from '../ballots.ts';
import { keepPromise } from '../deeds.ts';
import { helpAlong } from './learner.ts';
import {
  type Deed,
  type FastIo,
  type FastMessage,
  type FastState,
  type FastWrite,
  fastRound,
  type Value,
  type Vote,
} from './state.ts';

/** Without a vote, a slot is open for its first round, which is fast. */
const untouched: Vote = { rnd: fastRound, vrnd: 0, vval: null };

export const voteIn = (state: FastState, slot: number): Vote => state.votes[slot] ?? untouched;

function write(state: FastState, slot: number, vote: Vote, deed: Deed, io: FastIo): void {
  state.votes[slot] = vote;
  keepPromise<Deed, FastWrite>(state, { kind: 'vote', slot, vote }, deed, io);
}

/** Votes, and tells everyone. */
export function vote(state: FastState, slot: number, rnd: Ballot, value: Value, io: FastIo): void {
  state.openSinceNs[slot] ??= io.monotonicNs();
  state.top = Math.max(state.top, slot);
  state.heardTop = Math.max(state.heardTop, slot);
  write(state, slot, { rnd, vrnd: rnd, vval: value }, { kind: 'voted', slot, rnd, value }, io);
  for (const node of state.acceptors) io.send(node, { type: 'accepted', slot, rnd, value });
}

/** Is the slot over? Then whoever still works on it is told how it ended. */
function isOver(state: FastState, from: NodeId, slot: number, io: FastIo): boolean {
  if (slot > state.applied && state.chosen[slot] === undefined) return false;
  helpAlong(state, from, slot, 1, io);
  return true;
}

export function receivePropose(
  state: FastState,
  from: NodeId,
  { slot, value }: Extract<FastMessage, { type: 'propose' }>,
  io: FastIo,
): void {
  state.heardTop = Math.max(state.heardTop, slot);
  if (isOver(state, from, slot, io)) return;
  const { rnd, vrnd, vval } = voteIn(state, slot);
  // A vote in this round is the only one: it is told again to whoever has not heard of it.
  if (vrnd === fastRound) return io.send(from, { type: 'accepted', slot, rnd: vrnd, value: vval! });
  if (rnd === fastRound) vote(state, slot, fastRound, value, io);
}

/** The vote in a slot that a round may still change; undefined: the slot is over, or a later round was promised. */
function voteUnlessOutbid(state: FastState, from: NodeId, slot: number, rnd: Ballot, io: FastIo): Vote | undefined {
  see(state, slot, rnd);
  if (isOver(state, from, slot, io)) return undefined;
  const before = voteIn(state, slot);
  if (rnd >= before.rnd) return before;
  io.send(from, { type: 'nack', slot, rnd, promised: before.rnd });
  return undefined;
}

export function receivePrepare(
  state: FastState,
  from: NodeId,
  { slot, rnd }: Extract<FastMessage, { type: 'prepare' }>,
  io: FastIo,
): void {
  const before = voteUnlessOutbid(state, from, slot, rnd, io);
  if (before === undefined) return;
  if (rnd > before.rnd) write(state, slot, { ...before, rnd }, { kind: 'promised', slot, rnd }, io);
  io.send(from, { type: 'promise', slot, rnd, vote: voteIn(state, slot) });
}

export function receiveAccept(
  state: FastState,
  from: NodeId,
  { slot, rnd, value }: Extract<FastMessage, { type: 'accept' }>,
  io: FastIo,
): void {
  const before = voteUnlessOutbid(state, from, slot, rnd, io);
  if (before === undefined) return;
  if (before.vrnd === rnd) return io.send(from, { type: 'accepted', slot, rnd, value: before.vval! });
  vote(state, slot, rnd, value, io);
}

export function see(state: FastState, slot: number, rnd: Ballot): void {
  state.seen[slot] = Math.max(state.seen[slot] ?? 0, roundOf(rnd));
}
