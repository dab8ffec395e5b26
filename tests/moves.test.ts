/** Partitions that change hands while clients use them: moved, brought by nodes that come, left by nodes that go. */
import { type Design, obstacles, runScenario } from '@dsys/runtime';
import { describe, expect, it } from 'vitest';
import { designOf, isLong } from './support/design.ts';

const seeds = isLong ? 20 : 2;

interface Written {
  readonly partition: string;
  readonly mechanism?: string;
  readonly actions: string;
  readonly more?: string;
  readonly nodes?: number;
  readonly keys?: number;
  readonly retries?: string;
}

const text = ({
  partition,
  mechanism = 'consensus raft',
  actions,
  more = '',
  nodes = 4,
  keys = 200,
  retries = 'retries 2 idempotent',
}: Written): string => `
rules { shard-skew off  hash-kills-range off  mod-n-resize off  vnode-imbalance off  even-cluster off  directory-spof off
  vnode-copysets off  range-hot-tail off  list-too-few-values off  node-already-in-store off }
cluster eu { nodes ${nodes}  spare e8, e9  disk { fsync 0.1ms } }
cluster us { nodes u1, u2, u3  disk { fsync 0.1ms } }
store routes on us { consensus raft }
store s on eu { record { id: string  country: string values "US" 41%, "DE" 20% }  ${partition}  ${mechanism} }
workload w on s { clients 10  operations 50% read, 50% write  keys ${keys}  timeout 400ms  ${retries} }
scenario t { run w for 4s  settle 2s
  ${actions} }
${more}`;

const storm = 'chaos from 0.5s until 3.5s { crash up to 1 every 1s  cut up to 1 every 1s  pause up to 1 every 2s }';

async function designFor(written: Written): Promise<Design> {
  const design = await designOf(text(written), 'test.dsys', { withErrors: true });
  expect(obstacles(design, design.scenarios[0]!).map(({ message }) => message)).toEqual([]);
  return design;
}

function runOf(design: Design, seed: number) {
  const { report, executed } = runScenario(design, design.scenarios[0]!, { tool: 'test', seed, record: false });
  const [moving] = [...executed.moving.values()];
  const said = report.properties
    .filter(({ verdict }) => verdict === 'violated')
    .map(one => `${one.property}: ${one.why}`);
  const { ok, invoked } = report.covered.operations;
  return { report, executed, moving: moving!, said, share: ok / invoked };
}

const ways: Readonly<Record<string, readonly [partition: string, change: string]>> = {
  'a slot moves': ['partition by hash(id) into 4 replicas 3', 'at 1s move s.p1 to us'],
  'a list moves': ['partition by list(country) { us: "US"  others: rest } replicas 3', 'at 1s move s.us to us'],
  'a node comes to a ring': ['partition by consistent-hash(id) virtual-nodes 64 replicas 3', 'at 1s add e9 to s'],
  'a node comes modulo nodes': ['partition by hash(id) modulo nodes replicas 3', 'at 1s add e9 to s'],
  'a node comes to a directory': ['partition by directory(id) at routes replicas 3', 'at 1s add e9 to s'],
  'a partition of a directory moves': ['partition by directory(id) at routes replicas 3', 'at 1s move s.p2 to us'],
  'a node leaves a ring': ['partition by consistent-hash(id) virtual-nodes 64 replicas 3', 'at 1s remove eu2 from s'],
};
const mechanisms = ['consensus raft', 'replication single-leader semi-synchronous 1', 'consensus multi-paxos'];

describe.each(Object.entries(ways))('%s', (_name, [partition, change]) => {
  it.each(mechanisms)('over %s, and nobody notices', async mechanism => {
    const design = await designFor({ partition, mechanism, actions: change });
    for (let seed = 1; seed <= seeds; seed++) {
      const { said, share, moving, executed } = runOf(design, seed);
      expect(said).toEqual([]);
      expect(share).toBeGreaterThan(0.97);
      expect(moving.changes.map(({ outcome }) => outcome)).toEqual(['done']);
      expect(moving.map.epoch).toBe(2);
      expect(moving.changes[0]!.moved).toBeGreaterThan(10);
      expect(executed.operator.orders.filter(({ outcome }) => outcome !== 'done')).toEqual([]);
    }
  });

  it('in a storm', async () => {
    const design = await designFor({ partition, actions: `${change}\n${storm}` });
    for (let seed = 1; seed <= 2 * seeds; seed++) {
      const { said, share } = runOf(design, seed);
      expect([seed, said]).toEqual([seed, []]);
      expect(share).toBeGreaterThan(0.5);
    }
  });
});

describe('again and again', () => {
  const clients = Array.from({ length: 4 }, (_, i) => `at 4500ms client late${i} write k${i} = ${-1 - i} on s`).join(
    '\n',
  );

  it.each([
    [
      'there and back until epoch 9, and a client that has slept since epoch 1',
      'partition by range(id) { low: ..100  high: 100.. } replicas 3',
      `at 100ms client c99 write k7 = -9 on s\n${Array.from({ length: 8 }, (_, i) => `at ${500 + 400 * i}ms move s.low to ${i % 2 === 0 ? 'us' : 'eu'}`).join('\n')}\nat 3900ms client c99 write k7 = -10 on s`,
      9,
    ],
    [
      'a node that comes, goes and comes',
      'partition by consistent-hash(id) virtual-nodes 64 replicas 3',
      'at 500ms add e9 to s\nat 1500ms remove e9 from s\nat 2500ms add e9 to s\nat 3s add e8 to s',
      5,
    ],
  ])('%s', async (_name, partition, actions, epoch) => {
    for (const chaos of ['', storm]) {
      const design = await designFor({ partition, actions: `${actions}\n${chaos}\n${clients}` });
      for (let seed = 1; seed <= seeds; seed++) {
        const { said, moving, share } = runOf(design, seed);
        expect([seed, said]).toEqual([seed, []]);
        expect(share).toBeGreaterThan(chaos === '' ? 0.97 : 0.5);
        expect(moving.map.epoch).toBe(epoch);
      }
    }
  });
});

describe('without a log', () => {
  const abd = 'replication leaderless { read-write-back on  anti-entropy every 1s }';
  const stores: readonly (readonly [mechanism: string, promised: string])[] = [
    ['replication leaderless { read 1  write all  anti-entropy every 1s }', 'no lost-writes'],
    ['replication leaderless { read 1  write 1  anti-entropy every 500ms }', 'no lost-writes'],
    [
      'replication leaderless { resolve siblings by dotted-vector per server  anti-entropy every 1s }',
      'no lost-updates',
    ],
  ];
  const there = Array.from({ length: 8 }, (_, i) => `at ${500 + 400 * i}ms move s.low to ${i % 2 === 0 ? 'us' : 'eu'}`);
  const cases: readonly (readonly [string, string, string, number])[] = [
    ...Object.entries(ways).map(([name, [partition, change]]) => [name, partition, change, 2] as const),
    ['there and back', 'partition by range(id) { low: ..100  high: 100.. } replicas 3', there.join('\n'), 9],
    [
      'nodes come, go and come',
      'partition by consistent-hash(id) virtual-nodes 64 replicas 3',
      'at 500ms add e9 to s\nat 1s remove eu2 from s\nat 1500ms remove e9 from s\nat 2s add e9 to s\nat 2500ms add eu2 to s\nat 3s add e8 to s',
      7,
    ],
  ];

  it.each(cases.map((one, i) => [...one, i] as const))('%s', async (_name, partition, change, epoch, i) => {
    for (const [mechanism, promised] of [
      [abd, 'consistency linearizable'] as const,
      ...(isLong ? stores : [stores[i % stores.length]!]),
    ])
      for (const chaos of ['', storm]) {
        const actions = `${change}\n${chaos}\nexpect ${promised} of s  expect consistency eventual of s`;
        // A write that is tried again is a write anew: nobody does.
        const design = await designFor({ partition, mechanism, actions, retries: '' });
        for (let seed = 1; seed <= (isLong ? seeds : 1); seed++) {
          const { report, said, share, moving } = runOf(design, seed);
          expect([seed, mechanism, said]).toEqual([seed, mechanism, []]);
          const asked = report.properties.filter(({ origin }) => origin === 'expect').map(({ verdict }) => verdict);
          expect(asked).toEqual(['holds', 'holds']);
          expect(share).toBeGreaterThan(chaos === '' ? 0.97 : mechanism.includes('write all') ? 0.3 : 0.8);
          expect(moving.map.epoch).toBe(epoch);
          if (chaos === '') expect(moving.changes.filter(({ outcome }) => outcome !== 'done')).toEqual([]);
        }
      }
  });

  it.each(['replication leaderless', 'consensus multi-paxos'])(
    'nothing stays on a node that leaves: %s',
    async mechanism => {
      const [partition, change] = ways['a node leaves a ring']!;
      const design = await designFor({ partition, mechanism, actions: `${change}\nat 2s add e9 to s`, retries: '' });
      const { executed, moving } = runOf(design, 1);
      const holding = moving.map.members.map(index => executed.sim.groups[moving.map.groups[index]!]!);
      const nodes = holding.flatMap(({ group }) => group.replicas.map(node => executed.design.nodes[node]!.name));
      expect(new Set(nodes)).toEqual(new Set(['eu1', 'eu3', 'eu4', 'e9']));
      const left = executed.sim.nodes.find(({ spec }) => spec.name === 'eu2')!;
      for (const { protocol, state } of left.members) expect(Object.keys(protocol.contents(state))).toEqual([]);
    },
  );
});

describe('a disk that is lost', () => {
  it('keeps no partition from moving on: what it held comes from those that wait for it', async () => {
    const design = await designFor({
      partition: 'partition by hash(id) into 4 replicas 3',
      mechanism: 'replication leaderless { read 1  write all  anti-entropy every 1s }',
      actions: `at 500ms move s.p1 to us  at 800ms move s.p1 to eu
        at 950ms crash eu3 losing disk for 100ms  at 1s move s.p1 to us  expect no lost-writes of s`,
      retries: '',
    });
    for (let seed = 1; seed <= 2 * seeds; seed++) {
      const { said, moving } = runOf(design, seed);
      expect([seed, said]).toEqual([seed, []]);
      expect(moving.changes.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done']);
    }
  });
});

describe('levels of a workload', () => {
  it('are waited for: nobody who still serves a single reader is left behind', async () => {
    const design = await designFor({
      partition: 'partition by hash(id) into 4 replicas 3',
      mechanism: 'replication leaderless { anti-entropy every 1s }',
      // A client can reach eu2 all the time, which for one second hears of nothing.
      actions: 'at 900ms cut eu2 from eu3, eu4 for 1s  at 1s move s.p1 to us  expect consistency regular of s',
      retries: 'read one  write all',
    });
    for (let seed = 1; seed <= seeds; seed++) {
      const { said, moving } = runOf(design, seed);
      expect([seed, said]).toEqual([seed, []]);
      const [{ startedNs, endedNs, outcome }] = moving.changes as [(typeof moving.changes)[number]];
      expect(outcome).toBe('done');
      expect(endedNs - startedNs).toBeGreaterThan(800_000_000);
    }
  });
});

describe('sessions that carry what they have seen', () => {
  // The partition has left u3 while it heard nobody, and comes back: u3 still goes by the map of before.
  const asleep = `at 1s move s.p1 to us  at 1015ms cut u3 from u1, u2 for 2500ms
    at 1020ms move s.p1 to eu  at 2s move s.p1 to us`;
  const guarantees = `expect consistency read-your-writes of s  expect consistency monotonic-reads of s`;
  const read = async (
    mechanism: string,
    session: string,
    actions: string,
    count: number,
  ): Promise<readonly string[]> => {
    const design = await designFor({
      partition: 'partition by hash(id) into 4 replicas 3',
      mechanism,
      actions: `${actions}\n${guarantees}`,
      // Leaderless, a write that is tried again is a write anew.
      retries: `${mechanism.includes('leaderless') ? '' : 'retries 2 idempotent'}  session any ${session}`,
      keys: 60,
    });
    const verdicts = new Set<string>();
    for (let seed = 1; seed <= count; seed++) {
      const { report, share } = runOf(design, seed);
      expect(share).toBeGreaterThan(0.8);
      for (const { origin, property, verdict } of report.properties)
        if (origin === 'expect') verdicts.add(`${property}: ${verdict}`);
    }
    return [...verdicts].sort();
  };
  const both = ['consistency monotonic-reads: holds', 'consistency read-your-writes: holds'];

  it.each([
    'consensus raft { read local from any }',
    'replication chain { master routes  read from any }',
    'consensus multi-paxos',
    'replication leaderless { read 1  write 1 }',
  ])('see no less after a move: %s', async mechanism => {
    expect(await read(mechanism, 'session-token on', asleep, seeds)).toEqual(both);
    expect(await read(mechanism, 'session-token on', `${asleep}\n${storm}`, seeds)).toEqual(both);
  });

  it('and less without', async () => {
    const verdicts = await read('consensus raft { read local from any }', '', asleep, 2);
    expect(verdicts).toContain('consistency read-your-writes: violated');
    expect(verdicts).toContain('consistency monotonic-reads: violated');
  });
});

describe('transactions over what moves', () => {
  const transfers = `transaction transfer {
    update 2 s
    commit two-phase-commit { timeout 500ms  coordinator raft on us }
    isolation serializable
  }
  workload v on transfer, s { clients 8  operations 30% read, 20% write, 50% transaction  keys 60  timeout 1s }
  scenario both { run v for 4s  settle 4s  CHANGES
    expect isolation serializable of transfer  expect no fractured-reads of transfer  expect no lost-writes of s
    expect consistency linearizable of s  expect no blocking of transfer }`;

  const some = ['a slot moves', 'a node comes to a ring', 'a partition of a directory moves', 'a node leaves a ring'];

  it.each(some)('wait for it, or are told where to go: %s', async name => {
    const [partition, change] = ways[name]!;
    for (const chaos of ['', storm]) {
      const more = transfers.replace('CHANGES', `${change}\n${chaos}`);
      const design = await designOf(text({ partition, actions: 'at 1s crash eu1', more }), 'test.dsys', {
        withErrors: true,
      });
      const scenario = design.scenarios.find(({ name }) => name === 'both')!;
      expect(obstacles(design, scenario).map(({ message }) => message)).toEqual([]);
      for (let seed = 1; seed <= (chaos === '' ? 1 : seeds - 1); seed++) {
        const { report, executed } = runScenario(design, scenario, { tool: 'test', seed, record: false });
        const said = report.properties
          .filter(({ verdict }) => verdict !== 'holds')
          .map(one => `${one.property}: ${one.why}`);
        expect([seed, said]).toEqual([seed, []]);
        expect(executed.moving.get('s')!.map.epoch).toBe(2);
        const transactions = executed.log.operations.filter(({ kind }) => kind === 'transaction');
        expect(transactions.filter(({ outcome }) => outcome === 'ok').length / transactions.length).toBeGreaterThan(
          chaos === '' ? 0.8 : 0.3,
        );
      }
    }
  });
});

describe('what does not move', () => {
  const change = 'at 1s move s.p1 to us';
  const slots = 'partition by hash(id) into 4 replicas 3';
  const touched = (options: string) =>
    `transaction t2 { update 2 s ${options} } workload v on t2 { operations 100% transaction } scenario b { run v for 1s  ${change} }`;

  it.each([
    [
      { partition: slots, mechanism: 'replication leaderless { sloppy  hinted-handoff on for 1h }', actions: change },
      /nobody asks those when its key leaves: leave sloppy out/,
    ],
    [
      { partition: slots, mechanism: 'replication leaderless { cas paxos }', actions: change },
      /what acceptors have promised and accepted for a compare-and-set does not move/,
    ],
    [{ partition: slots, mechanism: 'consensus paxos', actions: change }, /has no log/],
    [{ partition: slots, actions: '', more: touched('') }, /half of it could be refused: give it two-phase-commit/],
    [
      {
        partition: slots,
        actions: '',
        more: touched('commit two-phase-commit { timeout 1s }  isolation snapshot  concurrency versions'),
      },
      /versions, and those do not move/,
    ],
    [
      {
        partition: 'partition by consistent-hash(id) virtual-nodes 16 replicas 3',
        mechanism: 'replication chain { master none }',
        actions: 'at 1s remove eu2 from s',
      },
      /a copy of other partitions stands there, and a chain without a configuration service never changes/,
    ],
    [
      {
        partition: 'partition by consistent-hash(id) virtual-nodes 16 replicas 3',
        mechanism: 'consensus multi-paxos',
        actions: 'at 1s remove leader of s from s',
      },
      /it has to be known before who leaves: name the nodes/,
    ],
    [
      {
        partition: 'partition by consistent-hash(id) virtual-nodes 16 replicas 3',
        mechanism: 'replication leaderless',
        actions: 'at 1s remove eu2 from s\nevery 2s remove eu3 from s',
      },
      /let all changes of s happen at a time/,
    ],
    [
      { partition: slots, mechanism: 'replication leaderless { read 3  write 1 }', actions: 'at 1s move s.p1 to u1' },
      /s\.p1@u1 would have u1, and the quorums of s cannot be gathered there/,
    ],
    [
      {
        partition: slots,
        mechanism: 'replication single-leader semi-synchronous 1',
        actions: '',
        more: `workload v on s { session-token on } scenario b { run v for 1s  ${change} }`,
      },
      /carries session tokens, which are positions in the log that a partition leaves: what a leader that fails/,
    ],
  ] as const)('%s', async (written, why) => {
    const design = await designOf(text(written), 'test.dsys', { withErrors: true });
    const found = obstacles(design, design.scenarios.at(-1)!).map(({ message }) => message);
    expect(new Set(found).size).toBe(1);
    expect(found[0]).toMatch(why);
  });
});

describe('how many keys move', () => {
  it.each([
    ['partition by hash(id) modulo nodes replicas 3', 'add e9 to s', 0.8],
    ['partition by consistent-hash(id) virtual-nodes 256 replicas 3', 'add e9 to s', 0.2],
    ['partition by directory(id) at routes replicas 3', 'add e9 to s', 0.2],
    ['partition by consistent-hash(id) virtual-nodes 256 replicas 3', 'remove eu3 from s', 0.25],
    ['partition by hash(id) modulo nodes replicas 3', 'remove eu3 from s', 0.75],
  ])('%s: %s moves about %f', async (partition, change, share) => {
    const design = await designFor({ partition, actions: `at 3s ${change}`, keys: 1000 });
    const { moving } = runOf(design, 1);
    const { moved, held } = moving.changes[0]!;
    expect(held).toBeGreaterThan(500);
    expect(Math.abs(moved / held - share)).toBeLessThan(0.06);
  });

  it('and none with "rebalance off"', async () => {
    const partition = 'partition by consistent-hash(id) virtual-nodes 64 replicas 3 { rebalance off }';
    const design = await designFor({ partition, actions: 'at 1s add e9 to s' });
    const { executed, said } = runOf(design, 1);
    expect(said).toEqual([]);
    expect(executed.moving.size).toBe(0);
  });
});
