import type { TwoPhaseCommit } from '../../design/mechanism.ts';
import type { Descriptor } from '../descriptor.ts';

export const twoPhaseCommit: Descriptor<TwoPhaseCommit> = {
  kind: 'two-phase-commit',
  title: 'Two-phase commit',
  means: 'A coordinator asks every replica to prepare, and commits when all have said yes.',
  source:
    'Gray, "Notes on Data Base Operating Systems", 1978; Gray and Lamport, "Consensus on Transaction Commit", 2006, §3',
  durable: 'prepared, before voting yes; the decision, before it is told (§3.1)',
  promises(options, { design, partition }) {
    const isVolatile = partition.replicas.some(node => design.nodes[node]!.disk.volatile);
    const broken =
      !options.durableLog || isVolatile
        ? 'votes and decisions are forgotten in a crash'
        : options.onTimeout === 'block'
          ? undefined
          : `a participant in doubt decides alone (${options.onTimeout})`;
    const safe = broken === undefined;
    return {
      consistency: safe ? 'linearizable' : 'eventual',
      why: broken ?? 'a write is on every replica before it is acknowledged, under locks',
      keepsAcknowledgedWrites: safe,
      // Without a named coordinator whoever is asked takes the write.
      singleWriter: options.coordinator !== null,
      converges: safe,
      compareAndSet: safe,
      read: { servedBy: 'coordinator', availability: 'leader-side' },
      write: {
        servedBy: 'coordinator',
        availability: 'every-replica',
      },
      takesOver: options.coordinator?.kind === 'raft' ? 'election' : 'nobody',
    };
  },
};
