/**
 * Which partition of a store holds a key. It follows from the record of the key (`records.ts`), from how the store is
 * split, and, where nodes come and go, from the map: which partitions share the keys just now, and which group holds
 * each of them. Clients, replicas, judgements and figures ask here and nowhere else.
 */
import { hashKey } from './keys.ts';
import { fieldOf, numberIn, type Recorded } from './records.ts';
import { memberAt, type Ring, ringOf } from './ring.ts';
import type { PartitionId, Partitioning, Store } from './store.ts';

/** What of a store tells its keys apart. */
export interface KeySpace extends Recorded {
  readonly name: string;
  /** How many partitions the design has of it; those that nodes bring with them come behind. */
  readonly count: number;
  /** `partition with users`: it lies beside the record that `by` refers to (null: that of the same key). */
  readonly beside: { readonly by: string | null; readonly space: KeySpace } | null;
}

export interface PartitionMap {
  /** Grows by one with every change; that of the design is 1. */
  readonly epoch: number;
  /** Partitions that share the keys, by index, where that depends on which nodes there are. */
  readonly members: readonly number[];
  /** By index: the group that holds the partition. */
  readonly groups: readonly PartitionId[];
}

export function keySpaceOf(stores: readonly Store[], store: Store): KeySpace {
  const { name, fields, partitioning } = store;
  const space = { name, fields, partitioning, count: store.partitions.length };
  const other = partitioning.kind === 'with' ? stores.find(one => one.name === partitioning.store) : undefined;
  if (other === undefined || other === store) return { ...space, beside: null };
  const by = fields.find(({ reference }) => reference?.store === other.name)?.name ?? null;
  return { ...space, beside: { by, space: keySpaceOf(stores, other) } };
}

/** The map that the design describes. */
export const firstMap = ({ partitions }: Pick<Store, 'partitions'>): PartitionMap => ({
  epoch: 1,
  members: partitions.map((_, i) => i),
  groups: partitions,
});

/** Partitions that come and go with nodes: who holds a key depends on which of them there are. */
export const isShared = (partitioning: Partitioning): boolean =>
  partitioning.kind === 'consistent-hash' ||
  partitioning.kind === 'directory' ||
  (partitioning.kind === 'hash' && partitioning.scheme === 'modulo-nodes');

/** Most keys that are remembered per map. */
const rememberedMax = 100_000;
const known = new WeakMap<PartitionMap, Map<string, number>>();

/** The partition's index; -1: no partition holds such keys. */
export function partitionOf(space: KeySpace, map: PartitionMap, key: string): number {
  let found = known.get(map);
  if (found === undefined) known.set(map, (found = new Map()));
  let index = found.get(key);
  if (index === undefined) {
    index = indexOf(space, space.partitioning, space.count, map, key);
    if (found.size < rememberedMax) found.set(key, index);
  }
  return index;
}

/** The group that holds the key; undefined: none does. */
export const groupHolding = (space: KeySpace, map: PartitionMap, key: string): PartitionId | undefined =>
  map.groups[partitionOf(space, map, key)];

function indexOf(space: KeySpace, how: Partitioning, count: number, map: PartitionMap, key: string): number {
  const placeOf = (field: string) => hashKey(String(fieldOf(space, key, field)));
  switch (how.kind) {
    case 'none':
      return 0;
    case 'hash': {
      if (how.scheme === 'jump') throw new Error('jump hashing is judged, never executed');
      const place = placeOf(how.field);
      return how.scheme === 'slots' ? place % count : map.members[place % map.members.length]!;
    }
    case 'consistent-hash':
      return memberAt(ringFor(map, how.virtualNodes), placeOf(how.field));
    case 'directory':
      return dealt(map.members, placeOf(how.field));
    case 'range':
    case 'list': {
      const parts = how.kind === 'range' ? how.ranges.length : how.lists.length;
      const outer = how.kind === 'range' ? inRange(space, how, key) : inList(space, how, key);
      if (outer < 0 || how.then === null) return outer;
      const inner = count / parts;
      const members = map.members.slice(0, inner);
      const below = indexOf(space, how.then, inner, innerMap(map, members), key);
      return below < 0 ? -1 : outer * inner + below;
    }
    case 'columns': {
      const group = how.groups.findIndex(({ name }) => key.endsWith(`.${name}`));
      return Math.max(0, group);
    }
    case 'with': {
      if (space.beside === null) return 0;
      const { by, space: other } = space.beside;
      const of = by === null ? key : String(fieldOf(space, key, by));
      return indexOf(other, other.partitioning, other.count, map, of);
    }
  }
}

const innerMaps = new WeakMap<PartitionMap, PartitionMap>();

function innerMap(map: PartitionMap, members: readonly number[]): PartitionMap {
  let inner = innerMaps.get(map);
  if (inner === undefined) innerMaps.set(map, (inner = { ...map, members }));
  return inner;
}

const rings = new WeakMap<PartitionMap, Ring>();

export function ringFor(map: PartitionMap, virtualNodes: number): Ring {
  let ring = rings.get(map);
  if (ring === undefined) rings.set(map, (ring = ringOf(map.members, virtualNodes)));
  return ring;
}

/**
 * To whom a directory gives a key that nobody has placed by hand: whoever of its partitions ranks highest for it (Thaler
 * and Ravishankar 1998), so that a partition that comes takes its share from all others, and nothing else moves.
 */
function dealt(members: readonly number[], place: number): number {
  let best = -1;
  let highest = -1;
  for (const member of members) {
    const rank = hashKey(`${place}@${member}`);
    if (rank > highest) [best, highest] = [member, rank];
  }
  return best;
}

type Of<K extends Partitioning['kind']> = Extract<Partitioning, { kind: K }>;

function inRange(space: KeySpace, { field, ranges }: Of<'range'>, key: string): number {
  const isText = ranges.some(({ from, to }) => typeof from === 'string' || typeof to === 'string');
  const value = isText ? String(fieldOf(space, key, field)) : numberIn(space, key, field, ranges);
  return ranges.findIndex(({ from, to }) => (from === null || value >= from) && (to === null || value < to));
}

function inList(space: KeySpace, { field, lists }: Of<'list'>, key: string): number {
  const value = String(fieldOf(space, key, field));
  const named = lists.findIndex(({ values }) => values?.includes(value));
  return named >= 0 ? named : lists.findIndex(({ values }) => values === null);
}
