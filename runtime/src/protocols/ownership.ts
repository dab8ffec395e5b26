/**
 * Which keys of its store a group owns, where that changes while a run goes on: a partition moves to other nodes, nodes
 * come and go. What a group owns follows from the map that it knows, which stands in its machine: it changes by commands
 * in the group's log, so that of any two commands everybody knows which one the old and which one the new map rules.
 *
 * A change goes from map to map by three commands, each of which may come again and late without doing harm:
 * - `release`: the group takes the next map, refuses from here on what it no longer owns, and answers with a copy of it.
 *   What it newly owns it serves only when that has come. While a transaction holds a key that leaves: `wait`.
 * - `install`: takes in what others have released, with the sessions of clients (so that a retry finds what its first
 *   attempt did), with what had been applied, and with the map before; from here on it serves it.
 * - `forget`: drops what it no longer owns.
 */
import type { Value } from '../checkers/history.ts';
import { groupHolding, type KeySpace, mapFrom, mapValue, type PartitionMap } from '../design/partition-map.ts';
import type { PartitionId } from '../design/store.ts';
import type { Command, Reply } from './contract.ts';

/** What a group is told of that when it is made. */
export interface Shard {
  readonly space: KeySpace;
  readonly group: PartitionId;
  readonly map: PartitionMap;
  /** `stale-map accept`: it serves whatever it is asked for. */
  readonly checks: boolean;
}

export type OwnershipDeed =
  | { readonly kind: 'executed'; readonly key: string; readonly operation: number; readonly map: PartitionMap }
  | { readonly kind: 'released'; readonly map: PartitionMap; readonly parcels: readonly Parcel[] }
  | {
      readonly kind: 'installed';
      readonly map: PartitionMap;
      readonly entries: readonly Entry[];
      readonly operations: readonly number[];
    };

/** Nothing in it changes; a change replaces it. */
export interface Ownership extends Shard {
  /** The map before this one, while what the change brings has not come; null: it has. */
  readonly before: PartitionMap | null;
  /** For monitors: what was done last, and how much ever. */
  readonly deeds: { readonly count: number; readonly last: readonly OwnershipDeed[] };
}

export type Entry = readonly [key: string, state: Value];
/** What goes to one group. */
export type Parcel = readonly [to: PartitionId, entries: readonly Entry[]];
/** Last operations of sessions: client, sequence number, what it was answered. */
export type Served = readonly [client: number, sequence: number, output: Value];

const maxDeeds = 32;

export const ownedAtFirst = (shard: Shard): Ownership => ({ ...shard, before: null, deeds: { count: 0, last: [] } });

export const noting = (owned: Ownership, deed: OwnershipDeed): Ownership => ({
  ...owned,
  deeds: { count: owned.deeds.count + 1, last: [...owned.deeds.last, deed].slice(-maxDeeds) },
});

/** Whether the key is its own, by the map that it knows. */
export const holds = ({ space, group, map }: Ownership, key: string): boolean =>
  groupHolding(space, map, key) === group;

/** Whether it is there already, too. */
export const owns = (owned: Ownership, key: string): boolean =>
  holds(owned, key) && (owned.before === null || groupHolding(owned.space, owned.before, key) === owned.group);

/** Whether it serves the key now. */
export const serves = (owned: Ownership, key: string): boolean => !owned.checks || owns(owned, key);

export const refusedByMap = ({ space, map, before }: Ownership, key: string): Reply => ({
  kind: 'refused',
  why:
    before === null
      ? `stale map: by epoch ${map.epoch} of ${space.name} another group owns ${key}`
      : `${key} has not come yet, in epoch ${map.epoch} of ${space.name}`,
  leader: null,
  map: [space.name, mapValue(map)],
});

/** Whom commands of ownership are about: the parts of a machine that they touch. */
export interface Owner {
  ownership: Ownership | null;
  data: Record<string, Value>;
  sessions: Record<number, { readonly sequence: number; readonly output: Value }>;
  chunks: readonly (readonly number[])[];
  tail: number[];
}

/** Notes an operation on a key. */
export function executedBy(
  owner: Pick<Owner, 'ownership'>,
  { key, operation }: Pick<Command, 'key' | 'operation'>,
): void {
  if (owner.ownership !== null)
    owner.ownership = noting(owner.ownership, { kind: 'executed', key, operation, map: owner.ownership.map });
}

/** What passes between an operator and the groups, by these names in scenarios and traces. */
export const ownershipMessages = {
  release: 'Take this map, and give what is no longer yours.',
  released: 'This is it, with the sessions of clients and what has been applied.',
  install: 'Take this map, and what has become yours by it.',
  installed: 'It is served from now on.',
  forget: 'Drop what is not yours.',
  forgotten: 'It is gone.',
  wait: 'A transaction that is not decided holds a key that leaves; ask again.',
} as const;

/** `copy` is what a release would answer, and changes nothing: it is asked by those who do it wrong. */
const words = ['release', 'copy', 'install', 'forget'];

/** Operations that a machine has executed once it has applied the command: also those that came with others' keys. */
export function operationsOf({ kind, input, operation }: Command): readonly number[] {
  const taken = kind === 'transaction' && Array.isArray(input) && input[0] === 'install' ? input[4] : undefined;
  return taken === undefined ? [operation] : (taken as readonly number[]);
}

/** @param held whether a transaction that is not decided holds a key; undefined: it is no such command */
export function applyOwnership(owner: Owner, { input }: Command, held: (key: string) => boolean): Value | undefined {
  const [word, value, ...rest] = input as readonly Value[];
  if (!words.includes(word as string)) return undefined;
  const map = mapFrom(value);
  if (owner.ownership === null || map === undefined) return ['no'];
  switch (word) {
    case 'copy':
      return released(owner, map, leavingUnder(owner, owner.ownership.map, map));
    case 'release':
      return release(owner, map, held);
    case 'install': {
      const [entries, sessions, operations] = rest as unknown as [
        readonly Entry[],
        readonly Served[],
        readonly number[],
      ];
      install(owner, map, entries, sessions, operations);
      return ['installed'];
    }
    default:
      forget(owner, map);
      return ['forgotten'];
  }
}

/** What a group that owned it by one map no longer owns by the next, by whose it is then. */
function leavingUnder(
  { ownership, data }: Owner,
  from: PartitionMap,
  to: PartitionMap,
): ReadonlyMap<PartitionId, readonly Entry[]> {
  const { space, group } = ownership!;
  const leaving = new Map<PartitionId, Entry[]>();
  for (const [key, state] of Object.entries(data)) {
    const next = groupHolding(space, to, key) ?? -1;
    if (groupHolding(space, from, key) !== group || next === group) continue;
    const parcel = leaving.get(next);
    if (parcel === undefined) leaving.set(next, [[key, state]]);
    else parcel.push([key, state]);
  }
  return leaving;
}

function release(owner: Owner, map: PartitionMap, held: (key: string) => boolean): Value {
  const known = owner.ownership!;
  if (map.epoch > known.map.epoch) owner.ownership = { ...known, map, before: known.map };
  const { before } = owner.ownership!;
  if (before === null || owner.ownership!.map.epoch > map.epoch) return released(owner, map, new Map());
  const leaving = leavingUnder(owner, before, map);
  for (const entries of leaving.values()) for (const [key] of entries) if (held(key)) return ['wait'];
  owner.ownership = noting(owner.ownership!, { kind: 'released', map, parcels: [...leaving] });
  return released(owner, map, leaving);
}

function released(
  { sessions, chunks, tail }: Owner,
  { epoch }: PartitionMap,
  leaving: ReadonlyMap<PartitionId, readonly Entry[]>,
): Value {
  const served = Object.entries(sessions).map(([client, { sequence, output }]) => [Number(client), sequence, output]);
  const applied = leaving.size === 0 ? [] : [...chunks.flat(), ...tail];
  return ['released', epoch, [...leaving] as unknown as Value, leaving.size === 0 ? [] : served, applied];
}

function install(
  owner: Owner,
  map: PartitionMap,
  entries: readonly Entry[],
  sessions: readonly Served[],
  operations: readonly number[],
): void {
  const known = owner.ownership!;
  if (known.map.epoch > map.epoch || (known.map.epoch === map.epoch && known.before === null)) return;
  for (const [key, state] of entries) owner.data[key] = state;
  for (const [client, sequence, output] of sessions) {
    const last = owner.sessions[client];
    if (last === undefined || last.sequence < sequence) owner.sessions[client] = { sequence, output };
  }
  if (operations.length > 0) {
    const had = new Set([...owner.chunks.flat(), ...owner.tail]);
    owner.tail.push(...operations.filter(one => !had.has(one)));
  }
  owner.ownership = noting({ ...known, map, before: null }, { kind: 'installed', map, entries, operations });
}

function forget(owner: Owner, map: PartitionMap): void {
  const { space, group, map: known } = owner.ownership!;
  if (known.epoch !== map.epoch) return;
  owner.data = Object.fromEntries(
    Object.entries(owner.data).filter(([key]) => groupHolding(space, known, key) === group),
  );
}
