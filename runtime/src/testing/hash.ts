/** A run with a bit of everything in it (faults, skewed clocks, every kind of distribution), as the hash of its trace. */
import { exponential, lognormal, mix, pareto, sum, uniform } from '../design/distribution.ts';
import { runScenario } from '../run/report.ts';
import { atMs, leaderTarget, nodesTarget, raftOptions, sketch } from './design.ts';
import { chaosOf } from './faults.ts';

const ms = 1_000_000;

export function hashOf(seed: number): string {
  const { design, scenario } = sketch({
    nodes: 5,
    mechanism: raftOptions({ snapshotEvery: 40 }),
    latency: mix(
      [0.7, lognormal(1 * ms, 0.5)],
      [0.2, sum(uniform(1 * ms, 2 * ms), exponential(1 * ms))],
      [0.1, pareto(1 * ms, 2.5)],
    ),
    fsync: exponential(1 * ms),
    loss: 0.02,
    duplicate: 0.02,
    reorder: 0.05,
    clock: { skewNs: 5 * ms, driftPpm: 200 },
    workload: { keys: { count: 20, choice: { zipf: 1.1 } }, retries: 2, idempotent: true, timeoutNs: 200 * ms },
    forNs: 2_000 * ms,
    settleNs: 500 * ms,
    chaos: [
      chaosOf(0, 2_000, ['crash', 2, 300], ['cut', 1, 300], ['pause', 1, 400], ['skew', 1, 400], ['slow', 1, 400]),
    ],
    actions: [
      atMs(500, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 200),
      atMs(1_000, { kind: 'promote', targets: [nodesTarget(2)], store: 'db' }),
    ],
  });
  const { report } = runScenario(design, scenario, { seed, tool: 'test', record: true, extraRuns: false });
  return `${report.traceSha256} ${report.covered.events} ${report.outcome}`;
}
