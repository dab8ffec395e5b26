/** The catalogue: every rule, in its families. */
import { chainRules } from './chain.ts';
import { avoidanceRules } from './conflict-avoidance.ts';
import { consistencyRules } from './consistency.ts';
import { conflictRules } from './replication-conflicts.ts';
import { failoverRules } from './replication-failover.ts';
import { replicationModeRules } from './replication-modes.ts';
import { staleReadRules } from './replication-reads.ts';
import type { Rule } from './rule.ts';
import { tombstoneRules } from './tombstones.ts';

export interface Family {
  /** "Quorums and voting" */
  readonly title: string;
  readonly rules: readonly Rule[];
}

export const families: readonly Family[] = [
  { title: 'CAP, PACELC and what can be claimed', rules: consistencyRules },
  {
    title: 'Replication',
    rules: [
      ...replicationModeRules,
      ...staleReadRules,
      ...failoverRules,
      ...conflictRules,
      ...avoidanceRules,
      ...tombstoneRules,
      ...chainRules,
    ],
  },
];

export const allRules: readonly Rule[] = families.flatMap(family => family.rules);
