/** What several keys, or several sites, can be promised: isolation, atomicity, invariants; and how fast at best. */
import type { Design } from '@dsys/runtime/design/design';
import type { Property } from '@dsys/runtime/design/property';
import type { Store, Transaction } from '@dsys/runtime/design/store';
import {
  claimedAtLeast,
  claimsOf,
  counted,
  duration,
  expectsCuts,
  isPlaced,
  listed,
  partitionsOf,
  placedStores,
  smallestPartition,
} from './questions.ts';
import { type Fix, fix, type Rule, remove, replace, set } from './rule.ts';
import { leastLatency } from './uses.ts';

export const storesOf = (design: Design, transaction: Transaction): readonly Store[] =>
  design.stores.filter(store => transaction.stores.includes(store.name) && isPlaced(design, store));

/** Levels that no node can keep alone (Bailis et al. 2013, §5): they must prevent lost updates or write skew. */
const needCoordination = ['serializable', 'strict-serializable', 'snapshot', 'repeatable-read'];

const isolationNeedsCoordination: Rule = {
  id: 'isolation-needs-coordination',
  title: 'Isolation that a node cannot keep alone',
  severity: 'error',
  condition:
    'A transaction runs at or claims `snapshot`, `repeatable-read`, `serializable` or `strict-serializable`, one of its stores claims `cap AP`, and the network may be cut.',
  why: 'To prevent lost updates or write skew, whoever commits must know of concurrent writes elsewhere. A node that is cut off and still has to answer cannot. Read committed and atomic visibility are what it can keep.',
  source: 'Bailis et al., "Highly Available Transactions", VLDB 2013, §5',
  wrong: `cluster c { nodes 3 }
store s on c { replication leaderless { sloppy }  claims { cap AP } }
transaction t { update 2 s  commit two-phase-commit { coordinator raft on c }  isolation snapshot }`,
  right: `cluster c { nodes 3 }
store s on c { replication leaderless { sloppy }  claims { cap AP } }
transaction t { update 2 s  commit two-phase-commit { coordinator raft on c }  isolation read-committed }`,
  *check(design) {
    if (!expectsCuts(design)) return;
    for (const transaction of design.transactions) {
      const [claimed] = claimsOf(transaction, 'isolation').filter(({ level }) => needCoordination.includes(level));
      const level = claimed?.level ?? transaction.isolation;
      if (!needCoordination.includes(level)) continue;
      for (const store of storesOf(design, transaction)) {
        const available = claimsOf(store, 'cap').find(({ label }) => label === 'AP');
        if (available === undefined || smallestPartition(design, store).replicas.length < 2) continue;
        const prevents =
          level === 'snapshot' || level === 'repeatable-read' ? 'lost updates' : 'lost updates and write skew';
        yield {
          at: claimed ?? { of: transaction, option: 'isolation' },
          message: `${level} must prevent ${prevents}, which no node of ${store.name} can do alone during a cut; cap AP lets it answer alone.`,
          related: [{ at: available, message: 'Every live node answers: cap AP.' }],
          fixes: [
            fix(
              'Run at read committed',
              set(transaction, 'isolation', 'isolation read-committed'),
              ...(claimed ? [replace(claimed, 'isolation read-committed')] : []),
            ),
            fix('Claim CP', replace(available, 'cap CP')),
          ],
        };
        break;
      }
    }
  },
};

/** What says that several keys belong together. */
export const atomicity = (transaction: Transaction): Property | undefined =>
  claimsOf(transaction, 'no-fractured-reads', 'isolation', 'keeps-unique', 'keeps-bound', 'keeps-sum')[0];

const perKeyIsNotPerTransaction: Rule = {
  id: 'per-key-is-not-per-transaction',
  title: 'Linearizable keys, fractured transactions',
  severity: 'warning',
  isGeneral: true,
  condition:
    'A transaction over two or more keys or stores claims atomicity (`no fractured-reads`, `isolation`, `keeps …`) without a commit protocol, on stores that are linearizable per key.',
  why: 'Linearizability is a promise about each object by itself. Two linearizable writes are still two writes: somebody can look between them, and a crash can leave one of them undone.',
  source: 'Herlihy and Wing, "Linearizability", 1990 (locality)',
  wrong: `cluster c { nodes 3 }
store accounts on c { consensus raft  claims { consistency linearizable } }
transaction transfer { update 2 accounts  claims { no fractured-reads } }`,
  right: `cluster c { nodes 3 }
store accounts on c { consensus raft  claims { consistency linearizable } }
transaction transfer { update 2 accounts  commit two-phase-commit  claims { no fractured-reads } }`,
  *check(design) {
    for (const transaction of design.transactions) {
      const claim = atomicity(transaction);
      const stores = storesOf(design, transaction);
      const keys = stores.length * (transaction.keys ?? 2);
      if (claim === undefined || transaction.commit.kind !== 'none' || keys < 2 || transaction.kind === 'read')
        continue;
      const linearizable = stores.find(store => claimedAtLeast(store, 'linearizable') !== undefined);
      if (linearizable === undefined) continue;
      yield {
        at: transaction,
        message: `${transaction.name} touches ${keys} keys of ${listed(stores.map(store => store.name))} one after the other: a reader can see the first change without the others, although each key is linearizable.`,
        related: [
          { at: claim, message: `"${claim.text}" is claimed here.` },
          { at: claimedAtLeast(linearizable, 'linearizable')!, message: 'This is about each key alone.' },
        ],
        fixes: [
          {
            title: 'Commit atomically',
            changes: [{ kind: 'add', to: transaction, text: 'commit two-phase-commit' }],
          },
        ],
      };
    }
  },
};

/** Sites that accept writes of the same key without asking each other; 1: they do not. */
function independentWriters(design: Design, store: Store): number {
  const { mechanism } = store;
  if (mechanism.kind === 'leaderless')
    return mechanism.cas === 'paxos' ? 1 : smallestPartition(design, store).replicas.length;
  if (mechanism.kind !== 'multi-leader') return 1;
  const { conflicts, leaders } = mechanism;
  const decided =
    conflicts.kind === 'avoid' ||
    conflicts.kind === 'pessimistic-lock' ||
    (conflicts.kind === 'optimistic-lock' && conflicts.check !== 'local');
  return decided ? 1 : leaders.length;
}

const invariantNotMergeable: Rule = {
  id: 'invariant-not-mergeable',
  title: 'An invariant that merging breaks',
  severity: 'error',
  condition: '`keeps unique f` or `keeps f >= b` on a store where two or more sites accept writes independently.',
  why: 'Two sites can each accept a change that keeps the invariant, and the merge of both breaks it: the last seat is sold twice, the balance falls below zero. Such invariants need a decision in one place, or a quota per site.',
  source: 'Bailis et al., "Coordination Avoidance in Database Systems", VLDB 2015 (I-confluence)',
  wrong: `cluster c { nodes 2 }
store seats on c { record { left: int }  replication multi-leader asynchronous { leader c1, c2  conflicts merge pn-counter }  claims { keeps left >= 0 } }`,
  right: `cluster c { nodes 3 }
store seats on c { record { left: int }  consensus raft  claims { keeps left >= 0 } }`,
  *check(design) {
    for (const store of placedStores(design)) {
      const sites = independentWriters(design, store);
      if (sites < 2) continue;
      for (const claim of claimsOf(store, 'keeps-unique', 'keeps-bound')) {
        const story =
          claim.kind === 'keeps-unique'
            ? `two sites each accept the same ${claim.field}, and the merge has it twice`
            : `two sites each accept the last change that keeps ${claim.field} ${claim.comparison} ${claim.bound}, and the merge is beyond it`;
        yield {
          at: claim,
          message: `${counted(sites, 'site')} of ${store.name} accept writes without asking each other: ${story}.`,
          related: [{ at: store.mechanism, message: `${store.name} is written this way.` }],
          fixes: [fix('Decide by consensus', replace(store.mechanism, 'consensus raft'))],
        };
      }
    }
  },
};

const latencyFloorRule: Rule = {
  id: 'latency-floor',
  title: 'Faster than the way that it has to go',
  severity: 'error',
  condition: 'A claimed bound on read or write latency is below the least that the mechanism and the distances allow.',
  why: 'An operation that waits for a quorum waits for the round trip to its farthest member at least, and for the disks. No hardware makes a design faster than its distances; nearer voters, smaller quorums or weaker consistency do.',
  source:
    'Abadi, "Consistency Tradeoffs in Modern Distributed Database System Design" (PACELC), 2012; Attiya and Welch 1994',
  wrong: `region east
region west
region south
network { latency 34ms }
cluster c { nodes 1 in east  nodes 1 in west  nodes 1 in south }
store s on c { consensus raft  claims { write p50 < 20ms } }`,
  right: `region east
region west
region south
network { latency 34ms }
cluster c { nodes 1 in east  nodes 1 in west  nodes 1 in south }
store s on c { consensus raft  claims { write p50 < 100ms } }`,
  *check(design) {
    for (const store of placedStores(design)) {
      for (const claim of claimsOf(store, 'latency')) {
        if (claim.of === 'transaction' || claim.comparison.startsWith('>')) continue;
        const floor = leastLatency(design, store, claim.of);
        if (
          !('value' in floor) ||
          claim.boundNs > floor.value ||
          (claim.boundNs === floor.value && claim.comparison === '<=')
        )
          continue;
        const partitions = partitionsOf(design, store).length;
        const where = partitions > 1 ? 'even in the best of its partitions' : 'at the best of its nodes';
        yield {
          at: claim,
          message: `"${claim.text}" is claimed, but a ${claim.of} on ${store.name} takes at least ${duration(floor.value)}, ${where}: that is the shortest way that it has to go.`,
          related: [{ at: store.mechanism, message: `${store.name} is kept this way.` }],
          fixes: higher(claim, floor.value),
        };
      }
    }
  },
};

/** Claims half again as much as the floor, in whole milliseconds. */
function higher(claim: Property & { readonly comparison: string }, floorNs: number): Fix[] {
  const ns = Math.ceil((1.5 * floorNs) / 1e6) * 1e6;
  if (!Number.isFinite(ns)) return [fix('Take the claim away', remove(claim))];
  return [
    fix(
      `Claim ${duration(ns)}`,
      replace(claim, claim.text.replace(/[<>]=?\s*\S+$/, `${claim.comparison} ${duration(ns)}`)),
    ),
  ];
}

export const transactionRules: readonly Rule[] = [
  isolationNeedsCoordination,
  perKeyIsNotPerTransaction,
  invariantNotMergeable,
  latencyFloorRule,
];
