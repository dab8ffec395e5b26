/** The catalogue: every rule, in its families. */
import { atomicCommitRules } from './atomic-commit.ts';
import { availabilityRules } from './availability.ts';
import { clockRules } from './clocks.ts';
import { consensusRules } from './consensus.ts';
import { consistencyRules } from './consistency.ts';
import { crossShardRules } from './cross-shard.ts';
import { networkRules } from './network.ts';
import { placementRules } from './placement.ts';
import { quorumOverlapRules } from './quorum-overlap.ts';
import { quorumSizeRules } from './quorum-sizes.ts';
import { quorumUseRules } from './quorum-use.ts';
import { raftTimingRules } from './raft-timing.ts';
import type { Rule } from './rule.ts';
import { shardingRules } from './sharding.ts';
import { transactionRules } from './transactions.ts';

export interface Family {
  /** "Quorums and voting" */
  readonly title: string;
  readonly rules: readonly Rule[];
}

export const families: readonly Family[] = [
  { title: 'Quorums and voting', rules: [...quorumSizeRules, ...quorumOverlapRules, ...quorumUseRules] },
  { title: 'CAP, PACELC and what can be claimed', rules: [...consistencyRules, ...transactionRules] },
  { title: 'Consensus and atomic commit', rules: [...atomicCommitRules, ...consensusRules, ...raftTimingRules] },
  { title: 'Partitioning and placement', rules: [...shardingRules, ...placementRules, ...crossShardRules] },
  { title: 'Clocks and order', rules: clockRules },
  { title: 'Network, timing, retries', rules: networkRules },
  { title: 'Availability and durability', rules: availabilityRules },
];

export const allRules: readonly Rule[] = families.flatMap(family => family.rules);
