import { describe, expect, it } from 'vitest';
import { constant } from '../../design/distribution.ts';
import { nowhere } from '../../design/source.ts';
import { atMs, nodesTarget, type Sketch } from '../../testing/design.ts';
import { runFast } from '../../testing/fast-paxos.ts';
import { chaosOf } from '../../testing/faults.ts';
import { brokenIn, complaintsOf, linearizability, okShare, replicasAgree } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';
import type { FastState } from './state.ts';

const crash = (node: number, at: number, forMs: number | null) =>
  atMs(at, { kind: 'crash', targets: [nodesTarget(node)], losingDisk: false }, forMs);

const recoveries = ['coordinated', 'uncoordinated'] as const;

describe.each(recoveries)('Fast Paxos, %s, without faults', recovery => {
  it.each(['kv', 'counter'] as const)('answers every operation on a %s', model => {
    for (const seed of seedsTo(seedCount(3, 100))) {
      const executed = runFast({ model, forNs: 2_000_000_000 }, seed, { recovery });
      expect(brokenIn(executed)).toEqual([]);
      expect(okShare(executed)).toBe(1);
      expect(executed.log.operations.length).toBeGreaterThan(200);
      expect(linearizability(executed)).toBe('holds');
      expect(replicasAgree(executed)).toBe('holds');
    }
  });
});

/** Crashes, cuts, pauses, lost messages, and retries that must take effect once. */
const everything: Sketch = {
  loss: 0.02,
  duplicate: 0.05,
  reorder: 0.1,
  workload: { idempotent: true, retries: 2, timeoutNs: 400_000_000, clients: 6 },
  forNs: 5_000_000_000,
  settleNs: 4_000_000_000,
  chaos: [chaosOf(0, 5_000, ['crash', 1, 700], ['cut', 1, 900], ['pause', 1, 900], ['isolate', 1, 1_100])],
};

describe.each(recoveries)('Fast Paxos, %s, under chaos', recovery => {
  it.each([
    ['a key-value store', everything],
    ['a counter that is not fooled by retries', { ...everything, model: 'counter' }],
    ['messages lost, nothing else', { loss: 0.1, forNs: 3_000_000_000, workload: { timeoutNs: 2_000_000_000 } }],
  ] as [string, Sketch][])('keeps every promise: %s', (_name, wanted) => {
    const shares: number[] = [];
    const complaints = complaintsOf(seedsTo(seedCount(8, 500)), seed => {
      const executed = runFast(wanted, seed, { recovery });
      shares.push(okShare(executed));
      return executed;
    });
    expect(complaints).toEqual([]);
    expect(Math.min(...shares)).toBeGreaterThan(0.5);
  });

  it('goes on without a fast quorum, by classic rounds', () => {
    for (const seed of seedsTo(seedCount(4, 100))) {
      const actions = [crash(0, 500, null), crash(3, 900, null)];
      const executed = runFast({ forNs: 4_000_000_000, actions }, seed, { recovery });
      expect(complaintsOf([seed], () => executed)).toEqual([]);
      const late = executed.log.operations.filter(one => one.invoke > executed.loadEndNs - 1_000_000_000);
      expect(late.filter(one => one.outcome === 'ok').length).toBeGreaterThan(50);
    }
  });
});

it('keeps no more of the log than a snapshot leaves, also for who comes back late', () => {
  const wanted: Sketch = {
    workload: { arrival: { kind: 'open', perSecond: 900 }, clients: 30 },
    forNs: 4_000_000_000,
    actions: [crash(1, 500, 2_500)],
  };
  const executed = runFast(wanted, 1);
  expect(complaintsOf([1], () => executed)).toEqual([]);
  for (const state of executed.sim.groups[0]!.states.values() as Iterable<FastState>) {
    expect(state.applied).toBeGreaterThan(600);
    expect(Object.keys(state.chosen).length).toBeLessThan(400);
    expect(Object.keys(state.votes).length).toBeLessThan(500);
  }
});

it('goes on with fixed pauses, too', () => {
  const retry = { kind: 'fixed', ns: 20_000_000 } as const;
  expect(complaintsOf(seedsTo(seedCount(4, 100)), seed => runFast(everything, seed, { retry }))).toEqual([]);
});

it('has a value chosen two message delays after it was sent', () => {
  const alone: Sketch = {
    latency: constant(10_000_000),
    fsync: constant(0),
    forNs: 1_000_000_000,
    workload: { clients: 1, mix: [{ at: nowhere, kind: 'write', share: 1, on: null, by: null }] },
  };
  const { operations } = runFast(alone, 1).log;
  expect(operations.length).toBeGreaterThan(20);
  for (const one of operations) expect(one.ended - one.invoke).toBe(20_000_000);
});
