/**
 * Clocks that give transactions their timestamps (`concurrency versions`): how far they may differ, and how long a commit
 * has to wait until its timestamp is past on all of them (Corbett et al. 2012, §4.2.1).
 */
import type { Design } from '../design/design.ts';
import type { Partition, Transaction } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';

/** Partitions of the stores that it touches. */
export const partitionsHeld = (design: Design, { stores }: Transaction): readonly Partition[] =>
  design.stores
    .filter(store => stores.includes(store.name))
    .flatMap(store => store.partitions.map(id => design.partitions[id]!));

/** The node that is named, the group that is, or whichever node that holds data a client asks. */
export function coordinatorNodes(design: Design, transaction: Transaction): readonly NodeId[] {
  const { commit } = transaction;
  const coordinator = commit.kind === 'none' ? null : commit.coordinator;
  if (coordinator?.kind === 'node') return [coordinator.node];
  if (coordinator?.kind === 'raft') return coordinator.nodes;
  const held = partitionsHeld(design, transaction);
  return [...new Set(held.flatMap(({ replicas }) => replicas))].sort((a, b) => a - b);
}

export interface Timestamps {
  /** Whose clocks they are. */
  readonly nodes: readonly NodeId[];
  /** How far two of these clocks may differ, in ns; of one alone 0. */
  readonly differNs: number;
  /**
   * How far they do by what the design assumes (`max-offset`, else `skew`), in ns. A clock is within ± half of it, which
   * is ε: a timestamp of one's own clock is past on every other when one's own has gone on by the whole, 2ε.
   */
  readonly waitNs: number;
}

/** Of all transactions among these that go by versions: they read each other's timestamps. */
export function timestampsOf(design: Design, transactions: readonly Transaction[]): Timestamps {
  const nodes = new Set(
    transactions.flatMap(one => (one.concurrency === 'versions' ? coordinatorNodes(design, one) : [])),
  );
  const most = (of: (node: NodeId) => number): number => (nodes.size < 2 ? 0 : Math.max(...[...nodes].map(of)));
  const clockOf = (node: NodeId) => design.nodes[node]!.clock;
  return {
    nodes: [...nodes],
    differNs: most(node => clockOf(node).skewNs),
    waitNs: most(node => clockOf(node).maxOffsetNs ?? clockOf(node).skewNs),
  };
}
