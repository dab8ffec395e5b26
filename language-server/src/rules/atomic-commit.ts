/** Two- and three-phase commit, as a store's consensus or as a transaction's commit. */
import { inSeries, steadyAvailability } from '@dsys/runtime/analysis/availability';
import type { Design } from '@dsys/runtime/design/design';
import type { Coordinator } from '@dsys/runtime/design/mechanism';
import type { Located } from '@dsys/runtime/design/source';
import type { Store, Transaction } from '@dsys/runtime/design/store';
import type { NodeId } from '@dsys/runtime/design/topology';
import {
  claimsOf,
  counted,
  duration,
  expectsCrashes,
  expectsCuts,
  isPlaced,
  nameOf,
  partitionsOf,
  percent,
} from './questions.ts';
import { type Change, fix, type Rule, type Spot, set, unset } from './rule.ts';

type Commit = Exclude<Transaction['commit'], { kind: 'none' }>;

/** Somebody who commits atomically: the options, where they stand, and who takes part. */
interface Committing<C extends Commit = Commit> {
  readonly owner: Store | Transaction;
  readonly options: C;
  readonly stores: readonly Store[];
  /** One node per participant: the first replica of each partition, or each replica of a store. */
  readonly participants: readonly NodeId[];
  readonly spot: (option: string) => Spot;
  readonly whole: Spot;
  readonly set: (option: string, text: string) => Change;
  readonly unset: (option: string) => Change;
}

function* committing<K extends Commit['kind']>(
  design: Design,
  kind: K,
): Generator<Committing<Extract<Commit, { kind: K }>>> {
  type C = Extract<Commit, { kind: K }>;
  for (const store of design.stores) {
    if (store.mechanism.kind !== kind || !isPlaced(design, store)) continue;
    const of: Located = store.mechanism;
    yield {
      owner: store,
      options: store.mechanism as unknown as C,
      stores: [store],
      participants: partitionsOf(design, store)[0]!.replicas,
      spot: option => ({ of, option }),
      whole: of,
      set: (option, text) => set(of, option, text),
      unset: option => unset(of, option),
    };
  }
  for (const transaction of design.transactions) {
    if (transaction.commit.kind !== kind) continue;
    const stores = design.stores.filter(store => transaction.stores.includes(store.name) && isPlaced(design, store));
    const perStore = stores.map(store => partitionsOf(design, store).slice(0, transaction.keys ?? 1));
    yield {
      owner: transaction,
      options: transaction.commit as C,
      stores,
      participants: perStore.flat().flatMap(partition => partition.replicas.slice(0, 1)),
      spot: option => ({ of: transaction, option: `commit ${option}` }),
      whole: { of: transaction, option: 'commit' },
      set: (option, text) => set(transaction, `commit ${option}`, text),
      unset: option => unset(transaction, `commit ${option}`),
    };
  }
}

/** A cluster on which a replicated coordinator can stand: with three nodes or more. */
const clusterFor = (design: Design, { stores }: Committing): string | undefined =>
  design.clusters.find(({ name, nodes }) => nodes.length >= 3 && stores.some(store => store.clusters.includes(name)))
    ?.name;

const twoPhaseBlocking: Rule = {
  id: '2pc-blocking',
  title: 'Locks held until the coordinator returns',
  severity: 'warning',
  condition:
    'Two-phase commit whose coordinator is one node, in a design that expects crashes. An error when `no blocking` or a `cap` is claimed.',
  why: 'A participant that has voted yes must wait for the decision. If the only node that knows it crashes between the two phases, all participants keep their locks until it is back. A coordinator that is itself a consensus group goes on with another member.',
  source: 'Gray and Lamport, "Consensus on Transaction Commit", 2006, §3.3',
  wrong: `cluster c { nodes 3 }
store a on c { consensus raft }
store b on c { consensus raft }
transaction t { update a, b  commit two-phase-commit }`,
  right: `cluster c { nodes 3 }
store a on c { consensus raft }
store b on c { consensus raft }
transaction t { update a, b  commit two-phase-commit { coordinator raft on c } }`,
  *check(design) {
    if (!expectsCrashes(design)) return;
    for (const one of committing(design, 'two-phase-commit')) {
      const { coordinator } = one.options;
      if (coordinator?.kind === 'raft' || one.participants.length < 2) continue;
      const [claim] = [...claimsOf(one.owner, 'no-blocking'), ...claimsOf(one.owner, 'cap')];
      const node = nodeOf(coordinator, one.participants);
      const { mttrNs } = design.nodes[node]!.reliability;
      const up = inSeries(one.participants.map(each => availabilityOf(design, each)));
      const cluster = clusterFor(design, one);
      const who = coordinator === null ? 'whichever node coordinates' : nameOf(design, node);
      yield {
        severity: claim === undefined ? 'warning' : 'error',
        at: coordinator === null ? one.whole : one.spot('coordinator'),
        message: `If ${who} crashes after "prepared", ${counted(one.participants.length, 'participant')} hold locks until it returns (${duration(mttrNs)} on average); and all of them must be up, which they are ${percent(up)} of the time.`,
        ...(claim && { related: [{ at: claim, message: `"${claim.text}" is claimed here.` }] }),
        ...(cluster !== undefined && {
          fixes: [fix('Replicate the coordinator', one.set('coordinator', `coordinator raft on ${cluster}`))],
        }),
      };
    }
  },
};

const nodeOf = (coordinator: Coordinator | null, participants: readonly NodeId[]): NodeId =>
  coordinator?.kind === 'node' ? coordinator.node : participants[0]!;

/** Nodes that keep decisions. */
const namedIn = (coordinator: Coordinator | null): readonly NodeId[] =>
  coordinator === null ? [] : coordinator.kind === 'raft' ? coordinator.nodes : [coordinator.node];

function availabilityOf(design: Design, node: NodeId): number {
  const { mtbfNs, mttrNs } = design.nodes[node]!.reliability;
  return steadyAvailability(mtbfNs, mttrNs);
}

const twoPhaseVolatileLog: Rule = {
  id: '2pc-volatile-log',
  title: 'A vote that is forgotten',
  severity: 'error',
  condition: '`durable-log off`, or a participant or coordinator whose disk is volatile.',
  why: 'A participant that says "prepared" promises to commit whatever happens, and a coordinator’s decision is final once told. Both must be on disk before they are said: who forgets a vote cannot commit, who forgets a decision decides again.',
  source: 'Gray and Lamport 2006, §3.1',
  wrong: `cluster c { nodes 3 }
store s on c { consensus two-phase-commit { durable-log off } }`,
  right: `cluster c { nodes 3 }
store s on c { consensus two-phase-commit { durable-log on } }`,
  *check(design) {
    for (const one of committing(design, 'two-phase-commit')) {
      const second = one.participants[1] ?? one.participants[0];
      if (second === undefined) continue;
      if (!one.options.durableLog) {
        yield {
          at: one.spot('durable-log'),
          message: `${nameOf(design, second)} votes yes, crashes, and has forgotten it: it cannot commit what the others commit.`,
          fixes: [fix('Log before answering', one.unset('durable-log'))],
        };
        continue;
      }
      const coordinates = namedIn(one.options.coordinator);
      const forgetful = [...one.participants, ...coordinates].find(node => design.nodes[node]!.disk.volatile);
      if (forgetful === undefined) continue;
      const votes = one.participants.includes(forgetful);
      const cluster = design.clusters.find(({ name }) => name === design.nodes[forgetful]!.cluster)!;
      yield {
        at: one.whole,
        message: votes
          ? `${nameOf(design, forgetful)} votes on a volatile disk: after a crash it cannot commit what the others commit.`
          : `${nameOf(design, forgetful)} keeps decisions on a volatile disk: after a crash it decides again what some were told.`,
        related: [{ at: { of: cluster, option: 'disk' }, message: 'The disk is volatile.' }],
        fixes: [fix('Make the disk durable', set(cluster, 'disk', 'disk { fsync 1ms }'))],
      };
    }
  },
};

const twoPhaseHeuristicDecision: Rule = {
  id: '2pc-heuristic-decision',
  title: 'Participants that decide alone',
  severity: 'error',
  condition: '`on-timeout abort` or `on-timeout commit`.',
  why: 'After voting yes a participant does not know what the others were told. Whichever way it decides by itself, somebody may have been told the other.',
  source: 'Gray and Lamport 2006, §3.3',
  wrong: `cluster c { nodes 3 }
store s on c { consensus two-phase-commit { timeout 30s  on-timeout abort } }`,
  right: `cluster c { nodes 3 }
store s on c { consensus two-phase-commit { timeout 30s  on-timeout block } }`,
  *check(design) {
    for (const one of committing(design, 'two-phase-commit')) {
      const { onTimeout, timeoutNs } = one.options;
      const [first, second] = one.participants;
      if (onTimeout === 'block' || second === undefined) continue;
      const [does, has] = onTimeout === 'abort' ? ['aborts', 'committed'] : ['commits', 'aborted'];
      yield {
        at: one.spot('on-timeout'),
        message: `${nameOf(design, second)} ${does} by itself after ${duration(timeoutNs)}, while ${nameOf(design, first!)} may have ${has}.`,
        fixes: [fix('Wait for the decision', one.set('on-timeout', 'on-timeout block'))],
      };
    }
  },
};

const threePhaseNeedsSynchrony: Rule = {
  id: '3pc-needs-synchrony',
  title: 'Three-phase commit on a network that can split',
  severity: 'error',
  condition: 'Three-phase commit, and the network may be cut, or a message may take as long as the protocol’s timeout.',
  why: 'Its timeouts stand for crashes. When a partition or a late message looks like a crash, the pre-committed side commits and the other side aborts. It does not block, but it is no longer atomic.',
  source: 'Skeen, "Nonblocking Commit Protocols", 1981',
  wrong: `cluster c { nodes 3 }
store s on c { consensus three-phase-commit }`,
  right: `faults { cut up to 0s  delay up to 200ms }
cluster c { nodes 3 }
store s on c { consensus three-phase-commit { timeout 1s } }`,
  *check(design) {
    const { delayNs } = design.faults;
    for (const one of committing(design, 'three-phase-commit')) {
      const [first, second] = one.participants;
      if (second === undefined) continue;
      const { timeoutNs } = one.options;
      const isLate = delayNs >= timeoutNs;
      if (!expectsCuts(design) && !isLate) continue;
      const cluster = clusterFor(design, one);
      const how = expectsCuts(design)
        ? 'a cut between them'
        : `a message later than ${duration(timeoutNs)} (up to ${duration(delayNs)} is declared)`;
      yield {
        at: one.whole,
        message: `With ${nameOf(design, first!)} pre-committed and ${nameOf(design, second)} not, ${how} makes the one commit and the other abort.`,
        ...('kind' in one.owner &&
          cluster !== undefined && {
            fixes: [
              fix(
                'Two-phase commit with a replicated coordinator',
                set(one.owner, 'commit', `commit two-phase-commit { coordinator raft on ${cluster} }`),
              ),
            ],
          }),
        ...(!('kind' in one.owner) && {
          fixes: [
            fix('Agree by Raft', { kind: 'replace', what: one.owner.mechanism, text: 'consensus raft' }),
            ...(cluster === undefined
              ? []
              : [
                  fix('Two-phase commit with a replicated coordinator', {
                    kind: 'replace' as const,
                    what: one.owner.mechanism,
                    text: `consensus two-phase-commit { coordinator raft on ${cluster} }`,
                  }),
                ]),
          ],
        }),
      };
    }
  },
};

const threePhasePrecommitTimeout: Rule = {
  id: '3pc-precommit-timeout',
  title: 'A pre-commit that is discarded',
  severity: 'error',
  condition: '`on-timeout discard`.',
  why: 'Whoever is pre-committed knows that all have voted yes and that others may have committed already: on a timeout it commits, or asks the rest. Discarding then breaks atomicity with one late message and no failure at all.',
  source: 'Skeen 1981; the termination protocol of Bernstein, Hadzilacos and Goodman 1987, §7.5',
  wrong: `faults { cut up to 0s  delay up to 200ms }
cluster c { nodes 3 }
store s on c { consensus three-phase-commit { timeout 1s  on-timeout discard } }`,
  right: `faults { cut up to 0s  delay up to 200ms }
cluster c { nodes 3 }
store s on c { consensus three-phase-commit { timeout 1s  on-timeout skeen } }`,
  *check(design) {
    for (const one of committing(design, 'three-phase-commit')) {
      const [first, second] = one.participants;
      if (one.options.onTimeout !== 'discard' || second === undefined) continue;
      yield {
        at: one.spot('on-timeout'),
        message: `${nameOf(design, first!)} is told to commit and does; the same message to ${nameOf(design, second)} is later than ${duration(one.options.timeoutNs)}, and it discards: diverged without any failure.`,
        fixes: [fix('Commit when pre-committed', one.set('on-timeout', 'on-timeout skeen'))],
      };
    }
  },
};

export const atomicCommitRules: readonly Rule[] = [
  twoPhaseBlocking,
  twoPhaseVolatileLog,
  twoPhaseHeuristicDecision,
  threePhaseNeedsSynchrony,
  threePhasePrecommitTimeout,
];
