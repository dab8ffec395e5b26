/** A group that finds its leader only after the grace before time 0 runs to its end all the same. */
import { runScenario } from '@dsys/runtime';
import { expect, it } from 'vitest';
import { designOf } from './support/design.ts';

const text = `
network { latency 400ms }
cluster three { nodes 3 }
store slow on three { consensus raft { election-timeout 12s..14s  heartbeat 1s } }
workload load on slow { clients 5  think 100ms  timeout 5s }
scenario late {
  run load for 40s
  expect consistency linearizable
}
`;

it('goes on when the leader comes late', async () => {
  const design = await designOf(text, 'late.dsys', { withErrors: true });
  const { report } = runScenario(design, design.scenarios[0]!, {
    tool: 'test',
    seed: 1,
    record: false,
    extraRuns: false,
  });
  expect(report.covered.skipped.join()).toContain('had no leader when the scenario began');
  expect(report.virtualTimeNs).toBeGreaterThan(40e9);
  expect(report.covered.operations.ok).toBeGreaterThan(10);
});
