/** Coordinators that are a Raft group, or a node without a copy: what they keep in a storm, and what is caught. */
import { describe, expect, it } from 'vitest';
import { constant, exponential, lognormal } from '../../design/distribution.ts';
import type { Mechanism, TwoPhaseCommit } from '../../design/mechanism.ts';
import { noBlocking } from '../../run/blocking.ts';
import {
  coordinatorOn,
  leaderTarget,
  nodesTarget,
  type Sketch,
  threePhaseOptions,
  twoPhaseOptions,
} from '../../testing/design.ts';
import { chaosOf, everyMs } from '../../testing/faults.ts';
import {
  brokenIn,
  complaintsOf,
  crowdOnOneKey,
  linearizability,
  replicasAgree,
  runSketch,
} from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';
import type { AnyProtocol, Command, Reply } from '../contract.ts';
import { twoPhaseCommit } from '../two-phase-commit/two-phase-commit.ts';
import type { CommitMessage, CommitState, CommitWrite } from './state.ts';

/** Nodes 0 to 2 hold copies; so many others may coordinate. */
const storm = (mechanism: Mechanism, apart: number, changes: Partial<Sketch> = {}): Sketch => ({
  nodes: 3 + apart,
  apart,
  mechanism,
  latency: lognormal(2_000_000, 0.8),
  loss: 0.03,
  duplicate: 0.02,
  reorder: 0.1,
  fsync: constant(300_000),
  workload: {
    clients: 6,
    retries: 2,
    idempotent: true,
    timeoutNs: 400_000_000,
    keys: { count: 3, choice: 'uniform' },
    arrival: { kind: 'closed', think: exponential(5_000_000) },
  },
  forNs: 4_000_000_000,
  settleNs: 4_000_000_000,
  chaos: [chaosOf(0, 4_000, ['crash', 1, 400], ['cut', 1, 600], ['pause', 1, 600])],
  actions: [everyMs(900, 450, 4_000, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 300)],
  ...changes,
});

const forms: [string, TwoPhaseCommit['coordinator'], number][] = [
  ['a Raft group of other nodes', coordinatorOn([3, 4, 5]), 3],
  ['a Raft group of the replicas', coordinatorOn([0, 1, 2]), 0],
  ['a Raft group of some of both', coordinatorOn([2, 3, 4]), 2],
  ['a node without a copy', { kind: 'node', node: 3 }, 1],
];
const presumptions = ['abort', 'commit', 'nothing'] as const;
const kinds = forms.flatMap(([name, coordinator, apart]) =>
  presumptions.map(presume => [name, presume, twoPhaseOptions({ coordinator, presume }), apart] as const),
);

describe('in a storm', () => {
  it.each(kinds)('keeps every promise: %s, presumed %s', (_name, _presume, mechanism, apart) => {
    let [ok, all] = [0, 0];
    expect(
      complaintsOf(seedsTo(seedCount(10, 300)), seed => {
        const executed = runSketch(storm(mechanism, apart), seed);
        const writes = executed.log.operations.filter(one => one.kind === 'write');
        ok += writes.filter(one => one.outcome === 'ok').length;
        all += writes.length;
        return executed;
      }),
    ).toEqual([]);
    expect(ok / all).toBeGreaterThan(0.5);
  });

  it.each(forms)(
    'keeps every promise with timeouts shorter than a message may take: %s',
    (_name, coordinator, apart) => {
      const sketch = storm(twoPhaseOptions({ coordinator, timeoutNs: 12_000_000 }), apart, {
        latency: lognormal(3_000_000, 1),
      });
      expect(complaintsOf(seedsTo(seedCount(10, 300)), seed => runSketch(sketch, seed))).toEqual([]);
    },
  );

  it.each(forms)('counts each increment once: %s', (_name, coordinator, apart) => {
    const sketch = storm(twoPhaseOptions({ coordinator }), apart, { model: 'counter' });
    expect(complaintsOf(seedsTo(seedCount(10, 200)), seed => runSketch(sketch, seed))).toEqual([]);
  });
});

describe('without faults', () => {
  it.each(kinds)('answers every operation: %s, presumed %s', (_name, _presume, mechanism, apart) => {
    for (const seed of seedsTo(seedCount(5, 50))) {
      const executed = runSketch(
        { nodes: 3 + apart, apart, mechanism, forNs: 2_000_000_000, settleNs: 500_000_000 },
        seed,
      );
      expect(brokenIn(executed)).toEqual([]);
      expect(executed.log.operations.length).toBeGreaterThan(300);
      expect(executed.log.operations.filter(one => one.outcome !== 'ok')).toEqual([]);
      expect(linearizability(executed)).toBe('holds');
      expect(replicasAgree(executed)).toBe('holds');
    }
  });
});

it.each(forms)('neither deadlocks nor refuses on one key that everybody writes: %s', (_name, coordinator, apart) => {
  const executed = crowdOnOneKey({
    nodes: 3 + apart,
    apart,
    mechanism: twoPhaseOptions({ coordinator, timeoutNs: 1_000_000_000 }),
  });
  expect(executed.log.operations.length).toBeGreaterThan(500);
  expect(executed.log.operations.filter(one => one.outcome !== 'ok')).toEqual([]);
  expect(brokenIn(executed)).toEqual([]);
  expect(linearizability(executed)).toBe('holds');
});

/** Crashes only, and messages in time: what three phases are made for. */
it('three phases with a coordinator without a copy keep every promise under crashes, and never block', () => {
  const mechanism = threePhaseOptions({ coordinator: { kind: 'node', node: 3 }, timeoutNs: 50_000_000 });
  const crashes: Sketch = {
    nodes: 4,
    apart: 1,
    mechanism,
    workload: {
      clients: 6,
      retries: 2,
      idempotent: true,
      timeoutNs: 300_000_000,
      keys: { count: 4, choice: 'uniform' },
      arrival: { kind: 'closed', think: exponential(5_000_000) },
    },
    forNs: 4_000_000_000,
    settleNs: 3_000_000_000,
    chaos: [chaosOf(0, 4_000, ['crash', 2, 500])],
    actions: [everyMs(900, 450, 4_000, { kind: 'crash', targets: [nodesTarget(3)], losingDisk: false }, 300)],
  };
  expect(
    complaintsOf(seedsTo(seedCount(20, 400)), seed => {
      const executed = runSketch(crashes, seed);
      const { verdict } = noBlocking(executed.sim, executed.stores[0]!, executed.blocking.longest, 0);
      expect(verdict).toBe('holds');
      return executed;
    }),
  ).toEqual([]);
});

type State = CommitState<TwoPhaseCommit>;
type Calls = { call(group: string, command: Command, token: number): void };
const broken = (changes: Partial<Record<keyof AnyProtocol, unknown>>): AnyProtocol =>
  ({ ...twoPhaseCommit, ...changes }) as AnyProtocol;

/** Tells all to commit when all have voted, while the group that is to choose it is still being asked. */
const tellsFirst = broken({
  receive(state: State, from: number, message: CommitMessage, io: never) {
    twoPhaseCommit.receive(state, from, message, io);
    for (const [token, { id, kind }] of Object.entries(state.calls))
      if (kind === 'decide' && state.led[id]?.wants === 'commit')
        twoPhaseCommit.answered!(state, Number(token), { kind: 'ok', output: true }, io);
  },
});

/** A new leader takes what it does not know for aborted, and does not ask the group. */
const forgets = broken({
  receive(state: State, from: number, message: CommitMessage, io: { send(to: number, message: unknown): void }) {
    if (message.type === 'inquire' && state.term >= 0 && state.led[message.tx.id] === undefined)
      return io.send(from, { type: 'abort', tx: message.tx });
    twoPhaseCommit.receive(state, from, message, io as never);
  },
});

/** Decisions are written over what stands there, not compared with it. */
const overwriting = (io: Calls) => ({
  ...io,
  call: (group: string, command: Command, token: number) =>
    io.call(
      group,
      command.kind === 'cas'
        ? { ...command, kind: 'write', input: (command.input as unknown[])[1] as string }
        : command,
      token,
    ),
});
const overwrites = broken({
  receive: (state: State, from: number, message: CommitMessage, io: Calls) =>
    twoPhaseCommit.receive(state, from, message, overwriting(io) as never),
  timer: (state: State, name: string, io: Calls) => twoPhaseCommit.timer(state, name, overwriting(io) as never),
  answered: (state: State, token: number, reply: Reply, io: Calls) =>
    twoPhaseCommit.answered!(
      state,
      token,
      reply.kind === 'ok' && state.calls[token]?.kind === 'decide' ? { kind: 'ok', output: true } : reply,
      overwriting(io) as never,
    ),
});

/** Participants vote, and do not write it down. */
const votesInMemory = broken({
  disk: {
    ...twoPhaseCommit.disk,
    apply: (image: never, write: CommitWrite) => {
      if (write.kind !== 'vote') twoPhaseCommit.disk.apply(image, write);
    },
  },
});

/** Decides when one participant has not voted yet. */
const oneVoteShort = broken({
  receive(state: State, from: number, message: CommitMessage, io: never) {
    twoPhaseCommit.receive(state, from, message, io);
    if (message.type !== 'yes') return;
    const led = state.led[message.tx.id];
    const missing = state.context.group.replicas.filter(node => led?.heard.includes(node) === false);
    if (led?.phase === 'voting' && missing.length === 1) twoPhaseCommit.receive(state, missing[0]!, message, io);
  },
});

/** Complaints of invariants that are wanted, of the first of twenty seeds that has one. */
function caught(sketch: Sketch, protocol: AnyProtocol, wanted: RegExp): readonly string[] {
  for (const seed of seedsTo(20)) {
    const found = brokenIn(runSketch(sketch, seed, protocol)).filter(one => wanted.test(one));
    if (found.length > 0) return found;
  }
  return [];
}

/** Begins whatever a replica asks for, as often as it asks, also in another life. */
const beginsAgain = broken({
  receive(state: State, from: number, message: CommitMessage, io: never) {
    if (message.type === 'begin') state.begunOnce = {};
    const isBegin = message.type === 'begin' && state.led[message.tx.id] === undefined;
    twoPhaseCommit.receive(state, from, isBegin ? { ...message, floor: 0, life: state.life } : message, io);
  },
});

describe('a broken coordinator without a copy is caught', () => {
  it.each([
    ['what was answered before is begun', beginsAgain, /^AC[123]: /],
    ['votes that do not reach the disk', votesInMemory, /^AC2: n\d is told to commit .* its vote is not on its disk/],
  ] as const)('%s', (_name, protocol, wanted) => {
    const mechanism = twoPhaseOptions({ coordinator: { kind: 'node', node: 3 }, timeoutNs: 12_000_000 });
    const sketch = storm(mechanism, 1, {
      latency: lognormal(3_000_000, 1),
      actions: [
        everyMs(300, 100, 4_000, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 20),
        everyMs(170, 50, 4_000, { kind: 'crash', targets: [nodesTarget(1)], losingDisk: false }, 20),
      ],
    });
    expect(caught(sketch, protocol, wanted)).not.toEqual([]);
    expect(complaintsOf(seedsTo(5), seed => runSketch(sketch, seed))).toEqual([]);
  });
});

describe('a broken replicated coordinator is caught', () => {
  it.each([
    ['a decision that is told before the group has chosen it', tellsFirst, {}, /^AC[13]: /],
    ['a new leader that forgets', forgets, {}, /^AC[13]: /],
    ['decisions that are written over', overwrites, {}, /^AC[13]: /],
    [
      'votes that do not reach the disk',
      votesInMemory,
      {},
      /^AC2: n\d is told to commit .* its vote is not on its disk/,
    ],
    ['a decision one vote short', oneVoteShort, {}, /^AC2: n\d committed .* for which n\d had not prepared/],
    ['participants that abort alone', twoPhaseCommit, { onTimeout: 'abort' }, /^AC1: /],
    ['votes that are not forced', twoPhaseCommit, { durableLog: false }, /^AC[12]: /],
  ] as [string, AnyProtocol, Partial<TwoPhaseCommit>, RegExp][])('%s', (_name, protocol, options, wanted) => {
    const real = twoPhaseOptions({ coordinator: coordinatorOn([3, 4, 5]), timeoutNs: 60_000_000 });
    const mechanism = { ...real, ...options };
    const sketch = storm(mechanism, 3, {
      actions: [
        everyMs(700, 350, 4_000, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 200),
        everyMs(170, 50, 4_000, { kind: 'crash', targets: [nodesTarget(1)], losingDisk: false }, 20),
      ],
    });
    expect(caught(sketch, protocol, wanted)).not.toEqual([]);
    expect(complaintsOf(seedsTo(5), seed => runSketch({ ...sketch, mechanism: real }, seed))).toEqual([]);
  });
});
