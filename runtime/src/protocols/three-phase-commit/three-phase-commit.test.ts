import { describe, expect, it } from 'vitest';
import { exponential } from '../../design/distribution.ts';
import type { ThreePhaseCommit } from '../../design/mechanism.ts';
import { noBlocking } from '../../run/blocking.ts';
import { leaderTarget, type Sketch, threePhaseOptions } from '../../testing/design.ts';
import { chaosOf, everyMs } from '../../testing/faults.ts';
import { brokenIn, complaintsOf, linearizability, replicasAgree, runSketch } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';

const kinds: [string, Partial<ThreePhaseCommit>][] = [
  ['terminate', {}],
  ['skeen', { onTimeout: 'skeen' }],
  ['whoever is asked coordinates', { coordinator: null }],
];

describe('three-phase commit without faults', () => {
  it.each([...kinds, ['discard', { onTimeout: 'discard' }]] as typeof kinds)(
    'answers every operation: %s',
    (_name, options) => {
      for (const seed of seedsTo(seedCount(20, 200))) {
        const mechanism = threePhaseOptions(options);
        const executed = runSketch({ mechanism, forNs: 2_000_000_000, settleNs: 500_000_000 }, seed);
        expect(brokenIn(executed)).toEqual([]);
        expect(executed.log.operations.length).toBeGreaterThan(300);
        expect(executed.log.operations.filter(one => one.outcome !== 'ok')).toEqual([]);
        expect(linearizability(executed)).toBe('holds');
        expect(replicasAgree(executed)).toBe('holds');
      }
    },
  );
});

/** Crashes only, and messages in time: what the protocol is made for. */
const crashes = (options: Partial<ThreePhaseCommit>): Sketch => ({
  nodes: 4,
  mechanism: threePhaseOptions({ timeoutNs: 50_000_000, ...options }),
  workload: {
    idempotent: true,
    retries: 2,
    timeoutNs: 300_000_000,
    clients: 6,
    keys: { count: 4, choice: 'uniform' },
    arrival: { kind: 'closed', think: exponential(5_000_000) },
  },
  forNs: 4_000_000_000,
  settleNs: 3_000_000_000,
  chaos: [chaosOf(0, 4_000, ['crash', 2, 500])],
  actions: [everyMs(900, 450, 4_000, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 300)],
});

describe('three-phase commit under crashes', () => {
  it.each(kinds)('keeps every promise: %s', (_name, options) => {
    const shares: number[] = [];
    expect(
      complaintsOf(seedsTo(seedCount(20, 400)), seed => {
        const executed = runSketch(crashes(options), seed);
        const { operations } = executed.log;
        expect(noBlocking(executed.sim, executed.stores[0]!, executed.blocking.longest, 0)).toMatchObject({
          verdict: 'holds',
        });
        shares.push(operations.filter(one => one.outcome === 'ok').length / operations.length);
        return executed;
      }),
    ).toEqual([]);
    expect(Math.min(...shares)).toBeGreaterThan(0.4);
  });
});
