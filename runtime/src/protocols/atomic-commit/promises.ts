/** What an atomic commit promises as a store's replication, in two phases or in three. */
import type { Mechanism } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Promises, Setting } from '../descriptor.ts';
import type { CommitOptions } from './state.ts';

/** A crash takes everything from the disk of one of the replicas, or of who coordinates them. */
export const isForgetful = ({ design, store, partition }: Setting): boolean =>
  [...partition.replicas, ...coordinatorsOf(store.mechanism)].some(node => design.nodes[node]!.disk.volatile);

/** Nodes that are named to coordinate, whether or not they hold a copy. */
const coordinatorsOf = (mechanism: Mechanism): readonly NodeId[] => {
  const coordinator = 'coordinator' in mechanism ? mechanism.coordinator : null;
  if (coordinator === null) return [];
  return coordinator.kind === 'raft' ? coordinator.nodes : [coordinator.node];
};

/** `broken`: why replicas can decide differently; undefined: they cannot, by `why`. */
export function commitPromises(
  options: CommitOptions,
  { partition }: Setting,
  broken: string | undefined,
  why: string,
): Promises {
  const safe = broken === undefined;
  const { coordinator } = options;
  const readsAnywhere =
    coordinator?.kind === 'raft' || (coordinator !== null && !partition.replicas.includes(coordinator.node));
  return {
    consistency: safe ? 'linearizable' : 'eventual',
    why: broken ?? why,
    keepsAcknowledgedWrites: safe,
    // Without a named coordinator whoever is asked takes the write.
    singleWriter: options.coordinator !== null,
    converges: safe,
    compareAndSet: safe,
    read: { servedBy: readsAnywhere ? 'any replica' : 'coordinator', availability: 'leader-side' },
    write: { servedBy: 'coordinator', availability: 'every-replica' },
    // In three phases what was begun is finished without it; new writes wait for every replica all the same.
    takesOver: options.coordinator?.kind === 'raft' ? 'election' : 'nobody',
  };
}
