/** Reads and writes of a workload that its stores cannot serve as it asks. */
import { overrideObstacles } from '@dsys/runtime/protocols/override-obstacles';
import { fix, type Rule, unset } from './rule.ts';

const workloadOverride: Rule = {
  id: 'workload-override',
  title: 'A workload asks in a way that its store does not know',
  severity: 'error',
  condition:
    'A workload’s `read` or `write` says what the mechanism of one of its stores has no choice in: a number of replicas where a leader asks its own quorum, a leader where nobody leads, a quorum that cannot be gathered there; or it is said of transactions.',
  why: 'What a request may choose depends on the mechanism. Leaderless replicas answer to any quorum, each request to its own; a single leader, Raft and chains let a reader choose who answers. The rest was decided for the whole group, and one client cannot change it.',
  source: 'Apache Cassandra documentation, "Consistency levels"; Ongaro 2014, §6.4; van Renesse and Schneider 2004, §2',
  wrong: `cluster c { nodes 3 }
store s on c { consensus raft }
workload w on s { write majority }`,
  right: `cluster c { nodes 3 }
store s on c { replication leaderless }
workload w on s { write majority }`,
  *check(design) {
    for (const workload of design.workloads)
      for (const { option, why } of overrideObstacles(design, workload))
        yield {
          at: { of: workload, option },
          message: `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
          fixes: [fix('Leave it to the store', unset(workload, option))],
        };
  },
};

export const workloadOverrideRules: readonly Rule[] = [workloadOverride];
