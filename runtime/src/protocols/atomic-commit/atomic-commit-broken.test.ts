/** Atomic commits with one thing left out: each is caught, by the invariant that is there for it. */
import { describe, expect, it } from 'vitest';
import { constant, exponential, lognormal } from '../../design/distribution.ts';
import type { Mechanism } from '../../design/mechanism.ts';
import { leaderTarget, nodesTarget, type Sketch, threePhaseOptions, twoPhaseOptions } from '../../testing/design.ts';
import { chaosOf, everyMs } from '../../testing/faults.ts';
import { brokenIn, complaintsOf, linearizability, replicasAgree, runSketch } from '../../testing/runs.ts';
import { seedsTo } from '../../testing/seeds.ts';
import type { AnyProtocol } from '../contract.ts';
import { threePhaseCommit } from '../three-phase-commit/three-phase-commit.ts';
import { twoPhaseCommit } from '../two-phase-commit/two-phase-commit.ts';
import type { CommitState, CommitWrite } from './state.ts';

const storm = (mechanism: Mechanism): Sketch => ({
  mechanism,
  latency: lognormal(2_000_000, 0.8),
  loss: 0.05,
  reorder: 0.1,
  fsync: constant(300_000),
  workload: {
    clients: 8,
    timeoutNs: 200_000_000,
    keys: { count: 3, choice: 'uniform' },
    arrival: { kind: 'closed', think: exponential(2_000_000) },
  },
  forNs: 3_000_000_000,
  settleNs: 2_000_000_000,
  chaos: [chaosOf(0, 3_000, ['crash', 1, 200], ['cut', 1, 300], ['pause', 1, 300])],
  actions: [
    everyMs(300, 100, 3_000, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 60),
    everyMs(170, 50, 3_000, { kind: 'crash', targets: [nodesTarget(1)], losingDisk: false }, 20),
  ],
});

/** Everything that twenty seeds complain about, until `wanted` is among it. */
function caught(protocol: AnyProtocol, mechanism: Mechanism, wanted: RegExp): string {
  const all: string[] = [];
  for (const seed of seedsTo(20)) {
    const executed = runSketch(storm(mechanism), seed, protocol);
    all.push(...brokenIn(executed), linearizability(executed), replicasAgree(executed));
    const found = all.find(one => wanted.test(one));
    if (found !== undefined) return found;
  }
  return [...new Set(all)].join('\n');
}

type Handler = (state: CommitState, ...rest: unknown[]) => unknown;
const with2 = (changes: object): AnyProtocol => ({ ...twoPhaseCommit, ...changes }) as AnyProtocol;

/** The disk never gets records of this kind. */
const notWriting = (protocol: AnyProtocol, kind: CommitWrite['kind']): AnyProtocol => ({
  ...protocol,
  disk: {
    ...protocol.disk,
    apply: (image: never, write: CommitWrite) => {
      if (write.kind !== kind) protocol.disk.apply(image, write);
    },
  },
});

/** Commits when one replica has not voted yet. */
const oneVoteShort = with2({
  receive: ((state, from, message, io) => {
    const { type, tx } = message as { type: string; tx: { id: string } };
    const led = state.led[tx.id];
    twoPhaseCommit.receive(state as never, from as never, message as never, io as never);
    if (type === 'yes' && led?.phase === 'voting' && led.heard.length > 0) {
      const other = [1, 2].find(node => !led.heard.includes(node))!;
      twoPhaseCommit.receive(state as never, other, { type: 'yes', tx } as never, io as never);
    }
  }) satisfies Handler,
});

/** A restarted participant does not take back the locks of what it is in doubt about. */
const withoutLocks = with2({
  boot: ((context, image, io) => {
    const state = twoPhaseCommit.boot(context as never, image as never, io as never);
    state.locks = {};
    return state;
  }) as Handler,
});

/** Whoever was told otherwise before does as it is told now. */
const changesItsMind = with2({
  receive: ((state, from, message, io) => {
    const { type, tx } = message as { type: string; tx: { id: string } };
    if (type === 'commit' && state.outcomes[tx.id]?.outcome === 'abort') {
      delete state.outcomes[tx.id];
      const open = { tx, status: 'prepared', sinceNs: 0, heardNs: 0, dueNs: 0, recovered: false };
      state.open[tx.id] = open as never;
    }
    twoPhaseCommit.receive(state as never, from as never, message as never, io as never);
  }) satisfies Handler,
});

/** A coordinator that has the last vote in hand has lost its patience. */
const impatient = with2({
  receive: ((state, from, message, io) => {
    const { type, tx } = message as { type: string; tx: { id: string } };
    const led = state.led[tx.id];
    const last =
      type === 'yes' && led?.phase === 'voting' && led.heard.length === 1 && !led.heard.includes(from as never);
    if (!last) return twoPhaseCommit.receive(state as never, from as never, message as never, io as never);
    led.heard.push(from as never);
    twoPhaseCommit.receive(state as never, from as never, { type: 'no', tx, why: 'aborted' } as never, io as never);
  }) satisfies Handler,
});

/** Answers for transactions that it knows nothing of the way that the other presumption would. */
const presumesWrong: AnyProtocol = with2({
  receive: ((state, from, message, io) => {
    const { type, tx } = message as { type: string; tx: { id: string; coordinator: number } };
    const knows = state.led[tx.id] ?? state.outcomes[tx.id] ?? state.open[tx.id];
    if (type === 'inquire' && tx.coordinator === state.context.self && knows === undefined)
      return (io as { send(to: unknown, m: unknown): void }).send(from, { type: 'commit', tx });
    twoPhaseCommit.receive(state as never, from as never, message as never, io as never);
  }) satisfies Handler,
});

describe('a broken two-phase commit is caught', () => {
  it.each([
    ['a commit one vote short', oneVoteShort, {}, /^AC2: n1 committed .* for which n\d had not prepared/],
    [
      'votes that do not reach the disk',
      notWriting(twoPhaseCommit, 'vote'),
      {},
      /^AC2: n\d is told to commit .* its vote is not on its disk/,
    ],
    ['votes and decisions that are not forced', twoPhaseCommit, { durableLog: false }, /^AC[12]: /],
    ['decisions that do not reach the disk', notWriting(twoPhaseCommit, 'outcome'), {}, /^AC1: |^violated/],
    ['participants that abort alone', twoPhaseCommit, { onTimeout: 'abort' }, /^AC1: n\d (committed|aborted)/],
    ['participants that commit alone', twoPhaseCommit, { onTimeout: 'commit' }, /^AC1: n\d (committed|aborted)/],
    ['locks that a restart forgets', withoutLocks, {}, /^InDoubtLocks: /],
    ['participants that change their mind', changesItsMind, { onTimeout: 'abort' }, /^AC3: n\d had aborted/],
    [
      'a coordinator that aborts with every vote in hand',
      impatient,
      {},
      /^AC4: n1 aborted .* although all 3 had voted yes/,
    ],
    ['presumed commit where abort is meant', presumesWrong, {}, /^AC1: |^AC2: /],
    [
      'presumed commit without a record of the beginning',
      notWriting(twoPhaseCommit, 'begin'),
      { presume: 'commit' },
      /^AC1: |^AC2: /,
    ],
  ] as [string, AnyProtocol, object, RegExp][])('%s', (_name, protocol, options, wanted) => {
    expect(caught(protocol, twoPhaseOptions({ timeoutNs: 40_000_000, ...options }), wanted)).toMatch(wanted);
  });
});

it.each(['abort', 'commit', 'nothing'] as const)(
  'the same storm finds nothing wrong with the real one: presumed %s',
  presume => {
    const mechanism = twoPhaseOptions({ timeoutNs: 40_000_000, presume });
    expect(complaintsOf(seedsTo(20), seed => runSketch(storm(mechanism), seed))).toEqual([]);
  },
);

/** Commits at once when all have voted: the phase between is left out. */
const withoutPrecommit: AnyProtocol = {
  ...threePhaseCommit,
  receive(state, from, message, io) {
    const before = state.led[message.tx.id]?.phase;
    threePhaseCommit.receive(state, from, message, io);
    const led = state.led[message.tx.id];
    if (before !== 'voting' || led?.phase !== 'precommitting') return;
    for (const node of [1, 2]) threePhaseCommit.receive(state, node, { type: 'ack-pre', tx: message.tx }, io);
  },
};

describe('a broken three-phase commit is caught', () => {
  it.each([
    [
      'a commit without waiting for the pre-commits',
      withoutPrecommit,
      {},
      /^ConcurrencySet: n1 committed .* while n\d was still waiting/,
    ],
    [
      'pre-commits and votes that do not reach the disk',
      notWriting(threePhaseCommit, 'vote'),
      {},
      /^AC[12]: |^violated/,
    ],
    [
      'pre-commits that are discarded',
      threePhaseCommit,
      { onTimeout: 'discard' },
      /^NonBlock: n\d went from precommitted to/,
    ],
    [
      'timeouts instead of a termination protocol, on a network that splits',
      threePhaseCommit,
      { onTimeout: 'skeen' },
      /^AC1: /,
    ],
  ] as [string, AnyProtocol, object, RegExp][])('%s', (_name, protocol, options, wanted) => {
    expect(caught(protocol, threePhaseOptions({ timeoutNs: 40_000_000, ...options }), wanted)).toMatch(wanted);
  });
});
