/**
 * Which partition of a store holds a key. It follows from the record of the key (`records.ts`), from how the store is
 * split, and, where nodes come and go, from the map: which partitions share the keys just now, and which group holds
 * each of them. Clients, replicas, judgements and figures ask here and nowhere else.
 */
import { hashKey } from './keys.ts';
import { fieldOf, numberIn, type Recorded } from './records.ts';
import { arcsOf, memberAt, type Ring, ringOf, ringSize } from './ring.ts';
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

/** A map as it travels in messages and stands in a directory. */
export type MapValue = readonly [epoch: number, members: readonly number[], groups: readonly PartitionId[]];

export const mapValue = ({ epoch, members, groups }: PartitionMap): MapValue => [epoch, members, groups];

const made = new Map<string, PartitionMap>();
/** Most maps that are kept to be found again by what they say. */
const madeMax = 1000;

/** undefined: the value is no map. The same value gives the same map, with all that is remembered of it. */
export function mapFrom(value: unknown): PartitionMap | undefined {
  if (!Array.isArray(value) || value.length !== 3) return undefined;
  const [epoch, members, groups] = value as unknown as MapValue;
  const name = JSON.stringify(value);
  let map = made.get(name);
  if (map === undefined) {
    map = { epoch, members, groups };
    if (made.size >= madeMax) made.clear();
    made.set(name, map);
  }
  return map;
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

/** What has been found out about a map of a store. */
interface Remembered {
  readonly keys: Map<string, number>;
  /** The map without all but so many members, for what divides a range or a list further. */
  inner?: PartitionMap;
  ring?: Ring;
}

/** Most keys that are remembered per map. */
const rememberedMax = 100_000;
const remembered = new WeakMap<KeySpace, WeakMap<PartitionMap, Remembered>>();

function rememberedOf(space: KeySpace, map: PartitionMap): Remembered {
  let maps = remembered.get(space);
  if (maps === undefined) remembered.set(space, (maps = new WeakMap()));
  let found = maps.get(map);
  if (found === undefined) maps.set(map, (found = { keys: new Map() }));
  return found;
}

/** The partition's index; -1: no partition holds such keys. */
export function partitionOf(space: KeySpace, map: PartitionMap, key: string): number {
  const { keys } = rememberedOf(space, map);
  let index = keys.get(key);
  if (index === undefined) {
    index = indexOf(space, space.partitioning, space.count, map, key);
    if (keys.size < rememberedMax) keys.set(key, index);
  }
  return index;
}

/** The group that holds the key; undefined: none does. */
export function groupHolding(space: KeySpace, map: PartitionMap, key: string): PartitionId | undefined {
  const group = map.groups[partitionOf(space, map, key)];
  return group === undefined || group < 0 ? undefined : group;
}

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
      return memberAt(ringFor(space, map, how.virtualNodes), placeOf(how.field));
    case 'directory':
      return dealt(map.members, placeOf(how.field));
    case 'range':
    case 'list': {
      const parts = how.kind === 'range' ? how.ranges.length : how.lists.length;
      const outer = how.kind === 'range' ? inRange(space, how, key) : inList(space, how, key);
      if (outer < 0 || how.then === null) return outer;
      const inner = count / parts;
      const below = indexOf(space, how.then, inner, innerMap(space, map, inner), key);
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

function innerMap(space: KeySpace, map: PartitionMap, count: number): PartitionMap {
  const found = rememberedOf(space, map);
  found.inner ??= { ...map, members: map.members.slice(0, count) };
  return found.inner;
}

function ringFor(space: KeySpace, map: PartitionMap, virtualNodes: number): Ring {
  const found = rememberedOf(space, map);
  found.ring ??= ringOf(map.members, virtualNodes);
  return found.ring;
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

/** Why the map does not give every key to exactly one group; undefined: it does. */
export function coverProblem(space: KeySpace, map: PartitionMap): string | undefined {
  const { name, partitioning, count } = space;
  const holder = (index: number) => map.groups[index] ?? -1;
  if (partitioning.kind === 'consistent-hash') {
    let from = 0;
    for (const arc of arcsOf(ringFor(space, map, partitioning.virtualNodes))) {
      if (arc.from !== from) return `the ring of ${name} has nobody from ${from} to ${arc.from}`;
      if (holder(arc.member) < 0) return `the ring of ${name} has no group for ${arc.from} to ${arc.to}`;
      from = arc.to;
    }
    if (from !== ringSize) return `the ring of ${name} has nobody from ${from} on`;
  }
  const indexes = isShared(partitioning) ? map.members : Array.from({ length: count }, (_, i) => i);
  const owners = new Set<PartitionId>();
  for (const index of indexes) {
    const group = holder(index);
    if (group < 0) return `no group holds partition ${index} of ${name}`;
    if (owners.has(group)) return `partition ${index} of ${name} and another one lie in the same group`;
    owners.add(group);
  }
  if (new Set(indexes).size !== indexes.length || indexes.length === 0)
    return `the partitions of ${name} are not told apart`;
  return rangeProblem(name, partitioning);
}

/** Of the ranges: whether they are one after the other, from the first to the last key. */
function rangeProblem(name: string, partitioning: Partitioning): string | undefined {
  if (partitioning.kind !== 'range') return undefined;
  const { ranges } = partitioning;
  const open = ranges.filter(({ from }) => from === null);
  if (open.length !== 1) return `the keys of ${name} have no first partition, or several`;
  let last = open[0]!;
  for (let seen = 1; last.to !== null; seen++) {
    const next = ranges.filter(({ from }) => from === last.to);
    if (next.length !== 1 || seen >= ranges.length) return `${next.length} partitions of ${name} begin at ${last.to}`;
    last = next[0]!;
  }
  return undefined;
}
