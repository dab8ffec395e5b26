import type { Design } from '@dsys/runtime/design/design';
import { isQuorum } from '@dsys/runtime/design/quorum';
import { describe, expect, test } from 'vitest';
import { designOf, flawsOf } from '../testing/design.ts';
import { defaults } from './defaults.ts';

const ms = 1e6;
const s = 1e9;

const names = (design: Design, nodes: readonly number[]) => nodes.map(node => design.nodes[node]!.name);
const storeOf = (design: Design, name: string) => design.stores.find(store => store.name === name)!;
const partition = (design: Design, name: string) => design.partitions.find(each => each.name === name)!;

/** The text that made a part. */
function textAt(design: Design, { at }: { readonly at: Design['stores'][number]['at'] }): string {
  const lines = design.files[at.file]!.text.split('\n').slice(at.start.line, at.end.line + 1);
  const last = lines.length - 1;
  lines[last] = lines[last]!.slice(0, at.end.character);
  lines[0] = lines[0]!.slice(at.start.character);
  return lines.join('\n');
}

describe('topology', () => {
  const text = `region frankfurt { zones a, b }
region virginia
cluster eu {
  nodes e1, e2 in frankfurt.a
  nodes 3 in frankfurt.b { capacity read 4000/s  disk { volatile } }
  witness w1 in virginia
  observer o1
  spare e9 in frankfurt.a
  nodes 1
  disk { fsync 2ms }
  clock { drift 50ppm }
}`;

  test('nodes are numbered on, with roles, places and hardware of line and cluster', async () => {
    const { nodes, clusters } = await designOf(text);
    expect(nodes.map(({ name, role, region, zone }) => [name, role, region, zone])).toEqual([
      ['e1', 'member', 'frankfurt', 'frankfurt.a'],
      ['e2', 'member', 'frankfurt', 'frankfurt.a'],
      ['eu3', 'member', 'frankfurt', 'frankfurt.b'],
      ['eu4', 'member', 'frankfurt', 'frankfurt.b'],
      ['eu5', 'member', 'frankfurt', 'frankfurt.b'],
      ['w1', 'witness', 'virginia', null],
      ['o1', 'observer', null, null],
      ['e9', 'spare', 'frankfurt', 'frankfurt.a'],
      ['eu6', 'member', null, null],
    ]);
    expect(clusters[0]!.nodes).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(nodes[0]!.disk).toEqual({ fsync: { kind: 'constant', ns: 2 * ms }, volatile: false });
    expect(nodes[2]!.disk).toEqual({ fsync: { kind: 'constant', ns: 2 * ms }, volatile: true });
    expect(nodes[2]!.capacity).toEqual({ readPerSecond: 4000, writePerSecond: null });
    expect(nodes[0]!.clock).toEqual({ ...defaults.clock, driftPpm: 50 });
    expect(nodes[0]!.reliability).toEqual(defaults.reliability);
  });

  test('links go from the general to the special; default latencies stand only without a plain one', async () => {
    const links = await designOf(`${text}
network { within e1 { loss 1% } between frankfurt and virginia { latency 44ms } from eu to virginia { loss 2% } loss 3% }`);
    expect(links.links.slice(-4).map(rule => textAt(links, rule).split(' {')[0])).toEqual([
      'network',
      'between frankfurt and virginia',
      'from eu to virginia',
      'within e1',
    ]);
    expect(links.links[0]!.latency.all).toEqual(defaults.latency.otherRegion);
    expect(links.links.at(-2)).toMatchObject({ bothWays: false, loss: 0.02 });
    const plain = await designOf(`${text} network { latency 1ms }`);
    expect(plain.links).toHaveLength(1);
    expect(plain.links[0]).toMatchObject({ from: null, to: null, latency: { all: { kind: 'constant', ns: ms } } });
  });

  test('the default outage follows from the slowest repair that is declared', async () => {
    const { faults } = await designOf('cluster eu { nodes 1 reliability { mttr 1min } }');
    expect(faults).toMatchObject({ outageNs: 600 * s, pauseNs: 0, cutNs: Infinity, corruption: false });
    expect(faults.declared).toEqual({ outage: false, pause: false, cut: false, delay: false });
  });
});

describe('placement', () => {
  test('a partition starts at its node and takes the widest failure domain first', async () => {
    const design = await designOf(`region x { zones a, b } region y
cluster c { nodes n1, n2 in x.a nodes n3 in x.b nodes n4 in y witness w }
store k on c { partition by hash(id) into 5 replicas 3 consensus raft }`);
    expect(design.partitions.map(({ name }) => name)).toEqual(['k.p0', 'k.p1', 'k.p2', 'k.p3', 'k.p4']);
    expect(design.partitions.map(({ replicas }) => names(design, replicas))).toEqual([
      ['n1', 'n4', 'n3'],
      ['n2', 'n4', 'n3'],
      ['n3', 'n4', 'n1'],
      ['n4', 'n2', 'n3'],
      ['n1', 'n4', 'n3'],
    ]);
    const { quorums, witnesses } = design.partitions[0]!;
    expect(names(design, witnesses)).toEqual(['w']);
    // Three replicas and a witness vote: three of four.
    expect(isQuorum(quorums.quorum!, node => [0, 3].includes(node))).toBe(false);
    expect(isQuorum(quorums.quorum!, node => [0, 3, 4].includes(node))).toBe(true);
  });

  test.each([
    ['one zone after the other', 'nodes 20 in a nodes 20 in b nodes 20 in c'],
    [
      'by turns',
      `nodes ${Array.from({ length: 20 }, (_, i) => `a${i} in a nodes b${i} in b nodes c${i} in c`).join(' nodes ')}`,
    ],
    ['unequal regions', 'nodes 30 in a nodes 15 in b nodes 15 in c'],
  ])('every node of a zone gets its share of the partitions: %s', async (_, nodes) => {
    const design = await designOf(`region a region b region c
cluster db { ${nodes} }
store k on db { partition by hash(id) into 60 replicas 3 consensus raft }`);
    const counts = new Map<string, number[]>();
    for (const node of design.nodes) {
      const held = design.partitions.filter(({ replicas }) => replicas.includes(node.id)).length;
      counts.set(node.region!, [...(counts.get(node.region!) ?? []), held]);
    }
    for (const held of counts.values()) expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
    expect([...counts.values()].flat().reduce((sum, held) => sum + held)).toBe(180);
  });

  test('replicas per region, partitions on their clusters, and stores beside each other', async () => {
    const design = await designOf(`region x region y
cluster a { nodes a1, a2, a3 in x } cluster b { nodes b1, b2, b3 in y }
store per on a, b { replicas 2 per region replication leaderless }
store split { record { c: string id: string } partition by list(c) { one: "A" on a two: rest on b } then by hash(id) into 2 consensus raft }
store beside { partition with split consensus raft }
store one on a { }`);
    expect(names(design, partition(design, 'per').replicas)).toEqual(['a1', 'a2', 'b1', 'b2']);
    expect(names(design, partition(design, 'split.two.p1').replicas).sort()).toEqual(['b1', 'b2', 'b3']);
    expect(storeOf(design, 'split').clusters).toEqual(['a', 'b']);
    expect(partition(design, 'beside.two.p1').replicas).toEqual(partition(design, 'split.two.p1').replicas);
    expect(names(design, partition(design, 'one').replicas)).toEqual(['a1']);
  });

  test('dates order ranges, in ns since 1970', async () => {
    const design = await designOf(`cluster c { nodes 1 }
store k on c { record { d: date } partition by range(d) { new: 1970-01-02.. old: ..1970-01-02 } }`);
    expect(storeOf(design, 'k').partitioning).toMatchObject({
      kind: 'range',
      ranges: [
        { name: 'new', from: 86400e9, to: null },
        { name: 'old', from: null, to: 86400e9 },
      ],
    });
  });
});

describe('mechanisms', () => {
  const cluster = 'region x region y cluster eu { nodes e1, e2, e3 in x nodes u1, u2 in y }';

  test('bare mechanisms are what the table of defaults says', async () => {
    const design = await designOf(`${cluster}
store a on eu { replication single-leader }
store b on eu { replication leaderless }
store c on eu { replication multi-leader }
store d on eu { consensus fast-paxos }
store e on eu { replication chain }`);
    expect(storeOf(design, 'a').mechanism).toMatchObject({ ...defaults.singleLeader, acknowledgements: null });
    expect(storeOf(design, 'b').mechanism).toMatchObject(defaults.leaderless);
    const leaders = { leaders: [0, 1, 2, 3, 4], conflicts: { kind: 'none' }, mode: 'asynchronous' };
    expect(storeOf(design, 'c').mechanism).toMatchObject(leaders);
    // Five acceptors, classic three: 2 · 4 + 3 > 10.
    expect(storeOf(design, 'd').mechanism).toMatchObject({ fast: { kind: 'count', count: 4 } });
    expect(storeOf(design, 'e').mechanism).toMatchObject({ master: null, read: 'tail', resend: true });
  });

  test('timeouts of raft follow from the slowest group of voters', async () => {
    const raft = async (options: string, network = '') => {
      const design = await designOf(`${cluster} store a on eu { consensus raft { ${options} } } ${network}`);
      return storeOf(design, 'a').mechanism;
    };
    // Ten broadcasts of 2 × 40 ms and a sync of 1 ms are 810 ms; twenty delays are 800 ms.
    const derived = { electionTimeoutNs: [810 * ms, 1620 * ms], heartbeatNs: 270 * ms };
    expect(await raft('')).toMatchObject(derived);
    expect(await raft('', 'network { latency 0.1ms }')).toMatchObject({ electionTimeoutNs: [150 * ms, 300 * ms] });
    expect(await raft('heartbeat 1s')).toMatchObject({ electionTimeoutNs: [3 * s, 6 * s], heartbeatNs: s });
    expect(await raft('election-timeout 300ms')).toMatchObject({ electionTimeoutNs: [3e8, 3e8], heartbeatNs: 1e8 });
    const heavy = await raft('', 'network { latency pareto(1ms, 0.5) }');
    expect(Number.isSafeInteger((heavy as { heartbeatNs: number }).heartbeatNs)).toBe(true);
  });

  test('local majority is a majority of some region, each majority one of every region', async () => {
    const design = await designOf(`${cluster}
store a on eu { replication leaderless { read local majority write each majority } }`);
    const { read, write } = design.partitions[0]!.quorums as Record<string, Parameters<typeof isQuorum>[0]>;
    const has =
      (...nodes: number[]) =>
      (node: number) =>
        nodes.includes(node);
    expect(isQuorum(read!, has(0, 1))).toBe(true);
    expect(isQuorum(read!, has(0, 3))).toBe(false);
    expect(isQuorum(write!, has(0, 1, 3))).toBe(false);
    expect(isQuorum(write!, has(0, 1, 3, 4))).toBe(true);
  });

  test('what belongs to a conflict policy reaches it from behind and from a block', async () => {
    const design = await designOf(`${cluster}
store a on eu { replication multi-leader { conflicts pessimistic-lock lease 7s fencing off granted-by all } }
store b on eu { replication multi-leader { conflicts pessimistic-lock { lease 7s fencing off granted-by all } } }
store c on eu { record { n: string } replication multi-leader { conflicts avoid by n { "DE" -> e1 rest -> u1 } on-move fence } }`);
    const lock = { kind: 'pessimistic-lock', leaseNs: 7 * s, fencing: false, grantedBy: 'all' };
    expect(storeOf(design, 'a').mechanism).toMatchObject({ conflicts: lock });
    expect(storeOf(design, 'b').mechanism).toMatchObject({ conflicts: lock });
    const homes = [
      ['DE', 0],
      ['rest', 3],
    ];
    expect(storeOf(design, 'c').mechanism).toMatchObject({
      conflicts: { kind: 'avoid', field: 'n', homes, onMove: 'fence' },
    });
  });
});

describe('workloads and scenarios', () => {
  const base = `cluster eu { nodes e1, e2, e3 spare e9 }
/** Where **orders** are kept. */
store orders on eu { partition by hash(id) into 2 consensus raft }`;

  test('without workload and scenario there is one of each', async () => {
    const { workloads, scenarios, stores } = await designOf(base);
    expect(stores[0]!.doc).toBe('Where **orders** are kept.');
    expect(workloads).toMatchObject([{ name: 'default', targets: ['orders'], ...defaults.workload }]);
    expect(workloads[0]!.mix.map(({ kind, share }) => [kind, share])).toEqual([
      ['read', 0.5],
      ['write', 0.5],
    ]);
    const runs = [{ workload: 'default', forNs: 10 * s }];
    expect(scenarios).toMatchObject([{ name: 'default', generated: true, seeds: 20, settleNs: 10 * s, runs }]);
  });

  test('actions have resolved targets, times and the text that made them', async () => {
    const design = await designOf(`${base}
scenario x {
  run for 20s
  at 5s crash leader of orders for 1s
  at 6s degrade { loss 20% }
  every 5s from 10s until 15s cut minority of orders.p1 from rest
  when append-entries leaves e1 pause e2
  chaos from 1s until 2s { crash up to 1 every 1s }
  expect violation no lost-writes of orders from 5s until 10s
  expect consistency sequential, causal
}`);
    const [scenario] = design.scenarios;
    const [crash, degrade, cut, when] = scenario!.actions;
    expect(crash).toMatchObject({
      trigger: { kind: 'at', ns: 5 * s },
      forNs: s,
      verb: { targets: [{ partitions: [0, 1] }] },
    });
    expect(degrade!.verb).toMatchObject({ kind: 'degrade', a: null, b: null, loss: 0.2, latency: null });
    expect(cut).toMatchObject({
      trigger: { periodNs: 5 * s, fromNs: 10 * s, untilNs: 15 * s },
      verb: { oneWay: false },
    });
    expect(cut!.verb).toMatchObject({ a: [{ role: 'minority', partitions: [1] }], b: [{ kind: 'rest' }] });
    expect(when!.trigger).toMatchObject({ message: 'append-entries', edge: 'leaves', targets: [{ nodes: [0] }] });
    expect(scenario!.chaos).toMatchObject([{ fromNs: s, untilNs: 2 * s, parts: [{ verb: 'crash', upTo: 1 }] }]);
    const expected = scenario!.expectations.map(({ property, violation, of, fromNs, untilNs }) => [
      property.text,
      violation,
      of,
      fromNs,
      untilNs,
    ]);
    expect(expected).toEqual([
      ['no lost-writes', true, 'orders', 5 * s, 10 * s],
      ['consistency sequential', false, null, null, null],
      ['consistency causal', false, null, null, null],
    ]);
    expect(textAt(design, crash!)).toBe('at 5s crash leader of orders for 1s');
    expect(textAt(design, design.nodes[0]!)).toBe('e1');
    expect(textAt(design, storeOf(design, 'orders').mechanism)).toBe('consensus raft');
    expect(textAt(design, scenario!.expectations[0]!.property)).toBe('no lost-writes');
  });

  test('imported files come after the one that was asked for, and parts know theirs', async () => {
    const design = await designOf('import "nodes.dsys"\nstore a on eu { consensus raft }', {
      'nodes.dsys': 'cluster eu { nodes 3 }',
    });
    expect(design.files.map(({ path }) => path)).toEqual(['main.dsys', 'nodes.dsys']);
    expect(design.clusters[0]!.at.file).toBe(1);
    expect(design.stores[0]!.at.file).toBe(0);
    expect(flawsOf(design)).toEqual([]);
  });
});
