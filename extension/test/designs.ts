/** Designs with one mistake each, which tests plant and mend. */

/** A read of one replica misses a write that two have acknowledged; its rule knows a cure. */
export const disjointQuorums = `cluster db { nodes 3 }
store orders on db {
  replication leaderless { write 2  read 1 }
  claims { consistency regular }
}
`;

export const disjointQuorumsRule = 'quorum-rw-disjoint';
