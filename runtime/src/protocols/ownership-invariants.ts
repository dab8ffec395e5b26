/**
 * Invariants of partitions that move, over all groups of a store, looked at in what their machines have done after every
 * step. One watch per store and run; it knows the maps as the machines take them.
 */
import { coverProblem, groupHolding, type KeySpace, type PartitionMap } from '../design/partition-map.ts';
import type { PropertyKind } from '../design/property.ts';
import type { PartitionId, Store } from '../design/store.ts';
import type { Monitor } from './contract.ts';
import type { Machine } from './machine.ts';
import type { OwnershipDeed } from './ownership.ts';

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
    means: 'in every epoch a key has one group that executes operations on it, and none does for an earlier one later',
    protects,
    givenUp: store => accepting(store) ?? losing(store),
  },
  CoverExactly: {
    means: 'every map gives every key to exactly one group',
    protects: [],
    givenUp: () => undefined,
  },
  MoveNoLoss: {
    means: 'what a group takes in is what others have released to it: no key is missing, and none is older',
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

/** @param nameOf what a group is called */
export function watchOwnership(space: KeySpace, nameOf: (group: PartitionId) => string) {
  const seen = new WeakMap<Machine, number>();
  /** Of each key: the latest epoch in which it was served, and by whom. */
  const latest = new Map<string, { readonly epoch: number; readonly group: PartitionId }>();
  const known = new Set<string>();
  const covered = new Set<number>();
  /** By epoch and receiver: what was released to it, by whom. */
  const parcels = new Map<string, Map<PartitionId, ReadonlyMap<string, string>>>();
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

  const executed = (group: PartitionId, { key, operation, map }: Extract<OwnershipDeed, { kind: 'executed' }>) => {
    // Other replicas follow, and crashed ones begin again: the first time counts.
    const is = `${group} ${operation} ${key}`;
    if (known.has(is)) return;
    known.add(is);
    const { epoch } = map;
    const owner = groupHolding(space, map, key);
    const by = `${nameOf(group)} executed an operation on ${key} in epoch ${epoch}`;
    if (owner !== group)
      breach('RejectStaleEpoch', `${by}, where ${owner === undefined ? 'nobody' : nameOf(owner)} owns it`);
    const last = latest.get(key);
    if (last !== undefined && last.group !== group && last.epoch >= epoch)
      breach('OneOwner', `${by}, which ${nameOf(last.group)} has served in epoch ${last.epoch}`);
    if (last === undefined || epoch > last.epoch) latest.set(key, { epoch, group });
  };

  const installed = (group: PartitionId, { map, entries }: Extract<OwnershipDeed, { kind: 'installed' }>) => {
    const came = new Map(entries.map(([key, state]) => [key, JSON.stringify(state)]));
    for (const [from, due] of parcels.get(`${map.epoch} ${group}`) ?? [])
      for (const [key, state] of due) {
        const what = `${nameOf(from)} released ${due.size} keys to ${nameOf(group)} for epoch ${map.epoch}`;
        if (!came.has(key)) breach('MoveNoLoss', `${what}, and ${key} never came: ${came.size} keys did`);
        else if (came.get(key) !== state)
          breach('MoveNoLoss', `${what}, ${key} as ${state}, and what came was ${came.get(key)}`);
      }
  };

  const lookAt = (machine: Machine) => {
    const { ownership } = machine;
    if (ownership === null) return;
    lookAtMap(ownership.map);
    const { group, deeds } = ownership;
    const before = seen.get(machine) ?? 0;
    if (before === deeds.count) return;
    seen.set(machine, deeds.count);
    for (const deed of deeds.last.slice(-Math.max(0, deeds.count - before))) {
      if (deed.kind === 'executed') executed(group, deed);
      else if (deed.kind === 'installed') installed(group, deed);
      else
        for (const [to, entries] of deed.parcels) {
          const at = `${deed.map.epoch} ${to}`;
          let due = parcels.get(at);
          if (due === undefined) parcels.set(at, (due = new Map()));
          // The last one counts: what a leader had released and nobody else has kept was never answered.
          due.set(group, new Map(entries.map(([key, state]) => [key, JSON.stringify(state)])));
        }
    }
  };

  /** @param machineOf of a member's state; undefined: it does not stand for its group */
  return (name: OwnershipInvariantName, machineOf: (state: unknown) => Machine | undefined): Monitor<unknown> => ({
    step(_node, state) {
      const machine = machineOf(state);
      if (machine !== undefined) lookAt(machine);
      const why = breaches.get(name);
      breaches.delete(name);
      return why;
    },
  });
}
