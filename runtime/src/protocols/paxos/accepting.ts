/** Phase 2: proposals, votes, and what is chosen (PMMC §2.2, §4.1; Lamport 2001, §2.2 to §3). */
import type { NodeId } from '../../design/topology.ts';
import { alpha, type Configuration, configurationAt, decides, windowOf } from './configuration.ts';
import { promiseSynced } from './electing.ts';
import { follow } from './leading.ts';
import { applyChosen, choose, learnUpTo, sendChosen } from './learning.ts';
import { type Placed, type Proposal, putSlot, slotAt } from './slots.ts';
import { askedOf, isAuxiliary, type PaxosIo, type PaxosMessage, type PaxosState, save } from './state.ts';

/** Slots in one message. */
export const slotsPerMessage = 64;

type Of<T extends PaxosMessage['type']> = Extract<PaxosMessage, { type: T }>;

/** Proposes what the leader is bound to, no-ops where earlier leaders left holes, then what clients wait for. */
export function advance(state: PaxosState, io: PaxosIo): void {
  if (state.role !== 'leader') return;
  const entries: Placed[] = [];
  while (mayPropose(state, state.nextSlot)) {
    const slot = state.nextSlot;
    const proposal = nextProposal(state, slot);
    if (proposal === undefined) break;
    state.nextSlot++;
    delete state.bound[slot];
    if (slotAt(state.slots, slot)?.chosen !== true) entries.push({ slot, proposal });
  }
  // Slots of one message are decided by one configuration.
  for (let at = 0; at < entries.length; ) {
    const configuration = configurationAt(state.configurations, entries[at]!.slot);
    let end = at;
    while (
      end < entries.length &&
      end - at < slotsPerMessage &&
      configurationAt(state.configurations, entries[end]!.slot) === configuration
    )
      end++;
    propose(state, configuration, entries.slice(at, end), io);
    at = end;
  }
}

function mayPropose(state: PaxosState, slot: number): boolean {
  if (slot > state.applied + windowOf(state.context.options)) return false;
  return decides(configurationAt(state.configurations, slot).quorums.prepare, state.promisedBy);
}

function nextProposal(state: PaxosState, slot: number): Proposal | undefined {
  if (slot <= state.recoveredUpTo) return state.bound[slot]?.proposal ?? { kind: 'no-op' };
  if (state.wanted !== null) {
    const proposal: Proposal = { kind: 'configuration', main: state.wanted };
    state.wanted = null;
    state.fillUpTo = slot + alpha - 1;
    return proposal;
  }
  const request = state.waiting.shift();
  if (request === undefined) return slot <= state.fillUpTo ? { kind: 'no-op' } : undefined;
  state.pending[slot] = request;
  return { kind: 'command', command: request.command, session: request.session };
}

/**
 * Asks for votes. The messages need not wait for the leader's own: only its promise has to be durable, so that it never
 * proposes twice under one ballot.
 */
export function propose(
  state: PaxosState,
  configuration: Configuration,
  entries: readonly Placed[],
  io: PaxosIo,
): void {
  const { ballot, context } = state;
  state.fresh.proposed.push(...entries);
  for (const node of new Set([...askedOf(state, configuration), ...context.group.replicas]))
    if (node !== context.self) sendAccept(state, node, entries, io);
  for (const { slot } of entries) state.acceptedBy[slot] = [];
  vote(state, ballot, entries, io);
}

function sendAccept(state: PaxosState, node: NodeId, entries: readonly Placed[], io: PaxosIo): void {
  io.send(node, { type: 'accept', ballot: state.ballot, entries, chosenUpTo: state.applied });
  const { options } = state.context;
  if (options.kind !== 'cheap-paxos' || !options.auxiliary.includes(node)) return;
  state.fresh.called.push(node);
  state.calledUpTo = Math.max(state.calledUpTo, ...entries.map(({ slot }) => slot));
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
  const slots = promise.votes.map(({ slot }) => slot);
  if (slots.length === 0) promiseSynced(state, io);
  else if (state.role === 'leader') count(state, state.context.self, slots, io);
}

export function receiveAccept(state: PaxosState, from: NodeId, m: Of<'accept'>, io: PaxosIo): void {
  if (!follow(state, from, m.ballot, io)) return;
  // What is settled here needs no vote: its leader is behind.
  const open = m.entries.filter(({ slot }) => slot > state.slots.base);
  if (open.length < m.entries.length) sendChosen(state, from, m.entries[0]!.slot, io);
  // A repeated question finds the vote: it is on disk, or the answer waits behind it.
  const unvoted = open.filter(({ slot }) => slotAt(state.slots, slot)?.ballot !== m.ballot);
  if (unvoted.length > 0) vote(state, m.ballot, unvoted, io);
  if (open.length > 0) io.send(from, { type: 'accepted', ballot: m.ballot, slots: open.map(({ slot }) => slot) });
  if (!isAuxiliary(state)) learnUpTo(state, m.chosenUpTo, m.ballot, io);
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
    if (!decides(configurationAt(state.configurations, slot).quorums.accept, accepted)) continue;
    delete state.acceptedBy[slot];
    choose(state, slot);
  }
  applyChosen(state, io);
  advance(state, io);
}

/** Sends again what was lost, to those who have not answered. */
export function resend(state: PaxosState, io: PaxosIo): void {
  const missing = new Map<NodeId, Placed[]>();
  const until = Math.min(state.resendBelow, state.applied + 1 + slotsPerMessage);
  for (let slot = state.applied + 1; slot < until; slot++) {
    const accepted = state.acceptedBy[slot];
    if (accepted === undefined) continue;
    const { proposal } = slotAt(state.slots, slot)!;
    for (const node of askedOf(state, configurationAt(state.configurations, slot))) {
      if (node === state.context.self || accepted.includes(node)) continue;
      const entries = missing.get(node) ?? [];
      entries.push({ slot, proposal });
      missing.set(node, entries);
    }
  }
  for (const [node, entries] of missing) sendAccept(state, node, entries, io);
  state.resendBelow = state.nextSlot;
}
