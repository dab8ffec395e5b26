/**
 * A replica as an acceptor of compare-and-sets (Lamport, "Paxos Made Simple", 2001, §2.2). There is an instance for every
 * write that stands under a key: it decides which change is made upon it. What was accepted counts while that write
 * stands there; when another one has replaced it, nothing can be chosen upon it any more by way of this replica.
 */
import type { NodeId } from '../../design/topology.ts';
import { keep, tell } from '../deeds.ts';
import { stampId } from '../versions/stamps.ts';
import { hasAll } from './cells.ts';
import { merge } from './replica.ts';
import type { Acceptance, Cell, LeaderlessIo, LeaderlessMessage, LeaderlessState } from './state.ts';

type Of<T extends LeaderlessMessage['type']> = Extract<LeaderlessMessage, { type: T }>;

/** Names what a change is made upon. */
export const uponId = (cell: Cell | null | undefined): string =>
  cell === null || cell === undefined ? '' : stampId(cell[0]!.stamp);

const none: Acceptance = { promised: 0, accepted: null };

export function receivePrepare(state: LeaderlessState, from: NodeId, m: Of<'prepare'>, io: LeaderlessIo): void {
  const { key, by, ballot, session } = m;
  const before = state.acceptances[key] ?? none;
  if (ballot < before.promised) return io.send(from, { type: 'outbid', by, ballot, promised: before.promised });
  const acceptance: Acceptance = { ...before, promised: ballot };
  state.acceptances[key] = acceptance;
  const write = { kind: 'acceptance', key, acceptance, session: null } as const;
  if (ballot > before.promised) keep(state, write, { kind: 'promised', key, ballot }, io);
  else tell(state, { kind: 'promised', key, ballot });
  const cell = state.cells[key] ?? null;
  const accepted = before.accepted?.upon === uponId(cell) ? before.accepted : null;
  const tried = session !== null && state.tried[session.client] === session.sequence;
  io.send(from, { type: 'promise', key, by, ballot, cell, accepted, tried });
}

export function receivePropose(state: LeaderlessState, from: NodeId, m: Of<'propose'>, io: LeaderlessIo): void {
  const { key, by, ballot, upon, write, session } = m;
  const { promised } = state.acceptances[key] ?? none;
  if (upon !== null && !hasAll(state.context.options.resolve, state.cells[key], upon)) merge(state, key, upon, io);
  // What a later write has replaced is changed no more.
  if (ballot < promised || uponId(state.cells[key]) !== uponId(upon))
    return io.send(from, { type: 'outbid', by, ballot, promised });
  const acceptance: Acceptance = { promised: ballot, accepted: { upon: uponId(upon), ballot, write } };
  state.acceptances[key] = acceptance;
  if (session !== null) state.tried[session.client] = session.sequence;
  keep(state, { kind: 'acceptance', key, acceptance, session }, { kind: 'accepted', key, ballot, write }, io);
  io.send(from, { type: 'accepted', key, by, ballot });
}
