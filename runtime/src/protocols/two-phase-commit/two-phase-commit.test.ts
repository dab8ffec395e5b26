import { describe, expect, it } from 'vitest';
import { exponential } from '../../design/distribution.ts';
import type { TwoPhaseCommit } from '../../design/mechanism.ts';
import { leaderTarget, type Sketch, twoPhaseOptions } from '../../testing/design.ts';
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

const kinds: [string, Partial<TwoPhaseCommit>][] = [
  ['presumed abort', {}],
  ['presumed commit', { presume: 'commit' }],
  ['presumed nothing', { presume: 'nothing' }],
  ['whoever is asked coordinates', { coordinator: null }],
  ['whoever is asked coordinates, presumed commit', { coordinator: null, presume: 'commit' }],
];

describe('two-phase commit without faults', () => {
  it.each(kinds)('answers every operation: %s', (_name, options) => {
    for (const seed of seedsTo(seedCount(20, 400))) {
      const mechanism = twoPhaseOptions(options);
      const executed = runSketch({ mechanism, forNs: 2_000_000_000, settleNs: 500_000_000 }, seed);
      expect(brokenIn(executed)).toEqual([]);
      expect(executed.log.operations.length).toBeGreaterThan(400);
      expect(executed.log.operations.filter(one => one.outcome !== 'ok')).toEqual([]);
      expect(linearizability(executed)).toBe('holds');
      expect(replicasAgree(executed)).toBe('holds');
    }
  });
});

const everything = (options: Partial<TwoPhaseCommit>): Sketch => ({
  nodes: 3,
  mechanism: twoPhaseOptions(options),
  loss: 0.02,
  duplicate: 0.05,
  reorder: 0.1,
  workload: {
    idempotent: true,
    retries: 2,
    timeoutNs: 400_000_000,
    clients: 6,
    keys: { count: 4, choice: 'uniform' },
    arrival: { kind: 'closed', think: exponential(5_000_000) },
  },
  forNs: 4_000_000_000,
  settleNs: 4_000_000_000,
  chaos: [chaosOf(0, 4_000, ['crash', 1, 900], ['cut', 1, 900], ['pause', 1, 900])],
  actions: [everyMs(900, 450, 4_000, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 100)],
});

describe('two-phase commit under chaos', () => {
  it.each(kinds)('keeps every promise: %s', (_name, options) => {
    const shares: number[] = [];
    expect(
      complaintsOf(seedsTo(seedCount(20, 400)), seed => {
        const executed = runSketch(everything(options), seed);
        const { operations } = executed.log;
        shares.push(operations.filter(one => one.outcome === 'ok').length / operations.length);
        return executed;
      }),
    ).toEqual([]);
    expect(Math.min(...shares)).toBeGreaterThan(0.5);
  });
});

describe('one key that everybody writes', () => {
  it.each([
    ['one coordinator', {}],
    ['five coordinators', { coordinator: null }],
  ] as [string, Partial<TwoPhaseCommit>][])('neither deadlocks nor refuses: %s', (_name, options) => {
    const executed = crowdOnOneKey({
      nodes: 5,
      mechanism: twoPhaseOptions({ timeoutNs: 1_000_000_000, ...options }),
    });
    expect(executed.log.operations.length).toBeGreaterThan(500);
    expect(executed.log.operations.filter(one => one.outcome !== 'ok')).toEqual([]);
    expect(brokenIn(executed)).toEqual([]);
    expect(linearizability(executed)).toBe('holds');
  });
});
