/**
 * Writes that are asked of a replica that does not take them: it hands them to a leader, and gives the answer when it has
 * the write itself, so that who stays with this replica reads what it has written. With causal delivery the leader first gets
 * what this replica had: its client may have read it.
 */
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest, Reply } from '../contract.ts';
import {
  giveUpNs,
  hasAll,
  type MultiLeaderIo,
  type MultiLeaderMessage,
  type MultiLeaderState,
  positionsOf,
} from './state.ts';

type Of<T extends MultiLeaderMessage['type']> = Extract<MultiLeaderMessage, { type: T }>;

/** Answers a client, or the replica that has handed its request on. */
export function answer(state: MultiLeaderState, request: ClientRequest, reply: Reply, io: MultiLeaderIo): void {
  const { id } = request;
  const from = state.relayed[id];
  if (from === undefined) return io.reply(request, reply);
  delete state.relayed[id];
  const after = { [state.stream]: state.streams[state.stream]?.length ?? 0 };
  io.send(from, { type: 'relayed', id, reply, after });
}

export function relay(state: MultiLeaderState, request: ClientRequest, to: NodeId, io: MultiLeaderIo): void {
  if (state.relayed[request.id] !== undefined) {
    // Handed on once already: two that believe in each other must not play ball.
    return answer(state, request, { kind: 'refused', why: 'its home has moved', leader: null }, io);
  }
  state.relays[request.id] = { request, sinceNs: io.monotonicNs(), answer: null };
  io.send(to, { type: 'relay', request, after: positionsOf(state) });
}

export function receiveRelayed(state: MultiLeaderState, { id, reply, after }: Of<'relayed'>, io: MultiLeaderIo): void {
  const one = state.relays[id];
  if (one === undefined || one.answer !== null) return;
  one.answer = { reply, after };
  pass(state, io);
}

/** Gives the answers that wait for nothing any more. */
export function pass(state: MultiLeaderState, io: MultiLeaderIo): void {
  for (const { request, answer: told } of Object.values(state.relays)) {
    if (told === null || (told.reply.kind === 'ok' && !hasAll(state, told.after))) continue;
    delete state.relays[request.id];
    io.reply(request, told.reply);
  }
}

export function giveUpRelays(state: MultiLeaderState, io: MultiLeaderIo): void {
  const now = io.monotonicNs();
  for (const { request, sinceNs } of Object.values(state.relays)) {
    if (now - sinceNs < giveUpNs) continue;
    delete state.relays[request.id];
    io.reply(request, { kind: 'unknown', why: 'the leader does not answer' });
  }
}
