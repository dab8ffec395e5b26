/** The design that people begin with: what `dsys init` writes, and what editors open for a new one. */
export const firstDesign = `/** Three nodes, one copy on each, Raft between them. */
cluster db {
  nodes 3
}

/** Accounts by number. */
store accounts on db {
  consensus raft
  claims {
    consistency linearizable
    survives 1 node
    no lost-writes
  }
}

workload tellers on accounts {
  clients 5
  operations 50% read, 50% write
  keys 20
}

/** The leader dies under load; somebody else must take over within two seconds. */
scenario leader-crash {
  run tellers for 10s
  at 3s crash leader of accounts
  at 7s restart all
  expect recovery < 2s
}
`;
