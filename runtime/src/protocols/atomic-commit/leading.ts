/**
 * A replicated coordinator's nodes: the one that leads the group that chooses decisions leads the coordinator, too, and
 * says so to all. What its predecessor left in doubt, those in doubt ask it for.
 */
import type { Reply } from '../contract.ts';
import { chosen } from './deciding.ts';
import { propose } from './decision-log.ts';
import { receiveLeading } from './participant.ts';
import { askForVotes } from './rounds.ts';
import {
  type CommitIo,
  type CommitOptions,
  type CommitState,
  decisionsOf,
  type Flow,
  othersOf,
  patienceNs,
} from './state.ts';

/** Looks whether this node leads: with every event, and as often as the group's leader is heard of. */
export function lookWhoLeads(state: CommitState, io: CommitIo): void {
  const decisions = decisionsOf(state);
  if (decisions === null) return;
  const term = io.leads(decisions);
  const now = io.monotonicNs();
  const isNew = term !== state.term;
  state.term = term;
  if (term < 0) return isNew ? stepDown(state, io) : undefined;
  if (!isNew && now - state.announcedNs < patienceNs(state.context.options)) return;
  state.announcedNs = now;
  announceLeading(state, term, io);
}

/** A coordinator that is one node says that it is back: in a life of its own, which is its term. */
export function announceBoot(state: CommitState, io: CommitIo): void {
  const { self, group } = state.context;
  if (group.coordinators?.decisions === null && group.coordinators.nodes.includes(self))
    announceLeading(state, state.life, io);
}

function announceLeading(state: CommitState, term: number, io: CommitIo): void {
  const { life, context } = state;
  for (const node of othersOf(state)) io.send(node, { type: 'leading', life, term });
  receiveLeading(state, { node: context.self, life, term }, io);
}

/** Arms the timer of one of the coordinator's nodes. */
export function watchWhoLeads(state: CommitState, io: CommitIo): void {
  const { coordinator } = state.context.options;
  const { coordinators } = state.context.group;
  if (coordinator?.kind !== 'raft' || !coordinators?.nodes.includes(state.context.self)) return;
  io.setTimer('lead', coordinator.raft.heartbeatNs, coordinator.raft.heartbeatNs);
}

/** What has been begun goes on: the group's choice counts, whoever asks for it. What has not goes to another. */
function stepDown(state: CommitState, io: CommitIo): void {
  for (const queue of Object.values(state.queues))
    for (const { request } of queue)
      io.reply(request, { kind: 'refused', why: 'this coordinator leads no more', leader: null });
  state.queues = {};
}

/** The group that chooses decisions has answered, or nobody knows whether it was asked. */
export function answered<C extends CommitOptions>(
  state: CommitState<C>,
  token: number,
  reply: Reply,
  io: CommitIo,
  flow: Flow<C>,
): void {
  const call = state.calls[token];
  delete state.calls[token];
  const led = call === undefined ? undefined : state.led[call.id];
  if (led === undefined) return;
  const again = () => {
    led.dueNs = io.monotonicNs() + patienceNs(state.context.options);
  };
  if (reply.kind !== 'ok') return again();
  switch (call!.kind) {
    case 'begin':
      return led.phase === 'beginning' ? askForVotes(state, led, io, flow) : undefined;
    case 'decide':
      return reply.output === true ? chosen(state, led, call!.wants, io, flow) : propose(state, led, 'look', io, flow);
    case 'look':
      if (reply.output === 'commit' || reply.output === 'abort') return chosen(state, led, reply.output, io, flow);
      return again();
  }
}
