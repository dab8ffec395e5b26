/** Replacing a leader: who may be promoted, how the old one is kept from going on, how nodes come back. */

import { disjointPair } from '@dsys/runtime/analysis/quorum-structure';
import type { Design } from '@dsys/runtime/design/design';
import type { Quorum } from '@dsys/runtime/design/quorum';
import { smallestQuorum } from '@dsys/runtime/design/quorum';
import { groupOf } from '@dsys/runtime/protocols/group';
import { consultQuorum } from '@dsys/runtime/protocols/single-leader/rules';
import { defaults } from '../elaborate/defaults.ts';
import { bandwidth, mostOf, wayOf } from './lag.ts';
import { byDefault } from './loads.ts';
import {
  claimsOf,
  counted,
  duration,
  durationAtLeast,
  fewestVoters,
  nameOf,
  namesOf,
  partitionsOf,
  votersOf,
} from './questions.ts';
import { fix, type Rule, set } from './rule.ts';
import { changeMode, type Led, ledStores } from './single-leaders.ts';

/** Followers whose acknowledgements make a write acknowledged. */
const holding = ({ partition, followers, k }: Led): Quorum =>
  partition.quorums.acknowledge ?? { kind: 'nodes', need: k, of: followers };

/** Whoever may be asked about a successor, and how many of them must answer. */
function consulted(design: Design, { store, mechanism, partition, leader }: Led): Quorum {
  const all = consultQuorum(mechanism, votersOf(partition), leader, groupOf(design, store, partition));
  return all.kind === 'nodes' ? { ...all, of: all.of.filter(node => node !== leader) } : all;
}

const promotionMissesAcked: Rule = {
  id: 'promotion-misses-acked',
  title: 'A promotion that need not hear of an acknowledged write',
  severity: 'error',
  condition:
    'Writes wait for k of m followers, a promotion consults P of those that are left (witnesses among them), and both can be without a node in common: P + k ≤ m. Or any replica is promoted, however far behind it is (`promote any`, k < m).',
  why: 'The new leader’s log becomes the truth. If nobody who was asked has a write that a client was told is safe, it is gone. With P + k > m each promotion meets at least one follower that has it, and the most advanced one is taken.',
  source: 'Quorum intersection: Gifford, "Weighted Voting for Replicated Data", SOSP 1979, applied to logs',
  wrong: `cluster c { nodes 4 }
store s on c { replication single-leader semi-synchronous 1 { failover automatic { consult 2 } } }`,
  right: `cluster c { nodes 4 }
store s on c { replication single-leader semi-synchronous 1 { failover automatic { consult 3 } } }`,
  *check(design) {
    for (const led of ledStores(design)) {
      const { mechanism, followers, partition, k } = led;
      if (mechanism.failover.mode !== 'automatic' || k === 0 || k > followers.length) continue;
      const waits = `Writes wait for ${k} of ${counted(followers.length, 'follower')}`;
      if (mechanism.failover.promote === 'any' && k < followers.length) {
        yield {
          at: { of: mechanism, option: 'failover promote' },
          message: `${waits}, and whoever asks first is promoted: ${followers.length - k} of them need not have the last acknowledged writes.`,
          fixes: [fix('Promote the most advanced', set(mechanism, 'failover promote', 'promote most-advanced'))],
        };
      }
      const asked = consulted(design, led);
      const apart = disjointPair(holding(led), asked);
      if (!('value' in apart) || apart.value === null) continue;
      const { first: having, second: missing } = apart.value;
      const m = votersOf(partition).length - 1;
      const p = smallestQuorum(asked);
      const enough = m - k + 1;
      // Other partitions may have fewer to ask.
      const ask = enough > fewestVoters(design, led.store) - 1 ? 'all' : enough;
      const isCount = asked.kind === 'nodes' && p + k <= m;
      const sum = isCount ? ` (${p} + ${k} ≤ ${m})` : '';
      const more = m - p + 1;
      yield {
        at: { of: mechanism, option: 'failover consult' },
        message: `${waits}, a promotion asks ${p} of ${m}: ${namesOf(design, missing)} may be without a write that ${namesOf(design, having)} ${having.length === 1 ? 'has' : 'have'}${sum}.`,
        fixes: [
          fix(`Consult ${ask}`, set(mechanism, 'failover consult', `consult ${ask}`, 'failover automatic')),
          ...(isCount && more < followers.length
            ? [fix(`Wait for ${counted(more, 'follower')}`, ...changeMode(led, `semi-synchronous ${more}`))]
            : []),
        ],
      };
    }
  },
};

const failoverUnfenced: Rule = {
  id: 'failover-unfenced',
  title: 'Two leaders at once',
  severity: 'error',
  condition: 'A follower is promoted automatically, and nothing stops the old leader (`fencing off`).',
  why: 'A follower cannot tell a dead leader from a cut link or a long pause. If it takes over and the old leader is alive, both accept writes; one of the two histories is thrown away later. Fencing makes replicas refuse the older epoch, and a leader that is not heard stops acknowledging in time.',
  source: 'Kleppmann, "How to do distributed locking", 2016 (fencing tokens); Ongaro 2014, §3 (terms)',
  wrong: `cluster c { nodes 3 }
store s on c { replication single-leader asynchronous { failover automatic { fencing off } } }`,
  right: `cluster c { nodes 3 }
store s on c { replication single-leader asynchronous { failover automatic { fencing on } } }`,
  *check(design) {
    for (const { store, mechanism, leader, followers } of ledStores(design)) {
      const { mode, fencing, detect } = mechanism.failover;
      if (mode !== 'automatic' || fencing) continue;
      const isDefault = detect === defaults.singleLeader.failover.detect;
      const when =
        detect.kind === 'timeout'
          ? `After ${duration(detect.ns)}${byDefault(isDefault)} of silence`
          : 'Once it is suspected';
      const [claim] = claimsOf(store, 'no-split-brain');
      yield {
        at: { of: mechanism, option: 'failover fencing' },
        message: `${nameOf(design, followers[0]!)} cannot tell whether ${nameOf(design, leader)} is dead or only cut off. ${when} another leader takes over, and if ${nameOf(design, leader)} is alive, both accept writes.`,
        ...(claim && { related: [{ at: claim, message: `"${claim.text}" is claimed here.` }] }),
        fixes: [
          fix('Fence the old leader off', set(mechanism, 'failover fencing', 'fencing on', 'failover automatic')),
        ],
      };
    }
  },
};

interface Silence {
  readonly ns: number;
  readonly what: string;
}

/** What a healthy leader can be silent for, the longest first. */
function silences(design: Design, { leader, followers }: Led): readonly Silence[] {
  const { pauseNs } = design.faults;
  const trips = followers.map(node => ({
    node,
    ns: mostOf(
      {
        kind: 'sum',
        parts: [wayOf(design, leader, node, 'control'), wayOf(design, node, leader, 'control')],
      },
      0.999,
    ),
  }));
  const slowest = trips.sort((a, b) => b.ns - a.ns)[0]!;
  const names = `${nameOf(design, leader)} and ${nameOf(design, slowest.node)}`;
  const fsyncNs = mostOf(design.nodes[leader]!.disk.fsync, 0.999);
  return [
    { ns: pauseNs, what: `the pauses of up to ${duration(pauseNs)} that are to be expected` },
    { ns: slowest.ns, what: `1 in 1000 round trips between ${names} (${duration(slowest.ns)})` },
    { ns: fsyncNs, what: `1 in 1000 writes to the disk of ${nameOf(design, leader)} (${duration(fsyncNs)})` },
  ].sort((a, b) => b.ns - a.ns);
}

const failoverHairTrigger: Rule = {
  id: 'failover-hair-trigger',
  title: 'A healthy leader is replaced',
  severity: 'warning',
  condition:
    'The leader is given up (`detect`) sooner than max(longest pause, p99.9 of a round trip, p99.9 of an fsync).',
  why: 'Each false alarm costs a promotion, and with it the writes that were under way. A detector has to wait longer than the leader can be silent in good health, or learn from the gaps that it sees (phi accrual).',
  source: 'Chen, Toueg and Aguilera, "On the Quality of Service of Failure Detectors", 2002; Hayashibara et al. 2004',
  wrong: `faults { pause up to 5s }
cluster c { nodes 3 }
store s on c { replication single-leader semi-synchronous 1 { failover automatic { detect 2s } } }`,
  right: `faults { pause up to 5s }
cluster c { nodes 3 }
store s on c { replication single-leader semi-synchronous 1 { failover automatic { detect 8s } } }`,
  *check(design) {
    for (const led of ledStores(design)) {
      const { mechanism, leader } = led;
      const { mode, detect } = mechanism.failover;
      if (mode !== 'automatic' || detect.kind !== 'timeout') continue;
      const [longest] = silences(design, led);
      if (longest === undefined || detect.ns >= longest.ns) continue;
      const isDefault = detect === defaults.singleLeader.failover.detect;
      // Heartbeats and the spread of followers' timers need some room beyond that.
      const patience = `detect ${durationAtLeast(longest.ns * 1.5)}`;
      yield {
        at: { of: mechanism, option: 'failover detect' },
        message: `Detection after ${duration(detect.ns)}${byDefault(isDefault)} is shorter than ${longest.what}: ${nameOf(design, leader)} is replaced although it is alive.`,
        fixes: [
          ...(Number.isFinite(longest.ns)
            ? [fix(`Wait longer: ${patience}`, set(mechanism, 'failover detect', patience, 'failover automatic'))]
            : []),
          fix(
            'Learn from the gaps between signs of life (phi accrual)',
            set(mechanism, 'failover detect', 'detect phi 8', 'failover automatic'),
          ),
        ],
      };
    }
  },
};

const oldPrimaryDivergent: Rule = {
  id: 'old-primary-divergent',
  title: 'The old leader comes back with writes of its own',
  severity: 'warning',
  condition:
    'A failed leader rejoins as it is (`rejoin keep`) or cannot compare its history (`log positions`), and it may have what its successor never had: k < m, or a promotion that is not checked.',
  why: 'What the old leader took and did not ship is still in its log. Unless it is compared by global ids and taken back, or the node starts from a fresh copy, the replica differs from the others for good, and shows it whenever it is read or promoted.',
  source: 'MySQL Reference Manual, "Replication with Global Transaction Identifiers" (errant transactions)',
  wrong: `cluster c { nodes 3 }
store s on c { replication single-leader semi-synchronous 1 { rejoin keep } }`,
  right: `cluster c { nodes 3 }
store s on c { replication single-leader semi-synchronous 1 { rejoin rewind } }`,
  *check(design) {
    for (const { store, mechanism, followers, leader, k } of ledStores(design)) {
      const { failover, rejoin, log } = mechanism;
      if (failover.mode === 'none') continue;
      const isUnchecked = failover.promote === 'any' || !failover.fencing;
      if (k >= followers.length && mechanism.onReplicaDown === 'block' && !isUnchecked) continue;
      const [claim] = claimsOf(store, 'no-divergence');
      const old = nameOf(design, leader);
      const related = claim && { related: [{ at: claim, message: `"${claim.text}" is claimed here.` }] };
      const others = followers.length - k;
      const before =
        others > 0
          ? `${others} of ${counted(followers.length, 'follower')} may lack what ${old} has when it fails`
          : `${old} may have taken writes that its successor never had`;
      if (rejoin === 'keep') {
        yield {
          at: { of: mechanism, option: 'rejoin' },
          message: `${before}, and when ${old} comes back it keeps what it has: its copy differs from the others for good.`,
          ...related,
          fixes: [
            fix('Take back what the new leader never had', set(mechanism, 'rejoin', 'rejoin rewind')),
            fix('Start from a full copy', set(mechanism, 'rejoin', 'rejoin reclone')),
          ],
        };
      }
      if (log === 'positions') {
        yield {
          at: { of: mechanism, option: 'log-form' },
          message: `${before}, and bare positions cannot tell its history from the new leader’s: the difference goes unnoticed.`,
          ...related,
          fixes: [fix('Number writes globally', set(mechanism, 'log-form', 'log global-ids'))],
        };
      }
    }
  },
};

/** Time to send a follower everything it holds of the store over its slowest way from the leader; 0 if that is not known. */
function copyNs(design: Design, { store, leader, followers }: Led): number {
  const { dataBytes } = store;
  if (dataBytes === null) return 0;
  const all = partitionsOf(design, store);
  const times = followers.map(node => {
    const held = all.filter(({ replicas }) => replicas.includes(node)).length;
    return (((dataBytes * held) / all.length) * 8e9) / bandwidth(design, leader, node);
  });
  return Math.max(...times);
}

const catchupGap: Rule = {
  id: 'catchup-gap',
  title: 'The log is gone before the replica is back',
  severity: 'warning',
  condition:
    'The log is kept for less time than a node may be away plus the time to copy its data: `log retention` < `outage` + data / bandwidth.',
  why: 'A replica that returns asks for the log from where it stopped. If that part is gone, everything has to be copied; and if copying takes longer than the log is kept, the part that came meanwhile is gone as well, and the replica never catches up.',
  source: 'Ongaro 2014, ch. 5 (snapshots beside a log); MySQL Reference Manual, binlog_expire_logs_seconds',
  wrong: `faults { outage up to 24h }
cluster c { nodes 3 }
store s on c { replication single-leader semi-synchronous 1 { log retention 6h } }`,
  right: `faults { outage up to 24h }
cluster c { nodes 3 }
store s on c { replication single-leader semi-synchronous 1 { log retention 30h } }`,
  *check(design) {
    const { outageNs, declared } = design.faults;
    if (!Number.isFinite(outageNs)) return;
    for (const led of ledStores(design)) {
      const { mechanism } = led;
      const copying = copyNs(design, led);
      const needed = outageNs + copying;
      if (mechanism.logRetentionNs >= needed) continue;
      const away = `a node may be away for ${duration(outageNs)}${byDefault(!declared.outage)}`;
      const copied = copying === 0 ? '' : ` and a copy of its data takes ${durationAtLeast(copying)}`;
      const consequence =
        copying > mechanism.logRetentionNs
          ? 'a replica that needs a full copy never catches up'
          : 'a replica that returns late cannot catch up by the log';
      const kept = `log retention ${durationAtLeast(needed * 1.25)}`;
      yield {
        at: { of: mechanism, option: 'log-retention' },
        message: `The log is kept for ${duration(mechanism.logRetentionNs)}, but ${away}${copied}: ${consequence}.`,
        fixes: [fix(`Keep it longer: ${kept}`, set(mechanism, 'log-retention', kept))],
      };
    }
  },
};

export const failoverRules: readonly Rule[] = [
  promotionMissesAcked,
  failoverUnfenced,
  failoverHairTrigger,
  oldPrimaryDivergent,
  catchupGap,
];
