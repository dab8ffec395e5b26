/**
 * What a mechanism promises with the options that were chosen, whether or not its protocol is built: the one place
 * where ceilings stand. Rules, hovers, facts, documentation and the default checks of a run read it here. Whom an
 * operation asks and who must be up for it stands in `analysis/service-quorums.ts`.
 */
import { disjointPair } from '../analysis/quorum-structure.ts';
import type { Design } from '../design/design.ts';
import type { Mechanism } from '../design/mechanism.ts';
import type { ConsistencyModel } from '../design/property.ts';
import type { Quorum } from '../design/quorum.ts';
import type { Partition, Store } from '../design/store.ts';
import type { Overridable } from './overrides.ts';

/**
 * Who gets answers while the network is partitioned (Bailis et al., "Highly Available Transactions", VLDB 2013, §4):
 * every client that reaches a live replica (`total`), every client that stays with its replica (`sticky`), those who
 * reach a quorum or the leader, those who reach both a read and a write quorum, nobody unless all replicas are together.
 */
export type PartitionAvailability =
  | 'total'
  | 'sticky'
  | 'majority'
  | 'leader-side'
  | 'both-quorums'
  | 'every-replica'
  | 'none';

/** From serving most clients during a partition to serving fewest. */
export const byAvailability: readonly PartitionAvailability[] = [
  'total',
  'sticky',
  'majority',
  'both-quorums',
  'leader-side',
  'every-replica',
  'none',
];

export interface OperationPromise {
  readonly servedBy: 'leader' | 'leaders' | 'followers' | 'any replica' | 'coordinator' | 'head' | 'tail' | 'the copy';
  readonly availability: PartitionAvailability;
}

export interface Promises {
  /** The strongest consistency of single objects that the options support. */
  readonly consistency: ConsistencyModel;
  readonly why: string;
  /** Acknowledged writes survive the failures that the mechanism tolerates. */
  readonly keepsAcknowledgedWrites: boolean;
  /** At most one node acknowledges writes at a time. */
  readonly singleWriter: boolean;
  /** Live connected replicas are equal after a while without writes. */
  readonly converges: boolean;
  /** Compare-and-set is atomic; without it there are only reads and writes (Herlihy 1991: consensus number 1). */
  readonly compareAndSet: boolean;
  readonly read: OperationPromise;
  readonly write: OperationPromise;
  /** How the group goes on without a node that it depended on. */
  readonly takesOver: 'election' | 'promotion' | 'reconfiguration' | 'nobody' | 'not needed';
}

/** What a promise depends on besides the options. */
export interface Setting {
  readonly design: Design;
  readonly store: Store;
  readonly partition: Partition;
}

export interface Descriptor<M extends Mechanism = Mechanism> extends Overridable<M> {
  readonly kind: M['kind'];
  /** As people call it: "Raft". */
  readonly title: string;
  /** One sentence for somebody who has not met it. */
  readonly means: string;
  /** The paper, and the sections that the promises are taken from. */
  readonly source: string;
  /** What must be on disk before a node answers. */
  readonly durable: string;
  /** What some of its options mean at more length, for its page: titles and texts. */
  readonly notes?: readonly (readonly [title: string, text: string])[];
  promises(options: M, setting: Setting): Promises;
}

/** Every client of the store carries what it has seen last, so that a replica that lags can refuse it. */
export function carriesTokens({ design, store }: Setting): boolean {
  const users = design.workloads.filter(workload => workload.targets.includes(store.name));
  return users.length > 0 && users.every(workload => workload.sessionToken);
}

/**
 * What reads of replicas that lag behind one log of acknowledged writes come to. With tokens a session never goes back; what
 * another has written on two partitions it may still see the wrong way round.
 * @param canVanish a replica may answer with what is not acknowledged yet, and a change of leader take it back
 */
export function laggingReads(setting: Setting, canVanish: boolean): 'sequential' | 'read-your-writes' | 'eventual' {
  if (!carriesTokens(setting)) return 'eventual';
  return canVanish || setting.store.partitions.length > 1 ? 'read-your-writes' : 'sequential';
}

/** Some node's wall clock may differ from another's. */
export const hasSkew = ({ design, partition }: Setting): boolean =>
  [...partition.replicas, ...partition.witnesses].some(node => design.nodes[node]!.clock.skewNs > 0);

/** Fastest clock over slowest, as a factor of at least 1. */
export function rateRatio({ design, partition }: Setting): number {
  const voters = [...partition.replicas, ...partition.witnesses];
  const drift = Math.max(0, ...voters.map(node => design.nodes[node]!.clock.driftPpm)) / 1e6;
  return (1 + drift) / (1 - drift);
}

/** Some quorum of `a` and some quorum of `b` have no member in common, or nobody can tell. */
export function canMiss(a: Quorum, b: Quorum): boolean {
  const pair = disjointPair(a, b);
  return !('value' in pair) || pair.value !== null;
}
