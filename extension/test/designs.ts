/** Designs with one mistake each, which tests plant and mend. */

/** A read of one replica misses a write that two have acknowledged; its rule knows a cure. */
export const disjointQuorums = `cluster db { nodes 3 }
store orders on db {
  replication leaderless { write 2  read 1 }
  claims { consistency regular }
}
`;

export const disjointQuorumsRule = 'quorum-rw-disjoint';

/** Two scenarios that end soon: one holds, the other loses what was acknowledged under one seed or another. */
export const twoScenarios = `cluster db { nodes 3 }
store safe on db { consensus raft  claims { consistency linearizable } }
store loose on db {
  replication single-leader asynchronous { failover automatic { detect 500ms } }
}
workload calm on safe { clients 3 }
workload busy on loose { clients 20  rate 500/s  operations 20% read, 80% write }
scenario holds {
  run calm for 1s
  settle 1s
  seeds 3
}
scenario loses {
  run busy for 4s
  settle 1s
  seeds 100
  at 2s crash leader of loose
  expect no lost-writes
}
`;
