/** CAP and PACELC labels of designs, each compared with what the papers say of systems like it. */
import { factsOfDesign } from '@dsys/runtime/protocols/facts';
import { expect, test } from 'vitest';
import { designOf } from './support/design.ts';

const three = 'cluster db { nodes 3 }\ncluster m { nodes 3 }\nstore config on m { consensus raft }\n';

async function labels(mechanism: string, more = '') {
  const design = await designOf(`${three}store s on db { ${mechanism} }\n${more}`, 'test.dsys', { withErrors: true });
  const { cap, pacelc, operations, availabilityUnderPartition } = factsOfDesign(design, 0).stores.find(
    ({ name }) => name === 's',
  )!;
  const of = (word: string) => `${operations[word]!.cap} ${operations[word]!.pacelc}`;
  return { store: `${cap} ${pacelc} ${availabilityUnderPartition}`, read: of('read'), write: of('write') };
}

test.each([
  ['consensus raft', 'CP PC/EC majority', 'CP PC/EC', 'CP PC/EC'],
  // Abadi's BigTable and HBase: one server answers alone, and is right to.
  ['consensus raft { read lease 100ms }', 'CP PC/EC majority', 'CP PC/EC', 'CP PC/EC'],
  ['consensus raft { read local }', 'neither PC/EL majority', 'neither PC/EL', 'neither PC/EC'],
  ['consensus raft { read local from any }', 'neither PC/EL majority', 'AP PA/EL', 'neither PC/EC'],
  ['consensus multi-paxos { lease 2s }', 'CP PC/EC majority', 'CP PC/EC', 'CP PC/EC'],
  // Abadi's Dynamo and Cassandra: PA/EL.
  ['replication leaderless { read 1 write 1 }', 'AP PA/EL total', 'AP PA/EL', 'AP PA/EL'],
  ['replication leaderless { read 2 write 2 sloppy }', 'AP PA/EC total', 'AP PA/EC', 'AP PA/EC'],
  // A regular register refuses, and is not linearizable all the same.
  ['replication leaderless { read 2 write 2 }', 'neither PC/EC both-quorums', 'neither PC/EC', 'neither PC/EC'],
  ['replication leaderless { read 1 write 3 }', 'neither PC/EL both-quorums', 'neither PC/EL', 'neither PC/EC'],
  ['replication leaderless { read 2 write 2 read-write-back on }', 'CP PC/EC both-quorums', 'CP PC/EC', 'CP PC/EC'],
  // Abadi's PNUTS, PC/EL: writes go to a master, reads are answered by whoever is near.
  [
    'replication single-leader asynchronous { failover none  read from any }',
    'neither PC/EL leader-side',
    'AP PA/EL',
    'neither PC/EL',
  ],
  ['replication single-leader synchronous', 'CP PC/EC every-replica', 'CP PC/EC', 'CP PC/EC'],
  ['replication chain { master config }', 'CP PC/EC none', 'CP PC/EC', 'CP PC/EC'],
  ['replication chain { master config  read from any }', 'neither PC/EL none', 'AP PA/EL', 'neither PC/EC'],
  [
    'replication multi-leader asynchronous { leader db1, db2  conflicts merge or-set }',
    'AP PA/EL sticky',
    'AP PA/EL',
    'AP PA/EL',
  ],
])('%s', async (mechanism, store, read, write) => {
  expect(await labels(mechanism)).toEqual({ store, read, write });
});

test('sequential consistency is not the C of CAP; what two followers acknowledge waits for them', async () => {
  const found = await labels(
    'replication single-leader semi-synchronous 2 { failover none  read from any }',
    'workload w on s { session-token on }',
  );
  expect(found).toEqual({ store: 'neither PC/EL every-replica', read: 'AP PA/EL', write: 'neither PC/EC' });
});

test('a label that depends on what is not known says so', async () => {
  const design = await designOf(
    `cluster db { nodes 3 }
store s on db { replication chain { master t  read from any } }
store t on db { replication chain { master s  read from any } }`,
    'test.dsys',
    { withErrors: true },
  );
  const [store] = factsOfDesign(design, 0).stores;
  expect(store).toMatchObject({ pacelc: 'PC/E?', operations: { read: { pacelc: 'PA/E?' } } });
  expect(store!.unknown).toMatchObject({ pacelc: expect.stringContaining('depends on itself') });
});
