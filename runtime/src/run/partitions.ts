/**
 * Stores whose partitions change hands in a scenario: which groups they need besides those of the design, and what each
 * action makes of the map. `move S.p to X` gives the partition to a group on those nodes; where partitions are those of
 * nodes (a ring, a hash modulo nodes, a directory), `add N to S` brings one more, and `remove N from S` gives the keys of
 * the node's own to the others.
 */
import type { Moving } from '../clients/mover.ts';
import { keysOf } from '../clients/routing.ts';
import type { Design } from '../design/design.ts';
import type { Mechanism } from '../design/mechanism.ts';
import { isShared, type PartitionMap } from '../design/partition-map.ts';
import { majorityOf } from '../design/quorum.ts';
import type { Action, Scenario } from '../design/scenario.ts';
import type { Partition, PartitionId, Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { AnyProtocol } from '../protocols/contract.ts';
import { groupOf } from '../protocols/group.ts';
import type { Shard } from '../protocols/ownership.ts';
import { ownershipInvariantNames, watchOwnership } from '../protocols/ownership-invariants.ts';
import type { GroupPlan } from './assemble.ts';
import { keepsMembers } from './membership.ts';

/** What an action does to the map of its store. */
export type MapChange =
  | { readonly kind: 'move'; readonly store: Store; readonly index: number; readonly to: PartitionId }
  | { readonly kind: 'add'; readonly store: Store; readonly groups: readonly PartitionId[] }
  /** `replaced`: by index, the groups that take over from those that a node leaves, where groups keep their members. */
  | { readonly kind: 'remove'; readonly store: Store; readonly replaced: ReadonlyMap<number, PartitionId> };

export interface Repartitioned {
  /** With the partitions of the groups that come in the run. */
  readonly design: Design;
  readonly plans: readonly GroupPlan[];
  readonly shards: ReadonlyMap<PartitionId, Shard>;
  readonly changes: ReadonlyMap<Action, MapChange>;
  readonly moving: ReadonlyMap<string, Moving>;
}

/** Whether the keys of a store find another group by this action. */
export function mapChangeOf(design: Design, { verb }: Action): Store | undefined {
  if (verb.kind === 'move') {
    const store = design.stores.find(({ partitions }) => partitions.includes(verb.partition));
    return store !== undefined && store.partitioning.kind !== 'none' ? store : undefined;
  }
  if (verb.kind !== 'add' && verb.kind !== 'remove') return undefined;
  const store = design.stores.find(({ name }) => name === verb.store);
  const brings = verb.kind === 'remove' || verb.as === 'voter';
  return store !== undefined && brings && store.rebalance && isShared(store.partitioning) ? store : undefined;
}

/** Nodes that hold the store's data by the design, in order: partition i of a ring is that of the i-th. */
export const dataNodes = (design: Design, { clusters }: Store): readonly NodeId[] =>
  design.nodes.filter(({ cluster, role }) => clusters.includes(cluster) && role === 'member').map(({ id }) => id);

/** The groups that come in the run, and what each action does. */
export interface Planned {
  readonly changes: ReadonlyMap<Action, MapChange>;
  readonly added: ReadonlyMap<Store, readonly Partition[]>;
}

/** Actions in the order in which they come due, as far as that is known. */
const inTime = (actions: readonly Action[]): readonly Action[] => {
  const at = ({ trigger }: Action) => (trigger.kind === 'at' ? trigger.ns : Number.POSITIVE_INFINITY);
  return [...actions].sort((a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0));
};

export function planMoves(design: Design, scenario: Scenario): Planned {
  const changes = new Map<Action, MapChange>();
  const added = new Map<Store, Partition[]>();
  /** By store: the group of each partition, by index, as far as the order of actions is known. */
  const current = new Map<Store, Map<number, Partition>>();
  const currentOf = (store: Store): Map<number, Partition> => {
    let groups = current.get(store);
    if (groups === undefined)
      current.set(store, (groups = new Map(store.partitions.map((id, i) => [i, design.partitions[id]!]))));
    return groups;
  };
  /** Nodes that have left, by store, likewise. */
  const gone = new Map<Store, readonly NodeId[]>();
  let next = design.partitions.length;
  const add = (store: Store, name: string, index: number, replicas: readonly NodeId[], like: Partition): Partition => {
    let partition = added.get(store)?.find(one => one.name === name);
    if (partition === undefined) {
      const quorums = { quorum: { kind: 'nodes' as const, need: majorityOf(replicas.length), of: replicas } };
      const none = { witnesses: [], observers: [], spares: [] };
      partition = { ...like, ...none, id: next++, name, index, replicas, quorums };
      added.set(store, [...(added.get(store) ?? []), partition]);
    }
    currentOf(store).set(index, partition);
    return partition;
  };
  for (const action of inTime(scenario.actions)) {
    const { verb } = action;
    const store = mapChangeOf(design, action);
    if (store === undefined) continue;
    const own = dataNodes(design, store);
    const left = gone.get(store) ?? [];
    if (verb.kind === 'move') {
      const like = design.partitions[verb.partition]!;
      const to = add(store, `${like.name}@${verb.to}`, like.index, homesOf(verb.nodes, like), like);
      changes.set(action, { kind: 'move', store, index: like.index, to: to.id });
    } else if (verb.kind === 'add') {
      const stay = left.filter(node => !verb.nodes.includes(node));
      gone.set(store, stay);
      const groups = verb.nodes.map(node => {
        // One that had left comes back to its partition.
        if (own.includes(node)) return currentOf(store).get(own.indexOf(node))!.id;
        const come = (added.get(store) ?? []).filter(({ name }) => !name.includes('@')).length;
        const known = (added.get(store) ?? []).find(
          ({ name, replicas }) => !name.includes('@') && replicas[0] === node,
        );
        const index = known?.index ?? store.partitions.length + come;
        const like = design.partitions[store.partitions[0]!]!;
        const others = own.filter(one => !stay.includes(one)).slice(0, Math.max(0, like.replicas.length - 1));
        return add(store, `${store.name}.p${index}`, index, [node, ...others], like).id;
      });
      changes.set(action, { kind: 'add', store, groups });
    } else if (verb.kind === 'remove') {
      const leaving = verb.nodes.flatMap(target => ('nodes' in target ? target.nodes : []));
      gone.set(store, [...left, ...leaving]);
      const replaced = new Map<number, PartitionId>();
      if (keepsMembers(store.mechanism))
        for (const [index, group] of [...currentOf(store)]) {
          const replicas = without(
            group,
            leaving,
            own.filter(one => !left.includes(one)),
            own[index] ?? group.replicas[0]!,
          );
          if (replicas === undefined) continue;
          const name = `${group.name.split('@')[0]}@${replicas.map(node => design.nodes[node]!.name).join('+')}`;
          replaced.set(index, add(store, name, index, replicas, group).id);
        }
      changes.set(action, { kind: 'remove', store, replaced });
    }
  }
  return { changes, added };
}

/**
 * A group's replicas after nodes have left: each is replaced by the next node on the ring that is none yet, if there is
 * one. undefined: nothing changes, or the partition goes with its own node.
 */
function without(
  { replicas, index }: Partition,
  leaving: readonly NodeId[],
  ring: readonly NodeId[],
  owner: NodeId,
): readonly NodeId[] | undefined {
  if (leaving.includes(owner) || !replicas.some(node => leaving.includes(node))) return undefined;
  const around = ring.map((_, i) => ring[(index + i) % ring.length]!);
  const free = around.filter(node => !replicas.includes(node) && !leaving.includes(node));
  return replicas.flatMap(node => (leaving.includes(node) ? free.splice(0, 1) : [node]));
}

export function withMoves(
  written: Design,
  scenario: Scenario,
  protocolFor: (store: Store) => AnyProtocol,
): Repartitioned {
  const { changes, added } = planMoves(written, scenario);
  const come = [...added.values()].flat().sort((a, b) => a.id - b.id);
  const design = come.length === 0 ? written : { ...written, partitions: [...written.partitions, ...come] };
  const shards = new Map<PartitionId, Shard>();
  const moving = new Map<string, Moving>();
  const plans: GroupPlan[] = [];
  for (const store of new Set([...changes.values()].map(one => one.store))) {
    const { space, map } = keysOf(design, store.name);
    moving.set(store.name, { store: store.name, space, map, maps: [{ map, fromNs: 0 }], changes: [] });
    const come = added.get(store) ?? [];
    const checks = store.staleMap === 'reject';
    for (const id of [...store.partitions, ...come.map(one => one.id)])
      shards.set(id, { space, group: id, map, checks });
    for (const partition of come)
      plans.push({
        partition,
        group: { ...groupOf(design, store, partition), shard: shards.get(partition.id)! },
        protocol: protocolFor(store),
        options: elsewhere(store.mechanism, partition),
        recordBytes: store.recordBytes,
        written: { at: store.mechanism.at, declaration: `store ${store.name}` },
      });
  }
  return { design, plans, shards, changes, moving };
}

/** As many copies as before; where there are more nodes to choose from, partitions begin at one after the other. */
function homesOf(nodes: readonly NodeId[], { replicas, index }: Partition): readonly NodeId[] {
  const count = Math.min(nodes.length, replicas.length);
  return Array.from({ length: count }, (_, i) => nodes[(index + i) % nodes.length]!);
}

/** Options that name a node say nothing where that node holds no copy. */
function elsewhere(mechanism: Mechanism, { replicas }: Partition): Mechanism {
  const { kind } = mechanism;
  return kind === 'single-leader' && mechanism.leader !== null && !replicas.includes(mechanism.leader)
    ? { ...mechanism, leader: null }
    : mechanism;
}

/** Copies that others have of their partitions on nodes that leave, and who takes them over. */
export function copiesOn(design: Design, store: Store, leaving: readonly NodeId[]) {
  const own = dataNodes(design, store);
  if (keepsMembers(store.mechanism)) return [];
  return design.partitions.flatMap(({ id: partition, store: name, index, replicas }) => {
    const remove = replicas.filter(node => leaving.includes(node));
    if (name !== store.name || remove.length === 0 || leaving.includes(own[index] ?? replicas[0]!)) return [];
    const around = own.map((_, i) => own[(index + i) % own.length]!);
    const add = around.filter(node => !replicas.includes(node) && !leaving.includes(node)).slice(0, remove.length);
    return [{ partition, remove, add }];
  });
}

/** The map after the change, from that of now; null: it changes nothing. */
export function nextMap(
  design: Design,
  change: MapChange,
  { epoch, members, groups }: PartitionMap,
  nodes: readonly NodeId[],
): PartitionMap | null {
  const next = epoch + 1;
  if (change.kind === 'move') {
    if (groups[change.index] === change.to) return null;
    return { epoch: next, members, groups: groups.map((group, i) => (i === change.index ? change.to : group)) };
  }
  if (change.kind === 'add') {
    const come = change.groups.filter(group => !members.includes(design.partitions[group]!.index));
    if (come.length === 0) return null;
    const all = [...groups];
    for (const group of come) all[design.partitions[group]!.index] = group;
    return { epoch: next, members: [...members, ...come.map(group => design.partitions[group]!.index)], groups: all };
  }
  const own = dataNodes(design, change.store);
  const gone = members.filter(index => nodes.includes(own[index] ?? design.partitions[groups[index]!]!.replicas[0]!));
  const left = members.filter(index => !gone.includes(index));
  if (gone.length === 0 || left.length === 0) return null;
  return { epoch: next, members: left, groups: groups.map((group, i) => change.replaced.get(i) ?? group) };
}

/** Has the invariants of partitions that move looked at after every step of their groups. */
export function watchMoves(sim: Simulation, { moving, shards }: Pick<Repartitioned, 'moving' | 'shards'>): void {
  for (const { space } of moving.values()) {
    const couldServe = (id: PartitionId, has: (node: NodeId) => boolean): boolean => {
      const { protocol, group, members } = sim.groups[id]!;
      const [member] = members.values();
      return protocol.owners!.couldServe(group, member!.options, has);
    };
    const some = [...shards].find(([, shard]) => shard.space === space)![0];
    const isLogged = sim.groups[some]!.protocol.owners === undefined;
    const nameOf = (group: PartitionId) => sim.design.partitions[group]!.name;
    const watch = watchOwnership(space, nameOf, isLogged ? undefined : couldServe);
    for (const [id, shard] of shards) {
      if (shard.space !== space) continue;
      const { protocol, monitors } = sim.groups[id]!;
      const ownerOf = (state: unknown) => {
        if (protocol.owners !== undefined) return protocol.owners.of(state);
        return protocol.settled?.(state) === false ? undefined : protocol.machine!(state);
      };
      for (const name of ownershipInvariantNames) monitors.push({ name, monitor: watch(name, ownerOf), broken: false });
    }
  }
}
