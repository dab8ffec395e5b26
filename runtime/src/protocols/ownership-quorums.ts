/** Partitions that move where no log orders operations: who could serve a key now, and which writes went along. */
import { groupHolding, type KeySpace, type PartitionMap } from '../design/partition-map.ts';
import type { PartitionId } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import type { Command } from './contract.ts';
import { type Ownership, serves } from './ownership.ts';

interface Known {
  readonly ownership: Ownership;
  readonly name: string;
}

/**
 * What replicas go by, over all groups of a store. A crashed one goes by what it went by.
 * @param couldServe whether these members of a group could complete an operation by themselves
 */
export function watchQuorums(
  space: KeySpace,
  nameOf: (group: PartitionId) => string,
  couldServe: (group: PartitionId, has: (node: NodeId) => boolean) => boolean,
) {
  const members = new Map<PartitionId, Map<NodeId, Known>>();
  const maps = new Set<PartitionMap>();
  const keys = new Set<string>();
  /** Acknowledged writes, by group and key. */
  const acknowledged = new Map<PartitionId, Map<string, number[]>>();
  /** What has gone with the keys of a group into a later epoch. */
  const gone: { readonly map: PartitionMap; readonly to: PartitionId; readonly operations: ReadonlySet<number> }[] = [];

  const servers = (group: PartitionId, key: string): Known[] =>
    [...(members.get(group)?.values() ?? [])].filter(({ ownership }) => serves(ownership, key));

  const check = (key: string): string | undefined => {
    const groups = new Set<PartitionId>();
    for (const map of maps) groups.add(groupHolding(space, map, key) ?? -1);
    const able = [...groups].filter(group =>
      couldServe(group, node => {
        const known = members.get(group)?.get(node);
        return known !== undefined && serves(known.ownership, key);
      }),
    );
    if (able.length < 2) return undefined;
    const who = able.map(group => {
      const names = servers(group, key).map(({ name, ownership }) => `${name} in epoch ${ownership.map.epoch}`);
      return `${names.join(', ')} of ${nameOf(group)}`;
    });
    return `two groups could serve ${key} at a time: ${who.join(', and ')}`;
  };

  /** Who holds the key by the latest map, and since which epoch. */
  const holderOf = (key: string): { readonly group: PartitionId | undefined; readonly since: number } => {
    let holder: { group: PartitionId | undefined; since: number } = { group: undefined, since: 0 };
    for (const map of [...maps].sort((a, b) => a.epoch - b.epoch)) {
      const group = groupHolding(space, map, key);
      if (group !== holder.group) holder = { group, since: map.epoch };
    }
    return holder;
  };

  const without = (from: PartitionId, key: string, to: PartitionId, epoch: number) =>
    `${nameOf(from)} has acknowledged a write of ${key} that did not come to ${nameOf(to)} in epoch ${epoch}`;

  return {
    /** A replica goes by these maps now; answers why two groups could serve some key. */
    goesBy(node: NodeId, ownership: Ownership, nodeName: (node: NodeId) => string): string | undefined {
      let group = members.get(ownership.group);
      if (group === undefined) members.set(ownership.group, (group = new Map()));
      const known = group.get(node)?.ownership;
      if (known?.map === ownership.map && known.before === ownership.before) return undefined;
      group.set(node, { ownership, name: nodeName(node) });
      maps.add(ownership.map);
      for (const key of keys) {
        const why = check(key);
        if (why !== undefined) return why;
      }
      return undefined;
    },
    /** The key is in use. */
    touched(key: string): string | undefined {
      if (keys.has(key)) return undefined;
      keys.add(key);
      return check(key);
    },
    /** A replica of `group` has taken what comes by this map; answers which acknowledged write did not. */
    moved(group: PartitionId, map: PartitionMap, operations: ReadonlySet<number>): string | undefined {
      gone.push({ map, to: group, operations });
      for (const [from, writes] of acknowledged)
        for (const [key, all] of writes) {
          // What was there before need not come.
          if (from === group || groupHolding(space, map, key) !== group || holderOf(key).since !== map.epoch) continue;
          if (all.some(one => !operations.has(one))) return without(from, key, group, map.epoch);
        }
      return undefined;
    },
    /** `group` has acknowledged it: if the key has left since it was asked, the write has to have gone along. */
    acknowledged(group: PartitionId, { kind, key, operation }: Command): string | undefined {
      if (kind === 'read' || operation < 0) return undefined;
      let writes = acknowledged.get(group);
      if (writes === undefined) acknowledged.set(group, (writes = new Map()));
      const all = writes.get(key);
      if (all === undefined) writes.set(key, [operation]);
      else all.push(operation);
      const holder = holderOf(key);
      const since = gone.filter(({ map, to }) => to === holder.group && map.epoch >= holder.since);
      if (holder.group === group || since.length === 0) return undefined;
      return since.some(({ operations }) => operations.has(operation))
        ? undefined
        : without(group, key, holder.group!, holder.since);
    },
  };
}
