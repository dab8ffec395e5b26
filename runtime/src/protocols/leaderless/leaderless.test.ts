import { describe, expect, it } from 'vitest';
import { checkConsistency } from '../../checkers/consistency.ts';
import { historyOf } from '../../clients/log.ts';
import type { Leaderless } from '../../design/mechanism.ts';
import { modelNamed } from '../../model/model.ts';
import type { Executed } from '../../run/execute.ts';
import { describeMistakes, type Mistake } from '../../testing/broken.ts';
import { atMs, nodesTarget, type Sketch } from '../../testing/design.ts';
import { brokenIn, linearizability, okShare, replicasAgree } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';
import type { AnyProtocol } from '../contract.ts';
import { compareStamps } from '../versions/stamps.ts';
import { changeInvariants } from './change-invariants.ts';
import { leaderlessInvariants } from './invariants.ts';
import { leaderlessProtocol } from './leaderless.ts';
import type { LeaderlessDisk, LeaderlessIo, LeaderlessMessage, LeaderlessState, LeaderlessWrite } from './state.ts';
import { everything, receiving, run, storm } from './testing/runs.ts';

function regularity(executed: Executed): string {
  const [store] = executed.stores;
  const { history } = historyOf(executed.log, store!.name, executed.originNs);
  const { verdict, why } = checkConsistency(history, modelNamed(store!.model)!, 'regular');
  return verdict === 'violated' ? why : '';
}

/** What must be kept whatever the quorums, and with those that meet also regularity. */
const wrongIn = (executed: Executed, linearizable: boolean): string[] =>
  [
    ...brokenIn(executed),
    linearizable ? linearizability(executed).replace(/^holds$/, '') : regularity(executed),
    replicasAgree(executed).replace(/^holds$/, ''),
  ].filter(text => text !== '');

describe('leaderless replication without faults', () => {
  it.each(['kv', 'register'] as const)('answers every operation on a %s', model => {
    for (const seed of seedsTo(seedCount(3, 100))) {
      const executed = run({ model, forNs: 2_000_000_000 }, seed);
      expect(wrongIn(executed, false)).toEqual([]);
      expect(executed.log.operations.length).toBeGreaterThan(200);
      const refused = executed.log.operations.filter(one => one.outcome !== 'ok' && one.kind !== 'cas');
      expect(refused).toEqual([]);
    }
  });
});

describe('leaderless replication under chaos', () => {
  it.each([
    ['majorities', {}, false],
    ['read one, write all', { read: { kind: 'one' }, write: { kind: 'all' }, hintedHandoffNs: null }, false],
    [
      'Lamport clocks that meet in reads before writes',
      { resolve: { kind: 'last-write-wins', clock: 'lamport' }, readWriteBack: true },
      true,
    ],
    ['reads that write back', { readWriteBack: true }, true],
    ['no repair but by hints and trees', { readRepair: false }, false],
  ] as [string, Partial<Leaderless>, boolean][])('keeps what it promises: %s', (_name, options, linearizable) => {
    const shares: number[] = [];
    for (const seed of seedsTo(seedCount(8, 300))) {
      const executed = run(everything, seed, options);
      expect(wrongIn(executed, linearizable), `seed ${seed}`).toEqual([]);
      shares.push(okShare(executed));
    }
    expect(Math.min(...shares)).toBeGreaterThan(options.write?.kind === 'all' ? 0.2 : 0.5);
  });

  it('goes on while a quorum is up', () => {
    for (const seed of seedsTo(seedCount(4, 100))) {
      const crash = (node: number, at: number) =>
        atMs(at, { kind: 'crash', targets: [nodesTarget(node)], losingDisk: false }, null);
      const executed = run({ nodes: 5, forNs: 3_000_000_000, actions: [crash(0, 500), crash(3, 900)] }, seed);
      expect(brokenIn(executed)).toEqual([]);
      const late = executed.log.operations.filter(one => one.invoke > executed.loadEndNs - 1_000_000_000);
      expect(late.filter(one => one.outcome === 'ok').length).toBeGreaterThan(50);
    }
  });
});

type Io = LeaderlessIo;

/** Says that it has a write before it is on disk. */
const hasty: AnyProtocol = {
  ...leaderlessProtocol,
  receive(state: LeaderlessState, from, m: LeaderlessMessage, io) {
    if (m.type === 'store' && m.by !== 0) io.send(from, { type: 'stored', key: m.key, by: m.by, hint: 0 });
    leaderlessProtocol.receive(state, from, m, io as Io);
  },
};

/** Takes whatever comes last. */
const careless = receiving((state, m) => {
  const before = m.type === 'store' || m.type === 'repair' ? state.cells[m.key] : undefined;
  if (before !== undefined && 'cell' in m && m.cell !== null && compareStamps(before[0]!.stamp, m.cell[0]!.stamp) > 0)
    state.cells[m.key] = [{ ...before[0]!, stamp: { ...before[0]!.stamp, time: -1 } }];
  return m;
});

/** Forgets a hint as soon as it has been sent once. */
const forgetful: AnyProtocol = {
  ...leaderlessProtocol,
  timer(state: LeaderlessState, name, io) {
    leaderlessProtocol.timer(state, name, io as Io);
    for (const [id, { key, cell, target }] of Object.entries(state.hints)) {
      delete state.hints[Number(id)];
      state.deeds.push({ kind: 'handed', key, came: cell, target });
    }
  },
};

/** Answers a read with what it has itself. */
const impatient = receiving((state, m) => {
  if (m.type === 'found') {
    const one = state.gets[m.by];
    if (one !== undefined) one.found = one.found.map(other => ({ ...other, cell: null }));
    return { ...m, cell: null };
  }
  return m;
});

/** Writes that are not written. */
const unwritten: AnyProtocol = {
  ...leaderlessProtocol,
  disk: {
    empty: leaderlessProtocol.disk.empty,
    apply(image: LeaderlessDisk, write: LeaderlessWrite) {
      if (write.kind !== 'cell') leaderlessProtocol.disk.apply(image, write);
    },
  },
};

const vectors = { kind: 'siblings', by: 'vector', per: 'server' } as const;
const dotted = { kind: 'siblings', by: 'dotted-vector', per: 'server' } as const;

/** Leaves out of new versions what their clients had seen. */
const keepsAll = receiving((_state, m) =>
  m.type === 'store' && m.cell.length === 1
    ? { ...m, cell: [{ ...m.cell[0]!, version: { ...m.cell[0]!.version, past: {} } }] }
    : m,
);

const mistakes: readonly Mistake<Leaderless>[] = [
  ['acknowledgements before the disk', hasty, {}, /AckW/],
  ['earlier writes that replace later ones', careless, {}, /NoLostSibling/],
  ['hints that are given up', forgetful, {}, /HintDelivered/],
  ['reads that find nothing', impatient, {}, /Regular/],
  ['writes that a crash forgets', unwritten, {}, /Regular|NoLostSibling/],
  [
    'a vector per server that counts its own write in what was seen',
    leaderlessProtocol,
    { resolve: vectors },
    /ToldBefore/,
  ],
  ['siblings that are kept after all', keepsAll, { resolve: dotted }, /SiblingBound/],
  ['tombstones that are collected at once', leaderlessProtocol, { tombstonesNs: 1_000_000 }, /NoResurrect/],
];

describeMistakes('broken leaderless replication is caught', {
  mistakes,
  // Those of compare-and-set have mistakes of their own.
  invariants: leaderlessInvariants.filter(one => !changeInvariants.includes(one)),
  // Reads write back, so that what is sound is linearizable.
  run: (seed, options, protocol) => run(storm, seed, { readWriteBack: true, ...options }, protocol),
  sound: { 'as it is': {} },
  seeds: seedCount(10, 300),
});

describe('what a replica has missed', () => {
  const away = atMs(500, { kind: 'crash', targets: [nodesTarget(2)], losingDisk: false }, 3_500);
  // It comes back when nobody tries to write to it any more.
  const sketch: Sketch = { forNs: 1_500_000_000, settleNs: 5_000_000_000, actions: [away] };
  const nothing: Partial<Leaderless> = { hintedHandoffNs: null, antiEntropyNs: null, readRepair: false };

  it.each([
    ['hints', { hintedHandoffNs: 10_000_000_000 }],
    ['comparing trees', { antiEntropyNs: 500_000_000 }],
  ] as [string, Partial<Leaderless>][])('comes to it by %s alone', (_name, one) => {
    for (const seed of seedsTo(seedCount(4, 100))) {
      expect(replicasAgree(run(sketch, seed, { ...nothing, ...one }))).toBe('holds');
      expect(replicasAgree(run(sketch, seed, nothing))).toMatch(/violated/);
    }
  });

  it('after losing its disk, by comparing trees', () => {
    const lost = atMs(1_000, { kind: 'crash', targets: [nodesTarget(2)], losingDisk: true }, 300);
    const executed = run({ ...sketch, actions: [lost] }, 1, { ...nothing, antiEntropyNs: 500_000_000 });
    expect(replicasAgree(executed)).toBe('holds');
  });
});
