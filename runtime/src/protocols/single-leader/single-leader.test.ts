import { describe, expect, it } from 'vitest';
import type { SingleLeader } from '../../design/mechanism.ts';
import { atMs, leaderTarget, nodesTarget, type Sketch, singleLeaderOptions } from '../../testing/design.ts';
import { chaosOf, everyMs } from '../../testing/faults.ts';
import { brokenIn, complaintsOf, linearizability, replicasAgree, runSketch } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';

describe('single-leader without faults', () => {
  it.each([
    ['synchronous', 3, { mode: 'synchronous' }],
    ['semi-synchronous', 3, {}],
    ['semi-synchronous, received', 5, { acknowledge: 'received' }],
    ['asynchronous', 3, { mode: 'asynchronous', acknowledgements: null }],
  ] as [string, number, Partial<SingleLeader>][])('%s on %i nodes answers every operation', (_name, nodes, options) => {
    for (const seed of seedsTo(seedCount())) {
      const mechanism = singleLeaderOptions(options);
      const executed = runSketch({ nodes, mechanism, forNs: 2_000_000_000, settleNs: 500_000_000 }, seed);
      expect(brokenIn(executed)).toEqual([]);
      expect(executed.leaderChanges).toBe(0);
      expect(executed.log.operations.length).toBeGreaterThan(500);
      expect(executed.log.operations.filter(one => one.outcome !== 'ok')).toEqual([]);
      expect(linearizability(executed)).toBe('holds');
      expect(replicasAgree(executed)).toBe('holds');
    }
  });
});

const everything = (nodes: number, options: Partial<SingleLeader>): Sketch => ({
  nodes,
  mechanism: singleLeaderOptions(options, { detect: { kind: 'timeout', ns: 150_000_000 } }),
  loss: 0.02,
  duplicate: 0.05,
  reorder: 0.1,
  workload: { idempotent: true, retries: 1, timeoutNs: 300_000_000, clients: 6 },
  forNs: 4_000_000_000,
  settleNs: 4_000_000_000,
  chaos: [chaosOf(0, 4_000, ['crash', 1, 500], ['cut', 1, 700], ['pause', 1, 600], ['isolate', 1, 900])],
  actions: [
    everyMs(900, 450, 4_000, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 150),
    atMs(1_500, { kind: 'promote', targets: [nodesTarget(1)], store: 'db' }),
    atMs(3_000, { kind: 'promote', targets: [nodesTarget(2)], store: 'db' }),
  ],
});

describe('single-leader under chaos', () => {
  it.each([
    ['three nodes, one acknowledgement', 3, {}],
    ['five nodes, two acknowledgements', 5, { acknowledgements: { kind: 'count', count: 2 } }],
    ['received, applied later', 3, { acknowledge: 'received' }],
    ['rejoin by a full copy', 3, { rejoin: 'reclone' }],
    ['a short log', 3, { logRetentionNs: 400_000_000 }],
    ['synchronous', 3, { mode: 'synchronous' }],
    ['leases', 3, { leaderRead: { kind: 'lease', ns: 50_000_000 } }],
  ] as [string, number, Partial<SingleLeader>][])('keeps every promise: %s', (_name, nodes, options) => {
    expect(complaintsOf(seedsTo(seedCount()), seed => runSketch(everything(nodes, options), seed))).toEqual([]);
  });
});
