import { describe, expect, it } from 'vitest';
import type { Target } from '../../design/scenario.ts';
import { nowhere } from '../../design/source.ts';
import { atMs, raftOptions } from '../../testing/design.ts';
import { replicasAgree, runSketch } from '../../testing/runs.ts';

const follower: Target = {
  at: nowhere,
  kind: 'role',
  text: 'any follower of db',
  role: 'any-follower',
  of: 'db',
  partitions: [0],
};

describe('a follower that comes back with an empty disk, under a leader that stays', () => {
  it.each([
    ['from the log', null],
    ['from a snapshot', 20],
  ] as const)('gets everything again: %s', (_name, snapshotEvery) => {
    for (let seed = 1; seed <= 10; seed++) {
      const executed = runSketch(
        {
          mechanism: raftOptions({ snapshotEvery }),
          forNs: 3_000_000_000,
          settleNs: 1_000_000_000,
          actions: [atMs(1_000, { kind: 'crash', targets: [follower], losingDisk: true }, 30)],
        },
        seed,
      );
      expect(executed.leaderChanges, `seed ${seed}`).toBe(0);
      expect(replicasAgree(executed), `seed ${seed}`).toBe('holds');
      expect(executed.sim.groups[0]!.states.size).toBe(3);
    }
  });
});
