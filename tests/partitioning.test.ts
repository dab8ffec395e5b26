/** Every way of splitting a store, executed: where operations go, and that what each mechanism promises still holds. */
import { type Design, obstacles, runScenario } from '@dsys/runtime';
import { leastSkew } from '@dsys/runtime/analysis/shards';
import { describe, expect, it } from 'vitest';
import { designOf } from './support/design.ts';

const cluster = `
region a { zones x, y, z }
cluster old { nodes o1, o2, o3 in a.x  disk { fsync 0.1ms } }
cluster eu { nodes e1, e2, e3 in a.y  disk { fsync 0.1ms } }
`;
const record =
  'record { id: string  country: string values "US" 41%, "DE" 20%, "FR" 10%  city: string distinct 40 zipf 1.1  placed: date increasing  dob: string }';

interface Written {
  readonly partition: string;
  readonly mechanism?: string;
  readonly on?: string;
  readonly more?: string;
  readonly operations?: string;
  readonly targets?: string;
  readonly actions?: string;
  readonly keys?: string;
}

const text = (
  written: Written,
): string => `rules { shard-skew off  hash-kills-range off  scatter-gather-tail off  range-hot-tail off
  list-too-few-values off  vertical-join off  mod-n-resize off  vnode-imbalance off  even-cluster off  directory-spof off
  cross-shard-atomicity off  replicas-share-domain off  vnode-copysets off  functional-crossref off  range-gap off }
${cluster}
store s on ${written.on ?? 'eu'} {
  ${record}
  ${written.partition}
  ${written.mechanism ?? 'consensus raft'}
}
${written.more ?? ''}
workload w on ${written.targets ?? 's'} {
  clients 6
  operations ${written.operations ?? '50% read, 50% write'}
  keys ${written.keys ?? '60'}
}
scenario t {
  run w for 2s
  settle 1s
  ${written.actions ?? ''}
}`;

async function run(written: Written, seed = 1) {
  const design: Design = await designOf(text(written), 'test.dsys', { withErrors: true });
  const scenario = design.scenarios[0]!;
  expect(obstacles(design, scenario).map(({ message }) => message)).toEqual([]);
  const result = runScenario(design, scenario, { tool: 'test', seed, record: false });
  /** How many operations each partition's leader or members applied, by name. */
  const keysOf = new Map(
    design.stores
      .find(({ name }) => name === 's')!
      .partitions.map(id => {
        const { members } = result.executed.sim.groups[id]!;
        const all = [...members.values()].map(one => Object.keys(one.protocol.contents(one.state)));
        return [design.partitions[id]!.name, all.sort((a, b) => b.length - a.length)[0] ?? []] as const;
      }),
  );
  return { ...result, design, keysOf };
}

const complaints = ({ report }: Awaited<ReturnType<typeof run>>) =>
  report.properties.filter(({ verdict }) => verdict === 'violated').map(one => `${one.property}: ${one.why}`);

const ways: Readonly<Record<string, string>> = {
  'hash slots': 'partition by hash(id) into 4 replicas 3',
  'a hash modulo nodes': 'partition by hash(id) modulo nodes replicas 3',
  'a ring': 'partition by consistent-hash(id) virtual-nodes 16 replicas 3',
  ranges: 'partition by range(placed) { y2023: ..2024-01-01 on old   now: 2024-01-01.. on eu }',
  'lists, divided further':
    'partition by list(country) { europe: "DE", "FR" on eu   america: "US" on old   others: rest on old } then by hash(id) into 2',
  'groups of columns': 'partition by columns { public: country, city on eu   private: dob on old }',
};
const mechanisms = ['consensus raft', 'replication single-leader semi-synchronous 1', 'replication leaderless'];

describe.each(Object.entries(ways))('%s', (_name, partition) => {
  it.each(mechanisms)('over %s', async mechanism => {
    const result = await run({ partition, mechanism, on: 'eu, old' });
    expect(complaints(result)).toEqual([]);
    const { invoked, ok } = result.report.covered.operations;
    expect(invoked).toBeGreaterThan(300);
    expect(ok / invoked).toBeGreaterThan(0.98);
    // Every partition holds something, and nothing is held by two.
    const held = [...result.keysOf.values()].flat();
    expect([...result.keysOf].filter(([, keys]) => keys.length === 0)).toEqual([]);
    expect(new Set(held).size).toBe(held.length);
  });
});

describe('co-location', () => {
  it('puts orders where their users are, and a transaction over both touches one group each', async () => {
    const result = await run({
      partition: 'partition by hash(id) into 3 replicas 3',
      more: 'store orders { record { id: string  user: string -> s.id }  partition with s  consensus raft }\ntransaction place { update s, orders  commit two-phase-commit }',
      targets: 's, orders, place',
      operations: '30% read, 30% write, 40% transaction',
    });
    expect(complaints(result)).toEqual([]);
    const { design, executed } = result;
    for (const [index, id] of design.stores.find(({ name }) => name === 's')!.partitions.entries()) {
      const other = design.partitions[design.stores.find(({ name }) => name === 'orders')!.partitions[index]!]!;
      expect(other.replicas).toEqual(design.partitions[id]!.replicas);
    }
    expect(
      executed.log.operations.filter(({ kind, outcome }) => kind === 'transaction' && outcome === 'ok').length,
    ).toBeGreaterThan(50);
  });
});

describe('transactions', () => {
  it.each(['ranges', 'lists, divided further', 'a ring'])('over %s are serializable', async way => {
    const result = await run({
      partition: ways[way]!,
      on: 'eu, old',
      more: 'transaction move { update 2 s  commit two-phase-commit  isolation serializable  claims { isolation serializable  no fractured-reads } }',
      targets: 's, move',
      operations: '20% read, 80% transaction',
    });
    expect(complaints(result)).toEqual([]);
    const verdicts = result.report.properties.filter(({ of }) => of === 'move').map(({ verdict }) => verdict);
    expect(verdicts.length).toBeGreaterThan(2);
    expect(new Set(verdicts)).toEqual(new Set(['holds']));
  });
});

describe('scans', () => {
  const requestsPerScan = ({ executed }: Awaited<ReturnType<typeof run>>) => {
    const scans = executed.log.operations.filter(({ store }) => store === 'scan of s');
    return { scans, ok: scans.filter(({ outcome }) => outcome === 'ok') };
  };

  it.each(mechanisms)('ask every partition that can hold what is wanted, over %s', async mechanism => {
    const result = await run({
      partition: ways['lists, divided further']!,
      mechanism,
      on: 'eu, old',
      operations: '30% write, 20% read by country, 20% read by city, 30% scan by placed',
    });
    expect(complaints(result)).toEqual([]);
    const { scans, ok } = requestsPerScan(result);
    expect(ok.length / scans.length).toBeGreaterThan(0.98);
    const reads = ok.flatMap(({ output }) => output as readonly (readonly [string, string, unknown])[]);
    expect(reads.some(([, , value]) => value !== null)).toBe(true);
    expect(Math.max(...ok.map(({ output }) => (output as readonly unknown[]).length))).toBe(20);
    // As long as the slowest of those that it asks.
    const { read, scan } = result.report.metrics.latencyNs;
    expect(scan!.p50).toBeGreaterThan(read?.p50 ?? 0);
  });

  it('see parts of transactions, and the claim is what says so', async () => {
    const result = await run({
      partition: 'partition by range(id) { low: ..3  high: 3.. }',
      more: 'transaction move { update 6 s  commit two-phase-commit { timeout 1s }  claims { no fractured-reads } }',
      targets: 's, move',
      keys: '6',
      operations: '50% scan by id, 50% transaction',
    });
    expect(complaints(result).join()).toMatch(/no fractured-reads/);
    expect(complaints(result)).toHaveLength(1);
  });
});

describe('where the load goes', () => {
  it('a value that 41 % of the records have makes one of 8 partitions as hot as the arithmetic says', async () => {
    const result = await run({ partition: 'partition by hash(country) into 8 replicas 3', keys: '2000' });
    const [load] = result.report.metrics.load;
    // The rest may fall in with it; no other assignment is better.
    expect(load!.partition.timesMean).toBeGreaterThan(leastSkew(0.41, 8) - 0.5);
    expect(load!.partition.share).toBeGreaterThan(0.35);
  });

  it('what is inserted in the order of time goes to the last range, and a hot key heats its partition', async () => {
    const [tail] = (await run({ partition: ways.ranges!, on: 'eu, old', keys: '1000 sequential' })).report.metrics.load;
    expect(tail!.partition.name).toBe('s.now');
    expect(tail!.partition.share).toBeGreaterThan(0.9);
    const [hot] = (await run({ partition: ways['hash slots']!, keys: '100 zipf 1.5' })).report.metrics.load;
    expect(hot!.key).toMatchObject({ name: 'k0' });
    expect(hot!.key.share).toBeGreaterThan(0.25);
    expect(hot!.partition.share).toBeGreaterThan(hot!.key.share);
  });

  it('stands in the metrics, partition by partition', async () => {
    const design = await designOf(text({ partition: ways['hash slots']! }), 'test.dsys', { withErrors: true });
    const { trace, report } = runScenario(design, design.scenarios[0]!, { tool: 'test', seed: 1, record: true });
    const lane = trace!.metrics.find(({ name }) => name === 'load of s')!;
    expect(Object.keys(lane.series)).toHaveLength(4);
    expect(Object.keys(lane.series)[0]).toBe(report.metrics.load[0]!.partition.name);
    const total = (values: readonly (number | null)[]) => values.reduce<number>((sum, one) => sum + (one ?? 0), 0);
    const [hottest, , , mean] = Object.values(lane.series);
    expect(total(hottest!) / total(mean!)).toBeCloseTo(report.metrics.load[0]!.partition.timesMean, 1);
  });
});

describe('what is not executed', () => {
  it.each([
    ['partition by jump-hash(id) into 4 replicas 3', '50% read, 50% write', /jump hashing is judged, never executed/],
    ['', '50% read by city, 50% write', /looks at all keys, and that is done for at most 10000 of them/],
  ])('%s %s', async (partition, operations, why) => {
    const design = await designOf(text({ partition, operations, keys: '20000' }), 'test.dsys', { withErrors: true });
    expect(
      obstacles(design, design.scenarios[0]!)
        .map(({ message }) => message)
        .join(),
    ).toMatch(why);
  });
});
