/** Raft's timeouts against the network that they run on. Ongaro 2014, §3.9 and chapter 9. */
import { splitVote } from '@dsys/runtime/analysis/elections';
import type { Design } from '@dsys/runtime/design/design';
import { majorityOf } from '@dsys/runtime/design/quorum';
import { broadcast } from '../elaborate/mechanisms/timeouts.ts';
import { duration, partitionsOf, percent, storesWith, votersOf } from './questions.ts';
import { fix, type Rule, set } from './rule.ts';

const known = new WeakMap<Design, ReturnType<typeof groupsOf>>();

/** Raft stores with two or more voters, with what a broadcast takes in their slowest partition. */
function groups(design: Design) {
  let found = known.get(design);
  if (found === undefined) known.set(design, (found = groupsOf(design)));
  return found;
}

const groupsOf = (design: Design) =>
  storesWith(design, 'raft').flatMap(store => {
    const voters = partitionsOf(design, store).map(votersOf);
    const most = Math.max(...voters.map(one => one.length));
    return most < 2 ? [] : [{ store, voters: most, ...broadcast(design.nodes, design.links, voters) }];
  });

const timeoutRange = (shortest: number): string =>
  `election-timeout ${duration(roundUp(shortest))}..${duration(2 * roundUp(shortest))}`;

const roundUp = (ns: number): number => Math.ceil(ns / 10e6) * 10e6;

const raftTiming: Rule = {
  id: 'raft-timing',
  title: 'Election timeouts that the network is too slow for',
  severity: 'warning',
  condition:
    'The shortest election timeout is no longer than a broadcast (a round trip to all voters and a sync): an error. Shorter than ten broadcasts, or a longest timeout above a thousandth of the mean time between failures: a warning.',
  why: 'Raft wants broadcast time ≪ election timeout ≪ mean time between failures. With a timeout near the broadcast time followers campaign against a healthy leader; with one near the time between failures most of the system’s life is spent waiting for elections.',
  source: 'Ongaro 2014, §3.9; etcd tuning guide (election timeout at least ten round trips)',
  wrong: `network { latency 7ms }
cluster c { nodes 3  disk { fsync 1ms } }
store s on c { consensus raft { election-timeout 100ms..200ms  heartbeat 30ms } }`,
  right: `network { latency 7ms }
cluster c { nodes 3  disk { fsync 1ms } }
store s on c { consensus raft { election-timeout 150ms..300ms  heartbeat 50ms } }`,
  *check(design) {
    for (const { store, broadcastNs } of groups(design)) {
      const { mechanism } = store;
      const [shortest, longest] = mechanism.electionTimeoutNs;
      const at = { of: mechanism, option: 'election-timeout' };
      const fixes = [
        fix(
          'Make it ten broadcasts',
          set(mechanism, 'election-timeout', timeoutRange(10 * broadcastNs)),
          ...(mechanism.heartbeatNs > roundUp(10 * broadcastNs) / 2
            ? [set(mechanism, 'heartbeat', `heartbeat ${duration(roundUp(10 * broadcastNs) / 3)}`)]
            : []),
        ),
      ];
      if (shortest <= broadcastNs) {
        yield {
          severity: 'error',
          at,
          message: `A broadcast takes ${duration(broadcastNs)}, and followers give up after ${duration(shortest)}: they campaign before a healthy leader can reach them, and nobody stays leader.`,
          fixes,
        };
      } else if (shortest < 10 * broadcastNs) {
        yield {
          at,
          message: `A broadcast takes ${duration(broadcastNs)}, and the shortest election timeout is ${duration(shortest)}: below ten times, a few late messages unseat a healthy leader.`,
          fixes,
        };
      }
      const mtbf = Math.min(
        ...partitionsOf(design, store)
          .flatMap(votersOf)
          .map(node => design.nodes[node]!.reliability.mtbfNs),
      );
      if (longest > mtbf / 1000) {
        yield {
          at,
          message: `An election can take ${duration(longest)} to begin, and some node fails every ${duration(mtbf)}: the store is without a leader for more than a thousandth of its time.`,
          fixes: [fix('Make it ten broadcasts', set(mechanism, 'election-timeout', timeoutRange(10 * broadcastNs)))],
        };
      }
    }
  },
};

const raftHeartbeat: Rule = {
  id: 'raft-heartbeat',
  title: 'Heartbeats too rare for the election timeout',
  severity: 'warning',
  condition:
    'The heartbeat interval is at least the shortest election timeout: an error. More than half of it: a warning.',
  why: 'A follower that hears nothing for an election timeout campaigns. If less than two heartbeats fit into it, one lost message is an election.',
  source: 'Ongaro 2014, §9.4 (half the election timeout); etcd (100 ms against 1,000 ms)',
  wrong: `cluster c { nodes 3 }
store s on c { consensus raft { election-timeout 150ms..300ms  heartbeat 120ms } }`,
  right: `cluster c { nodes 3 }
store s on c { consensus raft { election-timeout 150ms..300ms  heartbeat 50ms } }`,
  *check(design) {
    for (const store of storesWith(design, 'raft')) {
      const { mechanism } = store;
      const { heartbeatNs } = mechanism;
      const [shortest] = mechanism.electionTimeoutNs;
      if (heartbeatNs <= shortest / 2) continue;
      const isError = heartbeatNs >= shortest;
      yield {
        severity: isError ? 'error' : 'warning',
        at: { of: mechanism, option: 'heartbeat' },
        message: isError
          ? `The leader is heard every ${duration(heartbeatNs)}, and followers give up after ${duration(shortest)}: they campaign between two heartbeats of a healthy leader.`
          : `The leader is heard every ${duration(heartbeatNs)}, and followers give up after ${duration(shortest)}: one lost heartbeat is an election.`,
        fixes: [fix('A third of the timeout', set(mechanism, 'heartbeat', `heartbeat ${duration(shortest / 3)}`))],
      };
    }
  },
};

/** More elections than this fail with a split vote: the range of timeouts is too narrow. */
const splitVotesMax = 0.4;

const raftSplitVotes: Rule = {
  id: 'raft-split-votes',
  title: 'Election timeouts that collide',
  severity: 'warning',
  condition:
    'All election timeouts are equal: an error. Or P(split vote) > 40% when a bare majority is alive, with l the one-way delay as a share of the timeout range: 1 − (1 − l)^s.',
  why: 'Candidates that time out within a message’s delay of each other split the votes, and the term ends without a leader. A random timeout drawn from a range much wider than the delay makes that rare.',
  source: 'Ongaro 2014, §9.2',
  wrong: `network { latency 20ms }
cluster c { nodes 5 }
store s on c { consensus raft { election-timeout 500ms..600ms  heartbeat 150ms } }`,
  right: `network { latency 20ms }
cluster c { nodes 5 }
store s on c { consensus raft { election-timeout 500ms..1000ms  heartbeat 150ms } }`,
  *check(design) {
    for (const { store, voters, delayNs } of groups(design)) {
      const { mechanism } = store;
      const [shortest, longest] = mechanism.electionTimeoutNs;
      const at = { of: mechanism, option: 'election-timeout' };
      const wider = fix(
        'Widen the range',
        set(
          mechanism,
          'election-timeout',
          `election-timeout ${duration(shortest)}..${duration(shortest + Math.max(shortest, roundUp(20 * delayNs)))}`,
        ),
      );
      if (longest <= shortest) {
        yield {
          severity: 'error',
          at,
          message: `Every election timeout is ${duration(shortest)}: followers campaign at the same moment, split the votes, and do so again.`,
          fixes: [wider],
        };
        continue;
      }
      const alive = majorityOf(voters);
      const split = splitVote(voters, alive, Math.min(1, delayNs / (longest - shortest)));
      if (split <= splitVotesMax) continue;
      yield {
        at,
        message: `A one-way delay of ${duration(delayNs)} in a range of ${duration(longest - shortest)} splits ${percent(split)} of the elections when ${alive} of ${voters} are alive: each costs another timeout.`,
        fixes: [wider],
      };
    }
  },
};

export const raftTimingRules: readonly Rule[] = [raftTiming, raftHeartbeat, raftSplitVotes];
