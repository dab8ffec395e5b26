/** Transactions over replica groups, from a file to a verdict: what they keep in a storm, what blocks, what is refused. */
import { execute, obstacles } from '@dsys/runtime';
import type { AnyProtocol } from '@dsys/runtime/protocols/contract';
import { raft } from '@dsys/runtime/protocols/raft/raft';
import { transactionCoordinator } from '@dsys/runtime/protocols/transaction-coordinator/protocol';
import type { Open } from '@dsys/runtime/protocols/transaction-coordinator/state';
import { describe, expect, it } from 'vitest';
import { designOf, isLong, testScenario } from './support/design.ts';
import { auditedSums, designFor, inDoubt, serializability, share, stormOfEverything } from './support/transactions.ts';

const seeds = Array.from({ length: isLong ? 50 : 5 }, (_, i) => i + 1);

const storm = (options: {
  readonly commit?: string;
  readonly model?: string;
  readonly store?: string;
  /** Roles of three nodes of a cluster, by its letter. */
  readonly nodes?: (cluster: string) => string;
  /** Another store that the mechanism needs. */
  readonly other?: string;
  readonly mix?: string;
}) => `network { latency 2ms }
cluster a { ${options.nodes?.('a') ?? 'nodes a1, a2, a3'} }
cluster b { ${options.nodes?.('b') ?? 'nodes b1, b2, b3'} }
cluster c { nodes c1, c2, c3 }
${options.other ?? ''}
store orders on a { model ${options.model ?? 'kv'} ${options.store ?? 'consensus raft'} }
store stock on b { model ${options.model ?? 'kv'} partition by hash(id) into 2 ${(options.store ?? 'consensus raft').replaceAll(/\ba(?=\d)/g, 'b')} }
transaction place { update orders, stock  commit two-phase-commit { timeout 500ms ${options.commit ?? ''} } }
transaction audit { read all orders, stock  commit two-phase-commit { timeout 500ms ${options.commit ?? ''} } }
workload shop on place, audit, orders, stock { clients 4  keys 4  think exponential(30ms)  timeout 2s  operations ${options.mix ?? '25% read, 25% write, 45% transaction on place, 5% transaction on audit'} }
${stormOfEverything}`;

describe('in a storm', () => {
  it.each([
    ['a coordinator on a Raft group', 'coordinator raft on c', 0.7],
    ['whichever node is asked', '', 0.6],
    ['one node, presumed abort', 'coordinator c1', 0.5],
    ['one node, presumed commit', 'coordinator c1  presume commit', 0.5],
    ['one node, presumed nothing', 'coordinator c1  presume nothing', 0.5],
  ])('%s: atomic, strictly serializable, and a good share commits', async (_name, commit, least) => {
    const design = await designFor(storm({ commit }));
    const runs = seeds.map(seed => execute(design, design.scenarios[0]!, { seed }));
    for (const executed of runs) {
      expect(executed.sim.broken).toEqual([]);
      expect(inDoubt(executed)).toEqual([]);
      expect(serializability(executed)).toBe('holds');
    }
    expect(share(runs)).toBeGreaterThan(least);
  });

  it.each<[string, { other?: string; nodes?: (cluster: string) => string }]>([
    ['consensus multi-paxos', {}],
    ['consensus multi-paxos { lease 100ms }', {}],
    ['consensus flexible-paxos { prepare 3  accept 1 }', {}],
    [
      'consensus cheap-paxos { main a1, a2  auxiliary a3 }',
      { nodes: cluster => `nodes ${cluster}1, ${cluster}2  witness ${cluster}3` },
    ],
    ['replication single-leader synchronous', {}],
    ['replication chain { master names }', { other: 'store names on c { model kv  consensus raft }' }],
    ['consensus raft { read lease 100ms  snapshot every 50 entries }', {}],
  ])('participants with %s', async (store, needs) => {
    const design = await designFor(storm({ store, commit: 'coordinator raft on c', ...needs }));
    const runs = seeds.map(seed => execute(design, design.scenarios[0]!, { seed }));
    for (const executed of runs) {
      expect(executed.sim.broken).toEqual([]);
      expect(serializability(executed)).toBe('holds');
    }
    expect(share(runs)).toBeGreaterThan(0.5);
  });

  it('stores linearizable and without lost writes, single operations and transactions together', async () => {
    const design = await designFor(
      storm({ commit: 'coordinator raft on c' }).replace(
        /\}\s*$/,
        '  expect consistency linearizable  expect no lost-writes  expect no blocking }',
      ),
    );
    const report = testScenario(design, 'storm', seeds.length);
    expect(report.properties.filter(one => one.verdict !== 'holds').map(one => `${one.property} ${one.why}`)).toEqual(
      [],
    );
  });

  it.each(['strict-serializable', 'snapshot', 'repeatable-read', 'read-committed', 'read-uncommitted'])(
    'at %s, each key stays linearizable',
    async level => {
      const text = storm({ commit: 'coordinator raft on c' }).replaceAll(
        '  commit two',
        `  isolation ${level}  commit two`,
      );
      const design = await designFor(
        text.replace(/\}\s*$/, '  expect consistency linearizable  expect no lost-writes }'),
      );
      const report = testScenario(design, 'storm', seeds.length);
      expect(report.properties.flatMap(one => (one.verdict === 'holds' ? [] : [`${one.property} ${one.why}`]))).toEqual(
        [],
      );
    },
  );

  it('without a commit protocol: each key is linearizable, and others see the half of it', async () => {
    const text = storm({}).replaceAll(/commit two-phase-commit \{[^}]*\}/g, '');
    const design = await designFor(text.replace(/\}\s*$/, '  expect consistency linearizable }'));
    const report = testScenario(design, 'storm', seeds.length);
    expect(report.properties.flatMap(one => (one.verdict === 'holds' ? [] : [`${one.property} ${one.why}`]))).toEqual(
      [],
    );
    const runs = seeds.map(seed => execute(design, design.scenarios[0]!, { seed }));
    expect(share(runs)).toBeGreaterThan(0.5);
    expect(runs.some(executed => serializability(executed).startsWith('violated'))).toBe(true);
  });

  it('moves money and creates none', async () => {
    const text = storm({
      model: 'counter',
      commit: 'coordinator raft on c',
      mix: '80% transaction on place, 20% transaction on audit',
    });
    const design = await designFor(text.replaceAll('update orders, stock', 'update 2 orders, stock'));
    const sums = auditedSums(design, seeds);
    expect(sums.length).toBeGreaterThan(10);
    expect(new Set(sums)).toEqual(new Set([0]));
  });

  it('appends to lists: everybody sees prefixes of one order, and nothing that was aborted', async () => {
    const design = await designFor(
      storm({
        model: 'list',
        commit: 'coordinator raft on c',
        mix: '80% transaction on place, 20% transaction on audit',
      }),
    );
    for (const seed of seeds) {
      const executed = execute(design, design.scenarios[0]!, { seed });
      expect(executed.sim.broken).toEqual([]);
      const longest = new Map<string, readonly number[]>();
      const aborted = new Set<number>();
      type Steps = readonly (readonly [string, string, number | readonly number[]])[];
      const reads: [string, readonly number[]][] = [];
      for (const one of executed.log.operations) {
        if (one.outcome === 'fail')
          for (const [kind, , value] of one.input as Steps) if (kind === 'append') aborted.add(value as number);
        if (one.outcome !== 'ok') continue;
        for (const [kind, key, value] of one.output as Steps) if (kind === 'read') reads.push([key, value as number[]]);
      }
      for (const [key, list] of reads) if (list.length > (longest.get(key)?.length ?? -1)) longest.set(key, list);
      for (const [key, list] of reads) {
        expect(longest.get(key)!.slice(0, list.length)).toEqual(list);
        expect(list.filter(value => aborted.has(value))).toEqual([]);
      }
    }
  });
});

describe('with one thing left out', () => {
  type Coordinator = { open: Record<string, Open>; calls: Record<number, { kind: string; id: string; group: string }> };
  const answering = (change: (state: Coordinator, token: number, reply: never) => never): AnyProtocol => ({
    ...transactionCoordinator,
    answered: (state, token, reply, io) =>
      transactionCoordinator.answered!(state, token, change(state as never, token, reply as never), io as never),
  });
  /** Commits when a participant says no or is not heard. */
  const oneVoteShort = answering((state, token, reply) => {
    const call = state.calls[token];
    const told = reply as { kind: string; output: readonly unknown[] };
    if (call?.kind !== 'prepare' || told.kind !== 'ok' || told.output[0] === 'yes') return reply;
    return { kind: 'ok', output: ['yes', []] } as never;
  });
  /** Takes over and aborts, whatever was written. */
  const withoutLooking = answering((state, token, reply) => {
    const call = state.calls[token];
    return call?.kind === 'look' ? ({ kind: 'ok', output: state.open[call.id]!.wants } as never) : reply;
  });
  /** Participants that let go of their locks with their vote. */
  const lockless: AnyProtocol = {
    ...raft,
    receive(state, from, message, io) {
      raft.receive(state, from, message as never, io as never);
      state.machine.transactions.locks = {};
    },
  } as AnyProtocol;
  const caught = async (
    text: string,
    options: { coordinator?: AnyProtocol; protocolOf?: () => AnyProtocol },
    wanted: readonly string[],
  ) => {
    const design = await designFor(text);
    const all = new Set<string>();
    for (let seed = 1; seed <= 20 && (wanted.length === 0 || wanted.some(one => !all.has(one))); seed++) {
      const executed = execute(design, design.scenarios[0]!, { seed, ...options });
      for (const one of executed.sim.broken) all.add(one.invariant.split(' ')[1]!);
      const looks = wanted.length === 0 || (wanted.includes('serializable') && !all.has('serializable'));
      if (looks && serializability(executed) !== 'holds') all.add('serializable');
    }
    return wanted.length === 0 ? [...all] : wanted.filter(one => all.has(one));
  };

  /** The coordinator dies when the first participant knows of the commit, and the others do not. */
  const halfTold = `at 0s lose commit from c1 to b1, b2, b3 for 1s
    when ack reaches c1 crash c1 for 1s`;

  it.each<[string, string, readonly string[], object]>([
    ['a decision that is not on the disk', 'coordinator c1  durable-log off', ['AC1', 'AC3'], {}],
    ['a vote that is not waited for', 'coordinator c1', ['AC2', 'serializable'], { coordinator: oneVoteShort }],
    ['a decision taken over without a look at it', 'coordinator raft on c', ['AC1'], { coordinator: withoutLooking }],
    ['locks that go with the vote', 'coordinator c1', ['InDoubtLocks', 'serializable'], { protocolOf: () => lockless }],
  ])('%s', async (_name, commit, wanted, options) => {
    expect(await caught(`${storm({ commit }).replace(/\}\s*$/, '')}  ${halfTold} }`, options, wanted)).toEqual(wanted);
  });

  it('and the same storm finds nothing wrong with the real one', async () => {
    expect(await caught(`${storm({ commit: 'coordinator c1' }).replace(/\}\s*$/, '')}  ${halfTold} }`, {}, [])).toEqual(
      [],
    );
  });
});

describe('what is not built is refused', () => {
  it.each([
    ['commit three-phase-commit { coordinator raft on a }', 'consensus raft', 'finish without their coordinator'],
    ['commit two-phase-commit', 'consensus paxos', 's cannot take part: it agrees on each key by itself'],
    ['commit two-phase-commit', 'consensus fast-paxos', 's cannot take part: it agrees on each key by itself'],
    [
      'commit three-phase-commit',
      'consensus two-phase-commit',
      's cannot take part: its replicas have one order per key',
    ],
    [
      'commit two-phase-commit',
      'consensus three-phase-commit',
      's cannot take part: its replicas have one order per key',
    ],
  ])('%s over %s', async (commit, store, why) => {
    const text = `cluster a { nodes 3 }
store s on a { ${store} }
transaction t { update 2 s  ${commit} }
workload w on t { operations 100% transaction }
scenario one { run w for 1s }`;
    const design = await designOf(text, 'test.dsys', { withErrors: true });
    expect(obstacles(design, design.scenarios[0]!).map(one => one.message)).toContainEqual(
      expect.stringContaining(why),
    );
  });
});

describe('isolation', () => {
  const text = (level: string) => `
    network { latency 2ms }
    cluster a { nodes 3 }
    cluster b { nodes 3 }
    cluster c { nodes 3 }
    store orders on a { model list  consensus raft }
    store stock on b { model list  consensus raft }
    transaction move { update orders, stock  commit two-phase-commit { coordinator raft on c  timeout 300ms }  isolation ${level}
      claims { isolation serializable  no fractured-reads } }
    transaction audit { read orders, stock  commit two-phase-commit { coordinator raft on c  timeout 300ms }  isolation ${level}
      claims { isolation serializable  no fractured-reads } }
    workload w on move, audit { clients 8  think exponential(10ms)  operations 100% transaction  keys 1  timeout 2s }
    scenario busy { run w for 3s }`;
  const claimsAt = async (level: string) => {
    const design = await designOf(text(level), 'isolation.dsys', { withErrors: true });
    const { properties, outcome } = testScenario(design, 'busy', 3);
    const claims = properties.filter(one => one.origin === 'claim');
    expect(claims.map(one => `${one.of} ${one.property}`)).toEqual([
      'move isolation serializable',
      'move no fractured-reads',
      'audit isolation serializable',
      'audit no fractured-reads',
    ]);
    return { outcome, verdicts: claims.map(one => one.verdict), why: claims.map(one => one.why).join('\n') };
  };

  it('of locks kept to the end is serializable', async () => {
    expect(await claimsAt('serializable')).toMatchObject({ outcome: 'pass', verdicts: Array(4).fill('holds') });
  });

  it('of read locks given back at once is not: a reader sees half of another transaction', async () => {
    const { outcome, verdicts, why } = await claimsAt('read-committed');
    expect({ outcome, verdicts }).toEqual({ outcome: 'fail', verdicts: Array(4).fill('violated') });
    expect(why).toContain('G-single (read skew)');
  });

  it('without read locks shows what was never committed', async () => {
    expect((await claimsAt('read-uncommitted')).why).toContain('G1a (aborted read)');
  });
});

describe('figures that a transaction claims', () => {
  const text = (claims: string, faults: string) => `
    network { latency 2ms }
    cluster a { nodes a1, a2, a3 }
    cluster b { nodes b1, b2, b3 }
    store orders on a { consensus raft }
    store stock on b { consensus raft }
    transaction place { update orders, stock  commit two-phase-commit { timeout 300ms }  claims { ${claims} } }
    workload w on place { clients 2  think exponential(20ms)  operations 100% transaction  keys 50  timeout 1s }
    scenario one { run w for 3s  settle 2s  ${faults} }`;
  const crashes = 'at 1s crash a1 for 1s  at 1s crash a2 for 1s';
  const judged = async (claims: string, faults: string) => {
    const { properties } = testScenario(await designOf(text(claims, faults), 'f.dsys', { withErrors: true }), 'one', 2);
    return properties.filter(one => one.origin === 'claim');
  };

  it.each([
    ['transaction p99 < 100ms', 'holds', /^\d+(\.\d+)? ms over \d+ transactions, without faults$/],
    ['transaction p50 < 1ms', 'violated', /^\d+(\.\d+)? ms over \d+ transactions, without faults$/],
    ['availability >= 98%', 'holds', /% of client time .* of \d+ transactions failed .*, without faults$/],
    ['throughput > 20/s', 'holds', /^\d+(\.\d+)? transactions per second succeeded, without faults$/],
    ['recovery < 1s', 'unknown', /^recovery is judged under faults/],
  ])('%s: judged without the faults of the scenario', async (claim, verdict, why) => {
    const [one] = await judged(claim, crashes);
    expect(one).toMatchObject({ verdict });
    expect(one!.why).toMatch(why);
  });

  it('also where groups that no design names decide, of transactions and of stores; and what survives', async () => {
    const source = `
      network { latency 2ms }
      cluster a { nodes 3 }
      cluster b { nodes 3 }
      store orders on a { consensus two-phase-commit { coordinator raft on b  timeout 300ms }  claims { write p99 < 1s } }
      store stock on b { consensus raft  claims { survives 1 node } }
      transaction place {
        update stock  commit two-phase-commit { coordinator raft on a }  concurrency versions
        claims { transaction p99 < 1s }
      }
      workload w on orders, stock, place { clients 4  think exponential(20ms)  operations 40% read, 30% write, 30% transaction }
      scenario one { run w for 3s  at 1s crash leader of stock for 500ms }`;
    const design = await designOf(source, 'f.dsys', { withErrors: true });
    const claims = testScenario(design, 'one', 2).properties.filter(one => one.origin === 'claim');
    expect(claims.map(one => [one.of, one.property, one.verdict])).toEqual([
      ['orders', 'write p99 < 1s', 'holds'],
      ['stock', 'survives 1 node', 'holds'],
      ['place', 'transaction p99 < 1s', 'holds'],
    ]);
  });

  it('are those of the run itself where nothing fails', async () => {
    const [one] = await judged('transaction p99 < 100ms', '');
    expect(one).toMatchObject({ verdict: 'holds' });
    expect(one!.why).not.toContain('without faults');
  });

  it('and what is expected in the scenario is judged with its faults', async () => {
    const design = await designOf(
      text('transaction p99 < 100ms', `${crashes}  expect violation transaction p99 < 100ms`),
      'f.dsys',
      { withErrors: true },
    );
    const { properties } = testScenario(design, 'one', 2);
    expect(properties.find(one => one.origin === 'claim')).toMatchObject({ verdict: 'holds' });
    expect(properties.find(one => one.origin === 'expect violation')).toMatchObject({ verdict: 'violated' });
  });
});
