/** What consensus must not give up: durable promises, members that overlap, values of the current term, patience. */
import type { Design } from '@dsys/runtime/design/design';
import type { Store } from '@dsys/runtime/design/store';
import {
  claimsOf,
  counted,
  duration,
  expectsCrashes,
  nameOf,
  namesOf,
  partitionsOf,
  placedStores,
  promises,
  smallestPartition,
  storesWith,
  votersOf,
} from './questions.ts';
import { fix, type Rule, set, unset } from './rule.ts';

const paxosKinds = ['paxos', 'multi-paxos', 'fast-paxos', 'cheap-paxos', 'flexible-paxos'] as const;

/** Voters whose disks forget everything in a crash. */
const volatileVoters = (design: Design, store: Store) =>
  [...new Set(partitionsOf(design, store).flatMap(votersOf))].filter(node => design.nodes[node]!.disk.volatile);

const volatilePromises: Rule = {
  id: 'volatile-promises',
  title: 'Votes and promises that a crash forgets',
  severity: 'error',
  condition:
    '`durable-votes off`, `durable-promises off`, or voters with `disk { volatile }`, in a design that expects crashes.',
  why: 'A server that forgets its vote can vote again in the same term, and then a term has two leaders; one that forgets what it accepted lets a chosen value be replaced. Term, vote, log, promises and acceptances must be on disk before the answer leaves.',
  source: 'Ongaro 2014, §3.8; Lamport, "Paxos Made Simple", 2001, §2.4',
  wrong: `cluster c { nodes 3 }
store s on c { consensus raft { durable-votes off } }`,
  right: `cluster c { nodes 3 }
store s on c { consensus raft }`,
  *check(design) {
    if (!expectsCrashes(design)) return;
    for (const store of storesWith(design, 'raft', ...paxosKinds)) {
      const { mechanism } = store;
      const isRaft = mechanism.kind === 'raft';
      const forgets = isRaft ? !mechanism.durableVotes : !mechanism.durablePromises;
      const option = isRaft ? 'durable-votes' : 'durable-promises';
      const [voter] = votersOf(smallestPartition(design, store));
      const then = isRaft
        ? 'votes twice in a term, and both candidates lead'
        : 'accepts a lower ballot, and a chosen value is replaced';
      if (forgets && voter !== undefined) {
        yield {
          at: { of: mechanism, option },
          message: `${nameOf(design, voter)} answers before its ${isRaft ? 'vote' : 'promise'} is on disk: after a crash it ${then}.`,
          fixes: [fix('Keep them on disk', unset(mechanism, option))],
        };
        continue;
      }
      const forgetful = volatileVoters(design, store);
      if (forgetful.length === 0) continue;
      const first = design.nodes[forgetful[0]!]!;
      const cluster = design.clusters.find(({ name }) => name === first.cluster);
      yield {
        at: store.mechanism,
        message: `${namesOf(design, forgetful)} of ${store.name} ${forgetful.length === 1 ? 'keeps' : 'keep'} nothing over a crash (disk volatile): a restarted voter ${then}.`,
        related: [
          {
            at: first.disk.volatile && cluster ? { of: cluster, option: 'disk' } : first,
            message: 'The disk is volatile.',
          },
        ],
        ...(cluster && { fixes: [fix('Make the disk durable', set(cluster, 'disk', 'disk { fsync 1ms }'))] }),
      };
    }
  },
};

const raftMembershipJump: Rule = {
  id: 'raft-membership-jump',
  title: 'Members that change without overlap',
  severity: 'error',
  condition:
    '`membership unsafe` (several servers in one step without joint consensus) or `single-early` (before the leader has committed an entry of its own term).',
  why: 'While a configuration changes, some servers count majorities of the old one and some of the new one. If the two need not share a server, two leaders can be elected in one term.',
  source: 'Ongaro 2014, §4.1 and §4.3; Ongaro on raft-dev, 10 July 2015 (the single-server bug)',
  wrong: `cluster c { nodes 3 }
store s on c { consensus raft { membership unsafe } }`,
  right: `cluster c { nodes 3 }
store s on c { consensus raft { membership joint } }`,
  *check(design) {
    for (const store of storesWith(design, 'raft')) {
      const { mechanism } = store;
      const { membership } = mechanism;
      if (membership !== 'unsafe' && membership !== 'single-early') continue;
      const n = votersOf(smallestPartition(design, store)).length;
      const majority = Math.floor(n / 2) + 1;
      const after = n + 2;
      yield {
        at: { of: mechanism, option: 'membership' },
        message:
          membership === 'unsafe'
            ? `From ${n} to ${after} voters in one step, ${majority} of the old and ${Math.floor(after / 2) + 1} of the new members are both majorities and need not share one: two leaders in one term.`
            : 'A new leader changes members before it has committed an entry of its own term: two changes of different terms can have majorities that do not meet.',
        fixes: [fix('Use joint consensus', set(mechanism, 'membership', 'membership joint'))],
      };
    }
  },
};

const raftColdVoter: Rule = {
  id: 'raft-cold-voter',
  title: 'A voter with an empty log',
  severity: 'warning',
  condition: '`new-voters at-once`: an added server votes before it has the log.',
  why: 'A new voter raises the majority at once and cannot help to reach it until it has the whole log. If another server fails meanwhile, nothing commits for as long as the copy takes.',
  source: 'Ongaro 2014, §4.2.1; etcd learners',
  wrong: `cluster c { nodes 3 }
store s on c { consensus raft { new-voters at-once } }`,
  right: `cluster c { nodes 3 }
store s on c { consensus raft { new-voters catch-up } }`,
  *check(design) {
    for (const store of storesWith(design, 'raft')) {
      if (store.mechanism.newVoters !== 'at-once') continue;
      const n = votersOf(smallestPartition(design, store)).length;
      const needs = Math.floor((n + 1) / 2) + 1;
      yield {
        at: { of: store.mechanism, option: 'new-voters' },
        message: `A voter added to ${n} makes ${needs} of ${n + 1} the majority while its own log is empty: with ${counted(n - needs + 1, 'old voter')} down nothing commits until the log is copied.`,
        fixes: [fix('Let it catch up first', set(store.mechanism, 'new-voters', 'new-voters catch-up'))],
      };
    }
  },
};

const raftCommitOldTerm: Rule = {
  id: 'raft-commit-old-term',
  title: 'Entries of older terms committed by counting',
  severity: 'error',
  condition: '`commit-old-terms on`.',
  why: 'An entry of an earlier term can be on a majority and still be overwritten by a later leader that does not have it. Only an entry of the leader’s own term, on a majority, settles what is before it.',
  source: 'Ongaro 2014, §3.6.2, figure 3.7',
  wrong: `cluster c { nodes 5 }
store s on c { consensus raft { commit-old-terms on } }`,
  right: `cluster c { nodes 5 }
store s on c { consensus raft }`,
  *check(design) {
    for (const store of storesWith(design, 'raft')) {
      if (!store.mechanism.commitOldTerms) continue;
      const n = votersOf(smallestPartition(design, store)).length;
      yield {
        at: { of: store.mechanism, option: 'commit-old-terms' },
        message: `An entry of an older term that stands on ${Math.floor(n / 2) + 1} of ${n} is called committed, and a leader that never had it can still overwrite it.`,
        fixes: [fix('Commit entries of the own term only', unset(store.mechanism, 'commit-old-terms'))],
      };
    }
  },
};

const raftDisruptiveServer: Rule = {
  id: 'raft-disruptive-server',
  title: 'A server that nobody misses unseats the leader',
  severity: 'information',
  condition: '`pre-vote off` or `leader-stickiness off`.',
  why: 'A server that was removed or cut off does not hear the leader, campaigns with ever higher terms, and unseats it when its requests get through. Pre-vote asks first; stickiness lets servers that hear a leader ignore such requests. Pre-vote alone does not stop a removed server whose log is up to date.',
  source: 'Ongaro 2014, §4.2.3 and §9.6',
  wrong: `cluster c { nodes 3 }
store s on c { consensus raft { pre-vote off } }`,
  right: `cluster c { nodes 3 }
store s on c { consensus raft { pre-vote on  leader-stickiness on } }`,
  *check(design) {
    for (const store of storesWith(design, 'raft')) {
      const { mechanism } = store;
      const off = [
        ...(mechanism.preVote ? [] : ['pre-vote']),
        ...(mechanism.leaderStickiness ? [] : ['leader-stickiness']),
      ];
      if (off.length === 0 || votersOf(smallestPartition(design, store)).length < 2) continue;
      const who = off.includes('leader-stickiness') ? 'removed or cut off' : 'cut off';
      yield {
        at: { of: mechanism, option: off[0]! },
        message: `Without ${off.join(' and ')}, a server that was ${who} comes back with a higher term and unseats a healthy leader: one election timeout (${duration(mechanism.electionTimeoutNs[0])} and more) without writes.`,
        fixes: [fix(`Switch ${off.join(' and ')} on`, ...off.map(option => unset(mechanism, option)))],
      };
    }
  },
};

const paxosDuel: Rule = {
  id: 'paxos-duel',
  title: 'Proposers that overtake each other forever',
  severity: 'warning',
  condition: '`consensus paxos` with two or more nodes and `retry fixed`.',
  why: 'A proposer with a higher ballot takes the promises from the one before it. With the same fixed delay both come back in the same order again and again; a random delay lets one of them finish.',
  source: 'Lamport, "Paxos Made Simple", 2001, §2.4',
  wrong: `cluster c { nodes 3 }
store s on c { consensus paxos { retry fixed 50ms } }`,
  right: `cluster c { nodes 3 }
store s on c { consensus paxos { retry randomized } }`,
  *check(design) {
    for (const store of storesWith(design, 'paxos')) {
      const { mechanism } = store;
      const { replicas } = smallestPartition(design, store);
      if (mechanism.retry.kind !== 'fixed' || replicas.length < 2) continue;
      const [a, b] = replicas;
      yield {
        at: { of: mechanism, option: 'retry' },
        message: `${nameOf(design, a!)} and ${nameOf(design, b!)} both propose and retry every ${duration(mechanism.retry.ns)}: they can overtake each other forever, and nothing is chosen.`,
        fixes: [fix('Retry after a random time', set(mechanism, 'retry', 'retry randomized'))],
      };
    }
  },
};

const flpTermination: Rule = {
  id: 'flp-termination',
  title: 'A deadline for agreement on a network without one',
  severity: 'error',
  condition:
    'A hard bound on latency (`write < 5s`, without a percentile) of a store that agrees by quorum or leader, while `delay` is unbounded and a node may crash.',
  why: 'When messages may take arbitrarily long and one process may fail, no deterministic protocol decides within any fixed time: whoever waits cannot tell slow from dead. What can be promised is a share of the operations, or a bound once the network has settled.',
  source: 'Fischer, Lynch and Paterson 1985; Chandra and Toueg 1996',
  wrong: `cluster c { nodes 3 }
store s on c { consensus raft  claims { write < 5s } }`,
  right: `cluster c { nodes 3 }
store s on c { consensus raft  claims { write p99 < 5s } }`,
  *check(design) {
    if (!expectsCrashes(design) || Number.isFinite(design.faults.delayNs)) return;
    for (const store of placedStores(design)) {
      if (smallestPartition(design, store).replicas.length < 2) continue;
      const { read, write } = promises(design, store);
      for (const claim of claimsOf(store, 'latency')) {
        if (claim.percentile !== 'max') continue;
        const { availability } = claim.of === 'read' ? read : write;
        if (availability === 'total' || availability === 'sticky') continue;
        const by = design.faults.declared.delay
          ? 'are declared unbounded'
          : 'are unbounded unless the design bounds them';
        yield {
          at: claim,
          message: `No protocol can promise that every ${claim.of} is decided within ${duration(claim.boundNs)}: delays ${by}, and one node may be down.`,
          fixes: [
            fix('Promise it for 99 of 100', {
              kind: 'replace',
              what: claim,
              text: `${claim.of} p99 ${claim.comparison} ${duration(claim.boundNs)}`,
            }),
          ],
        };
      }
    }
  },
};

const crashProtocolByzantine: Rule = {
  id: 'crash-protocol-byzantine',
  title: 'Corrupt messages under a protocol for crashes',
  severity: 'error',
  condition: '`faults { corruption }`: every mechanism of the language tolerates crashes, none tolerates lies.',
  why: 'Quorums of a majority assume that whoever answers tells the truth. Against nodes that answer wrongly, n ≥ 3f + 1 and a protocol made for it are needed; against damaged disks and messages, checksums turn corruption into a crash.',
  source: 'Lamport, Shostak and Pease, "The Byzantine Generals Problem", 1982',
  wrong: `faults { corruption }
cluster c { nodes 3 }
store s on c { consensus raft }`,
  right: `cluster c { nodes 3 }
store s on c { consensus raft }`,
  *check(design) {
    if (!design.faults.corruption) return;
    for (const store of placedStores(design)) {
      const n = votersOf(smallestPartition(design, store)).length;
      const f = Math.floor((n - 1) / 3);
      yield {
        at: store.mechanism,
        message: `Corruption is declared, and ${store.name} believes whatever a node answers. A protocol against lies would tolerate ${f} of ${n}; checksums turn corruption into crashes.`,
        related: [{ at: { of: design.faults, option: 'corruption' }, message: 'Corruption is declared here.' }],
        fixes: [fix('Rely on checksums: take corruption out of the faults', unset(design.faults, 'corruption'))],
      };
    }
  },
};

export const consensusRules: readonly Rule[] = [
  volatilePromises,
  raftMembershipJump,
  raftColdVoter,
  raftCommitOldTerm,
  raftDisruptiveServer,
  paxosDuel,
  flpTermination,
  crashProtocolByzantine,
];
