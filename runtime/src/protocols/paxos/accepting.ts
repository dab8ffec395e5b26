/** Phase 2: proposals, votes, what is chosen, and how members learn of it (PMMC §2.2, §4.1; Lamport 2001, §2.2 to §3). */
import { isQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import { answerOf, apply } from '../machine.ts';
import { follow, promiseSynced } from './leading.ts';
import {
  type PaxosIo,
  type PaxosMessage,
  type PaxosState,
  type Placed,
  putSlot,
  type ReportedSlot,
  reportFrom,
  save,
} from './state.ts';

/** Slots in one message. */
export const slotsPerMessage = 64;

type Of<T extends PaxosMessage['type']> = Extract<PaxosMessage, { type: T }>;

/**
 * Asks all acceptors for their votes. The messages need not wait for the leader's own vote: only its promise has to be
 * durable, so that it never proposes twice under one ballot.
 */
export function propose(state: PaxosState, entries: readonly Placed[], io: PaxosIo): void {
  const { acceptors, ballot, context } = state;
  for (let at = 0; at < entries.length; at += slotsPerMessage) {
    const some = entries.slice(at, at + slotsPerMessage);
    state.fresh.proposed.push(...some);
    for (const node of acceptors) {
      if (node !== context.self) io.send(node, { type: 'accept', ballot, entries: some, chosenUpTo: state.applied });
    }
    for (const { slot } of some) state.acceptedBy[slot] = [];
    vote(state, ballot, some, io);
  }
}

function vote(state: PaxosState, ballot: number, entries: readonly Placed[], io: PaxosIo): void {
  const votes = entries.map(({ slot, proposal }) => ({ slot, ballot, proposal, chosen: false }));
  for (const { slot, ...known } of votes) putSlot(state.slots, slot, known);
  state.fresh.voted.push(...votes);
  const done = save(state, { kind: 'accept', ballot, entries, chosenUpTo: state.applied }, { ballot, votes }, io);
  if (done !== null) synced(state, done, io);
}

/** A promise or votes of one's own are on disk: now they count. */
export function synced(state: PaxosState, token: number, io: PaxosIo): void {
  const promise = state.unsynced[token];
  if (promise === undefined) return;
  delete state.unsynced[token];
  state.fresh.synced.push(promise);
  if (promise.ballot !== state.ballot) return;
  if (promise.votes.length === 0) promiseSynced(state, io);
  else if (state.role === 'leader')
    count(
      state,
      state.context.self,
      promise.votes.map(({ slot }) => slot),
      io,
    );
}

export function receiveAccept(state: PaxosState, from: NodeId, m: Of<'accept'>, io: PaxosIo): void {
  if (!follow(state, from, m.ballot, io)) return;
  // A repeated question finds the vote: it is on disk, or the answer waits behind it.
  const open = m.entries.filter(({ slot }) => state.slots[slot]?.ballot !== m.ballot);
  if (open.length > 0) vote(state, m.ballot, open, io);
  io.send(from, { type: 'accepted', ballot: m.ballot, slots: m.entries.map(({ slot }) => slot) });
  learnUpTo(state, m.chosenUpTo, m.ballot, io);
}

export function receiveAccepted(state: PaxosState, from: NodeId, m: Of<'accepted'>, io: PaxosIo): void {
  if (state.role !== 'leader' || m.ballot !== state.ballot) return;
  count(state, from, m.slots, io);
}

function count(state: PaxosState, from: NodeId, slots: readonly number[], io: PaxosIo): void {
  for (const slot of slots) {
    const accepted = state.acceptedBy[slot];
    if (accepted === undefined || accepted.includes(from)) continue;
    accepted.push(from);
    if (!isQuorum(state.quorums.accept, node => accepted.includes(node))) continue;
    delete state.acceptedBy[slot];
    choose(state, slot);
  }
  applyChosen(state, io);
}

function choose(state: PaxosState, slot: number): void {
  const known = state.slots[slot]!;
  if (known.chosen) return;
  state.slots[slot] = { ...known, chosen: true };
  state.fresh.learned.push({ slot, proposal: known.proposal });
}

/** Slots are applied in order, and none before the one in front of it (PMMC §2.1). */
export function applyChosen(state: PaxosState, io: PaxosIo): void {
  for (let known = state.slots[state.applied + 1]; known?.chosen; known = state.slots[state.applied + 1]) {
    const slot = ++state.applied;
    const { proposal } = known;
    if (proposal.kind === 'no-op') {
      state.fresh.applied.push({ slot, tookEffect: false });
      continue;
    }
    const { command, session } = proposal;
    const before = session === null ? undefined : state.machine.sessions[session.client];
    const output = apply(state.machine, command, session);
    const tookEffect = session === null || state.machine.sessions[session.client] !== before;
    state.fresh.applied.push({ slot, tookEffect });
    const request = state.pending[slot];
    if (request === undefined) continue;
    delete state.pending[slot];
    io.reply(request, answerOf(output));
  }
}

/**
 * The leader of `ballot` knows everything up to `upTo` as chosen. What this member voted for under the same ballot is
 * that; anything else it has to be told. True: something is missing.
 */
export function learnUpTo(state: PaxosState, upTo: number, ballot: number, io: PaxosIo): boolean {
  for (let slot = state.applied + 1; slot <= upTo; slot++) {
    const known = state.slots[slot];
    if (known === null || known === undefined || (!known.chosen && known.ballot !== ballot)) break;
    choose(state, slot);
  }
  applyChosen(state, io);
  return state.applied < upTo;
}

export function receiveCatchUp(state: PaxosState, from: NodeId, m: Of<'catch-up'>, io: PaxosIo): void {
  if (m.from > state.applied) return;
  const until = Math.min(state.applied, m.from + slotsPerMessage - 1);
  const slots = reportFrom(state.slots, m.from, until - m.from + 1);
  io.send(from, { type: 'chosen', slots, chosenUpTo: state.applied });
}

export function receiveChosen(state: PaxosState, from: NodeId, m: Of<'chosen'>, io: PaxosIo): void {
  const before = state.applied;
  learn(state, m.slots, io);
  if (state.applied > before && state.applied < m.chosenUpTo)
    io.send(from, { type: 'catch-up', from: state.applied + 1 });
}

/** Takes over what others know as chosen. Nothing has to wait for that write: whoever forgets it can ask again. */
export function learn(state: PaxosState, slots: readonly ReportedSlot[], io: PaxosIo): void {
  const news = slots.filter(({ slot, chosen }) => chosen && state.slots[slot]?.chosen !== true);
  if (news.length === 0) return;
  for (const { slot, ...known } of news) {
    putSlot(state.slots, slot, known);
    delete state.acceptedBy[slot];
    state.fresh.learned.push({ slot, proposal: known.proposal });
  }
  applyChosen(state, io);
  save(state, { kind: 'learn', slots: news, chosenUpTo: state.applied }, null, io);
}

/** Sends again what was lost, to those who have not answered. */
export function resend(state: PaxosState, io: PaxosIo): void {
  const missing = new Map<NodeId, Placed[]>();
  const until = Math.min(state.resendBelow, state.applied + 1 + slotsPerMessage);
  for (let slot = state.applied + 1; slot < until; slot++) {
    const accepted = state.acceptedBy[slot];
    if (accepted === undefined) continue;
    const { proposal } = state.slots[slot]!;
    for (const node of state.acceptors) {
      if (node === state.context.self || accepted.includes(node)) continue;
      const entries = missing.get(node) ?? [];
      entries.push({ slot, proposal });
      missing.set(node, entries);
    }
  }
  for (const [node, entries] of missing)
    io.send(node, { type: 'accept', ballot: state.ballot, entries, chosenUpTo: state.applied });
  state.resendBelow = state.nextSlot;
}
