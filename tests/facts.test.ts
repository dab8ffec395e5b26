import { execute } from '@dsys/runtime';
import { factsOf } from '@dsys/runtime/analysis/facts';
import { expectedFailover } from '@dsys/runtime/analysis/failover';
import { valueIn } from '@dsys/runtime/analysis/known';
import { latencyFloor } from '@dsys/runtime/analysis/latency-floors';
import { predictStaleness } from '@dsys/runtime/analysis/staleness';
import { describe, expect, it, test } from 'vitest';
import { designOf } from './support/design.ts';
import { facts, judgement, storeOf } from './support/facts.ts';

const ms = 1e6;
const reliable = 'reliability { mtbf 99h mttr 1h }';

describe('a raft group of five at 99 %', () => {
  it('has the figures of a majority of five', async () => {
    const found = await facts(
      `cluster db { nodes 5 ${reliable} disk { fsync 1ms } }\nnetwork { latency 2ms }\nstore s on db { consensus raft }`,
    );
    expect(found).toMatchObject({
      name: 's',
      mechanism: 'raft',
      consistency: { ceiling: 'linearizable', why: 'a test says so', source: 'this test' },
      cap: 'CP',
      tolerates: { nodes: 2, zones: 0, regions: 0 },
      quorums: {
        read: {
          size: 3,
          of: 5,
          load: expect.closeTo(0.6, 8),
          capacity: expect.closeTo(5 / 3, 7),
          resilience: 2,
          capacityPerSecond: null,
        },
        write: { size: 3, of: 5 },
      },
      availabilityWithoutFailovers: { read: expect.closeTo(0.99999015, 8), write: expect.closeTo(0.99999015, 8) },
      // Beside the leader: a round trip to the nearest two, and both disks at the same time; reads have no disk.
      latencyFloorNs: { read: 4 * ms, write: 5 * ms },
      staleness: null,
    });
    // An election after 99 h, some 200 ms long.
    const lost = found.availabilityWithoutFailovers.write! - found.availability.write!;
    expect(lost * 99 * 3600).toBeGreaterThan(0.1);
    expect(lost * 99 * 3600).toBeLessThan(0.4);
    // 5 copies: MTTF^5 / (5 MTTR^4).
    expect(found.durability.mttdlHours! / ((99 * 99 * 99 * 99 * 99) / 5)).toBeCloseTo(1, 9);
    expect(found.unknown).toEqual({ staleness: expect.stringContaining('leaderless') });
  });

  it('over three zones and two regions', async () => {
    const found = await facts(`region eu { zones a, b }  region us { zones c }
cluster db { nodes e1, e2 in eu.a  nodes e3, e4 in eu.b  nodes u1 in us.c }
store s on db { consensus raft }`);
    expect(found.tolerates).toEqual({ nodes: 2, zones: 1, regions: 0 });
  });

  it('declared capacities: the slowest majority does not bound it', async () => {
    const found = await facts(
      'cluster db { nodes 2 { capacity read 4000/s write 2000/s }  nodes 1 { capacity read 1000/s write 1000/s } }\nstore s on db { consensus raft }',
    );
    // Two thresholds: x1 + x2 + x3 = 2, loads x / capacity; all alike at 2 / (4000 + 4000 + 1000), but no x above 1.
    expect(found.quorums.read!.capacityPerSecond).toBeCloseTo(4500, 3);
    expect(found.quorums.write!.capacityPerSecond).toBeCloseTo(2500, 3);
  });
});

describe('what mechanisms tolerate', () => {
  test.each([
    ['one copy', 'nodes 1', '', 0],
    ['raft on 3', 'nodes 3', 'consensus raft', 1],
    ['raft on 4', 'nodes 4', 'consensus raft', 1],
    ['flexible paxos 4 and 2 of 5', 'nodes 5', 'consensus flexible-paxos { prepare 4 accept 2 }', 1],
    ['fast paxos on 5', 'nodes 5', 'consensus fast-paxos', 2],
    ['synchronous replicas all acknowledge', 'nodes 3', 'replication single-leader synchronous', 0],
    ['asynchronous loses what only the leader had', 'nodes 3', 'replication single-leader asynchronous', 0],
    [
      'semi-synchronous 1 of 2, promotion asks both',
      'nodes 3',
      'replication single-leader semi-synchronous 1 { failover automatic { consult 2 } }',
      1,
    ],
    [
      'semi-synchronous 1 of 4, promotion asks 3 and can miss it',
      'nodes 5',
      'replication single-leader semi-synchronous 1',
      0,
    ],
    [
      'semi-synchronous 2 of 4, promotion asks 3 of the 4 left',
      'nodes 5',
      'replication single-leader semi-synchronous 2',
      2,
    ],
    ['no failover', 'nodes 3', 'replication single-leader semi-synchronous 1 { failover none }', 0],
    ['leaderless 2 of 3', 'nodes 3', 'replication leaderless { read 2 write 2 }', 1],
    ['leaderless write 1: one copy', 'nodes 3', 'replication leaderless { read 1 write 1 }', 0],
    ['leaderless write 3 of 3', 'nodes 3', 'replication leaderless { read 1 write 3 }', 0],
    ['multi-leader acknowledges alone', 'nodes 3', 'replication multi-leader asynchronous { leader db1, db2 }', 0],
    ['two-phase commit needs all', 'nodes 3', 'consensus two-phase-commit', 0],
    ['a chain without a master', 'nodes 3', 'replication chain { master none }', 0],
  ])('%s', async (_name, nodes, mechanism, expected) => {
    // Rules may find fault with these designs; they are what they are all the same.
    const found = await facts(`cluster db { ${nodes} }\nstore s on db { ${mechanism} }`);
    expect(found.tolerates?.nodes, JSON.stringify(found.unknown)).toBe(expected);
  });

  it('a chain with a replicated master bears all but one of its own, and as many as the master does', async () => {
    const text = (masters: number) =>
      `cluster m { nodes ${masters} }  cluster db { nodes 4 }\nstore config on m { consensus raft }\nstore s on db { replication chain { master config } }`;
    expect((await facts(text(5))).tolerates!.nodes).toBe(2);
    expect((await facts(text(9))).tolerates!.nodes).toBe(3);
  });

  it.each([
    ['read 1 write 1', 'one zone had the only copy', 0],
    ['read 1 write 3', 'writes need all zones', 0],
    ['read 2 write 2', 'two zones are a quorum', 1],
  ])('leaderless { %s } over three zones: %s', async (quorums, _why, expected) => {
    const found = await facts(`region r { zones a, b, c }
cluster db { nodes x in r.a  nodes y in r.b  nodes z in r.c }
store s on db { replication leaderless { ${quorums} } }`);
    expect(found.tolerates).toEqual({ nodes: expected, zones: expected, regions: 0 });
  });

  it('2 + 1 witness in three zones', async () => {
    const found = await facts(
      `region r { zones a, b, c }\ncluster db { nodes x in r.a  nodes y in r.b  witness w in r.c }\nstore s on db { consensus raft }`,
    );
    // A write may be on one data node and the witness.
    expect(found.tolerates).toMatchObject({ nodes: 1, zones: 1 });
  });
});

describe('availability', () => {
  const text = (nodes: number, store: string) =>
    `cluster db { nodes ${nodes} ${reliable} }\nstore s on db { ${store} }`;
  it('of leaderless stores is that of their quorums', async () => {
    const found = await facts(text(3, 'replication leaderless { read 1 write 3 }'));
    expect(found.availability.read).toBeCloseTo(0.999999, 9);
    expect(found.availability.write).toBeCloseTo(0.970299, 9);
    expect(found.availability).toEqual(found.availabilityWithoutFailovers);
  });
  it('of all four synchronous copies is 96.1 %', async () => {
    const found = await facts(text(4, 'replication single-leader synchronous'));
    expect(found.availabilityWithoutFailovers.write).toBeCloseTo(0.96059601, 8);
  });
  it('loses the time of detection at every crash of the leader', async () => {
    const found = await facts(
      text(3, 'replication single-leader semi-synchronous 1 { failover automatic { detect 36s } }'),
    );
    expect(found.availabilityWithoutFailovers.write! - found.availability.write!).toBeCloseTo(36 / (99 * 3600), 9);
  });
  it('of semi-synchronous stores counts the followers that a new leader needs', async () => {
    const found = await facts(
      text(4, 'replication single-leader semi-synchronous 2 { failover automatic { consult 1 } }'),
    );
    // Any follower may be promoted by itself, so a fenced leader goes on only while it hears all 3; without it all 3 too.
    const expected = 0.99 * 0.970299 + 0.01 * 0.970299;
    expect(found.availabilityWithoutFailovers.write).toBeCloseTo(expected, 12);
    expect(found.tolerates!.nodes).toBe(0);
  });
  it('of flexible paxos needs both phases: 4 of 5', async () => {
    const found = await facts(text(5, 'consensus flexible-paxos { prepare 4 accept 2 }'));
    expect(found.availability.write).toBeNull();
    expect(found.unknown['availability.write']).toContain('flexible-paxos does not say');
    const expected = expect.closeTo(0.9990198504, 10);
    expect(found.availabilityWithoutFailovers).toEqual({ read: expected, write: expected });
  });
  it('a raft election takes the smallest of the timeouts, split votes again, less half a heartbeat', async () => {
    const design = await designOf(
      `cluster db { nodes 3 }\nnetwork { latency 1ms }\nstore s on db { consensus raft { election-timeout 150ms..300ms heartbeat 50ms } }`,
    );
    const split = 1 - (1 - 1 / 150) * (1 - 1 / 150);
    const expected = (150 + 150 / 3 + 1) / (1 - split) + 1 - 25;
    expect(valueIn(expectedFailover(design, storeOf(design), design.partitions[0]!)) / ms).toBeCloseTo(expected, 6);
  });
  it('says what it does not know', async () => {
    const found = await facts(
      text(3, 'replication single-leader semi-synchronous 1 { failover automatic { detect phi 8 } }'),
    );
    expect(found.availability.write).toBeNull();
    expect(found.unknown['availability.write']).toContain('phi');
  });
});

describe('no design takes long', () => {
  it('hundreds of replicas in a hundred partitions: the floor is unknown, and says why', async () => {
    const text =
      'cluster db { nodes 900 }\nstore s on db { partition by hash(id) into 110 consensus raft }\nworkload w on s { }';
    const design = await designOf(text, 'test.dsys', { withErrors: true });
    expect(latencyFloor(design, storeOf(design), 'write')).toEqual({
      unknown: 'the ways between 900 replicas are too many to be measured in all partitions',
    });
  });

  it('hundreds of replicas of each key: staleness is unknown, and says why', async () => {
    const text =
      'cluster db { nodes 900 }\nstore s on db { partition by hash(id) into 100 replication leaderless { read 2 write 2 } }';
    const design = await designOf(text);
    expect(predictStaleness(design, storeOf(design))).toEqual({
      unknown: '900 replicas of each key are too many to be simulated in 100000 trials',
    });
  });

  it('partitions on the same nodes are measured once', async () => {
    const text = (into: number) =>
      `cluster db { nodes 24 }\nstore s on db { partition by hash(id) into ${into} replicas 3 consensus raft }`;
    const design = await designOf(text(4096));
    const floor = valueIn(latencyFloor(design, storeOf(design), 'write'));
    const small = await designOf(text(24));
    expect(floor).toBe(valueIn(latencyFloor(small, storeOf(small), 'write')));
  });
});

/** One way 10 ms between regions a, b, c in a row: a-b 10, b-c 10, a-c 20; within a region 1 ms; disks 3 ms. */
const line = `region a {} region b {} region c {}
cluster db { nodes x in a  nodes y in b  nodes z in c  disk { fsync 3ms } }
network { latency 1ms  between a and b { latency 10ms }  between b and c { latency 10ms }  between a and c { latency 20ms } }
`;

describe('latency floors', () => {
  test.each([
    // Leader y: the nearest other is 10 ms away, both ways, and a disk.
    ['raft, beside the leader', 'consensus raft', '', 20, 23],
    ['raft, lease reads', 'consensus raft { read lease 100ms }', '', 0, 23],
    ['raft, log reads', 'consensus raft { read log }', '', 23, 23],
    // From a: leader x (1 + 1 there), its quorum is y; or leader y, 10 ms away each way: both 2 or 20 + 20.
    ['raft, clients in a', 'consensus raft', 'a', 22, 25],
    ['one copy, clients in c', '', 'c', null, null],
    ['synchronous, leader y', 'replication single-leader synchronous { leader y  read from leader local }', '', 0, 23],
    ['synchronous, leader x: the farthest counts', 'replication single-leader synchronous { leader x }', '', 20, 43],
    ['asynchronous', 'replication single-leader asynchronous { leader x  read from any }', 'c', 2, 43],
    ['semi-synchronous 1', 'replication single-leader semi-synchronous 1 { leader x }', '', 20, 23],
    // Coordinator y: itself and one other.
    ['leaderless 2, 2', 'replication leaderless { read 2 write 2 }', '', 20, 23],
    ['leaderless 1, 1', 'replication leaderless { read 1 write 1 }', '', 0, 3],
    ['leaderless with read-write-back', 'replication leaderless { read 2 write 2 read-write-back on }', '', 20, 43],
    // x, y, z, each writing; the answer comes from z, beside its client.
    ['chain', 'replication chain { master none }', '', 0, 29],
    ['multi-leader', 'replication multi-leader asynchronous { leader x, z }', 'b', 2, 23],
    ['multi-paxos', 'consensus multi-paxos { lease 2s }', '', 0, 23],
    ['flexible paxos, accept 1 of 3', 'consensus flexible-paxos { prepare 3 accept 1 }', '', 0, 3],
    ['paxos: two rounds', 'consensus paxos', '', 20, 46],
    // All three are a fast quorum: the farthest from y.
    ['fast paxos', 'consensus fast-paxos', '', 20, 23],
    ['two-phase commit', 'consensus two-phase-commit { coordinator y }', '', 0, 26],
    // The farthest vote, and then a majority of the coordinator's group.
    ['two-phase commit, replicated coordinator', 'consensus two-phase-commit { coordinator raft on db }', '', 0, 46],
    // Two rounds, each written by the participants and then by the coordinator.
    ['three-phase commit', 'consensus three-phase-commit { coordinator y }', '', 0, 52],
  ])('%s', async (name, store, clients, read, write) => {
    const workload = clients === '' ? '' : `workload w on s { clients 1 in ${clients} }`;
    const { latencyFloorNs } = await facts(
      `${line}store s on db { ${store} ${store === '' ? 'replicas 1' : ''} }\n${workload}`,
    );
    // One copy stands at x: 20 ms from c.
    const expected = name.startsWith('one copy')
      ? { read: 40 * ms, write: 43 * ms }
      : { read: read! * ms, write: write! * ms };
    expect(latencyFloorNs).toEqual(expected);
  });

  it("counts the leader's own disk, and each message by its class", async () => {
    const slow = `cluster db { nodes x { disk { fsync 50ms } }  nodes y, z { disk { fsync 3ms } } }
network { latency 10ms  latency control 2ms }
`;
    const semi = await facts(`${slow}store s on db { replication single-leader semi-synchronous 1 { leader x } }`);
    expect(semi.latencyFloorNs).toEqual({ read: 4 * ms, write: 50 * ms });
    // Heartbeats are control, their answers acknowledge; y and z are a quorum without the slow disk.
    const raft = await facts(`${slow}store s on db { consensus raft }`);
    expect(raft.latencyFloorNs).toEqual({ read: 12 * ms, write: 23 * ms });
  });

  test.each([
    ['raft, index', 'consensus raft', ''],
    ['raft, lease', 'consensus raft { read lease 100ms }', ''],
    ['raft, clients in a', 'consensus raft', ' in a'],
    ['synchronous', 'replication single-leader synchronous { leader x }', ' in b'],
    ['semi-synchronous', 'replication single-leader semi-synchronous 1 { leader y }', ''],
    ['asynchronous, any', 'replication single-leader asynchronous { leader x  read from any }', ' in c'],
    ['two-phase commit, a coordinator without a copy', 'replicas 2  consensus two-phase-commit { coordinator z }', ''],
  ])('no run is faster, and one comes close: %s', async (_name, store, clients) => {
    const design = await designOf(
      `${line}store s on db { ${store} }\nworkload w on s { clients 3${clients}  session any }\nscenario r { run w for 5s }`,
    );
    const executed = execute(design, design.scenarios.find(one => one.name === 'r')!, { seed: 1 });
    const done = executed.log.operations.filter(one => one.outcome === 'ok');
    expect(done.length).toBeGreaterThan(50);
    for (const operation of ['read', 'write'] as const) {
      const floor = valueIn(latencyFloor(design, storeOf(design), operation));
      const latencies = done.filter(one => one.kind === operation).map(one => one.ended - one.invoke);
      expect(Math.min(...latencies), operation).toBeGreaterThanOrEqual(floor);
      // One more hop when clients do not call the leader's side.
      expect(Math.min(...latencies), operation).toBeLessThanOrEqual(floor + 21 * ms);
    }
  });
});

it('every mechanism has facts, and they are the same every time', async () => {
  const text = `cluster db { nodes 5 }  cluster m { nodes 3 }
store config on m { consensus raft }
${[
  'consensus raft',
  'consensus paxos',
  'consensus multi-paxos',
  'consensus fast-paxos',
  'consensus flexible-paxos { prepare 4 accept 2 }',
  'consensus two-phase-commit',
  'consensus three-phase-commit',
  'replication chain { master config }',
  'replication leaderless',
  'replication leaderless { sloppy }',
  'replication single-leader',
  'replication multi-leader',
  'replication leaderless { read grid(2, 2) row write grid(2, 2) column }',
]
  .map((mechanism, i) => `store s${i} on db { replicas ${i === 12 ? 4 : 5}  ${mechanism} }`)
  .join('\n')}
store parts on db { partition by hash(id) into 64 replicas 3  consensus raft  record { id: string } }`;
  const design = await designOf(text);
  const found = factsOf(design, () => judgement, 2000);
  expect(found.stores.length).toBe(15);
  expect(factsOf(design, () => judgement, 2000)).toEqual(found);
  for (const store of found.stores) {
    const nulls = JSON.stringify(store, (_key, value) =>
      typeof value === 'number' && !Number.isFinite(value) ? 'BAD' : value,
    );
    expect(nulls, store.name).not.toContain('BAD');
    // What is null says why.
    const missing = [
      ['tolerates', store.tolerates],
      ['availability.read', store.availability.read],
      ['availability.write', store.availability.write],
      ['latencyFloorNs.write', store.latencyFloorNs.write],
      ['staleness', store.staleness],
      ['quorums.read', store.quorums.read],
    ] as const;
    for (const [path, value] of missing) expect(value === null, `${store.name} ${path}`).toBe(path in store.unknown);
  }
});
