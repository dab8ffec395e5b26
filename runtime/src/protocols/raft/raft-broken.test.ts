import { describe, expect, it } from 'vitest';
import { constant, lognormal } from '../../design/distribution.ts';
import type { Raft } from '../../design/mechanism.ts';
import { leaderTarget, raftOptions, type Sketch } from '../../testing/design.ts';
import { chaosOf, degrade, everyMs } from '../../testing/faults.ts';
import { complaintsOf, firstCaught, runSketch } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';
import type { AnyProtocol } from '../contract.ts';
import { raft } from './raft.ts';

/**
 * Nothing but chaos: elections all the time, leaders that die young with many entries that only some have, links
 * that lose and delay. No step of any known counterexample is written down here.
 */
const storm = (options: Partial<Raft>, perSecond: number, crashEvery = 60): Sketch => ({
  nodes: 5,
  mechanism: raftOptions({
    electionTimeoutNs: [15_000_000, 30_000_000],
    heartbeatNs: 6_000_000,
    preVote: false,
    leaderStickiness: false,
    checkQuorum: false,
    ...options,
  }),
  latency: lognormal(2_000_000, 0.8),
  fsync: constant(100_000),
  workload: {
    clients: 8,
    timeoutNs: 60_000_000,
    keys: { count: 3, choice: 'uniform' },
    arrival: { kind: 'open', perSecond },
  },
  forNs: 3_000_000_000,
  settleNs: 1_000_000_000,
  chaos: [chaosOf(0, 3_000, ['crash', 2, crashEvery], ['cut', 2, 80], ['isolate', 1, 90], ['pause', 1, 90])],
  actions: [
    everyMs(55, 20, 3_000, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 25),
    everyMs(10_000, 0, 10, degrade({ loss: 0.1, reorder: 0.1 }), 3_000),
  ],
});

/** Voters believe every candidate's log to be as good as theirs: §5.4.1 left out. */
const withoutLogCheck: AnyProtocol = {
  ...raft,
  receive(state, from, message, io) {
    const vote = message.type === 'request-vote' || message.type === 'pre-vote';
    raft.receive(state, from, vote ? { ...message, lastTerm: Number.MAX_SAFE_INTEGER } : message, io);
  },
};

describe('a broken raft is caught by chaos', () => {
  it.each([
    ['votes that a crash forgets', { durableVotes: false }, raft, 100, 12, /VoteOnce|ElectionSafety/],
    [
      'entries of old terms committed by counting',
      { commitOldTerms: true },
      raft,
      3_000,
      60,
      /CommitOnlyCurrentTerm|LeaderCompleteness/,
    ],
    ['no look at the candidate’s log', {}, withoutLogCheck, 3_000, 60, /LeaderCompleteness|StateMachineSafety/],
  ] as [string, Partial<Raft>, AnyProtocol, number, number, RegExp][])(
    '%s',
    (_name, options, protocol, perSecond, crashEvery, expected) => {
      // First seen at seeds 1, 3 and 1.
      const caught = firstCaught(seedsTo(20), seed => runSketch(storm(options, perSecond, crashEvery), seed, protocol));
      expect(caught?.why).toMatch(expected);
    },
  );

  it('and the same storm finds nothing wrong with the real one', () => {
    expect(complaintsOf(seedsTo(seedCount()), seed => runSketch(storm({}, 200 + 30 * (seed % 100)), seed))).toEqual([]);
  });
});
