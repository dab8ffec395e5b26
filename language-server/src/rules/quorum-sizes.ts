/** How many: quorums that are too large, clusters that are even, failures that are not tolerated, witnesses that count. */
import { cheapPaxosSizes } from '@dsys/runtime/analysis/consensus-quorums';
import { atLeast, quorumAvailability } from '@dsys/runtime/analysis/quorum-availability';
import { indispensable } from '@dsys/runtime/analysis/quorum-structure';
import { serviceQuorums } from '@dsys/runtime/analysis/service-quorums';
import { nodeAvailability } from '@dsys/runtime/analysis/store-availability';
import { toleranceOf } from '@dsys/runtime/analysis/tolerance';
import type { Design } from '@dsys/runtime/design/design';
import { majorityOf, type Quorum, quorumNodes, smallestQuorum } from '@dsys/runtime/design/quorum';
import type { Partition, Store } from '@dsys/runtime/design/store';
import {
  claimsOf,
  counted,
  dataNodesOf,
  duration,
  durationAtMost,
  nameOf,
  namesOf,
  percent,
  placedStores,
  smallestPartition,
  storesWith,
  votersOf,
} from './questions.ts';
import { type Fix, fix, type Rule, remove, replace, set } from './rule.ts';
import { oncePerOption, ownerOf, smallestOf, spotOf, usesIn } from './uses.ts';
import { witnessDurability } from './witnesses.ts';

const quorumSizeRange: Rule = {
  id: 'quorum-size-range',
  title: 'A quorum that can never be gathered',
  severity: 'error',
  condition: 'A quorum asks for none, or for more than there are: R or W outside 1..N, q outside 1..n.',
  why: 'Waiting for four acknowledgements from three replicas is waiting forever: no such operation is ever answered.',
  source: 'by definition',
  wrong: `cluster c { nodes 3 }
store s on c { replication leaderless { read 2  write 4 } }`,
  right: `cluster c { nodes 3 }
store s on c { replication leaderless { read 2  write 3 } }`,
  // Elaboration reports it: a quorum that cannot be gathered has no meaning to judge.
  check: () => [],
};

/** Quorums that consist of everybody, with the word under which they are written. */
function* whole(design: Design) {
  for (const store of storesWith(design, 'leaderless', 'raft', 'paxos', 'multi-paxos')) {
    const uses = usesIn(design, store);
    const words = store.mechanism.kind === 'leaderless' ? (['write', 'read'] as const) : (['quorum'] as const);
    for (const word of words) {
      const found = uses.flatMap(use => {
        const partition = smallestOf(design, use);
        const n = word === 'quorum' ? votersOf(partition).length : partition.replicas.length;
        const quorum = partition.quorums[word];
        const isWhole = quorum !== undefined && n > majorityOf(n) && smallestQuorum(quorum) === n;
        return isWhole ? [{ use, word, quorum, n }] : [];
      });
      yield* oncePerOption(found, () => (word === 'write' ? 'write' : 'read'));
    }
  }
}

/** Probability that a quorum is up; undefined when that takes too long to say. */
function up(design: Design, quorum: Quorum): number | undefined {
  const found = quorumAvailability(quorum, nodeAvailability(design));
  return 'value' in found ? found.value : undefined;
}

const allOfNFragile: Rule = {
  id: 'all-of-n-fragile',
  title: 'Everybody has to be there',
  severity: 'warning',
  condition: 'W = N or R = N with N > 2, or a consensus quorum of all voters.',
  why: 'An operation that waits for all replicas stops with the first that is down. More replicas then make it less available, not more.',
  source: 'arithmetic: aᴺ against Σ C(N, i) aⁱ (1 − a)ᴺ⁻ⁱ',
  wrong: `cluster c { nodes 3 }
store s on c { replication leaderless { read 1  write 3 } }`,
  right: `cluster c { nodes 3 }
store s on c { replication leaderless { read 2  write 2 } }`,
  *check(design) {
    for (const { use, word, quorum, n } of whole(design)) {
      const nodes = quorumNodes(quorum);
      const [all, most] = [up(design, quorum), up(design, { kind: 'nodes', need: majorityOf(n), of: nodes })];
      if (all === undefined || most === undefined) continue;
      const [what, symbol] = { write: ['writes', 'W'], read: ['reads', 'R'], quorum: ['everything', 'q'] }[word] as [
        string,
        string,
      ];
      const other = word === 'write' ? 'read' : 'write';
      yield {
        at: word === 'quorum' ? { of: use.store.mechanism, option: word } : spotOf(use, word),
        message: `${symbol}=N=${n}: any one replica down stops ${what}; that is ${percent(all)} of the time up, against ${percent(most)} for ${majorityOf(n)} of ${n}.`,
        fixes: [
          word === 'quorum'
            ? fix('Take the majority', set(use.store.mechanism, 'quorum', 'quorum majority'))
            : fix(
                'Take majorities',
                set(ownerOf(use, word), word, `${word} majority`),
                set(ownerOf(use, other), other, `${other} majority`),
              ),
        ],
      };
    }
  },
};

const cheapPaxosCounts: Rule = {
  id: 'cheap-paxos-counts',
  title: 'Too few acceptors for Cheap Paxos',
  severity: 'error',
  condition:
    'With f failures claimed to be survived: fewer than f + 1 main or 2f + 1 acceptors in all. A warning when main acceptors fail more often than a reconfiguration takes.',
  why: 'F + 1 main acceptors keep the value while F of them fail, F auxiliary ones make up the majority meanwhile. And each failed one must be out of the configuration before the next fails, or the service halts.',
  source: 'Lamport and Massa, "Cheap Paxos", DSN 2004',
  wrong: `cluster c { nodes a, b, x  witness w }
store s on c { consensus cheap-paxos { main a, b  auxiliary w }  claims { survives 2 nodes } }`,
  right: `cluster c { nodes a, b  witness w }
store s on c { consensus cheap-paxos { main a, b  auxiliary w }  claims { survives 1 node } }`,
  *check(design) {
    for (const store of storesWith(design, 'cheap-paxos')) {
      const { main, auxiliary, reconfigureNs } = store.mechanism;
      const claim = claimsOf(store, 'survives').find(({ level }) => level === 'node');
      if (claim !== undefined) {
        const needed = cheapPaxosSizes(claim.count);
        if (main.length < needed.main || main.length + auxiliary.length < needed.main + needed.auxiliary) {
          const f = Math.max(0, Math.min(main.length - 1, Math.floor((main.length + auxiliary.length - 1) / 2)));
          yield {
            at: { of: store.mechanism, option: main.length < needed.main ? 'main' : 'auxiliary' },
            message: `f=${claim.count} needs ${needed.main} main + ${needed.auxiliary} auxiliary acceptors; ${main.length} + ${auxiliary.length} are declared.`,
            related: [{ at: claim, message: `"${claim.text}" is claimed here.` }],
            fixes: [
              f === 0 ? fix('Take the claim away', remove(claim)) : fix(`Claim ${f}`, replace(claim, survives(f))),
            ],
          };
        }
      }
      if (main.length === 0) continue;
      const betweenNs = Math.min(...main.map(node => design.nodes[node]!.reliability.mtbfNs)) / main.length;
      if (betweenNs >= reconfigureNs) continue;
      yield {
        severity: 'warning',
        at: { of: store.mechanism, option: 'reconfigure' },
        message: `A main acceptor fails every ${duration(betweenNs)} and removing it takes ${duration(reconfigureNs)}: the second one fails before the first is removed, and the service halts.`,
        fixes: [
          fix(
            `Remove it within ${durationAtMost(betweenNs)}`,
            set(store.mechanism, 'reconfigure', `reconfigure ${durationAtMost(betweenNs)}`),
          ),
        ],
      };
    }
  },
};

const survives = (count: number): string => `survives ${counted(count, 'node')}`;

/** Consensus by majority of all voters. */
function* majorities(design: Design) {
  for (const store of storesWith(design, 'raft', 'paxos', 'multi-paxos')) {
    const partition = smallestPartition(design, store);
    if (store.mechanism.quorum.kind === 'majority') yield { store, partition, n: votersOf(partition).length };
  }
}

/** Sets the number of replicas where it is written or where an unpartitioned store may write it. */
function replicas(design: Design, store: Store, partition: Partition, n: number): Fix[] {
  const isPlain = store.partitioning.kind === 'none' && partition.witnesses.length === 0 && !store.replicas.perRegion;
  // Stores that are placed with it would have as many, whatever their quorums ask for.
  const isAlone = design.stores.every(
    ({ partitioning }) => partitioning.kind !== 'with' || partitioning.store !== store.name,
  );
  return isPlain && isAlone && n > 0
    ? [fix(`Keep ${counted(n, 'replica')}`, set(store, 'replicas', `replicas ${n}`))]
    : [];
}

const evenCluster: Rule = {
  id: 'even-cluster',
  title: 'A voter that buys nothing',
  severity: 'information',
  condition: 'A majority of an even number of voters (a warning for two), or of more than seven.',
  why: 'Four voters need three votes and tolerate one failure, as three voters with two votes do; the fourth only adds a node that can fail. Beyond seven, every write waits for more nodes than failures ask for.',
  source:
    'etcd FAQ ("an odd number of members", "no more than seven"); Howard et al. 2016 (even groups with q1 = n/2 + 1, q2 = n/2)',
  wrong: `cluster c { nodes 4 }
store s on c { consensus raft }`,
  right: `cluster c { nodes 3 }
store s on c { consensus raft }`,
  *check(design) {
    for (const { store, partition, n } of majorities(design)) {
      if (n < 2 || (n % 2 === 1 && n <= 7)) continue;
      const f = Math.floor((n - 1) / 2);
      if (n % 2 === 1) {
        yield {
          at: store.mechanism,
          message: `n=${n}: every write waits for ${majorityOf(n)} nodes. Seven tolerate 3 failures and wait for 4.`,
          fixes: replicas(design, store, partition, 7),
        };
        continue;
      }
      const voters = votersOf(partition);
      const worst = Math.min(...voters.map(nodeAvailability(design)));
      const down = (of: number) =>
        1 -
        atLeast(
          majorityOf(of),
          Array.from({ length: of }, () => worst),
        );
      yield {
        severity: n === 2 ? 'warning' : 'information',
        at: store.mechanism,
        message: `n=${n} needs ${majorityOf(n)} votes and tolerates ${counted(f, 'failure')}, the same as n=${n - 1} with ${majorityOf(n - 1)}; it is without a quorum ${tiny(down(n))} of the time against ${tiny(down(n - 1))}.`,
        fixes: replicas(design, store, partition, n - 1),
      };
    }
  },
};

/** `5.9e-4` as `5.9·10⁻⁴`. */
function tiny(fraction: number): string {
  const [mantissa, exponent] = fraction.toExponential(1).split('e') as [string, string];
  const digits = [...String(Math.abs(Number(exponent)))].map(digit => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
  return fraction === 0 ? '0' : `${mantissa}·10${Number(exponent) < 0 ? '⁻' : ''}${digits}`;
}

/** How many nodes may fail, whoever asks; undefined: nobody can tell. */
function tolerated(design: Design, store: Store, partition: Partition): number | undefined {
  let least = Number.POSITIVE_INFINITY;
  for (const use of usesIn(design, store)) {
    const seen = use.partition(partition);
    const quorums = serviceQuorums(design, use.store, seen);
    const found = 'value' in quorums ? toleranceOf(design, seen, quorums.value) : quorums;
    if (!('value' in found)) return undefined;
    least = Math.min(least, found.value.nodes);
  }
  return least;
}

/** Claims of surviving nodes that the weakest partition does not keep, with how many it tolerates. */
function* overclaimed(design: Design) {
  for (const store of placedStores(design)) {
    for (const claim of claimsOf(store, 'survives').filter(({ level }) => level === 'node')) {
      const partition = smallestPartition(design, store);
      const f = tolerated(design, store, partition);
      if (f === undefined || claim.count <= f) continue;
      const voters = votersOf(partition).length;
      // What somebody hopes who counts observers as voters.
      const hoped = Math.floor((voters + partition.observers.length - 1) / 2);
      yield {
        store,
        claim,
        partition,
        f,
        voters,
        countsObservers: partition.observers.length > 0 && claim.count <= hoped,
      };
    }
  }
}

const lower = (claim: Parameters<typeof replace>[0], f: number): Fix =>
  f === 0 ? fix('Take the claim away', remove(claim)) : fix(`Claim ${f}`, replace(claim, survives(f)));

const toleranceOverclaimed: Rule = {
  id: 'tolerance-overclaimed',
  title: 'More failures than the group survives',
  severity: 'error',
  condition:
    '`survives N nodes` beyond what the mechanism tolerates: ⌊(n − 1) / 2⌋ for majorities, N − max(R, W) for leaderless stores, n − max(q1, q2) for Flexible Paxos, and so on.',
  why: 'Each mechanism goes on only while some set of nodes is up, and an acknowledged write survives only while one of its copies does. Both bound the number of nodes that any failure may take.',
  source: 'etcd FAQ (fault tolerance table); Gray and Lamport 2006, §4.1',
  wrong: `cluster c { nodes 4 }
store s on c { consensus raft  claims { survives 2 nodes } }`,
  right: `cluster c { nodes 5 }
store s on c { consensus raft  claims { survives 2 nodes } }`,
  *check(design) {
    for (const { store, claim, partition, f, voters, countsObservers } of overclaimed(design)) {
      if (countsObservers) continue;
      const isMajority = 'quorum' in store.mechanism && store.mechanism.quorum.kind === 'majority';
      const more = 2 * claim.count + 1;
      const nodes = dataNodesOf(design, store).length;
      yield {
        at: claim,
        message: `${counted(claim.count, 'failure')} ${claim.count === 1 ? 'is' : 'are'} claimed with n=${voters}: ${f === 0 ? 'none is' : `only ${f} ${f === 1 ? 'is' : 'are'}`} survived.`,
        related: [{ at: store.mechanism, message: `${store.name} is kept this way.` }],
        fixes: [
          lower(claim, f),
          ...(isMajority && more <= nodes && partition.replicas.length < more
            ? replicas(design, store, partition, more)
            : []),
        ],
      };
    }
  },
};

const nonvoterCounted: Rule = {
  id: 'nonvoter-counted',
  title: 'Observers do not vote',
  severity: 'error',
  condition: '`survives N nodes` holds only if observers are counted as voters.',
  why: 'An observer has the data and no vote: it serves reads and takes over nothing. Failures are tolerated by voters alone.',
  source: 'ZooKeeper, "Observers"; Ongaro 2014, §4.2.1 (non-voting members)',
  wrong: `cluster c { nodes 3  observer o1, o2 }
store s on c { consensus raft  claims { survives 2 nodes } }`,
  right: `cluster c { nodes 3  observer o1, o2 }
store s on c { consensus raft  claims { survives 1 node } }`,
  *check(design) {
    for (const { store, claim, partition, f, voters, countsObservers } of overclaimed(design)) {
      if (!countsObservers) continue;
      yield {
        at: claim,
        message: `${counted(voters, 'voter')} + ${counted(partition.observers.length, 'observer')} tolerate ${counted(f, 'failure')}, not ${claim.count}: observers have no vote.`,
        related: [
          {
            at: design.nodes[partition.observers[0]!]!,
            message: `${namesOf(design, partition.observers)} of ${store.name} only ${partition.observers.length === 1 ? 'observes' : 'observe'}.`,
          },
        ],
        fixes: [lower(claim, f)],
      };
    }
  },
};

const indispensableVoter: Rule = {
  id: 'indispensable-voter',
  title: 'A node without which nothing goes',
  severity: 'warning',
  condition: 'Some node is in every quorum of an operation, though not all nodes are needed.',
  why: 'Weights and named members can make one node part of every quorum. Its crash alone then stops what the others were replicated for.',
  source: 'follows from the definition: the node’s complement contains no quorum',
  wrong: `cluster c { nodes a, b, d }
store s on c { consensus raft { quorum weight 3 of (a = 3, b = 1, d = 1) } }`,
  right: `cluster c { nodes a, b, d }
store s on c { consensus raft { quorum weight 3 of (a = 2, b = 2, d = 1) } }`,
  *check(design) {
    for (const store of storesWith(design, 'leaderless', 'raft', 'paxos', 'multi-paxos', 'flexible-paxos')) {
      const all = usesIn(design, store).flatMap(use => {
        const { quorums, replicas: data } = smallestOf(design, use);
        return Object.entries(quorums).map(([word, quorum]) => ({ use, word, quorum, data }));
      });
      const optionOf = ({ word }: { readonly word: string }) => (word === 'write' ? 'write' : 'read');
      const words = [...new Set(all.map(({ word }) => word))];
      for (const { use, word, quorum, data } of words.flatMap(each => [
        ...oncePerOption(
          all.filter(({ word }) => word === each),
          optionOf,
        ),
      ])) {
        const needed = data.length > 1 ? indispensable(quorum) : [];
        // That everybody is needed is another matter.
        if (needed.length === 0 || needed.length === quorumNodes(quorum).length) continue;
        const owner = word === 'read' || word === 'write' ? ownerOf(use, word) : store.mechanism;
        const weight = quorum.kind === 'weight' ? quorum.weights.find(([node]) => node === needed[0])?.[1] : undefined;
        const sum = quorum.kind === 'weight' ? quorum.weights.reduce((total, [, each]) => total + each, 0) : 0;
        yield {
          at: { of: owner, option: word },
          message: `${namesOf(design, needed)}${weight === undefined ? '' : ` (weight ${weight} of ${sum})`} ${needed.length === 1 ? 'is' : 'are'} in every ${word === 'quorum' ? '' : `${word} `}quorum: the crash of ${nameOf(design, needed[0]!)} alone stops ${store.name}.`,
          fixes: [fix('Take a majority', set(owner, word, `${word} majority`))],
        };
      }
    }
  },
};

export const quorumSizeRules: readonly Rule[] = [
  quorumSizeRange,
  allOfNFragile,
  cheapPaxosCounts,
  evenCluster,
  toleranceOverclaimed,
  nonvoterCounted,
  witnessDurability,
  indispensableVoter,
];
