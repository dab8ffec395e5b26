/** CAP, PACELC and what can be claimed at all. Whatever stands in a mechanism's descriptor is read there. */
import { implies } from '@dsys/runtime/design/consistency';
import type { Design } from '@dsys/runtime/design/design';
import type { ConsistencyModel, Property } from '@dsys/runtime/design/property';
import type { Store } from '@dsys/runtime/design/store';
import { promisesTo } from '@dsys/runtime/protocols/descriptors';
import type { Use } from '@dsys/runtime/protocols/uses';
import {
  claimedAtLeast,
  claimsOf,
  claimsTotal,
  counted,
  delay,
  duration,
  expectsCuts,
  isPlaced,
  nameOf,
  placedStores,
  promises,
  smallestPartition,
  workloadsOn,
} from './questions.ts';
import { type Finding, fix, type Rule, remove, replace, set } from './rule.ts';
import { keptSo, usesIn } from './uses.ts';

/** Stores whose keys are on more than one node: a single copy has nothing to be partitioned from. */
const replicated = (design: Design): readonly Store[] =>
  design.stores.filter(store => isPlaced(design, store) && smallestPartition(design, store).replicas.length > 1);

const claimCP = (claim: Property) => fix('Claim CP: those who reach a majority are served', replace(claim, 'cap CP'));

const capUnavailableModel: Rule = {
  id: 'cap-unavailable-model',
  title: 'Consistent for everybody and available to everybody',
  severity: 'error',
  condition:
    'A store of two or more nodes claims `consistency linearizable` or `sequential` and `cap AP`, and the network may be cut.',
  why: 'While a cut lasts, a node on the smaller side can either answer without knowing what the other side has accepted, or refuse. The first gives up the consistency, the second the availability.',
  source:
    'Gilbert and Lynch, "Brewer’s Conjecture and the Feasibility of Consistent, Available, Partition-Tolerant Web Services", 2002',
  wrong: `cluster c { nodes 5 }
store s on c { consensus raft  claims { consistency linearizable  cap AP } }`,
  right: `cluster c { nodes 5 }
store s on c { consensus raft  claims { consistency linearizable  cap CP } }`,
  *check(design) {
    if (!expectsCuts(design)) return;
    for (const store of replicated(design)) {
      const available = claimsTotal(store);
      const consistent = claimedAtLeast(store, 'sequential');
      if (available === undefined || consistent === undefined) continue;
      const { replicas } = smallestPartition(design, store);
      const smaller = Math.floor(replicas.length / 2);
      // One register can be sequential and available, by never showing remote writes promptly.
      const isOneObject = store.model === 'register' && consistent.model === 'sequential';
      yield {
        severity: isOneObject ? 'warning' : 'error',
        at: available,
        message: `${consistent.model} and an answer from every live node are impossible together while the network is cut: of ${counted(replicas.length, 'replica')} the side with ${smaller} has to refuse.`,
        related: [{ at: consistent, message: `${consistent.model} is claimed here.` }],
        fixes: [claimCP(available), fix('Claim causal consistency instead', replace(consistent, 'consistency causal'))],
      };
    }
  },
};

const capRecencyAvailable: Rule = {
  id: 'cap-recency-available',
  title: 'Fresh answers from a node that is cut off',
  severity: 'error',
  condition:
    'A store claims `cap AP` and a hard bound on staleness (`staleness < D`, `staleness <= N versions`, `consistency regular`) that cuts can outlast.',
  why: 'A node that is cut off does not hear of new writes, so whatever it answers grows older for as long as the cut lasts. A bound on age can only be kept by refusing to answer, or as a probability.',
  source:
    'Bailis et al., "Highly Available Transactions: Virtues and Limitations", VLDB 2013, §5.1.3 (unachievable recency guarantees)',
  wrong: `faults { cut up to 60s }
cluster c { nodes 3 }
store s on c { replication leaderless { read 1  write 1 }  claims { cap AP  staleness < 5s } }`,
  right: `faults { cut up to 60s }
cluster c { nodes 3 }
store s on c { replication leaderless { read 1  write 1 }  claims { cap AP  staleness p99 < 5s } }`,
  *check(design) {
    const { cutNs } = design.faults;
    if (!expectsCuts(design)) return;
    for (const store of replicated(design)) {
      const available = claimsTotal(store);
      if (available === undefined) continue;
      for (const claim of claimsOf(store, 'staleness', 'staleness-versions', 'consistency')) {
        if (claim.kind === 'consistency' && claim.model !== 'regular') continue;
        if (claim.kind === 'staleness' && (claim.percentile !== 'max' || claim.boundNs >= cutNs)) continue;
        const lasts = Number.isFinite(cutNs)
          ? `cut off for ${duration(cutNs)}`
          : 'cut off for as long as a cut may last';
        yield {
          at: claim,
          message: `"${claim.text}" cannot be kept by a node that is ${lasts} and still answers.`,
          related: [{ at: available, message: 'Every live node answers: cap AP.' }],
          fixes: [
            claimCP(available),
            ...(claim.kind === 'staleness'
              ? [
                  fix(
                    'Make it a probability',
                    replace(claim, `staleness p99 ${claim.comparison} ${duration(claim.boundNs)}`),
                  ),
                ]
              : []),
          ],
        };
      }
    }
  },
};

/** What a client can only be sure of at the replica where it has been before. */
const needsStickiness: readonly ConsistencyModel[] = ['read-your-writes', 'pram', 'weak-causal'];

const sessionNeedsStickiness: Rule = {
  id: 'session-needs-stickiness',
  title: 'A session guarantee without a session',
  severity: 'error',
  condition:
    'A store claims `read-your-writes`, `pram` or a causal model, its mechanism alone does not give it, and a workload’s clients may change replica (`session any` or `nearest`) without carrying what they have seen (`session-token`).',
  why: 'Writes reach replicas at different times. A client that writes at one and reads at another sees the past, unless it returns to the same replica or tells the next one how far it has seen.',
  source:
    'Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", 1994; Bailis et al. 2013, §4.1, Table 3',
  wrong: `cluster c { nodes 3 }
store s on c { replication single-leader asynchronous { read from any }  claims { consistency read-your-writes } }
workload w on s { session any }`,
  right: `cluster c { nodes 3 }
store s on c { replication single-leader asynchronous { read from any }  claims { consistency read-your-writes } }
workload w on s { session any  session-token on }`,
  *check(design) {
    for (const store of replicated(design)) {
      const claim = claimsOf(store, 'consistency').find(
        ({ model }) =>
          needsStickiness.some(weak => implies(model, weak)) && !implies(promises(design, store).consistency, model),
      );
      if (claim === undefined) continue;
      for (const workload of workloadsOn(design, store)) {
        if (workload.session === 'sticky' || workload.sessionToken) continue;
        const { replicas } = smallestPartition(design, store);
        const [first, second] = replicas;
        yield {
          at: { of: workload, option: 'session' },
          message: `Clients of ${workload.name} change between ${replicas.length} replicas: after a write at ${nameOf(design, first!)}, a read at ${nameOf(design, second!)} may miss it, which is not ${claim.model}.`,
          related: [{ at: claim, message: `${claim.model} is claimed here.` }],
          fixes: [
            fix('Stay with one replica', set(workload, 'session', 'session sticky')),
            fix('Carry what was seen last', set(workload, 'session-token', 'session-token on')),
          ],
        };
      }
    }
  },
};

const caClaim: Rule = {
  id: 'ca-claim',
  title: 'CA, as if the network never failed',
  severity: 'error',
  condition: 'A store of two or more nodes claims `cap CA`.',
  why: 'Consistency and availability without tolerance of partitions is a statement about a network that never drops a message. Networks do; the design has to say what happens then.',
  source: 'Gilbert and Lynch 2002; Brewer, "CAP Twelve Years Later", 2012',
  wrong: `cluster c { nodes 2 }
store s on c { replication single-leader synchronous  claims { cap CA } }`,
  right: `cluster c { nodes 2 }
store s on c { replication single-leader synchronous  claims { cap CP } }`,
  *check(design) {
    for (const store of replicated(design)) {
      for (const claim of claimsOf(store, 'cap').filter(({ label }) => label === 'CA')) {
        const [a, b] = smallestPartition(design, store).replicas;
        yield {
          at: claim,
          message: `CA speaks of a network that never loses a message; it does not say what ${store.name} does when ${nameOf(design, a!)} and ${nameOf(design, b!)} cannot reach each other.`,
          fixes: [
            fix('Refuse on the smaller side: CP', replace(claim, 'cap CP')),
            fix('Answer everywhere, perhaps from the past: AP', replace(claim, 'cap AP')),
          ],
        };
      }
    }
  },
};

const strictConsistencyClaim: Rule = {
  id: 'strict-consistency-claim',
  title: 'Faster than the network',
  severity: 'error',
  condition:
    'A store whose copies are on two or more nodes claims `consistency strict`, and messages between them take time.',
  why: 'Strict consistency wants every read to see a write from the instant at which it was made. News of it cannot travel in no time, so no system of two nodes has it.',
  source:
    'Tanenbaum and van Steen, "Distributed Systems", §7.2; Attiya and Welch 1994 (operations cannot beat the delay’s uncertainty)',
  wrong: `cluster c { nodes 3 }
network { latency 12ms }
store s on c { consensus raft  claims { consistency strict } }`,
  right: `cluster c { nodes 3 }
network { latency 12ms }
store s on c { consensus raft  claims { consistency linearizable } }`,
  *check(design) {
    for (const store of replicated(design)) {
      const claim = claimsOf(store, 'consistency').find(({ model }) => model === 'strict');
      const farthest = claim && farthestPair(design, store);
      if (claim === undefined || farthest === undefined) continue;
      const { from, to, leastNs, meanNs } = farthest;
      const takes = leastNs > 0 ? `at least ${duration(leastNs)}` : `${duration(meanNs)} on average`;
      yield {
        at: claim,
        message: `A write at ${nameOf(design, from)} cannot be seen at ${nameOf(design, to)} in the same instant: the way takes ${takes}.`,
        fixes: [fix('Claim linearizable', replace(claim, 'consistency linearizable'))],
      };
    }
  },
};

/** The two replicas of a partition with the longest way between them; undefined when no message takes any time. */
function farthestPair(design: Design, store: Store) {
  const { replicas } = smallestPartition(design, store);
  const pairs = replicas.flatMap(from => replicas.filter(to => to !== from).map(to => ({ from, to })));
  const ways = pairs.map(pair => ({ ...pair, ...delay(design, pair.from, pair.to) }));
  const [farthest] = ways.sort((a, b) => b.leastNs - a.leastNs || b.meanNs - a.meanNs);
  return farthest !== undefined && farthest.meanNs > 0 ? farthest : undefined;
}

const majorityIsNotTotal: Rule = {
  id: 'majority-is-not-total',
  title: 'Available to a majority is not available to all',
  severity: 'warning',
  condition: 'A store claims `cap AP`, and its mechanism answers only those who reach a leader or a quorum.',
  why: 'A quorum system goes on as long as a majority can talk. Clients beside the minority are not served, and that is what `cap AP` promises to them.',
  source: 'Ongaro 2014, §3.9; Bailis et al. 2013, §5',
  wrong: `cluster c { nodes 5 }
store s on c { consensus raft  claims { cap AP } }`,
  right: `cluster c { nodes 5 }
store s on c { consensus raft  claims { cap CP } }`,
  *check(design) {
    for (const store of replicated(design)) {
      const claim = claimsTotal(store);
      if (claim === undefined) continue;
      const { read, write } = promises(design, store);
      const refused = [read, write].filter(({ availability }) => availability !== 'total' && availability !== 'sticky');
      if (refused.length === 0) continue;
      const what = refused.length === 2 ? 'reads and writes' : refused[0] === read ? 'reads' : 'writes';
      yield {
        at: claim,
        message: `Under ${words(store)}, ${what} are served only ${reach[refused.at(-1)!.availability]}: clients on the other side of a cut get no answer.`,
        related: [{ at: store.mechanism, message: `${store.name} is kept this way.` }],
        fixes: [claimCP(claim)],
      };
    }
  },
};

const reach = {
  total: 'everywhere',
  sticky: 'where the client has been before',
  majority: 'where a majority can talk',
  'leader-side': 'where the leader is reached',
  'both-quorums': 'where the quorums for reading and for writing are reached',
  'every-replica': 'while every replica is reached',
  none: 'while nothing is cut',
} as const;

/** "consensus raft", "replication leaderless": the mechanism in the language's own words. */
const words = ({ mechanism }: Store): string => {
  const { kind } = mechanism;
  if (kind === 'one-copy') return 'one copy';
  const isReplication =
    kind === 'single-leader' || kind === 'multi-leader' || kind === 'leaderless' || kind === 'chain';
  return `${isReplication ? 'replication' : 'consensus'} ${kind}`;
};

/** Session guarantees are judged by how clients behave, strictness by physics. */
const judgedElsewhere: readonly ConsistencyModel[] = [
  'strict',
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
];

const consistencyExceedsProtocol: Rule = {
  id: 'consistency-exceeds-protocol',
  title: 'More consistency than the mechanism can give',
  severity: 'error',
  isGeneral: true,
  condition: 'A store claims a consistency above the ceiling of its mechanism with the chosen options.',
  why: 'Each mechanism has a ceiling that follows from who serves reads, whom writes wait for, and how a failed leader is replaced. No amount of care in operation raises it; another option or another mechanism does.',
  source: 'the ceiling matrix: `dsys facts` shows each store’s, with its reason and paper',
  wrong: `cluster c { nodes 4 }
store s on c { replication single-leader semi-synchronous 2 { read from any }  claims { consistency sequential } }`,
  right: `cluster c { nodes 4 }
store s on c { replication single-leader semi-synchronous 2  claims { consistency sequential } }`,
  *check(design) {
    for (const store of placedStores(design)) {
      const { consistency, why, converges } = promises(design, store);
      for (const claim of claimsOf(store, 'consistency')) {
        if (judgedElsewhere.includes(claim.model)) continue;
        if (claim.model === 'eventual' ? converges || consistency !== 'eventual' : implies(consistency, claim.model))
          continue;
        const isRest = claim.model === 'eventual';
        const most =
          consistency === 'eventual' ? 'no more than eventual consistency' : `at most ${consistency} consistency`;
        const ceiling = isRest ? 'may leave its replicas different for good' : `supports ${most}`;
        const finding: Finding = {
          at: claim,
          message: `${claim.model} is claimed, but ${words(store)} with these options ${ceiling}: ${why}.`,
          related: [keptSo(weakestUse(design, store, claim.model), store)],
          fixes: isRest
            ? [fix('Take the claim away', remove(claim))]
            : [fix(`Claim ${consistency}`, replace(claim, `consistency ${consistency}`))],
        };
        yield finding;
      }
    }
  },
};

/** The first use that gives less than a model; else the store's own. */
function weakestUse(design: Design, store: Store, model: ConsistencyModel): Use {
  const uses = usesIn(design, store);
  const partition = design.partitions[store.partitions[0]!]!;
  return uses.find(use => !implies(promisesTo(use, design, partition).consistency, model)) ?? uses[0]!;
}

export const consistencyRules: readonly Rule[] = [
  capUnavailableModel,
  capRecencyAvailable,
  sessionNeedsStickiness,
  caClaim,
  strictConsistencyClaim,
  majorityIsNotTotal,
  consistencyExceedsProtocol,
];
