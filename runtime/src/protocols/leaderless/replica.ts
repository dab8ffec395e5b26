/** What a replica does with what it is told: keeps the highest stamp of each key, and tells what it has. */
import type { NodeId } from '../../design/topology.ts';
import { keep, tell } from '../deeds.ts';
import { compareStamps, seeStamp } from '../versions/stamps.ts';
import { leafOf, mixed } from './merkle.ts';
import type { Cell, Deed, Hint, LeaderlessIo, LeaderlessMessage, LeaderlessState } from './state.ts';

type Of<T extends LeaderlessMessage['type']> = Extract<LeaderlessMessage, { type: T }>;

/** Takes a write if it is later than what stands here. */
export function merge(state: LeaderlessState, key: string, cell: Cell, io: LeaderlessIo): void {
  seeStamp(state.clockKind, state.clock, cell.stamp, io.wallNs());
  const before = state.cells[key];
  const { stamp } = cell;
  if (before !== undefined && compareStamps(before.stamp, stamp) >= 0) {
    const { operation } = cell;
    const deed: Deed = { kind: 'stored', key, stamp, cell: before.stamp };
    if (operation < 0 || state.applied[operation]) return tell(state, deed);
    state.applied[operation] = true;
    return keep(state, { kind: 'superseded', operation }, deed, io);
  }
  put(state, key, before, cell);
  if (cell.deleted) state.deletedNs[key] = io.monotonicNs();
  else delete state.deletedNs[key];
  if (cell.operation >= 0) state.applied[cell.operation] = true;
  keep(state, { kind: 'cell', key, cell }, { kind: 'stored', key, stamp, cell: stamp }, io);
}

function put(state: LeaderlessState, key: string, before: Cell | undefined, cell: Cell | undefined): void {
  const leaf = leafOf(key);
  for (const one of [before, cell])
    if (one !== undefined) state.leaves[leaf] = state.leaves[leaf]! ^ mixed(key, one.stamp);
  if (cell === undefined) delete state.cells[key];
  else state.cells[key] = cell;
}

export function receiveStore(state: LeaderlessState, from: NodeId, m: Of<'store' | 'repair'>, io: LeaderlessIo): void {
  merge(state, m.key, m.cell, io);
  const hint = m.type === 'store' ? m.hint : 0;
  // The answer waits for the disk.
  if (m.by !== 0 || hint !== 0) io.send(from, { type: 'stored', key: m.key, by: m.by, hint });
}

export function receiveFetch(state: LeaderlessState, from: NodeId, { key, by }: Of<'fetch'>, io: LeaderlessIo): void {
  io.send(from, { type: 'found', key, by, cell: state.cells[key] ?? null });
}

/** A stand-in keeps what it is asked to, and says so once it is on disk. */
export function receiveHold(state: LeaderlessState, from: NodeId, m: Of<'hold'>, io: LeaderlessIo): void {
  const { key, cell, by, target } = m;
  seeStamp(state.clockKind, state.clock, cell.stamp, io.wallNs());
  keepHint(state, { target, key, cell }, io);
  io.send(from, { type: 'held', by, target });
}

/** The latest write of a key is enough. */
export function keepHint(state: LeaderlessState, hint: Hint, io: LeaderlessIo): void {
  const { target, key, cell } = hint;
  const held: Deed = { kind: 'held', key, stamp: cell.stamp, target };
  for (const [id, one] of Object.entries(state.hints)) {
    if (one.target !== target || one.key !== key) continue;
    if (compareStamps(one.cell.stamp, cell.stamp) >= 0) return tell(state, held);
    delete state.hints[Number(id)];
    io.persist({ kind: 'unhint', id: Number(id) });
  }
  const id = state.nextId++;
  state.hints[id] = hint;
  keep(state, { kind: 'hint', id, hint }, held, io);
}

/** Tombstones that have been kept for long enough go. Whoever missed the deletion may bring the item back (`NoResurrect`). */
export function collect(state: LeaderlessState, io: LeaderlessIo): void {
  const now = io.monotonicNs();
  for (const [key, since] of Object.entries(state.deletedNs)) {
    if (now - since < state.context.options.tombstonesNs) continue;
    const cell = state.cells[key]!;
    put(state, key, cell, undefined);
    delete state.deletedNs[key];
    keep(state, { kind: 'forget', key }, { kind: 'collected', key, stamp: cell.stamp }, io);
  }
}
