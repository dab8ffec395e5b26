/**
 * Invariants of partitions that move, over all groups of a store, looked at after every step in what their machines have
 * done, or, where no log orders operations, what each replica has. One watch per store and run; it knows the maps as
 * they are taken.
 */
import { coverProblem, groupHolding, type KeySpace, type PartitionMap } from '../design/partition-map.ts';
import type { PropertyKind } from '../design/property.ts';
import type { PartitionId, Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import type { Command, GroupView, Monitor } from './contract.ts';
import type { Ownership, OwnershipDeed } from './ownership.ts';
import { watchQuorums } from './ownership-quorums.ts';

export interface OwnershipInvariant {
  readonly means: string;
  readonly protects: readonly PropertyKind['kind'][];
  /** Why the design gives it up; undefined: promised. */
  givenUp(store: Store): string | undefined;
}

const accepting = ({ staleMap }: Store) =>
  staleMap === 'accept' ? 'with "stale-map accept" a group serves what it no longer owns' : undefined;
const losing = ({ mechanism }: Store) =>
  mechanism.kind === 'single-leader' && mechanism.mode === 'asynchronous'
    ? 'a leader that fails takes with it what it had released'
    : undefined;
const protects = ['consistency', 'no-lost-writes'] as const;

export const ownershipInvariants = {
  OneOwner: {
    means:
      'in every epoch a key has one group that executes operations on it, and none does for an earlier one later; without a log: no two groups have a quorum that serves it',
    protects,
    givenUp: store => accepting(store) ?? losing(store),
  },
  CoverExactly: {
    means: 'every map gives every key to exactly one group',
    protects: [],
    givenUp: () => undefined,
  },
  MoveNoLoss: {
    means:
      'what a group takes in is what others have released to it: no key is missing, and none is older; without a log: nor is any acknowledged write',
    protects,
    givenUp: losing,
  },
  RejectStaleEpoch: {
    means: 'no group executes an operation on a key that by the map that it knows is not its own',
    protects,
    givenUp: store => accepting(store),
  },
} as const satisfies Readonly<Record<string, OwnershipInvariant>>;
export type OwnershipInvariantName = keyof typeof ownershipInvariants;
export const ownershipInvariantNames = Object.keys(ownershipInvariants) as OwnershipInvariantName[];

type Owner = { readonly ownership: Ownership | null };
type Of<K extends OwnershipDeed['kind']> = Extract<OwnershipDeed, { kind: K }>;

/** What its group released to somebody, by key. */
type Due = ReadonlyMap<string, string>;

/**
 * @param nameOf what a group is called
 * @param couldServe whether these members of a group could complete an operation by themselves; undefined: a log orders
 *   operations there, and its machines say what the group does
 */
export function watchOwnership(
  space: KeySpace,
  nameOf: (group: PartitionId) => string,
  couldServe?: (group: PartitionId, has: (node: NodeId) => boolean) => boolean,
) {
  const seen = new WeakMap<Owner, number>();
  /** Of each key: the latest epoch in which it was served, and by whom. */
  const latest = new Map<string, { readonly epoch: number; readonly group: PartitionId }>();
  const known = new Set<string>();
  const covered = new Set<number>();
  /** By epoch and receiver: what was released to it, by whom; without a log by whoever gathered it. */
  const parcels = new Map<string, Map<PartitionId, readonly Due[]>>();
  const quorums = couldServe && watchQuorums(space, nameOf, couldServe);
  const breaches = new Map<OwnershipInvariantName, string>();
  const breach = (name: OwnershipInvariantName, why: string) => {
    if (!breaches.has(name)) breaches.set(name, why);
  };

  const lookAtMap = (map: PartitionMap) => {
    if (covered.has(map.epoch)) return;
    covered.add(map.epoch);
    const problem = coverProblem(space, map);
    if (problem !== undefined) breach('CoverExactly', `in epoch ${map.epoch}, ${problem}`);
  };

  const served = (group: PartitionId, key: string, epoch: number) =>
    `${nameOf(group)} executed an operation on ${key} in epoch ${epoch}`;
  const servedWrongly = (group: PartitionId, key: string, epoch: number, owner: PartitionId | undefined) =>
    `${served(group, key, epoch)}, where ${owner === undefined ? 'nobody' : nameOf(owner)} owns it`;

  const executed = (group: PartitionId, { key, operation, map }: Of<'executed'>) => {
    if (quorums !== undefined) {
      const why = quorums.touched(key);
      if (why !== undefined) breach('OneOwner', why);
      const owner = groupHolding(space, map, key);
      if (owner !== group) breach('RejectStaleEpoch', `a replica of ${servedWrongly(group, key, map.epoch, owner)}`);
      return;
    }
    // Other replicas follow, and crashed ones begin again: the first time counts.
    const is = `${group} ${operation} ${key}`;
    if (known.has(is)) return;
    known.add(is);
    const { epoch } = map;
    const owner = groupHolding(space, map, key);
    if (owner !== group) breach('RejectStaleEpoch', servedWrongly(group, key, epoch, owner));
    const last = latest.get(key);
    if (last !== undefined && last.group !== group && last.epoch >= epoch)
      breach('OneOwner', `${served(group, key, epoch)}, which ${nameOf(last.group)} has served in epoch ${last.epoch}`);
    if (last === undefined || epoch > last.epoch) latest.set(key, { epoch, group });
  };

  /** What is missing in what came, of what was due; undefined: nothing. */
  const missing = (from: PartitionId, due: Due, came: Due, group: PartitionId, epoch: number): string | undefined => {
    const what = `${nameOf(from)} released ${due.size} keys to ${nameOf(group)} for epoch ${epoch}`;
    for (const [key, state] of due) {
      if (!came.has(key)) return `${what}, and ${key} never came: ${came.size} keys did`;
      if (came.get(key) !== state) return `${what}, ${key} as ${state}, and what came was ${came.get(key)}`;
    }
    return undefined;
  };

  const installed = (group: PartitionId, { map, entries, operations }: Of<'installed'>) => {
    const came = new Map(entries.map(([key, state]) => [key, JSON.stringify(state)]));
    for (const [from, dues] of parcels.get(`${map.epoch} ${group}`) ?? []) {
      // Whoever has gathered it: the operator has heard of one.
      const problems = dues.map(due => missing(from, due, came, group, map.epoch));
      if (!problems.includes(undefined)) breach('MoveNoLoss', problems.at(-1)!);
    }
    const lost = quorums?.moved(group, map, new Set(operations));
    if (lost !== undefined) breach('MoveNoLoss', lost);
  };

  const lookAt = (owner: Owner, node: NodeId, { group: members, nameOf: nodeName }: GroupView<unknown>) => {
    const { ownership } = owner;
    if (ownership === null) return;
    lookAtMap(ownership.map);
    const why = members.replicas.includes(node) ? quorums?.goesBy(node, ownership, nodeName) : undefined;
    if (why !== undefined) breach('OneOwner', why);
    const { group, deeds } = ownership;
    const before = seen.get(owner) ?? 0;
    if (before === deeds.count) return;
    seen.set(owner, deeds.count);
    for (const deed of deeds.last.slice(-Math.max(0, deeds.count - before))) {
      if (deed.kind === 'executed') executed(group, deed);
      else if (deed.kind === 'installed') installed(group, deed);
      else
        for (const [to, entries] of deed.parcels) {
          const at = `${deed.map.epoch} ${to}`;
          let due = parcels.get(at);
          if (due === undefined) parcels.set(at, (due = new Map()));
          const given = new Map(entries.map(([key, state]) => [key, JSON.stringify(state)]));
          // In a log the last one counts: what a leader had released and nobody else has kept was never answered.
          due.set(group, quorums === undefined ? [given] : [...(due.get(group) ?? []), given]);
        }
    }
  };

  const told = (name: OwnershipInvariantName) => {
    const why = breaches.get(name);
    breaches.delete(name);
    return why;
  };
  /** @param ownerOf of a member's state; undefined: it does not stand for its group */
  return (name: OwnershipInvariantName, ownerOf: (state: unknown) => Owner | undefined): Monitor<unknown> => ({
    step(node, state, view) {
      const owner = ownerOf(state);
      if (owner !== undefined) lookAt(owner, node, view);
      return told(name);
    },
    ...(quorums !== undefined &&
      name === 'MoveNoLoss' && {
        acknowledged(_node: NodeId, command: Command, view: GroupView<unknown>) {
          const lost = quorums.acknowledged(view.group.shard!.group, command);
          if (lost !== undefined) breach(name, lost);
          return told(name);
        },
      }),
  });
}
