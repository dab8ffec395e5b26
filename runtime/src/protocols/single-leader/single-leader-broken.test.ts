import { describe, expect, it } from 'vitest';
import { constant, exponential, lognormal } from '../../design/distribution.ts';
import type { SingleLeader } from '../../design/mechanism.ts';
import { leaderTarget, type Sketch, singleLeaderOptions } from '../../testing/design.ts';
import { chaosOf, everyMs } from '../../testing/faults.ts';
import { complaintsOf, firstCaught, runSketch } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';
import type { AnyProtocol } from '../contract.ts';
import { singleLeader } from './single-leader.ts';
import type { SingleLeaderState } from './state.ts';

const storm = (options: Partial<SingleLeader>, failover: Partial<SingleLeader['failover']>): Sketch => ({
  nodes: 5,
  mechanism: singleLeaderOptions(
    { acknowledgements: { kind: 'count', count: 2 }, ...options },
    { detect: { kind: 'timeout', ns: 60_000_000 }, ...failover },
  ),
  latency: lognormal(3_000_000, 1),
  loss: 0.05,
  fsync: constant(100_000),
  workload: {
    clients: 8,
    timeoutNs: 100_000_000,
    keys: { count: 3, choice: 'uniform' },
    arrival: { kind: 'closed', think: exponential(2_000_000) },
  },
  forNs: 3_000_000_000,
  settleNs: 2_000_000_000,
  chaos: [
    chaosOf(0, 3_000, ['crash', 1, 150], ['cut', 1, 200], ['isolate', 1, 150, [leaderTarget]], ['pause', 1, 200]),
  ],
  actions: [everyMs(250, 100, 3_000, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 100)],
});

/** Answers as soon as its own disk has the write, whatever the mode asks of followers. */
const eager: AnyProtocol = {
  ...singleLeader,
  persisted(state: SingleLeaderState, token, io) {
    const degraded = { ...state, degraded: state.degraded };
    state.degraded = true;
    singleLeader.persisted!(state, token, io as never);
    state.degraded = degraded.degraded;
  },
};

describe('a broken single leader is caught by chaos', () => {
  it.each([
    ['promotion of whoever asks, however far behind', {}, { promote: 'any' }, singleLeader],
    ['no fencing', {}, { fencing: false }, singleLeader],
    ['acknowledgement before followers have the write', {}, {}, eager],
  ] as [string, Partial<SingleLeader>, Partial<SingleLeader['failover']>, AnyProtocol][])(
    '%s',
    (_name, options, failover, protocol) => {
      const caught = firstCaught(seedsTo(20), seed => runSketch(storm(options, failover), seed, protocol));
      // First seen at seeds 1, 2 and 1.
      expect(caught).toBeDefined();
    },
  );

  it('and the same storm finds nothing wrong with the real one', () => {
    expect(complaintsOf(seedsTo(seedCount()), seed => runSketch(storm({}, {}), seed))).toEqual([]);
  });
});
