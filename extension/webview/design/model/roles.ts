/** What each node is to a partition: where the design itself says who leads, and who holds what. */
import type { Design } from '@dsys/runtime/design/design';
import type { Mechanism } from '@dsys/runtime/design/mechanism';
import type { Partition, Store } from '@dsys/runtime/design/store';
import type { NodeId } from '@dsys/runtime/design/topology';
import { duration } from './words.ts';

/** `leads`: writes go there first. */
export interface Holding {
  readonly partition: Partition;
  readonly leads: boolean;
  /** `leader`, `replica`, `head`, `tail`, `witness`, `observer`, `spare`, … */
  readonly word: string;
}

/** Who leads a partition as written; none where it is elected or where all are equal. */
export function leadersOf(mechanism: Mechanism, partition: Partition): readonly NodeId[] {
  const has = (node: NodeId): boolean => partition.replicas.includes(node);
  const [first] = partition.replicas;
  if (first === undefined) return [];
  switch (mechanism.kind) {
    case 'single-leader':
      return mechanism.leader !== null && has(mechanism.leader) ? [mechanism.leader] : [first];
    case 'multi-leader':
      return mechanism.leaders.filter(has);
    case 'chain':
    case 'one-copy':
      return [first];
    case 'two-phase-commit':
    case 'three-phase-commit':
      return mechanism.coordinator?.kind === 'node' ? [mechanism.coordinator.node] : [];
    default:
      return [];
  }
}

function wordOf(mechanism: Mechanism, partition: Partition, node: NodeId, leads: boolean): string {
  const place = partition.replicas.indexOf(node);
  switch (mechanism.kind) {
    case 'one-copy':
      return 'only copy';
    case 'single-leader':
      return leads ? 'leader' : 'follower';
    case 'multi-leader': {
      const { conflicts } = mechanism;
      if (conflicts.kind === 'avoid') {
        const homes = conflicts.homes.filter(([, home]) => home === node).map(([value]) => value);
        if (homes.length > 0) return `home of ${homes.slice(0, 2).join(', ')}${homes.length > 2 ? '…' : ''}`;
      }
      return leads ? 'leader' : 'follower';
    }
    case 'chain':
      if (place === 0) return 'head';
      return place === partition.replicas.length - 1 ? 'tail' : `link ${place + 1}`;
    case 'two-phase-commit':
    case 'three-phase-commit':
      return leads ? 'coordinator' : 'participant';
    case 'cheap-paxos':
      return mechanism.auxiliary.includes(node) ? 'auxiliary' : 'main';
    default:
      return 'replica';
  }
}

/** Members of a replicated coordinator. */
const coordinatorsOf = (mechanism: Mechanism): readonly NodeId[] =>
  'coordinator' in mechanism && mechanism.coordinator?.kind === 'raft' ? mechanism.coordinator.nodes : [];

/** By node: what it holds of a store. */
export function holdingsOf(design: Design, store: Store): ReadonlyMap<NodeId, readonly Holding[]> {
  const held = new Map<NodeId, Holding[]>();
  const add = (node: NodeId, holding: Holding): void => {
    const own = held.get(node);
    if (own === undefined) held.set(node, [holding]);
    else own.push(holding);
  };
  for (const id of store.partitions) {
    const partition = design.partitions[id]!;
    const leaders = leadersOf(store.mechanism, partition);
    for (const node of new Set([...partition.replicas, ...leaders])) {
      const leads = leaders.includes(node);
      add(node, { partition, leads, word: wordOf(store.mechanism, partition, node, leads) });
    }
    for (const node of coordinatorsOf(store.mechanism))
      if (!partition.replicas.includes(node)) add(node, { partition, leads: false, word: 'coordinates' });
    for (const node of partition.witnesses) add(node, { partition, leads: false, word: 'votes' });
    for (const node of partition.observers) add(node, { partition, leads: false, word: 'observes' });
    for (const node of partition.spares) add(node, { partition, leads: false, word: 'spare' });
  }
  return held;
}

/** `p3` of `orders.p3`; the whole name of what is not partitioned. */
export const shortName = (partition: Partition): string =>
  partition.name.startsWith(`${partition.store}.`) ? partition.name.slice(partition.store.length + 1) : partition.name;

/** How a store's copies are kept and who leads, in the language's words. */
export function mechanismText(design: Design, mechanism: Mechanism): string {
  const name = (node: NodeId): string => design.nodes[node]?.name ?? '?';
  switch (mechanism.kind) {
    case 'one-copy':
      return 'one copy, neither replicated nor agreed on';
    case 'single-leader': {
      const leader =
        mechanism.leader === null ? "each partition's first replica leads" : `${name(mechanism.leader)} leads`;
      const { mode, manager, detect } = mechanism.failover;
      const by =
        manager.kind === 'peers'
          ? ''
          : ` by ${manager.kind === 'node' ? name(manager.node) : `store ${manager.store}`}`;
      const after = detect.kind === 'timeout' ? ` after ${duration(detect.ns)}` : '';
      const failover =
        mode === 'automatic'
          ? `automatic failover${after}${by}`
          : mode === 'manual'
            ? 'manual failover'
            : 'no failover';
      return `single leader, ${mechanism.mode}: ${leader}, ${failover}`;
    }
    case 'multi-leader':
      return `multi-leader, ${mechanism.mode}: ${mechanism.leaders.map(name).join(', ')} lead; conflicts: ${mechanism.conflicts.kind.replaceAll('-', ' ')}`;
    case 'leaderless':
      return `leaderless${mechanism.sloppy ? ', sloppy quorums' : ''}: any replica coordinates`;
    case 'chain':
      return `chain: writes enter at the head, reads ${mechanism.read === 'tail' ? 'leave at the tail' : 'from any'}${mechanism.master === null ? '' : `; its master is store ${mechanism.master}`}`;
    case 'raft':
      return `Raft: voters elect the leader (timeout ${duration(mechanism.electionTimeoutNs[0])} to ${duration(mechanism.electionTimeoutNs[1])})`;
    case 'two-phase-commit':
    case 'three-phase-commit': {
      const { coordinator } = mechanism;
      const who =
        coordinator === null
          ? 'whichever node a client asks coordinates'
          : coordinator.kind === 'node'
            ? `${name(coordinator.node)} coordinates`
            : `a Raft group on ${coordinator.on} coordinates`;
      return `${mechanism.kind.replaceAll('-', ' ')}: ${who}`;
    }
    case 'paxos':
    case 'fast-paxos':
    case 'flexible-paxos':
      return `${mechanism.kind.replaceAll('-', ' ')}: every node may propose`;
    case 'epaxos':
      return 'EPaxos: judged, never executed';
    default:
      return `${mechanism.kind.replaceAll('-', ' ')}: the leader is elected`;
  }
}

/** How a store's data is split, in few words. */
export function partitioningText(store: Store): string {
  const { partitioning, partitions } = store;
  const copies = `${store.replicas.count} ${store.replicas.count === 1 ? 'copy' : 'copies'}${store.replicas.perRegion ? ' per region' : ''}`;
  const count = partitions.length;
  switch (partitioning.kind) {
    case 'none':
      return `not partitioned, ${copies}`;
    case 'columns':
      return `${count} groups of columns, ${copies} of each`;
    case 'with':
      return `${count} partitions placed with ${partitioning.store}, ${copies} of each`;
    case 'directory':
      return `${count} partitions by the directory ${partitioning.store}, ${copies} of each`;
    default:
      return `${count} ${count === 1 ? 'partition' : 'partitions'} by ${partitioning.kind.replaceAll('-', ' ')} of ${partitioning.field}, ${copies} of each`;
  }
}
