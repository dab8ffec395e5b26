/** What keeps the group together without a leader: values left behind are finished, and who has missed outcomes gets them. */
import type { NodeId } from '../../design/topology.ts';
import { cellOf } from './acceptor.ts';
import { start } from './proposer.ts';
import { query } from './reads.ts';
import {
  finishNs,
  finishStepNs,
  giveUpNs,
  type PaxosIo,
  type PaxosMessage,
  type PaxosState,
  resendNs,
} from './state.ts';

/** Keys told of in one message. */
const keysPerMessage = 128;

/** A value that was accepted and whose proposer is silent may have been chosen: a round finds out. */
export function finishOpen(state: PaxosState, io: PaxosIo): void {
  const now = io.monotonicNs();
  const patience = finishNs + finishStepNs * state.acceptors.indexOf(state.context.self);
  for (const [key, since] of Object.entries(state.openSinceNs)) {
    if (now - since < patience || state.rounds[key] !== undefined) continue;
    state.openSinceNs[key] = now;
    io.note(`brings the open instance of ${key} to its end`);
    start(state, key, io);
  }
}

/** Requests that nothing came of: refused if no acceptor was asked to accept them, else nobody knows. */
export function giveUp(state: PaxosState, io: PaxosIo): void {
  const now = io.monotonicNs();
  for (const [key, queue] of Object.entries(state.queues)) {
    const late = queue.filter(one => now - one.sinceNs >= giveUpNs);
    if (late.length === 0) continue;
    state.queues[key] = queue.filter(one => now - one.sinceNs < giveUpNs);
    for (const { request, proposed } of late)
      io.reply(
        request,
        proposed === null
          ? { kind: 'refused', why: 'no quorum has promised', leader: null }
          : { kind: 'unknown', why: 'no quorum has accepted' },
      );
  }
  for (const one of state.reads) {
    if (now - one.sinceNs >= giveUpNs)
      io.reply(one.request, { kind: 'refused', why: 'no quorum answers', leader: null });
    else if (now - one.sinceNs >= resendNs) query(state, one, io);
  }
  state.reads = state.reads.filter(one => now - one.sinceNs < giveUpNs);
}

/** Tells one other node, in turn, how far this one is with some of its keys. */
export function tellVersions(state: PaxosState, io: PaxosIo): void {
  const others = state.acceptors.filter(node => node !== state.context.self);
  const keys = Object.keys(state.cells);
  if (others.length === 0 || keys.length === 0) return;
  const { gossip } = state;
  if (gossip.key >= keys.length) {
    gossip.key = 0;
    gossip.peer++;
  }
  const some = keys.slice(gossip.key, gossip.key + keysPerMessage);
  gossip.key += keysPerMessage;
  const of = Object.fromEntries(some.map(key => [key, cellOf(state, key).base.instance]));
  io.send(others[gossip.peer % others.length]!, { type: 'versions', of });
}

export function receiveVersions(
  state: PaxosState,
  from: NodeId,
  m: Extract<PaxosMessage, { type: 'versions' }>,
  io: PaxosIo,
): void {
  const missing: Record<string, number> = {};
  for (const [key, instance] of Object.entries(m.of)) {
    const { base } = cellOf(state, key);
    if (base.instance > instance) io.send(from, { type: 'learn', key, outcome: base });
    else if (base.instance < instance) missing[key] = base.instance;
  }
  if (Object.keys(missing).length > 0) io.send(from, { type: 'versions', of: missing });
}
