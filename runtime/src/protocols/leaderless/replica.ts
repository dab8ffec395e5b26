/** What a replica does with what it is told: keeps what replaces what it has, and tells what it has. */
import { mapValue } from '../../design/partition-map.ts';
import type { NodeId } from '../../design/topology.ts';
import { keep, tell } from '../deeds.ts';
import { executedBy, holds, serves } from '../ownership.ts';
import { contextOf } from '../versions/siblings.ts';
import { seeStamp } from '../versions/stamps.ts';
import { entryOf } from '../versions/vectors.ts';
import { hasAll, isDeleted, together } from './cells.ts';
import { leafOf, mixed } from './merkle.ts';
import type { Cell, Deed, Hint, LeaderlessIo, LeaderlessMessage, LeaderlessState } from './state.ts';

type Of<T extends LeaderlessMessage['type']> = Extract<LeaderlessMessage, { type: T }>;

/** The clock hears of these writes. */
export function seeAll(state: LeaderlessState, cell: Cell, io: LeaderlessIo): void {
  for (const { stamp } of cell) seeStamp(state.clockKind, state.clock, stamp, io.wallNs());
}

/** Takes what is new. */
export function merge(state: LeaderlessState, key: string, came: Cell, io: LeaderlessIo): void {
  seeAll(state, came, io);
  const before = state.cells[key];
  const cell = together(state.context.options.resolve, before, came);
  const deed: Deed = { kind: 'stored', key, came, before: before ?? [], cell };
  const late = came.filter(one => !cell.includes(one) && one.operation >= 0 && !state.applied[one.operation]);
  for (const { operation } of came) if (operation >= 0) state.applied[operation] = true;
  if (cell === before) {
    if (late.length === 0) return tell(state, deed);
    return keep(state, { kind: 'superseded', operations: late.map(one => one.operation) }, deed, io);
  }
  if (late.length > 0) io.persist({ kind: 'superseded', operations: late.map(one => one.operation) });
  put(state, key, before, cell);
  if (isDeleted(cell)) state.deletedNs[key] = io.monotonicNs();
  else delete state.deletedNs[key];
  keep(state, { kind: 'cell', key, cell }, deed, io);
}

function put(state: LeaderlessState, key: string, before: Cell | undefined, cell: Cell | undefined): void {
  const leaf = leafOf(key);
  for (const one of [...(before ?? []), ...(cell ?? [])])
    state.leaves[leaf] = state.leaves[leaf]! ^ mixed(key, one.version.id);
  if (cell === undefined) delete state.cells[key];
  else state.cells[key] = cell;
}

export function receiveStore(state: LeaderlessState, from: NodeId, m: Of<'store' | 'repair'>, io: LeaderlessIo): void {
  if (!isWelcome(state, from, m, io)) return;
  merge(state, m.key, m.cell, io);
  const hint = m.type === 'store' ? m.hint : 0;
  // The answer waits for the disk.
  if (m.by !== 0 || hint !== 0) io.send(from, { type: 'stored', key: m.key, by: m.by, hint });
}

/** Where keys change hands: whether the replica is to take what it is sent. */
function isWelcome(state: LeaderlessState, from: NodeId, m: Of<'store' | 'repair'>, io: LeaderlessIo): boolean {
  const { ownership } = state;
  if (ownership === null) return true;
  const { key, by, cell } = m;
  // Between replicas: what is its own, or will be. What has left does not grow any more, and does not come back.
  if (by === 0) return holds(ownership, key);
  if (serves(ownership, key)) {
    executedBy(state, { key, operation: cell[0]!.operation });
    return true;
  }
  // It was here before the key left, and its acknowledgement was lost: the sender must not think that it was not.
  if (hasAll(state.context.options.resolve, state.cells[key], cell))
    io.send(from, { type: 'stored', key, by, hint: 0 });
  else io.send(from, { type: 'stale', by, map: mapValue(ownership.map) });
  return false;
}

export function receiveFetch(state: LeaderlessState, from: NodeId, { key, by }: Of<'fetch'>, io: LeaderlessIo): void {
  const { ownership } = state;
  if (ownership !== null) {
    if (!serves(ownership, key)) return io.send(from, { type: 'stale', by, map: mapValue(ownership.map) });
    executedBy(state, { key, operation: -1 });
  }
  io.send(from, { type: 'found', key, by, cell: state.cells[key] ?? null });
}

/** A stand-in keeps what it is asked to, and says so once it is on disk. */
export function receiveHold(state: LeaderlessState, from: NodeId, m: Of<'hold'>, io: LeaderlessIo): void {
  const { key, cell, by, target } = m;
  seeAll(state, cell, io);
  keepHint(state, { target, key, cell }, io);
  io.send(from, { type: 'held', by, target });
}

/** One hint for a key is enough: with everything that is new to its target. */
export function keepHint(state: LeaderlessState, hint: Hint, io: LeaderlessIo): void {
  const { resolve } = state.context.options;
  const { target, key } = hint;
  const held: Deed = { kind: 'held', key, came: hint.cell, target };
  let { cell } = hint;
  for (const [id, one] of Object.entries(state.hints)) {
    if (one.target !== target || one.key !== key) continue;
    if (hasAll(resolve, one.cell, cell)) return tell(state, held);
    cell = together(resolve, one.cell, cell);
    delete state.hints[Number(id)];
    io.persist({ kind: 'unhint', id: Number(id) });
  }
  const id = state.nextId++;
  state.hints[id] = { target, key, cell };
  keep(state, { kind: 'hint', id, hint: { target, key, cell } }, held, io);
}

/** Tombstones that have been kept for long enough go. Whoever missed the deletion may bring the item back (`NoResurrect`). */
export function collect(state: LeaderlessState, io: LeaderlessIo): void {
  const now = io.monotonicNs();
  for (const [key, since] of Object.entries(state.deletedNs)) {
    if (now - since < state.context.options.tombstonesNs) continue;
    forget(state, key, { kind: 'collected', key, cell: state.cells[key]! }, io);
  }
}

/** Nothing of the key is left here. */
export function forget(state: LeaderlessState, key: string, deed: Deed, io: LeaderlessIo): void {
  const cell = state.cells[key]!;
  put(state, key, cell, undefined);
  delete state.deletedNs[key];
  // What was counted here is not counted again, although nothing of it is left.
  state.floor = Math.max(state.floor, entryOf(contextOf(cell.map(one => one.version)), state.actor));
  keep(state, { kind: 'forget', key, floor: state.floor }, deed, io);
}
