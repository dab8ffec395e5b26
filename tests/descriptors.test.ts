/** The ceiling matrix: what each mechanism promises with which options, row by row. */
import { valueIn } from '@dsys/runtime/analysis/known';
import { serviceQuorums } from '@dsys/runtime/analysis/service-quorums';
import { isQuorum, type Quorum, quorumNodes } from '@dsys/runtime/design/quorum';
import { descriptors, promisesOf } from '@dsys/runtime/protocols/descriptors';
import { describe, expect, it } from 'vitest';
import { designOf } from './support/design.ts';

const topology = `
cluster c { nodes 5  clock { skew 10ms } }
cluster steady { nodes 3 }
store routes on steady { consensus raft }
`;

/** `read availability / write availability`, `needs`: least number of live replicas for reads / writes to go on. */
const rows: readonly (readonly [mechanism: string, consistency: string, availability: string, needs: string])[] = [
  ['replicas 1', 'linearizable', 'none / none', '1 / 1'],

  ['replication single-leader synchronous', 'linearizable', 'leader-side / every-replica', '3 / 5'],
  ['replication single-leader synchronous { on-replica-down drop }', 'eventual', 'leader-side / leader-side', '3 / 3'],
  ['replication single-leader semi-synchronous 2', 'linearizable', 'leader-side / leader-side', '3 / 3'],
  ['replication single-leader semi-synchronous 1', 'eventual', 'leader-side / leader-side', '3 / 3'],
  [
    'replication single-leader semi-synchronous 1 { failover automatic { consult all } }',
    'linearizable',
    'leader-side / leader-side',
    '2 / 2',
  ],
  [
    'replication single-leader semi-synchronous 2 { fallback asynchronous after 10s }',
    'eventual',
    'leader-side / leader-side',
    '3 / 3',
  ],
  [
    'replication single-leader semi-synchronous 2 { failover automatic { fencing off } }',
    'eventual',
    'leader-side / leader-side',
    '1 / 3',
  ],
  ['replication single-leader semi-synchronous 2 { read from any }', 'eventual', 'total / leader-side', '1 / 3'],
  [
    'replication single-leader semi-synchronous 2 { read from leader local }',
    'eventual',
    'leader-side / leader-side',
    '3 / 3',
  ],
  [
    'replication single-leader semi-synchronous 2 { read from leader lease 2s }',
    'linearizable',
    'leader-side / leader-side',
    '3 / 3',
  ],
  [
    'replication single-leader semi-synchronous 2 { read from leader lease 3s }',
    'eventual',
    'leader-side / leader-side',
    '3 / 3',
  ],
  ['replication single-leader asynchronous', 'eventual', 'leader-side / leader-side', '3 / 3'],
  ['replication single-leader asynchronous { failover none }', 'linearizable', 'leader-side / leader-side', '1 / 1'],

  ['consensus raft', 'linearizable', 'majority / majority', '3 / 3'],
  ['consensus raft { read log }', 'linearizable', 'majority / majority', '3 / 3'],
  ['consensus raft { read lease 100ms }', 'linearizable', 'majority / majority', '3 / 3'],
  ['consensus raft { read lease 300ms  election-timeout 150ms..300ms }', 'eventual', 'majority / majority', '3 / 3'],
  ['consensus raft { read local }', 'eventual', 'majority / majority', '3 / 3'],
  ['consensus raft { read local from any }', 'eventual', 'total / majority', '1 / 3'],
  ['consensus raft { durable-votes off }', 'eventual', 'majority / majority', '3 / 3'],
  ['consensus raft { quorum 2 }', 'eventual', 'majority / majority', '2 / 2'],
  ['consensus paxos', 'linearizable', 'majority / majority', '3 / 3'],
  ['consensus paxos { durable-promises off }', 'eventual', 'majority / majority', '3 / 3'],
  ['consensus multi-paxos { lease 2s }', 'linearizable', 'majority / majority', '3 / 3'],
  ['consensus flexible-paxos { prepare 4  accept 2 }', 'linearizable', 'majority / majority', '4 / 4'],
  ['consensus flexible-paxos { prepare 3  accept 2 }', 'eventual', 'majority / majority', '3 / 3'],
  ['consensus fast-paxos', 'linearizable', 'majority / majority', '3 / 3'],
  ['consensus fast-paxos { classic 3  fast 3 }', 'eventual', 'majority / majority', '3 / 3'],
  ['consensus epaxos', 'linearizable', 'majority / majority', '3 / 3'],
  ['consensus epaxos { fast 2 }', 'eventual', 'majority / majority', '3 / 3'],
  ['consensus two-phase-commit', 'linearizable', 'leader-side / every-replica', '1 / 5'],
  ['consensus two-phase-commit { on-timeout abort }', 'eventual', 'leader-side / every-replica', '1 / 5'],
  ['consensus three-phase-commit', 'eventual', 'leader-side / every-replica', '1 / 5'],

  ['replication chain { master routes }', 'linearizable', 'none / none', '3 / 3'],
  ['replication chain { master routes  read from any }', 'eventual', 'total / none', '1 / 3'],
  ['replication chain', 'linearizable', 'none / none', '1 / 5'],

  ['replication leaderless { resolve siblings by vector }', 'eventual', 'both-quorums / both-quorums', '3 / 3'],
  ['replication leaderless', 'eventual', 'both-quorums / both-quorums', '3 / 3'],
  ['replication leaderless { read-write-back on }', 'linearizable', 'both-quorums / both-quorums', '3 / 3'],
  ['replication leaderless { read 5  write 1  read-write-back on }', 'regular', 'both-quorums / both-quorums', '5 / 1'],
  ['replication leaderless { read 2  write 3 }', 'eventual', 'both-quorums / both-quorums', '2 / 3'],
  ['replication leaderless { read 1  write 1 }', 'eventual', 'total / total', '1 / 1'],
  ['replication leaderless { sloppy  resolve siblings by vector }', 'eventual', 'total / total', '3 / 3'],

  ['replication multi-leader asynchronous { conflicts merge or-set }', 'causal', 'sticky / sticky', '1 / 1'],
  [
    'replication multi-leader asynchronous { conflicts siblings by vector per server }',
    'causal',
    'sticky / sticky',
    '1 / 1',
  ],
  [
    'replication multi-leader asynchronous { conflicts last-write-wins by physical }',
    'eventual',
    'total / total',
    '1 / 1',
  ],
  ['replication multi-leader asynchronous { conflicts none }', 'eventual', 'total / total', '1 / 1'],
  [
    'replication multi-leader asynchronous { conflicts pessimistic-lock lease 5s granted-by all }',
    'eventual',
    'total / every-replica',
    '1 / 5',
  ],
];

/** Size of the smallest set of live nodes that is enough. */
function leastLive(quorum: Quorum): number {
  const nodes = quorumNodes(quorum);
  let least = Number.POSITIVE_INFINITY;
  for (let set = 0; set < 1 << nodes.length; set++) {
    const live = nodes.filter((_, i) => (set & (1 << i)) !== 0);
    if (isQuorum(quorum, node => live.includes(node))) least = Math.min(least, live.length);
  }
  return least;
}

describe('the ceiling matrix', () => {
  it.each(rows)('%s', async (mechanism, consistency, availability, needs) => {
    const design = await designOf(`${topology}store s on c { ${mechanism} }`, 'test.dsys', { withErrors: true });
    const store = design.stores.find(one => one.name === 's')!;
    const { read, write, ...promised } = promisesOf(design, store);
    const serves = valueIn(serviceQuorums(design, store, design.partitions[store.partitions[0]!]!));
    expect({
      consistency: promised.consistency,
      availability: `${read.availability} / ${write.availability}`,
      needs: `${leastLive(serves.read)} / ${leastLive(serves.write)}`,
    }).toEqual({ consistency, availability, needs });
    expect(promised.why).not.toBe('');
  });

  it('bounded delays and no partitions make three-phase commit safe, if those that are left ask each other', async () => {
    const calm = 'faults { cut up to 0s  delay up to 200ms }';
    const ceiling = async (before: string, onTimeout: string) => {
      const store = `store s on c { consensus three-phase-commit { timeout 1s  on-timeout ${onTimeout} } }`;
      const design = await designOf(`${before}\n${topology}${store}`, 'test.dsys', { withErrors: true });
      return promisesOf(design, design.stores.find(one => one.name === 's')!);
    };
    expect((await ceiling(calm, 'terminate')).consistency).toBe('linearizable');
    // Timeouts alone: some may have been told, and some not, when the coordinator crashed.
    expect(await ceiling(calm, 'skeen')).toMatchObject({
      consistency: 'eventual',
      why: expect.stringContaining('crashes while it tells'),
    });
    expect(await ceiling(`${calm}\nnetwork { loss 1% }`, 'terminate')).toMatchObject({
      consistency: 'eventual',
      why: expect.stringContaining('lost'),
    });
  });

  it.each([
    ['paxos', ''],
    ['fast-paxos', ''],
    ['multi-paxos', ''],
    ['flexible-paxos { prepare 3  accept 3 }', ''],
    ['multi-paxos', 'witness w'],
  ])('promises that a crash forgets bind nobody: %s on volatile disks %s', async (mechanism, witness) => {
    const ceiling = async (disk: string) => {
      const text = `cluster c { nodes 5  ${witness}  disk { ${disk} } }\nstore s on c { consensus ${mechanism} }`;
      const design = await designOf(text, 'test.dsys', { withErrors: true });
      return promisesOf(design, design.stores[0]!);
    };
    expect(await ceiling('fsync 1ms')).toMatchObject({ consistency: 'linearizable', keepsAcknowledgedWrites: true });
    expect(await ceiling('volatile')).toMatchObject({
      consistency: 'eventual',
      keepsAcknowledgedWrites: false,
      why: expect.stringContaining('forgotten in a crash'),
    });
  });

  it.each([
    ['paxos', false],
    ['fast-paxos', false],
    ['multi-paxos', true],
    ['flexible-paxos { prepare 3  accept 3 }', true],
  ])('of one writer at a time, only leaders speak: %s', async (mechanism, singleWriter) => {
    const design = await designOf(`cluster c { nodes 5 }\nstore s on c { consensus ${mechanism} }`);
    expect(promisesOf(design, design.stores[0]!).singleWriter).toBe(singleWriter);
  });

  it.each([
    ['stays', 'failover none', 'replicas 3', 'sequential'],
    // A follower may answer with what the next leader has never had.
    ['changes', 'failover automatic', 'replicas 3', 'read-your-writes'],
    ['is another one for other keys', 'failover none', 'partition by hash(id) into 4 replicas 3', 'read-your-writes'],
  ])(
    'clients that carry what they have seen raise follower reads, where the leader %s',
    async (...[, failover, pieces, most]) => {
      const design = await designOf(
        `${topology}store s on c { record { id: string }  ${pieces}  replication single-leader semi-synchronous 2 { read from any  ${failover} } }
       workload w on s { session-token on }`,
      );
      expect(promisesOf(design, design.stores.find(one => one.name === 's')!).consistency).toBe(most);
    },
  );

  it('caches of clients leave them what is their own', async () => {
    const design = await designOf(
      `${topology}store s on c { consensus raft }
       workload w on s { cache 5s }`,
    );
    expect(promisesOf(design, design.stores.find(one => one.name === 's')!).consistency).toBe('read-your-writes');
  });

  it('every mechanism has a descriptor, with its source', () => {
    for (const [kind, { kind: own, title, means, source, durable }] of Object.entries(descriptors)) {
      expect(own).toBe(kind);
      for (const text of [title, means, source, durable]) expect(text, kind).not.toBe('');
    }
  });
});
