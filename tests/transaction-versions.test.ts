/** Transactions kept apart by versions, from a file to a verdict: what each level keeps in a storm, what it shows, what clocks do to it. */
import { type Design, execute, obstacles } from '@dsys/runtime';
import { isolationOf } from '@dsys/runtime/checkers/isolation/isolation';
import type { IsolationLevel } from '@dsys/runtime/design/property';
import type { AnyProtocol } from '@dsys/runtime/protocols/contract';
import { raft } from '@dsys/runtime/protocols/raft/raft';
import { transactionCoordinator } from '@dsys/runtime/protocols/transaction-coordinator/protocol';
import type { Transactions } from '@dsys/runtime/protocols/transactions';
import { transactionHistory } from '@dsys/runtime/run/transaction-view';
import { describe, expect, it } from 'vitest';
import { designOf, isLong, testScenario } from './support/design.ts';

type Executed = ReturnType<typeof execute>;
const seeds = Array.from({ length: isLong ? 50 : 5 }, (_, i) => i + 1);

async function designFor(text: string): Promise<Design> {
  const design = await designOf(text, 'test.dsys', { withErrors: true });
  expect(obstacles(design, design.scenarios[0]!)).toEqual([]);
  return design;
}

function isolation(executed: Executed, level: IsolationLevel, stores = ['orders', 'stock']) {
  const found = transactionHistory(executed, stores);
  if (typeof found === 'string') throw new Error(found);
  return isolationOf(found.history, level);
}

const machines = ({ sim }: Executed): Transactions[] =>
  sim.groups.flatMap(group =>
    [...group.members.values()].flatMap(({ state, protocol }) =>
      state === undefined || protocol.machine === undefined ? [] : [protocol.machine(state).transactions],
    ),
  );

const share = (all: readonly Executed[]): number => {
  const tried = all.flatMap(({ log }) => log.operations.filter(one => one.kind === 'transaction'));
  return tried.filter(one => one.outcome === 'ok').length / tried.length;
};

const storm = (
  level: string,
  options: { commit?: string; store?: string; alone?: string; model?: string; skew?: string } = {},
) => {
  const commit = `concurrency versions  isolation ${level}  ${level === 'strict-serializable' ? 'commit-wait on' : ''}
    commit two-phase-commit { timeout 500ms ${options.commit ?? 'coordinator raft on c'} }`;
  const skew = options.skew ?? '10ms';
  return `network { latency 2ms }
cluster a { nodes a1, a2, a3  clock { skew ${skew} } }
cluster b { nodes b1, b2, b3  clock { skew ${skew} } }
cluster c { nodes c1, c2, c3  clock { skew ${skew} } }
store orders on a { model ${options.model ?? 'list'}  ${options.store ?? 'consensus raft'} }
store stock on b { model ${options.model ?? 'list'}  partition by hash(id) into 2  ${options.store ?? 'consensus raft'} }
transaction place { update orders, stock  ${commit} }
transaction check { read orders  update stock  ${commit} }
transaction take { read stock  update orders  ${commit} }
transaction audit { read all orders, stock  ${commit} }
workload shop on place, check, take, audit, orders, stock { clients 4  keys 3  think exponential(30ms)  timeout 2s
  operations ${options.alone ?? '30% read'}, 20% transaction on place, 20% transaction on check, 20% transaction on take, 10% transaction on audit }
scenario storm {
  run shop for 6s
  settle 6s
  chaos from 0s until 5s { crash up to 1 every 800ms  cut up to 1 every 900ms  pause up to 1 every 1s }
  at 0s degrade { loss 3%  duplicate 3%  reorder 5% } for 5s
}`;
};

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
    let audits = 0;
    for (const seed of seeds) {
      const executed = execute(design, design.scenarios[0]!, { seed });
      expect(executed.sim.broken).toEqual([]);
      for (const one of executed.log.operations) {
        if (one.store !== 'audit' || one.outcome !== 'ok') continue;
        audits++;
        expect((one.output as readonly [string, string, number][]).reduce((sum, step) => sum + step[2], 0)).toBe(0);
      }
    }
    expect(audits).toBeGreaterThan(100);
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

describe('with one thing left out', () => {
  type Call = (group: string, command: { input: unknown }, token: number) => void;
  const onEvents = ['request', 'answered', 'timer', 'boot', 'persisted'] as const;
  /** A coordinator whose calls are changed on their way. */
  const calling = (change: (input: unknown[], group: string) => unknown[]): AnyProtocol => {
    const changed: Record<string, unknown> = { ...transactionCoordinator };
    for (const name of onEvents) {
      const original = transactionCoordinator[name] as ((...args: unknown[]) => unknown) | undefined;
      changed[name] = (...args: unknown[]) => {
        const io = args[args.length - 1] as { call: Call };
        const call: Call = (group, command, token) =>
          io.call(
            group,
            Array.isArray(command.input) ? { ...command, input: change(command.input, group) } : command,
            token,
          );
        return original?.(...args.slice(0, -1), Object.assign(Object.create(io), io, { call }));
      };
    }
    return changed as unknown as AnyProtocol;
  };
  /** Participants that forget something after every message. */
  const forgetting = (forget: (transactions: Transactions) => void): AnyProtocol =>
    ({
      ...raft,
      receive(state: never, from: never, message: never, io: never) {
        raft.receive(state, from, message, io);
        forget((state as { machine: { transactions: Transactions } }).machine.transactions);
      },
    }) as AnyProtocol;

  interface Change {
    readonly skew?: string;
    readonly commit?: string;
    /** In place of the storm. */
    readonly faults?: string;
  }
  const text = (level: string, { faults = '', ...change }: Change) =>
    storm(level, { commit: '', ...change }).replace(/\n {2}chaos.*\n.*\n/, `\n${faults}\n`);
  const caught = async (
    level: IsolationLevel,
    options: { coordinator?: AnyProtocol; protocolOf?: () => AnyProtocol },
    wanted: readonly string[],
    change: Change = {},
  ) => {
    const design = await designFor(text(level, change));
    const all = new Set<string>();
    for (
      let seed = 1;
      seed <= (wanted.length === 0 ? seeds.length : 20) && (wanted.length === 0 || wanted.some(one => !all.has(one)));
      seed++
    ) {
      const executed = execute(design, design.scenarios[0]!, { seed, ...options });
      for (const one of executed.sim.broken) all.add(one.invariant.split(' ')[1]!);
      if (isolation(executed, level).verdict === 'violated') all.add('isolation');
    }
    return wanted.length === 0 ? [...all] : wanted.filter(one => all.has(one));
  };

  it.each<[string, IsolationLevel, readonly string[], object, Change?]>([
    [
      'a start timestamp for each participant',
      'snapshot',
      ['OneSnapshot', 'isolation'],
      {
        coordinator: calling((input, group) => {
          const last = input[input.length - 1];
          if (!['prepare', 'snapshot'].includes(input[0] as string) || !group.startsWith('stock')) return input;
          return [...input.slice(0, -1), [(last as number[])[0]! + 4e6, (last as number[])[1]]];
        }),
      },
    ],
    [
      'a commit timestamp for each participant',
      'snapshot',
      ['OneCommit', 'isolation'],
      {
        coordinator: calling((input, group) =>
          input[0] === 'commit' && group === 'orders' ? ['commit', input[1], (input[2] as number) + 15e6] : input,
        ),
      },
    ],
    [
      'a commit timestamp below what was voted',
      'snapshot',
      ['OneCommit', 'SnapshotRead'],
      {
        coordinator: calling(input =>
          input[0] === 'commit' ? ['commit', input[1], (input[2] as number) - 30e6] : input,
        ),
      },
    ],
    [
      'a commit timestamp that is not on the disk',
      'snapshot',
      ['OneCommit'],
      {
        coordinator: {
          ...transactionCoordinator,
          disk: {
            ...transactionCoordinator.disk,
            apply: (image: never, write: { kind: string }) =>
              transactionCoordinator.disk.apply(
                image,
                (write.kind === 'decision' ? { ...write, stamp: null } : write) as never,
              ),
          },
        },
      },
      {
        commit: 'coordinator c1',
        faults: `  at 0s lose commit from c1 to b1, b2, b3 for 1s
  when ack reaches c1 crash c1 for 1s`,
      },
    ],
    [
      'participants that forget at which timestamps they were read',
      'snapshot',
      ['SnapshotRead', 'isolation'],
      {
        protocolOf: () =>
          forgetting(({ chains }) => {
            for (const [key, chain] of Object.entries(chains))
              chains[key] = { ...chain, readAt: Number.MIN_SAFE_INTEGER };
          }),
      },
      { skew: '200ms' },
    ],
    [
      'writes that nobody has to give way to',
      'snapshot',
      ['FirstCommitterWins', 'NoLostUpdate', 'isolation'],
      {
        protocolOf: () =>
          forgetting(one => {
            one.locks = {};
          }),
      },
    ],
    [
      'reads that are not certified until the outcome',
      'serializable',
      ['CertifiedReads', 'isolation'],
      {
        protocolOf: () =>
          forgetting(one => {
            one.locks = Object.fromEntries(
              Object.entries(one.locks).map(([key, lock]) => [key, { ...lock, readers: [] }]),
            );
          }),
      },
    ],
  ])('%s', async (_name, level, wanted, options, change) => {
    expect(await caught(level, options, wanted, change)).toEqual(wanted);
  });

  it.each<IsolationLevel>(['snapshot', 'serializable'])('and the real one is not accused at %s', async level => {
    expect(await caught(level, {}, [])).toEqual([]);
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
