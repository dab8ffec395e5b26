/** The catalogue: every rule, in its families. */
import { atomicCommitRules } from './atomic-commit.ts';
import { availabilityRules } from './availability.ts';
import { chainRules } from './chain.ts';
import { clockRules } from './clocks.ts';
import { avoidanceRules } from './conflict-avoidance.ts';
import { consensusRules } from './consensus.ts';
import { consistencyRules } from './consistency.ts';
import { crossShardRules } from './cross-shard.ts';
import { linkRules } from './links.ts';
import { networkRules } from './network.ts';
import { placementRules } from './placement.ts';
import { quorumOverlapRules } from './quorum-overlap.ts';
import { quorumSizeRules } from './quorum-sizes.ts';
import { quorumUseRules } from './quorum-use.ts';
import { raftTimingRules } from './raft-timing.ts';
import { conflictRules } from './replication-conflicts.ts';
import { failoverRules } from './replication-failover.ts';
import { replicationModeRules } from './replication-modes.ts';
import { staleReadRules } from './replication-reads.ts';
import type { Rule } from './rule.ts';
import { shardingRules } from './sharding.ts';
import { tombstoneRules } from './tombstones.ts';
import { transactionRules } from './transactions.ts';
import { workloadOverrideRules } from './workload-overrides.ts';

export interface Family {
  /** "Quorums and voting" */
  readonly title: string;
  readonly rules: readonly Rule[];
}

export const families: readonly Family[] = [
  { title: 'Quorums and voting', rules: [...quorumSizeRules, ...quorumOverlapRules, ...quorumUseRules] },
  { title: 'CAP, PACELC and what can be claimed', rules: [...consistencyRules, ...transactionRules] },
  {
    title: 'Replication',
    rules: [
      ...replicationModeRules,
      ...staleReadRules,
      ...workloadOverrideRules,
      ...failoverRules,
      ...conflictRules,
      ...avoidanceRules,
      ...tombstoneRules,
      ...chainRules,
    ],
  },
  { title: 'Consensus and atomic commit', rules: [...atomicCommitRules, ...consensusRules, ...raftTimingRules] },
  { title: 'Partitioning and placement', rules: [...shardingRules, ...placementRules, ...crossShardRules] },
  { title: 'Clocks and order', rules: clockRules },
  { title: 'Network, timing, retries', rules: [...networkRules, ...linkRules] },
  { title: 'Availability and durability', rules: availabilityRules },
];

export const allRules: readonly Rule[] = families.flatMap(family => family.rules);
