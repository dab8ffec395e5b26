import { describe, expect, it } from 'vitest';
import type { Raft } from '../../design/mechanism.ts';
import type { Action } from '../../design/scenario.ts';
import { atMs, leaderTarget, nodesTarget, raftOptions, type Sketch } from '../../testing/design.ts';
import { chaosOf, everyMs } from '../../testing/faults.ts';
import { complaintsOf, runSketch } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';

const add = (node: number): Action =>
  atMs(1_000 + 100 * node, { kind: 'add', nodes: [node], store: 'db', as: 'voter' });
const remove = (node: number, at: number): Action =>
  atMs(at, { kind: 'remove', nodes: [nodesTarget(node)], store: 'db' });
const promote = (node: number, at: number): Action =>
  atMs(at, { kind: 'promote', targets: [nodesTarget(node)], store: 'db' });

/** Everything at once, on five members and a spare, for four seconds; then four to settle. */
const everything = (options: Partial<Raft>): Sketch => ({
  nodes: 6,
  roles: ['member', 'member', 'member', 'member', 'member', 'spare'],
  mechanism: raftOptions({ snapshotEvery: 50, ...options }),
  loss: 0.02,
  duplicate: 0.05,
  reorder: 0.1,
  // A duplicated request is a retry: without a request id it takes effect twice.
  workload: { idempotent: true, retries: 1, timeoutNs: 300_000_000, clients: 6 },
  forNs: 4_000_000_000,
  settleNs: 4_000_000_000,
  chaos: [
    chaosOf(0, 4_000, ['crash', 2, 500], ['cut', 1, 700], ['pause', 1, 600], ['isolate', 1, 900], ['skew', 1, 900]),
  ],
  actions: [
    everyMs(900, 450, 4_000, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 150),
    add(5),
    promote(1, 700),
    promote(2, 2_200),
    remove(0, 2_600),
    promote(3, 3_300),
  ],
});

describe('raft under chaos', () => {
  it.each([
    ['joint consensus, index reads', {}],
    ['single-server changes, reads in the log', { membership: 'single', read: { kind: 'log' } }],
    ['leases', { read: { kind: 'lease', ns: 100_000_000 } }],
    ['no pre-vote', { preVote: false, leaderStickiness: false, checkQuorum: false }],
    ['short timeouts', { electionTimeoutNs: [20_000_000, 40_000_000], heartbeatNs: 8_000_000 }],
  ] as [string, Partial<Raft>][])('keeps every promise: %s', (_name, options) => {
    expect(complaintsOf(seedsTo(seedCount()), seed => runSketch(everything(options), seed))).toEqual([]);
  });

  it('did something: leaders changed, members changed, snapshots were installed', () => {
    const executed = runSketch(everything({}), 1);
    expect(executed.leaderChanges).toBeGreaterThan(3);
    expect(executed.faults.counts.crash).toBeGreaterThan(3);
    const states = [...executed.sim.groups[0]!.states.values()] as { snapshot: { index: number } | null }[];
    expect(Math.min(...states.map(state => state.snapshot?.index ?? 0))).toBeGreaterThan(0);
  });
});
