/** A replica group of a design, as protocols and descriptors see it. */
import type { Design } from '../design/design.ts';
import type { QuorumSpec } from '../design/quorum.ts';
import { fieldOf } from '../design/records.ts';
import type { Partition, Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import type { Coordinators, Group } from './contract.ts';

/** Name of the hidden group in which the replicated coordinator of a store keeps its decisions. */
export const decisionsOf = (store: Store): string => `${store.name}.decisions`;

/** Who coordinates the partition's writes, where no replica does alone. */
function coordinatorsOf(store: Store, { replicas }: Partition): Coordinators | undefined {
  const { mechanism } = store;
  if (mechanism.kind !== 'two-phase-commit' && mechanism.kind !== 'three-phase-commit') return undefined;
  const { coordinator } = mechanism;
  if (coordinator?.kind === 'raft') return { nodes: coordinator.nodes, decisions: decisionsOf(store) };
  if (coordinator === null || replicas.includes(coordinator.node)) return undefined;
  return { nodes: [coordinator.node], decisions: null };
}

/** Everybody who belongs to the group from the start, each once. */
export const membersOf = ({ replicas, witnesses, observers, spares, coordinators }: Group): readonly NodeId[] => [
  ...new Set([...replicas, ...witnesses, ...observers, ...spares, ...(coordinators?.nodes ?? [])]),
];

/** Quorums by which workloads on the store read and write, where they say so themselves. */
export const levelsOf = ({ workloads }: Design, { name }: Store): readonly QuorumSpec[] =>
  workloads
    .filter(({ targets }) => targets.includes(name))
    .flatMap(({ read, write }) => [read.quorum, write.quorum])
    .filter(spec => spec !== null);

export function groupOf(design: Design, store: Store, partition: Partition): Group {
  const coordinators = coordinatorsOf(store, partition);
  const levels = levelsOf(design, store);
  return {
    name: partition.name,
    replicas: partition.replicas,
    witnesses: partition.witnesses,
    observers: partition.observers,
    spares: partition.spares,
    model: store.model,
    ...(coordinators && { coordinators }),
    ...(levels.length > 0 && { levels }),
    ...(store.handoffWithin === 'region' && { handoffWithin: store.handoffWithin }),
    regionOf: node => design.nodes[node]!.region,
    fieldOf: (key, field) => String(fieldOf(store, key, field)),
  };
}
