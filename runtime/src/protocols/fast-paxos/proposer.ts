/**
 * Proposers: the nodes that clients ask. A proposer sends what it has to all acceptors, for the first slot of which it
 * has heard nothing yet. When another one was faster, the slot chooses one of the two, or something else that may have
 * been chosen before: whose value was passed over comes again with it in a later slot, and not before it is sure.
 */
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import { answerOf } from '../machine.ts';
import { type FastIo, type FastState, giveUpNs, resendNs, type Value } from './state.ts';

/** Requests in one value: those that came while the last one was under way. */
const entriesPerValue = 64;

export function update(state: FastState, request: ClientRequest, io: FastIo): void {
  state.inbox.push({ request, sinceNs: io.monotonicNs() });
  if (state.proposed === null) proposeNext(state, io);
}

function proposeNext(state: FastState, io: FastIo): void {
  if (state.inbox.length === 0) return;
  const requests = state.inbox.splice(0, entriesPerValue).map(one => one.request);
  const { self } = state.context;
  const value: Value = {
    id: `${self}.${state.epoch}.${state.nextId++}`,
    proposer: self,
    entries: requests.map(({ command, session }) => ({ command, session })),
  };
  const now = io.monotonicNs();
  state.proposed = { value, requests, slot: 0, sinceNs: now, sentNs: now };
  propose(state, io);
}

/** For the first slot that is free as far as this node knows. */
function propose(state: FastState, io: FastIo): void {
  state.proposed!.slot = Math.max(state.heardTop, state.applied) + 1;
  state.heardTop = state.proposed!.slot;
  sendProposal(state, io);
}

function sendProposal(state: FastState, io: FastIo): void {
  const { slot, value } = state.proposed!;
  state.proposed!.sentNs = io.monotonicNs();
  for (const node of state.acceptors) io.send(node, { type: 'propose', slot, value });
}

/** A slot has chosen `value` (null: it is not known which, but not this node's). */
export function chosenElsewhere(state: FastState, slot: number, value: Value | null, io: FastIo): void {
  if (state.proposed?.slot !== slot || value?.id === state.proposed.value.id) return;
  io.note(`slot ${slot} has chosen something else`);
  propose(state, io);
}

/** This node's value, if it was that one, has been applied: its requests are answered, and the next ones go out. */
export function valueApplied(state: FastState, proposer: NodeId, io: FastIo): void {
  const { proposed } = state;
  if (proposer !== state.context.self || proposed === null) return;
  const done = state.done[proposer];
  if (done?.id !== proposed.value.id) return;
  state.proposed = null;
  for (const [i, request] of proposed.requests.entries()) io.reply(request, answerOf(done.outputs[i]));
  proposeNext(state, io);
}

/** What got lost is sent again; what nothing came of for long is given back. */
export function tendProposals(state: FastState, io: FastIo): void {
  const now = io.monotonicNs();
  const late = state.inbox.filter(one => now - one.sinceNs >= giveUpNs);
  if (late.length > 0) state.inbox = state.inbox.filter(one => now - one.sinceNs < giveUpNs);
  for (const { request } of late) io.reply(request, { kind: 'refused', why: 'nothing is being chosen', leader: null });
  if (state.proposed === null) return;
  if (now - state.proposed.sinceNs >= giveUpNs)
    for (const request of state.proposed.requests)
      io.reply(request, { kind: 'unknown', why: 'it was proposed, and may yet be chosen' });
  if (now - state.proposed.sentNs >= resendNs && state.chosen[state.proposed.slot] === undefined)
    sendProposal(state, io);
}
