/** What an atomic commit promises as a store's replication, in two phases or in three. */
import type { Promises, Setting } from '../descriptor.ts';
import type { CommitOptions } from './state.ts';

/** A crash takes everything from the disk of one of the replicas. */
export const isForgetful = ({ design, partition }: Setting): boolean =>
  partition.replicas.some(node => design.nodes[node]!.disk.volatile);

/** `broken`: why replicas can decide differently; undefined: they cannot, by `why`. */
export function commitPromises(options: CommitOptions, broken: string | undefined, why: string): Promises {
  const safe = broken === undefined;
  return {
    consistency: safe ? 'linearizable' : 'eventual',
    why: broken ?? why,
    keepsAcknowledgedWrites: safe,
    // Without a named coordinator whoever is asked takes the write.
    singleWriter: options.coordinator !== null,
    converges: safe,
    compareAndSet: safe,
    read: { servedBy: 'coordinator', availability: 'leader-side' },
    write: { servedBy: 'coordinator', availability: 'every-replica' },
    // In three phases what was begun is finished without it; new writes wait for every replica all the same.
    takesOver: options.coordinator?.kind === 'raft' ? 'election' : 'nobody',
  };
}
