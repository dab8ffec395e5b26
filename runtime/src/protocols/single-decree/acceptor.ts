/** Acceptors ("Paxos Made Simple" §2.2, phases 1b and 2b): they promise, accept, and never go back on a promise. */
import type { NodeId } from '../../design/topology.ts';
import { roundOf } from '../ballots.ts';
import { keepPromise } from '../deeds.ts';
import { emptyMachine, takeImage } from '../machine.ts';
import { learned } from './proposer.ts';
import type { Cell, Deed, Outcome, PaxosIo, PaxosMessage, PaxosState, PaxosWrite } from './state.ts';

export function cellOf(state: PaxosState, key: string): Cell {
  const cell = state.cells[key];
  if (cell !== undefined) return cell;
  const image = takeImage(emptyMachine(state.context.group.model));
  return { base: { instance: 0, image, done: {} }, promised: 0, accepted: null };
}

/** The cell on disk, and what monitors may know of it from then on. */
function write(state: PaxosState, key: string, cell: Cell, deed: Deed, io: PaxosIo): void {
  state.cells[key] = cell;
  keepPromise<Deed, PaxosWrite>(state, { kind: 'cell', key, cell }, deed, io);
}

/** A later outcome is known: the instances before are over. True when it was news. */
export function advance(state: PaxosState, key: string, outcome: Outcome, io: PaxosIo): boolean {
  if (outcome.instance <= cellOf(state, key).base.instance) return false;
  // Not written: until the next promise, the disk holds the accepted value, by which a quorum remembers the outcome.
  state.cells[key] = { base: outcome, promised: 0, accepted: null };
  delete state.openSinceNs[key];
  learned(state, key, io);
  return true;
}

/** Brings this node or the sender up to the instance of the other; undefined: the sender's instance is over. */
function inInstance(state: PaxosState, from: NodeId, key: string, base: Outcome, io: PaxosIo): Cell | undefined {
  advance(state, key, base, io);
  const cell = cellOf(state, key);
  if (cell.base.instance === base.instance) return cell;
  io.send(from, { type: 'learn', key, outcome: cell.base });
  return undefined;
}

export function receivePrepare(
  state: PaxosState,
  from: NodeId,
  { key, ballot, base }: Extract<PaxosMessage, { type: 'prepare' }>,
  io: PaxosIo,
): void {
  const cell = inInstance(state, from, key, base, io);
  if (cell === undefined) return;
  const instance = base.instance + 1;
  see(state, key, ballot);
  if (ballot < cell.promised) return io.send(from, { type: 'nack', key, instance, ballot, promised: cell.promised });
  if (ballot > cell.promised)
    write(state, key, { ...cell, promised: ballot }, { kind: 'promised', key, instance, ballot }, io);
  io.send(from, { type: 'promise', key, instance, ballot, accepted: cell.accepted });
}

export function receiveAccept(
  state: PaxosState,
  from: NodeId,
  { key, ballot, base, proposal }: Extract<PaxosMessage, { type: 'accept' }>,
  io: PaxosIo,
): void {
  const cell = inInstance(state, from, key, base, io);
  if (cell === undefined) return;
  const { instance } = proposal.outcome;
  see(state, key, ballot);
  if (ballot < cell.promised) return io.send(from, { type: 'nack', key, instance, ballot, promised: cell.promised });
  if (cell.accepted?.ballot !== ballot) {
    state.openSinceNs[key] ??= io.monotonicNs();
    const voted = { ...cell, promised: ballot, accepted: { ballot, proposal } };
    write(state, key, voted, { kind: 'voted', key, ballot, proposal }, io);
  }
  io.send(from, { type: 'accepted', key, instance, ballot });
}

export function receiveQuery(
  state: PaxosState,
  from: NodeId,
  { key, read }: Extract<PaxosMessage, { type: 'query' }>,
  io: PaxosIo,
): void {
  const { base, accepted } = cellOf(state, key);
  io.send(from, { type: 'answer', key, read, base, open: accepted !== null });
}

export function see(state: PaxosState, key: string, ballot: number): void {
  state.seen[key] = Math.max(state.seen[key] ?? 0, roundOf(ballot));
}
