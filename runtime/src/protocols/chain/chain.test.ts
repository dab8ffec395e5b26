import { describe, expect, it } from 'vitest';
import type { Chain } from '../../design/mechanism.ts';
import { answeredLate, chainOf, runChain } from '../../testing/chain.ts';
import { atMs, nodesTarget, type Sketch } from '../../testing/design.ts';
import { chaosOf } from '../../testing/faults.ts';
import { brokenIn, complaintsOf, linearizability, replicasAgree } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';

const crash = (node: number, at: number, forMs: number | null, losingDisk = false) =>
  atMs(at, { kind: 'crash', targets: [nodesTarget(node)], losingDisk }, forMs);
const isolate = (node: number, at: number, forMs: number) =>
  atMs(at, { kind: 'isolate', targets: [nodesTarget(node)] }, forMs);

const seeds = seedsTo(seedCount(4, 200));

describe('a chain without faults', () => {
  it.each([
    ['with a configuration service', {}],
    ['on its own', { master: null }],
  ] as [string, Partial<Chain>][])('%s answers every operation', (_name, options) => {
    for (const seed of seedsTo(seedCount(3, 100))) {
      const executed = runChain({ forNs: 2_000_000_000, settleNs: 500_000_000 }, seed, options);
      expect(brokenIn(executed)).toEqual([]);
      expect(executed.leaderless).toEqual([]);
      const mine = executed.log.operations.filter(one => one.store === 'db');
      expect(mine.length).toBeGreaterThan(200);
      expect(mine.filter(one => one.outcome !== 'ok')).toEqual([]);
      expect(chainOf(executed)).toEqual([0, 1, 2]);
      expect(linearizability(executed)).toBe('holds');
      expect(replicasAgree(executed)).toBe('holds');
    }
  });
});

describe('a chain goes on without', () => {
  it.each([
    ['its head', [crash(0, 1_000, null)], [1, 2]],
    ['its middle', [crash(1, 1_000, null)], [0, 2]],
    ['its tail', [crash(2, 1_000, null)], [0, 1]],
    ['all but one', [crash(0, 700, null), crash(2, 1_900, null)], [1]],
  ])('%s', (_name, actions, left) => {
    for (const seed of seeds) {
      const executed = runChain({ forNs: 5_000_000_000, settleNs: 1_000_000_000, actions }, seed);
      // A chain of one has nobody to agree with: histories and invariants judge all of them.
      expect(brokenIn(executed)).toEqual([]);
      expect(linearizability(executed)).toBe('holds');
      if (left.length > 1) expect(replicasAgree(executed)).toBe('holds');
      expect(chainOf(executed)).toEqual(left);
      expect(answeredLate(executed)).toBeGreaterThan(50);
    }
  });

  it.each([
    ['crashed', crash(0, 800, 1_500), [1, 2, 0]],
    ['crashed and lost its disk', crash(1, 800, 1_500, true), [0, 2, 1]],
    ['lost its disk before anybody missed it', crash(1, 800, 100, true), [0, 2, 1]],
    ['was the tail and restarted at once', crash(2, 800, 100), [0, 1, 2]],
  ])('a node that %s, which comes back as the tail', (_name, action, chain) => {
    for (const seed of seeds) {
      const executed = runChain({ forNs: 5_000_000_000, settleNs: 1_000_000_000, actions: [action] }, seed);
      expect(complaintsOf([seed], () => executed)).toEqual([]);
      expect(chainOf(executed)).toEqual(chain);
      expect(answeredLate(executed)).toBeGreaterThan(100);
    }
  });

  it('a tail that is cut off, and either side takes the other out', () => {
    const ends = seeds.map(seed => {
      const actions = [isolate(2, 800, 1_500)];
      const executed = runChain({ forNs: 5_000_000_000, settleNs: 1_000_000_000, actions }, seed);
      expect(complaintsOf([seed], () => executed)).toEqual([]);
      expect(answeredLate(executed)).toBeGreaterThan(100);
      return chainOf(executed).length;
    });
    expect(ends).toEqual(seeds.map(() => 3));
  });

  it('a leader of the configuration service', () => {
    const actions = [crash(3, 500, 1_000), crash(4, 1_600, 1_000), crash(5, 2_700, 1_000), crash(1, 1_700, 800)];
    const executed = (seed: number) => runChain({ forNs: 4_000_000_000, settleNs: 2_000_000_000, actions }, seed);
    expect(complaintsOf(seeds, executed)).toEqual([]);
  });
});

/** Crashes, cuts, pauses, lost messages, and retries that must take effect once. */
const everything: Sketch = {
  loss: 0.02,
  duplicate: 0.05,
  reorder: 0.1,
  workload: { idempotent: true, retries: 2, timeoutNs: 300_000_000, clients: 6 },
  forNs: 6_000_000_000,
  settleNs: 5_000_000_000,
  chaos: [chaosOf(0, 6_000, ['crash', 1, 900], ['cut', 1, 1_100], ['pause', 1, 900], ['isolate', 1, 1_300])],
};

describe('a chain under chaos', () => {
  it.each([
    ['a key-value store', everything],
    ['a counter that is not fooled by retries', { ...everything, model: 'counter' }],
    ['messages lost, nothing else', { loss: 0.1, forNs: 4_000_000_000, workload: { timeoutNs: 2_000_000_000 } }],
  ] as [string, Sketch][])('keeps every promise: %s', (_name, wanted) => {
    expect(complaintsOf(seedsTo(seedCount(8, 500)), seed => runChain(wanted, seed))).toEqual([]);
  });
});
