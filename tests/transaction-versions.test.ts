/** Transactions kept apart by versions, from a file to a verdict: what each level keeps in a storm, what it shows, what clocks do to it. */
import { execute, obstacles } from '@dsys/runtime';
import type { IsolationLevel } from '@dsys/runtime/design/property';
import { describe, expect, it } from 'vitest';
import { designOf, isLong, testScenario } from './support/design.ts';
import { auditedSums, designFor, share } from './support/transactions.ts';
import { isolation, machines, seeds, storm } from './support/versions.ts';

describe('in a storm', () => {
  it.each<[IsolationLevel, number]>([
    ['strict-serializable', 0.6],
    ['serializable', 0.6],
    ['repeatable-read', 0.6],
    ['snapshot', 0.6],
    ['read-committed', 0.6],
    ['read-uncommitted', 0.6],
  ])('%s is kept, nothing stays in doubt, and a good share commits', async (level, least) => {
    const design = await designFor(storm(level));
    const runs = seeds.map(seed => execute(design, design.scenarios[0]!, { seed }));
    for (const executed of runs) {
      expect(executed.sim.broken.map(one => `${one.invariant} ${one.why}`)).toEqual([]);
      expect(isolation(executed, level)).toMatchObject({ verdict: 'holds' });
      for (const one of machines(executed)) expect(one.prepared).toEqual({});
    }
    expect(share(runs)).toBeGreaterThan(least);
  });

  it.each([
    ['a coordinator on one node', { commit: 'coordinator c1' }],
    ['whichever node is asked, presumed nothing', { commit: 'presume nothing' }],
    ['clocks that are 200 ms apart', { skew: '200ms' }],
    ['Raft that cuts its log', { store: 'consensus raft { read lease 100ms  snapshot every 30 entries }' }],
    ['Multi-Paxos', { store: 'consensus multi-paxos' }],
    ['a leader with synchronous followers', { store: 'replication single-leader synchronous' }],
  ])('serializable with %s', async (_name, options) => {
    const design = await designFor(storm('serializable', options));
    const runs = seeds.map(seed => execute(design, design.scenarios[0]!, { seed }));
    for (const executed of runs) {
      expect(executed.sim.broken.map(one => `${one.invariant} ${one.why}`)).toEqual([]);
      expect(isolation(executed, 'serializable')).toMatchObject({ verdict: 'holds' });
    }
    expect(share(runs)).toBeGreaterThan(0.5);
  });

  it.each([
    ['on a Raft group', 'coordinator raft on c'],
    ['on one node', 'coordinator c1'],
    ['on whichever node is asked', ''],
  ])('strictly serializable with clocks that are 100 ms apart and a coordinator %s', async (_name, commit) => {
    const design = await designFor(storm('strict-serializable', { commit, skew: '100ms' }));
    const runs = seeds.map(seed => execute(design, design.scenarios[0]!, { seed }));
    for (const executed of runs) {
      expect(executed.sim.broken.map(one => `${one.invariant} ${one.why}`)).toEqual([]);
      expect(isolation(executed, 'strict-serializable')).toMatchObject({ verdict: 'holds' });
    }
    expect(share(runs)).toBeGreaterThan(0.5);
  });

  it('each key stays linearizable, no write is lost, nobody blocks', async () => {
    const design = await designFor(
      storm('snapshot', { model: 'kv', alone: '15% read, 15% write' }).replace(
        /\}\s*$/,
        '  expect consistency linearizable  expect no lost-writes  expect no blocking }',
      ),
    );
    const report = testScenario(design, 'storm', seeds.length);
    expect(report.properties.flatMap(one => (one.verdict === 'holds' ? [] : [`${one.property} ${one.why}`]))).toEqual(
      [],
    );
  });

  it('operations on one key beside them are transactions of their own', async () => {
    const design = await designFor(storm('serializable', { model: 'kv', alone: '15% read, 15% write' }));
    for (const seed of seeds) {
      const executed = execute(design, design.scenarios[0]!, { seed });
      expect(executed.sim.broken.map(one => `${one.invariant} ${one.why}`)).toEqual([]);
      expect(isolation(executed, 'serializable').verdict).not.toBe('violated');
    }
  });

  it('old versions are collected: they are as many as were written while they are kept', async () => {
    const design = await designFor(
      storm('snapshot')
        .replaceAll('timeout 500ms', 'timeout 50ms')
        .replace(/\n {2}chaos.*\n.*\n/, '\n'),
    );
    const executed = execute(design, design.scenarios[0]!, { seed: 1 });
    const written = executed.log.operations.filter(one => one.outcome === 'ok' && one.store !== 'audit').length;
    const chains = machines(executed).flatMap(({ chains }) => Object.values(chains));
    const most = Math.max(...chains.map(({ versions }) => versions.length));
    expect(written).toBeGreaterThan(100);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThan(10);
  });
});

/** Each reads what the other writes: the doctors on call of Cahill et al. 2008, one on each side. */
const doctors = (level: string, claimed = 'serializable') => {
  const commit = `commit two-phase-commit { timeout 500ms }  concurrency versions  isolation ${level}
    claims { isolation ${claimed} }`;
  return `network { latency 2ms }
cluster a { nodes 3 }
cluster b { nodes 3 }
store alice on a { model list  consensus raft }
store bob on b { model list  consensus raft }
transaction alice-leaves { read bob  update alice  ${commit} }
transaction bob-leaves { read alice  update bob  ${commit} }
workload ward on alice-leaves, bob-leaves { clients 4  keys 1  think exponential(20ms)  operations 100% transaction }
scenario night { run ward for 2s }`;
};

describe('isolation', () => {
  const claims = async (text: string, runs = isLong ? 50 : 6) => {
    const { properties, outcome } = testScenario(await designFor(text), 'night', runs);
    const judged = properties.filter(one => one.origin === 'claim');
    return { outcome, verdicts: judged.map(one => one.verdict), why: judged.map(one => one.why).join('\n') };
  };

  it('snapshot has write skew', async () => {
    const { verdicts, why } = await claims(doctors('snapshot'), 20);
    expect(verdicts).toEqual(['violated', 'violated']);
    expect(why).toContain('G2-item (write skew)');
  });

  it('and nothing worse', async () => {
    expect(await claims(doctors('snapshot', 'snapshot'))).toMatchObject({
      outcome: 'pass',
      verdicts: ['holds', 'holds'],
    });
  });

  it.each(['serializable', 'repeatable-read'])('%s has none, one line apart', async level => {
    expect(await claims(doctors(level))).toMatchObject({ outcome: 'pass', verdicts: ['holds', 'holds'] });
  });

  it('read committed has no snapshot: half of another transaction is seen', async () => {
    const text = doctors('read-committed', 'snapshot')
      .replaceAll('read bob  update alice', 'update alice, bob')
      .replaceAll('read alice  update bob', 'read alice, bob');
    const { verdicts, why } = await claims(text);
    expect(verdicts).toEqual(['violated', 'violated']);
    expect(why).toContain('G-single (read skew)');
    expect((await claims(text.replaceAll('isolation read-committed', 'isolation snapshot'))).outcome).toBe('pass');
  });

  it('no update is lost: what counters were given is what they are', async () => {
    const text = `network { latency 2ms }
cluster a { nodes 3 }
store accounts on a { model counter  partition by hash(id) into 3  consensus raft }
transaction move { update 3 accounts  commit two-phase-commit { timeout 500ms }  concurrency versions  isolation snapshot }
transaction audit { read all accounts  commit two-phase-commit { timeout 500ms }  concurrency versions  isolation snapshot }
workload bank on move, audit { clients 6  keys 6  think exponential(10ms)  operations 70% transaction on move, 30% transaction on audit }
scenario day {
  run bank for 4s
  chaos from 0s until 3s { crash up to 1 every 800ms  cut up to 1 every 900ms }
}`;
    const design = await designFor(text);
    const sums = auditedSums(design, seeds);
    expect(sums.length).toBeGreaterThan(100);
    expect(new Set(sums)).toEqual(new Set([0]));
  });
});

describe('transactions that only read', () => {
  /** Whoever coordinates the readers dies with the answers in hand. */
  const text = (concurrency: string, word: string) => `network { latency 2ms }
cluster a { nodes 3 }
cluster z { nodes z1, z2 }
store orders on a { model list  consensus raft }
transaction place { update orders  commit two-phase-commit { coordinator z2  timeout 300ms }  ${concurrency} }
transaction audit { read all orders  commit two-phase-commit { coordinator z1  timeout 300ms }  ${concurrency} }
workload shop on place { clients 3  keys 4  think exponential(20ms)  timeout 1s  operations 100% transaction }
workload office on audit { clients 1  keys 4  think 500ms  operations 100% transaction }
scenario dies {
  run shop for 6s
  run office for 6s
  when ${word} reaches z1 crash z1
}`;
  const committed = async (concurrency: string, word: string) => {
    const design = await designFor(text(concurrency, word));
    const { log, originNs } = execute(design, design.scenarios[0]!, { seed: 1 });
    return log.operations.filter(one => one.store === 'place' && one.outcome === 'ok' && one.ended - originNs > 3e9)
      .length;
  };

  it('hold no writer up, not even when they die', async () => {
    expect(await committed('concurrency versions  isolation serializable', 'values')).toBeGreaterThan(100);
  });

  it('and none holds them up for good: all of them succeed, as often as others write', async () => {
    const design = await designFor(storm('serializable').replace(/\n {2}chaos.*\n.*\n/, '\n'));
    const { log } = execute(design, design.scenarios[0]!, { seed: 1 });
    const audits = log.operations.filter(one => one.store === 'audit');
    expect(audits.length).toBeGreaterThan(30);
    expect(audits.filter(one => one.outcome !== 'ok')).toEqual([]);
  });

  it('by locks, writers wait for them', async () => {
    expect(await committed('concurrency locks  isolation serializable', 'yes')).toBe(0);
  });
});

describe('commit wait', () => {
  const text = (wait: 'on' | 'off', changes = '') => `network { latency 2ms }
cluster a { nodes 3  clock { skew 100ms ${changes} } }
cluster b { nodes 3  clock { skew 100ms ${changes} } }
store orders on a { model list  consensus raft }
store stock on b { model list  consensus raft }
transaction place { update orders, stock  commit two-phase-commit { timeout 1s }  concurrency versions  isolation strict-serializable
  commit-wait ${wait}
  claims { isolation strict-serializable } }
transaction audit { read orders, stock  commit two-phase-commit { timeout 1s }  concurrency versions  isolation strict-serializable
  commit-wait ${wait}
  claims { isolation strict-serializable } }
workload shop on place, audit { clients 6  keys 1  session any  think exponential(30ms)  timeout 4s  operations 50% transaction on place, 50% transaction on audit }
scenario busy { run shop for 3s }`;
  const claims = async (source: string) => {
    const { properties } = testScenario(await designFor(source), 'busy', isLong ? 50 : 6);
    const judged = properties.filter(one => one.origin === 'claim');
    return { verdicts: judged.map(one => one.verdict), why: judged.map(one => one.why).join('\n') };
  };

  it('off: a read that begins after a commit was told does not see it', async () => {
    const { verdicts, why } = await claims(text('off'));
    expect(verdicts).toEqual(['violated', 'violated']);
    expect(why).toMatch(/G-single with the order of time: .*\(rw\).*(\(real time\)|\(session\))/);
  });

  it('off: and without the order of time it is serializable', async () => {
    const { verdicts } = await claims(
      text('off').replaceAll('claims { isolation strict-serializable }', 'claims { isolation serializable }'),
    );
    expect(verdicts).toEqual(['holds', 'holds']);
  });

  it('on: it does', async () => {
    expect((await claims(text('on'))).verdicts).toEqual(['holds', 'holds']);
  });

  it('costs as much as clocks may differ', async () => {
    const shortest = async (wait: 'on' | 'off') => {
      const design = await designFor(text(wait));
      const { log } = execute(design, design.scenarios[0]!, { seed: 1 });
      const told = log.operations.filter(one => one.store === 'place' && one.outcome === 'ok');
      return Math.min(...told.map(one => one.ended - one.invoke));
    };
    const off = await shortest('off');
    expect(off).toBeLessThan(50e6);
    // Clocks drift a little while somebody waits.
    expect(await shortest('on')).toBeGreaterThan(99e6);
  });

  it('on, with less assumed of the clocks than they are apart, is too short', async () => {
    expect((await claims(text('on', 'max-offset 10ms'))).verdicts).toEqual(['violated', 'violated']);
  });
});

describe('what cannot be is refused', () => {
  it.each([
    ['concurrency versions', 'needs a commit protocol'],
    ['commit two-phase-commit { presume commit }  concurrency versions', 'no commit timestamp'],
    ['commit two-phase-commit { on-timeout abort }  concurrency versions', 'no participant can decide by itself'],
    ['commit three-phase-commit  concurrency versions', 'no participant can decide by itself'],
    ['commit two-phase-commit  commit-wait on', 'locks give none'],
    ['commit two-phase-commit  concurrency versions  isolation strict-serializable', 'written outside of transactions'],
  ])('%s', async (commit, why) => {
    const text = `cluster a { nodes 3 }
store s on a { consensus raft }
transaction t { update 2 s  ${commit} }
workload w on t, s { operations 50% transaction, 50% write }
scenario one { run w for 1s }`;
    const design = await designOf(text, 'test.dsys', { withErrors: true });
    expect(obstacles(design, design.scenarios[0]!).map(one => one.message)).toContainEqual(
      expect.stringContaining(why),
    );
  });

  it('locks and versions on one store', async () => {
    const text = `cluster a { nodes 3 }
store s on a { consensus raft }
transaction t { update 2 s  commit two-phase-commit  concurrency versions }
transaction u { update 2 s  commit two-phase-commit }
workload w on t, u { operations 100% transaction }
scenario one { run w for 1s }`;
    const design = await designOf(text, 'test.dsys', { withErrors: true });
    expect(obstacles(design, design.scenarios[0]!).map(one => one.message)).toEqual([
      expect.stringContaining('u goes by locks and touches s, too'),
    ]);
  });
});
