import { describe, expect, it } from 'vitest';
import { constant, lognormal } from '../../design/distribution.ts';
import type { Paxos } from '../../design/mechanism.ts';
import { nowhere } from '../../design/source.ts';
import { describeMistakes, type Mistake } from '../../testing/broken.ts';
import { atMs, nodesTarget, type Sketch } from '../../testing/design.ts';
import { chaosOf, degrade, everyMs } from '../../testing/faults.ts';
import { brokenIn, complaintsOf, linearizability, okShare, replicasAgree, runSketch } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';
import { ballotOf, roundOf } from '../ballots.ts';
import type { AnyProtocol } from '../contract.ts';
import { paxosInvariants } from './invariants.ts';
import { singleDecreePaxos } from './single-decree.ts';
import type { PaxosDisk, PaxosIo, PaxosMessage, PaxosState, PaxosWrite } from './state.ts';

const paxosOptions = (changes: Partial<Paxos> = {}): Paxos => ({
  kind: 'paxos',
  retry: { kind: 'randomized' },
  durablePromises: true,
  adopt: 'highest',
  quorum: { kind: 'majority' },
  ...changes,
});

const run = (wanted: Sketch, seed: number, options: Partial<Paxos> = {}, protocol?: AnyProtocol) =>
  runSketch({ ...wanted, mechanism: paxosOptions(options) }, seed, protocol);

const crash = (node: number, at: number, forMs: number | null) =>
  atMs(at, { kind: 'crash', targets: [nodesTarget(node)], losingDisk: false }, forMs);

describe('Paxos per key without faults', () => {
  it.each(['kv', 'counter', 'register'] as const)('answers every operation on a %s', model => {
    for (const seed of seedsTo(seedCount(3, 100))) {
      const executed = run({ model, forNs: 2_000_000_000 }, seed);
      expect(brokenIn(executed)).toEqual([]);
      expect(okShare(executed)).toBe(1);
      expect(executed.log.operations.length).toBeGreaterThan(200);
      expect(linearizability(executed)).toBe('holds');
      expect(replicasAgree(executed)).toBe('holds');
    }
  });

  it('gets somewhere when everybody proposes for one key', () => {
    const executed = run({ forNs: 3_000_000_000, workload: { keys: { count: 1, choice: 'uniform' }, clients: 9 } }, 1);
    expect(complaintsOf([1], () => executed)).toEqual([]);
    expect(okShare(executed)).toBeGreaterThan(0.95);
    expect(executed.log.operations.length).toBeGreaterThan(200);
  });
});

describe('who was refused comes again', () => {
  /** Everything takes as long every time, and all want the same key. */
  const duel: Sketch = {
    latency: constant(2_000_000),
    fsync: constant(0),
    forNs: 3_000_000_000,
    workload: {
      clients: 6,
      keys: { count: 1, choice: 'uniform' },
      mix: [{ at: nowhere, kind: 'write', share: 1, on: null, by: null }],
    },
  };
  const written = (retry: Paxos['retry'], seed: number) => {
    const executed = run(duel, seed, { retry });
    expect(complaintsOf([seed], () => executed)).toEqual([]);
    return executed.log.operations.filter(one => one.outcome === 'ok').length;
  };

  it('after a random pause, so that duels end', () => {
    const seeds = seedsTo(seedCount(4, 100));
    const sum = (retry: Paxos['retry']) => seeds.reduce((all, seed) => all + written(retry, seed), 0);
    const [fixed, randomized] = [sum({ kind: 'fixed', ns: 4_000_000 }), sum({ kind: 'randomized' })];
    expect(randomized / seeds.length).toBeGreaterThan(100);
    expect(randomized).toBeGreaterThan(2 * fixed);
  });
});

/** Crashes, cuts, pauses, lost messages, and retries that must take effect once. */
const everything: Sketch = {
  nodes: 5,
  loss: 0.02,
  duplicate: 0.05,
  reorder: 0.1,
  workload: { idempotent: true, retries: 2, timeoutNs: 300_000_000, clients: 6 },
  forNs: 5_000_000_000,
  settleNs: 4_000_000_000,
  chaos: [chaosOf(0, 5_000, ['crash', 2, 600], ['cut', 1, 900], ['pause', 1, 900], ['isolate', 1, 1_100])],
};

describe('Paxos per key under chaos', () => {
  it.each([
    ['a key-value store', everything],
    ['a counter that is not fooled by retries', { ...everything, model: 'counter' }],
    ['messages lost, nothing else', { loss: 0.1, forNs: 4_000_000_000, workload: { timeoutNs: 2_000_000_000 } }],
  ] as [string, Sketch][])('keeps every promise: %s', (_name, wanted) => {
    const shares: number[] = [];
    const complaints = complaintsOf(seedsTo(seedCount(8, 500)), seed => {
      const executed = run(wanted, seed);
      shares.push(okShare(executed));
      return executed;
    });
    expect(complaints).toEqual([]);
    expect(Math.min(...shares)).toBeGreaterThan(0.5);
  });

  it('goes on while a majority is up', () => {
    for (const seed of seedsTo(seedCount(4, 100))) {
      const executed = run(
        { nodes: 5, forNs: 3_000_000_000, actions: [crash(0, 500, null), crash(3, 900, null)] },
        seed,
      );
      expect(complaintsOf([seed], () => executed)).toEqual([]);
      const late = executed.log.operations.filter(one => one.invoke > executed.loadEndNs - 1_000_000_000);
      expect(late.filter(one => one.outcome === 'ok').length).toBeGreaterThan(50);
    }
  });

  it('brings to its end what a proposer has left behind', () => {
    const left: Sketch = { forNs: 2_000_000_000, settleNs: 3_000_000_000, actions: [crash(0, 1_000, null)] };
    expect(complaintsOf(seedsTo(seedCount(6, 200)), seed => run(left, seed))).toEqual([]);
  });
});

/** Few keys, many proposers, acceptors that restart all the time. */
const storm: Sketch = {
  latency: lognormal(2_000_000, 0.8),
  fsync: constant(100_000),
  workload: { clients: 9, timeoutNs: 100_000_000, keys: { count: 2, choice: 'uniform' } },
  forNs: 3_000_000_000,
  settleNs: 1_500_000_000,
  chaos: [chaosOf(0, 3_000, ['crash', 2, 60], ['cut', 2, 80])],
  actions: [everyMs(10_000, 0, 10, degrade({ loss: 0.1, reorder: 0.1 }), 3_000)],
};

type Io = PaxosIo;
const receiving = (change: (state: PaxosState, message: PaxosMessage) => PaxosMessage): AnyProtocol => ({
  ...singleDecreePaxos,
  receive: (state: PaxosState, from, message: PaxosMessage, io) =>
    singleDecreePaxos.receive(state, from, change(state, message), io as Io),
});

/** Promises tell nothing of what was accepted. */
const selfish = receiving((_state, m) => (m.type === 'promise' ? { ...m, accepted: null } : m));

/** Acceptors accept below what they have promised. */
const faithless = receiving((state, m) => {
  const cell = state.cells[m.type === 'accept' ? m.key : ''];
  if (m.type !== 'accept' || cell === undefined || cell.base.instance !== m.base.instance) return m;
  state.cells[m.key] = { ...cell, promised: 0 };
  return m;
});

/** Ballots do not name their proposer: two may have the same. */
const nameless = (ballot: number) => ballotOf(roundOf(ballot), 0, 0);
const withNamelessBallots =
  <A extends unknown[]>(handle: (state: PaxosState, ...rest: [...A, Io]) => void) =>
  (state: PaxosState, ...rest: [...A, Io]) => {
    const io = rest.pop() as Io;
    const send: Io['send'] = (to, m) => io.send(to, 'ballot' in m ? { ...m, ballot: nameless(m.ballot) } : m);
    handle(state, ...([...rest, { ...io, send }] as unknown as [...A, Io]));
    for (const [key, round] of Object.entries(state.rounds))
      state.rounds[key] = { ...round, ballot: nameless(round.ballot) };
  };
const shared: AnyProtocol = {
  ...singleDecreePaxos,
  request: withNamelessBallots(singleDecreePaxos.request),
  receive: withNamelessBallots(singleDecreePaxos.receive),
  timer: withNamelessBallots(singleDecreePaxos.timer),
};

/** What is accepted is not written to disk. */
const unwritten: AnyProtocol = {
  ...singleDecreePaxos,
  disk: {
    empty: singleDecreePaxos.disk.empty,
    apply: (image: PaxosDisk, write: PaxosWrite) =>
      singleDecreePaxos.disk.apply(
        image,
        write.kind === 'cell' ? { ...write, cell: { ...write.cell, accepted: null } } : write,
      ),
  },
};

/** A proposer makes a write of its own out of what it was asked for. */
const inventive = receiving((_state, m) =>
  m.type === 'accept' && m.proposal.outcome.instance % 5 === 0
    ? { ...m, proposal: { ...m.proposal, command: { ...m.proposal.command, operation: 1_000_000 } } }
    : m,
);

const mistakes: readonly Mistake<Paxos>[] = [
  ['quorums of one', singleDecreePaxos, { quorum: { kind: 'count', count: 1 } }, /Agreement/],
  ['promises that a crash forgets', singleDecreePaxos, { durablePromises: false }, /PromiseKept|Agreement|SafeAt/],
  ['the first value instead of the one of the highest ballot', singleDecreePaxos, { adopt: 'first' }, /SafeAt/],
  ['no value adopted', selfish, {}, /SafeAt|Agreement/],
  ['promises that are broken', faithless, {}, /PromiseKept/],
  ['ballots that two proposers share', shared, {}, /OneValuePerBallot|SafeAt/],
  ['acceptances that are not on disk', unwritten, {}, /SafeAt|Agreement/],
  ['values that nobody has asked for', inventive, {}, /Validity/],
];

describeMistakes('broken Paxos is caught', {
  mistakes,
  invariants: paxosInvariants,
  run: (seed, options, protocol) => run(storm, seed, options, protocol),
  sound: { 'as it is': {} },
  seeds: seedCount(10, 500),
});
