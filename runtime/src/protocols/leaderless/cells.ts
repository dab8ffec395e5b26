/**
 * What stands under a key, and what clients make of it. With last-write-wins it is the write with the highest stamp; with
 * siblings all writes that no other one had seen.
 *
 * Of siblings a client's merge makes one value: of a set the union (Dynamo's cart); of a register or an entry the one
 * with the highest stamp, as any one of them may be an answer and effects have higher stamps than their causes. It is
 * told all of them, and its next write of the key replaces what it was told.
 */
import type { OperationKind, Value } from '../../checkers/history.ts';
import type { Leaderless } from '../../design/mechanism.ts';
import { type DataModel, modelNamed } from '../../model/model.ts';
import { happenedBefore, includes, merge } from '../versions/siblings.ts';
import { compareStamps, stampId } from '../versions/stamps.ts';
import type { Cell, LeaderlessState, Stub, Write } from './state.ts';

type Resolve = Leaderless['resolve'];

/** `a` is replaced by `b`. */
export const isReplaced = (resolve: Resolve, a: Stub, b: Stub): boolean =>
  resolve.kind === 'siblings' ? happenedBefore(resolve.by, a.version, b.version) : compareStamps(a.stamp, b.stamp) < 0;

/** Both together; `a` itself if there is nothing new in `b`. */
export function together(resolve: Resolve, a: Cell | null | undefined, b: Cell): Cell {
  if (a === null || a === undefined) return b;
  if (resolve.kind === 'siblings') return merge(resolve.by, a, b);
  return compareStamps(a[0]!.stamp, b[0]!.stamp) < 0 ? b : a;
}

/** Nothing in `b` is new to who has `a`. */
export function hasAll(resolve: Resolve, a: readonly Stub[] | null | undefined, b: readonly Stub[]): boolean {
  if (a === null || a === undefined) return b.length === 0;
  if (resolve.kind === 'siblings') return includes(resolve.by, a, b);
  return b.length === 0 || (a.length > 0 && compareStamps(a[0]!.stamp, b[0]!.stamp) >= 0);
}

/** Of several writes the one with the highest stamp. */
export const newestOf = (cell: Cell): Write =>
  cell.reduce((newest, one) => (compareStamps(one.stamp, newest.stamp) > 0 ? one : newest));

/** A write where the last one wins needs no version: its stamp is all that counts. */
export const unversioned = (stamp: Write['stamp']): Write['version'] => ({
  actor: '',
  count: 0,
  past: {},
  id: stampId(stamp),
});

export const isDeleted = (cell: Cell): boolean => cell.every(one => one.deleted);

/** Whether a data type's siblings have a union. */
export const isUnion = (model: DataModel): boolean => model.name === 'set';

/** The writes that can be taken without an order of all: those after which nothing before counts, or that siblings merge. */
export const writable = ({ resolve }: Leaderless, model: DataModel): readonly OperationKind[] =>
  resolve.kind === 'siblings' && isUnion(model) ? ['add', 'delete'] : model.overwrites;

const modelOf = ({ context }: LeaderlessState): DataModel => modelNamed(context.group.model)!;

/** State of the object after the client's merge. */
export function mergedState(state: LeaderlessState, cell: Cell): Value {
  const model = modelOf(state);
  if (cell.length === 0) return model.initial(null);
  if (!isUnion(model)) return newestOf(cell).state;
  return model.initial(cell.flatMap(one => one.state as readonly Value[]));
}

const look = (state: LeaderlessState, one: Value): Value =>
  modelOf(state).apply(one, { kind: 'read', input: null }).output;

/** What a client reads; null: the key was never written. */
export const readingOf = (state: LeaderlessState, cell: Cell | null): Value =>
  look(state, mergedState(state, cell ?? []));

/** What stands side by side. */
export const valuesOf = (state: LeaderlessState, cell: Cell): readonly Value[] =>
  cell.map(one => look(state, one.state));

/** As replicas are compared: all siblings. */
export function contentsOf(state: LeaderlessState): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const key of Object.keys(state.cells).sort()) {
    const cell = state.cells[key]!;
    if (!isDeleted(cell)) values[key] = cell.length === 1 ? readingOf(state, cell) : valuesOf(state, cell);
  }
  return values;
}

/** Everything that somebody may still read, by key. */
export const sideBySide = (state: LeaderlessState): Record<string, readonly Value[]> =>
  Object.fromEntries(Object.entries(state.cells).map(([key, cell]) => [key, valuesOf(state, cell)]));
