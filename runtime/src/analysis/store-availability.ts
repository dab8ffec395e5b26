/** Availability and durability of a store from the reliability of its nodes, which fail independently. */
import type { Design } from '../design/design.ts';
import type { Partition, Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import { steadyAvailability, withFailovers } from './availability.ts';
import { expectedFailover } from './failover.ts';
import { isKnown, type Known, mapKnown } from './known.ts';
import { quorumAvailability } from './quorum-availability.ts';
import type { ServiceQuorums } from './service-quorums.ts';

export const nodeAvailability =
  (design: Design) =>
  (node: NodeId): number => {
    const { mtbfNs, mttrNs } = design.nodes[node]!.reliability;
    return steadyAvailability(mtbfNs, mttrNs);
  };

/** P(the nodes that are up can serve the operation), as if a lost leader were replaced at once. */
export const quorumIsUp = (design: Design, quorums: ServiceQuorums, operation: 'read' | 'write'): Known<number> =>
  quorumAvailability(quorums[operation], nodeAvailability(design));

/**
 * Share of time that one partition can serve the operation: P(a quorum is up), less the time that failovers take.
 * Operations that no leader serves lose nothing to failovers.
 */
export function partitionAvailability(
  design: Design,
  store: Store,
  partition: Partition,
  quorums: ServiceQuorums,
  operation: 'read' | 'write',
): Known<number> {
  const up = quorumIsUp(design, quorums, operation);
  if (!isKnown(up) || (operation === 'read' && !readsNeedLeader(store))) return up;
  const { mechanism } = store;
  const leader = (mechanism.kind === 'single-leader' ? mechanism.leader : null) ?? partition.replicas[0]!;
  const { mtbfNs } = design.nodes[leader]!.reliability;
  return mapKnown(expectedFailover(design, store, partition), ns => withFailovers(up.value, mtbfNs, ns));
}

function readsNeedLeader({ mechanism }: Store): boolean {
  switch (mechanism.kind) {
    case 'single-leader':
      return mechanism.read === 'leader';
    case 'raft':
      return !(mechanism.read.kind === 'local' && mechanism.readFromAny);
    case 'chain':
      return mechanism.read === 'tail';
    default:
      return true;
  }
}

const hourNs = 3_600_000_000_000;

/**
 * Mean time in hours until all data copies of some partition are down at once, which loses it if the disks are lost
 * with the nodes: copies fail once per MTBF and are back within MTTR, in parallel (see `meanTimeToDataLoss`, of which
 * this is the form for copies that differ). Partitions on the same nodes are lost together.
 */
export function meanTimeToDataLossHours(design: Design, store: Store): number {
  const sets = new Set(store.partitions.map(id => [...design.partitions[id]!.replicas].sort((a, b) => a - b).join()));
  let lossesPerHour = 0;
  for (const set of sets) {
    if (set === '') continue;
    const copies = set.split(',').map(id => design.nodes[Number(id)]!.reliability);
    const down = copies.reduce((all, { mtbfNs, mttrNs }) => all * (mttrNs / mtbfNs), 1);
    lossesPerHour +=
      copies.length === 1
        ? hourNs / copies[0]!.mtbfNs
        : down * copies.reduce((sum, { mttrNs }) => sum + (mttrNs > 0 ? hourNs / mttrNs : 0), 0);
  }
  return 1 / lossesPerHour;
}
