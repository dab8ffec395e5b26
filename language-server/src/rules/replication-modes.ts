/** Whom a leader waits for before it acknowledges a write: synchronous, semi-synchronous, asynchronous. */
import type { Design } from '@dsys/runtime/design/design';
import type { Comparison, Property } from '@dsys/runtime/design/property';
import type { NodeId } from '@dsys/runtime/design/topology';
import { type Lag, lagOf, shippingOf } from './lag.ts';
import { about, byDefault, type Load, writersOf, writesInWords, writesOn } from './loads.ts';
import { timeAllUp } from './node-uptime.ts';
import {
  claimsOf,
  counted,
  duration,
  durationAtLeast,
  expectsCrashes,
  isWritten,
  listed,
  nameOf,
  partitionsOf,
  storesWith,
} from './questions.ts';
import { type Fix, fix, type Rule, replace, set } from './rule.ts';
import { changeMode, type Led, ledStores, majorityOfFollowers } from './single-leaders.ts';

const syncBlocksOnReplica: Rule = {
  id: 'sync-blocks-on-replica',
  title: 'Every replica must be up for a write',
  severity: 'warning',
  condition:
    'Writes wait for all m followers (`synchronous` with `on-replica-down block`, `semi-synchronous m` without a fallback, multi-leader `synchronous`), and nodes may be down.',
  why: 'The more copies a write has to reach, the more nodes can stop it: each further replica lowers the availability of writes. Waiting for a majority keeps what is acknowledged and does without the slowest.',
  source: 'PostgreSQL documentation, "Synchronous Replication": a commit waits as long as no standby answers',
  wrong: `cluster c { nodes 4 }
store s on c { replication single-leader synchronous }`,
  right: `cluster c { nodes 4 }
store s on c { replication single-leader semi-synchronous 2 }`,
  *check(design) {
    if (!expectsCrashes(design)) return;
    for (const led of ledStores(design)) {
      const { mechanism, partition, followers, k } = led;
      const waits = mechanism.onReplicaDown === 'block' && mechanism.fallbackAfterNs === null;
      if (k !== followers.length || !waits) continue;
      const enough = majorityOfFollowers(led);
      const modes = [
        ...(enough < k
          ? [
              fix(
                `Wait for ${counted(enough, 'follower')}, a majority with the leader`,
                ...changeMode(led, `semi-synchronous ${enough}`),
              ),
            ]
          : []),
        ...(mechanism.mode === 'synchronous'
          ? [fix('Go on without a replica that is down', set(mechanism, 'on-replica-down', 'on-replica-down drop'))]
          : []),
      ];
      yield { at: mechanism, message: blocked(design, partition.replicas), fixes: modes };
    }
    for (const { mechanism } of storesWith(design, 'multi-leader')) {
      if (mechanism.mode !== 'synchronous' || mechanism.leaders.length < 2) continue;
      yield {
        at: mechanism,
        message: blocked(design, mechanism.leaders),
        fixes: [
          fix('Exchange writes asynchronously', {
            kind: 'head',
            of: mechanism,
            text: 'replication multi-leader asynchronous',
          }),
        ],
      };
    }
  },
};

const blocked = (design: Design, all: readonly NodeId[]): string =>
  `While 1 of ${all.length} replicas is down, nothing can be written: all are up ${timeAllUp(design, all)}.`;

const syncErrorIsAmbiguous: Rule = {
  id: 'sync-error-is-ambiguous',
  title: 'An error that does not say that nothing happened',
  severity: 'warning',
  condition:
    '`on-failure error`: writes that too few replicas acknowledged in time are answered with an error, although some have stored them, and not all who write send a request id with their retries.',
  why: 'Nothing takes a write back from the replicas that have it. If one of them is promoted, a write that its client believes to have failed is there. Such an answer means "unknown", and a client can only settle it by asking again under the same request id.',
  source: 'The two generals’ problem: Gray, "Notes on Data Base Operating Systems", 1978, §5.8.3.3.1',
  wrong: `cluster c { nodes 3 }
store s on c { replication single-leader synchronous { on-failure error } }`,
  right: `cluster c { nodes 3 }
store s on c { replication single-leader synchronous { on-failure unknown } }`,
  *check(design) {
    for (const { store, mechanism, partition, k, followers } of ledStores(design)) {
      if (mechanism.onFailure !== 'error' || k === 0 || k > followers.length) continue;
      const writers = writersOf(design, store);
      const bare = writers.filter(({ idempotent, retries }) => !idempotent || retries === 0);
      if (writers.length > 0 && bare.length === 0) continue;
      const canRetry = bare.length > 0 && bare.every(one => isWritten(design, one));
      yield {
        at: { of: mechanism, option: 'on-failure' },
        message: `"error" means unknown here: when a write fails, up to ${k} of ${partition.replicas.length} replicas have stored it and keep it.`,
        fixes: [
          fix('Say that it is unknown', set(mechanism, 'on-failure', 'on-failure unknown')),
          ...(canRetry
            ? [
                fix(
                  'Retry under the same request id',
                  ...bare.map(one => set(one, 'retries', `retries ${Math.max(1, one.retries)} idempotent`)),
                ),
              ]
            : []),
        ],
      };
    }
  },
};

/** Of all writes to a store those that one leader takes: it leads as many partitions as its placement says. */
function writesAt(design: Design, { store, mechanism, leader }: Led): Load {
  const partitions = partitionsOf(design, store);
  const own = partitions.filter(({ replicas }) => (mechanism.leader ?? replicas[0]) === leader);
  const load = writesOn(design, store);
  return { ...load, perSecond: (load.perSecond * own.length) / partitions.length };
}

/** The lag of the follower that a promotion takes: of the nearest, or (`promote any`) of whichever, the farthest. */
function lagOfSuccessor(design: Design, { mechanism, leader, followers }: Led): Lag & { readonly node: NodeId } {
  const lags = followers.map(node => ({ node, ...lagOf(design, leader, node, ...shippingOf(mechanism)) }));
  const ordered = lags.sort((a, b) => a.meanNs - b.meanNs);
  return mechanism.failover.promote === 'any' ? ordered.at(-1)! : ordered[0]!;
}

const keeps = (value: number, comparison: Comparison, bound: number): boolean =>
  comparison === '<' ? value < bound : value <= bound;

const asyncLossWindow: Rule = {
  id: 'async-loss-window',
  title: 'Acknowledged writes lost with the leader',
  severity: 'warning',
  condition:
    'No follower has to have a write when it is acknowledged (`asynchronous`), and another node may take over. An error with `no lost-writes` or with a `loss-window` shorter than the lag; silent if the `loss-window` claimed is longer. The lag is the wait until the log is shipped in the background (1ms to 20ms), the way, and the follower’s disk.',
  why: 'What the leader has acknowledged and not yet shipped is on one disk. When the leader dies and a follower is promoted, those writes are gone, although clients were told that they are safe: about the rate of writes times the lag.',
  source:
    'PostgreSQL documentation, "High Availability": data loss is proportional to the replication delay at failover',
  wrong: `cluster c { nodes 3 }
store s on c { replication single-leader asynchronous  claims { no lost-writes } }`,
  right: `cluster c { nodes 3 }
store s on c { replication single-leader semi-synchronous 1  claims { no lost-writes } }`,
  *check(design) {
    for (const led of ledStores(design)) {
      const { store, mechanism, leader, followers, k } = led;
      if (k > 0 || mechanism.failover.mode === 'none') continue;
      const lag = lagOfSuccessor(design, led);
      const [none] = claimsOf(store, 'no-lost-writes');
      const [window] = claimsOf(store, 'loss-window');
      const isKept = window !== undefined && keeps(lag.p99Ns, window.comparison, window.boundNs);
      if (none === undefined && isKept) continue;
      const contradicted = none ?? window;
      const losses = lossesInWords(writesAt(design, led), lag);
      const enough = majorityOfFollowers(led);
      yield {
        severity: contradicted === undefined ? 'warning' : 'error',
        at: mechanism,
        message: `${nameOf(design, lag.node)} has a write ${duration(lag.meanNs)} after ${nameOf(design, leader)} acknowledged it${byDefault(lag.isDefault)}, 99% of them within ${duration(lag.p99Ns)}: when ${nameOf(design, leader)} dies, ${losses} lost.`,
        ...(contradicted && { related: [{ at: contradicted, message: `"${contradicted.text}" is claimed here.` }] }),
        fixes: [
          fix(
            enough < followers.length
              ? `Wait for ${counted(enough, 'follower')}, a majority with the leader`
              : `Wait for ${counted(enough, 'follower')}`,
            ...changeMode(led, `semi-synchronous ${enough}`),
          ),
          ...(Number.isFinite(lag.p99Ns) ? [declareWindow(led, lag.p99Ns, none ?? window)] : []),
        ],
      };
    }
  },
};

function lossesInWords(load: Load, { meanNs }: Lag): string {
  const count = (load.perSecond * meanNs) / 1e9;
  return Number.isFinite(count) && count > 0
    ? `at ${writesInWords(load)} about ${about(count)} acknowledged writes are`
    : 'the writes of that time are';
}

function declareWindow({ store }: Led, ns: number, claim: Property | undefined): Fix {
  const text = `loss-window < ${durationAtLeast(ns * 1.1)}`;
  return claim === undefined
    ? fix(`Declare it: ${text}`, set(store, 'claims loss-window', text, 'claims'))
    : fix(`Claim ${text} instead`, replace(claim, text));
}

const semisyncKRange: Rule = {
  id: 'semisync-k-range',
  title: 'Semi-synchronous in name only',
  severity: 'error',
  condition:
    '`semi-synchronous k` with more acknowledgements than there are followers (k > m): an error. With k = m, without a fallback and with `acknowledge applied`, it is synchronous; with k = 0 asynchronous: advice.',
  why: 'Semi-synchronous replication lies between the two others: some followers have the write, and some may be slow. At the ends of its range the plain names say more clearly what happens; beyond them no write is ever acknowledged.',
  source: 'MySQL Reference Manual, rpl_semi_sync_source_wait_for_replica_count',
  wrong: `cluster c { nodes 4 }
store s on c { replication single-leader semi-synchronous 4 }`,
  right: `cluster c { nodes 4 }
store s on c { replication single-leader semi-synchronous 2 }`,
  // More than there are is reported by elaboration, which offers to wait for all.
  *check(design) {
    for (const led of ledStores(design)) {
      const { mechanism, followers, k } = led;
      if (mechanism.mode !== 'semi-synchronous') continue;
      const at = { of: mechanism, option: 'semi-synchronous' };
      if (k === 0) {
        yield {
          severity: 'information',
          at,
          message: 'Waiting for 0 followers is asynchronous replication.',
          fixes: [fix('Call it asynchronous', ...changeMode(led, 'asynchronous'))],
        };
      }
      const isSynchronous = mechanism.fallbackAfterNs === null && mechanism.acknowledge === 'applied';
      if (k === followers.length && isSynchronous) {
        yield {
          severity: 'information',
          at,
          message: `Waiting for ${k} of ${counted(followers.length, 'follower')} is synchronous replication.`,
          fixes: [fix('Call it synchronous', ...changeMode(led, 'synchronous'))],
        };
      }
    }
  },
};

const semisyncDegrades: Rule = {
  id: 'semisync-degrades',
  title: 'Durable until it is not',
  severity: 'warning',
  condition:
    'Replication goes on without acknowledgements (`fallback asynchronous`, `on-replica-down drop`), while `no lost-writes`, `loss-window` or `durability` is claimed.',
  why: 'Falling back keeps writes available exactly when a replica is missing, which is when the copies on it are needed. From then on, each acknowledged write may be on one disk only, and nobody who writes is told.',
  source: 'MySQL Reference Manual, rpl_semi_sync_source_timeout: 10 s by default, then asynchronous',
  wrong: `cluster c { nodes 3 }
store s on c { replication single-leader semi-synchronous 1 { fallback asynchronous after 10s }  claims { no lost-writes } }`,
  right: `cluster c { nodes 3 }
store s on c { replication single-leader semi-synchronous 1 { fallback none }  claims { no lost-writes } }`,
  *check(design) {
    for (const { store, mechanism, leader, followers } of ledStores(design)) {
      const { fallbackAfterNs, onReplicaDown, mode, failover } = mechanism;
      const drops = mode === 'synchronous' && onReplicaDown === 'drop';
      if (fallbackAfterNs === null && !drops) continue;
      // Without promotions the leader returns with what it had, unless its disk is gone.
      const claims = claimsOf(store, 'durability', 'no-lost-writes', 'loss-window');
      const claim = claims.find(({ kind }) => kind === 'durability' || failover.mode !== 'none');
      if (claim === undefined) continue;
      const names = followers.length <= 3 ? ` (${listed(followers.map(node => nameOf(design, node)))})` : '';
      const when =
        fallbackAfterNs === null
          ? `While ${counted(followers.length, 'follower')}${names} ${followers.length === 1 ? 'is' : 'are'} down`
          : `After ${duration(fallbackAfterNs)} without acknowledgements`;
      yield {
        at: { of: mechanism, option: drops ? 'on-replica-down' : 'fallback' },
        message: `${when}, ${nameOf(design, leader)} acknowledges writes that it alone has: if it is lost then, so are they.`,
        related: [{ at: claim, message: `"${claim.text}" is claimed here.` }],
        fixes: [
          drops
            ? fix('Wait for every replica', set(mechanism, 'on-replica-down', 'on-replica-down block'))
            : fix('Wait as long as it takes', set(mechanism, 'fallback', 'fallback none')),
        ],
      };
    }
  },
};

export const replicationModeRules: readonly Rule[] = [
  syncBlocksOnReplica,
  syncErrorIsAmbiguous,
  asyncLossWindow,
  semisyncKRange,
  semisyncDegrades,
];
