import { describe, expect, it } from 'vitest';
import { raftOptions } from '../../testing/design.ts';
import { brokenIn, linearizability, replicasAgree, runSketch } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';

describe('raft without faults', () => {
  it.each([
    [3, 'index'],
    [5, 'index'],
    [3, 'log'],
    [5, 'lease'],
  ] as const)('answers every operation on %i nodes, reading by %s', (nodes, read) => {
    const mechanism = raftOptions({ read: read === 'lease' ? { kind: 'lease', ns: 100_000_000 } : { kind: read } });
    for (const seed of seedsTo(seedCount())) {
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
