/** Quorums that need not meet: of reads and writes, of two writes, of the phases of Paxos. */
import { fastPaxosIsSafe, flexiblePrepare, smallestFastQuorum } from '@dsys/runtime/analysis/consensus-quorums';
import { type DisjointPair, disjointPair } from '@dsys/runtime/analysis/quorum-structure';
import { missesWrite } from '@dsys/runtime/analysis/staleness-bounds';
import type { Design } from '@dsys/runtime/design/design';
import { majorityOf, type Quorum, smallestQuorum } from '@dsys/runtime/design/quorum';
import type { Store } from '@dsys/runtime/design/store';
import { fastPathQuorum } from '@dsys/runtime/protocols/epaxos/descriptor';
import {
  claimedAtLeast,
  claimsOf,
  expectsCrashes,
  expectsCuts,
  fewestVoters,
  namesOf,
  percent,
  smallestPartition,
  storesWith,
  votersOf,
  workloadsOn,
} from './questions.ts';
import { fix, type Rule, replace, set, unset } from './rule.ts';
import { oncePerOption, optionOf, ownerOf, smallestOf, spotOf, usesIn, whose } from './uses.ts';

type Counted = Extract<Quorum, { kind: 'nodes' }>;

const isCounted = (quorum: Quorum | undefined): quorum is Counted => quorum?.kind === 'nodes';

/** Two quorums without a common node; null: they always meet, or nobody can tell. */
function disjoint(a: Quorum | undefined, b: Quorum | undefined): DisjointPair | null {
  if (a === undefined || b === undefined) return null;
  const pair = disjointPair(a, b);
  return 'value' in pair ? pair.value : null;
}

/** Leaderless stores whose quorums are numbers of replicas, with N, R and W, for each use of them. */
function* numbers(design: Design) {
  for (const store of storesWith(design, 'leaderless')) {
    for (const use of usesIn(design, store)) {
      if (use.isWriteBack) continue;
      const { quorums, replicas } = smallestOf(design, use);
      const { read, write } = quorums;
      if (!isCounted(read) || !isCounted(write)) continue;
      yield { store, use, n: replicas.length, r: read.need, w: write.need };
    }
  }
}

const wantsOverlap = (design: Design, store: Store) =>
  claimedAtLeast(store, 'regular', 'sequential') ??
  (workloadsOn(design, store).some(one => one.session !== 'sticky')
    ? claimedAtLeast(store, 'read-your-writes')
    : undefined);

const quorumRwDisjoint: Rule = {
  id: 'quorum-rw-disjoint',
  title: 'Reads that can miss every write',
  severity: 'warning',
  condition:
    'R + W ≤ N. An error when `regular` or more is claimed, or `read-your-writes` for clients that change replica.',
  why: 'A read of R replicas is sure to meet a write on W of N only if they must share one, which takes R + W > N. Otherwise a read right after an acknowledged write misses it with probability C(N − W, R) / C(N, R).',
  source: 'Gifford 1979; Bailis et al., "Probabilistically Bounded Staleness", VLDB 2012, §3.1, equation 1',
  wrong: `cluster c { nodes 3 }
store s on c { replication leaderless { read 1  write 1 }  claims { consistency regular } }`,
  right: `cluster c { nodes 3 }
store s on c { replication leaderless { read 2  write 2 }  claims { consistency regular } }`,
  *check(design) {
    const missing = [...numbers(design)].filter(({ n, r, w }) => r + w <= n && r >= 1 && w >= 1);
    for (const { store, use, n, r, w } of oncePerOption(missing, ({ use }) => optionOf(use))) {
      const claim = wantsOverlap(design, store);
      const enough = n - w + 1;
      yield {
        severity: claim === undefined ? 'warning' : 'error',
        at: spotOf(use, optionOf(use)),
        message: `${whose(use)}R=${r} and W=${w} of N=${n} need not share a replica (${r}+${w} ≤ ${n}): a read right after an acknowledged write misses it with probability up to ${percent(missesWrite(n, r, w))}.`,
        ...(claim && { related: [{ at: claim, message: `${claim.model} is claimed here.` }] }),
        fixes: [
          fix(`Read from ${enough} replicas`, set(ownerOf(use, 'read'), 'read', `read ${enough}`)),
          fix(`Write to ${n - r + 1} replicas`, set(ownerOf(use, 'write'), 'write', `write ${n - r + 1}`)),
        ],
      };
    }
  },
};

const quorumWwDisjoint: Rule = {
  id: 'quorum-ww-disjoint',
  title: 'Two writes that never meet',
  severity: 'warning',
  condition:
    '2W ≤ N with more than one writer, and concurrent versions are not kept as siblings. An error when `linearizable` is claimed.',
  why: 'Two clients can each collect W acknowledgements on different replicas. Both hear "ok", neither write has seen the other, and when the replicas compare notes one of them is dropped.',
  source: 'Gifford 1979; Thomas 1979',
  wrong: `cluster c { nodes 4 }
store s on c { replication leaderless { read 3  write 2 } }`,
  right: `cluster c { nodes 4 }
store s on c { replication leaderless { read 3  write 3 } }`,
  *check(design) {
    const small = [...numbers(design)].filter(({ n, w }) => 2 * w <= n && w >= 1);
    for (const { store, use, n, w } of oncePerOption(small, () => 'write')) {
      if (store.mechanism.resolve.kind === 'siblings') continue;
      const workloads = workloadsOn(design, store);
      if (workloads.length > 0 && workloads.reduce((sum, one) => sum + one.clients, 0) < 2) continue;
      const claim = claimedAtLeast(store, 'linearizable');
      yield {
        severity: claim === undefined ? 'warning' : 'error',
        at: spotOf(use, 'write'),
        message: `W=${w} of N=${n}: two clients can each collect ${w} of the acknowledgements on different replicas; both hear "ok" and one write is lost.`,
        ...(claim && { related: [{ at: claim, message: 'linearizable is claimed here.' }] }),
        fixes: [
          fix(`Write to ${majorityOf(n)} replicas`, set(ownerOf(use, 'write'), 'write', `write ${majorityOf(n)}`)),
          fix('Keep both as siblings', set(store.mechanism, 'resolve', 'resolve siblings by dotted-vector per server')),
        ],
      };
    }
  },
};

const quorumOverlapNotLinearizable: Rule = {
  id: 'quorum-overlap-not-linearizable',
  title: 'R + W > N is not linearizable',
  severity: 'error',
  condition:
    'A leaderless store whose read and write quorums meet claims `linearizable`, and reads do not write back what they found.',
  why: 'While a write is on its way, one read can meet it and return the new value and a later read miss it and return the old one. Only if the first read first brings what it found to a quorum can no later read miss it.',
  source:
    'Attiya, Bar-Noy and Dolev, "Sharing Memory Robustly in Message-Passing Systems", 1995; Lamport 1986 (regular registers)',
  wrong: `cluster c { nodes 3 }
store s on c { replication leaderless { read 2  write 2 }  claims { consistency linearizable } }`,
  right: `cluster c { nodes 3 }
store s on c { replication leaderless { read 2  write 2  read-write-back on }  claims { consistency linearizable } }`,
  *check(design) {
    for (const store of storesWith(design, 'leaderless')) {
      const { mechanism } = store;
      const claim = claimedAtLeast(store, 'linearizable');
      if (claim === undefined || mechanism.readWriteBack || mechanism.sloppy) continue;
      const meeting = usesIn(design, store)
        .map(use => smallestOf(design, use))
        .find(({ quorums }) => disjoint(quorums.read, quorums.write) === null);
      const { read, write } = meeting?.quorums ?? {};
      const n = meeting?.replicas.length ?? 0;
      if (read === undefined || write === undefined || n < 2) continue;
      yield {
        at: claim,
        message: `R=${smallestQuorum(read)}, W=${smallestQuorum(write)}, N=${n} overlap, but while a write has reached 1 of ${n} replicas one read can return it and a later read the old value.`,
        related: [{ at: mechanism, message: `Reads of ${store.name} write nothing back.` }],
        fixes: [
          fix('Let reads write back (ABD)', set(mechanism, 'read-write-back', 'read-write-back on')),
          fix('Claim regular', replace(claim, 'consistency regular')),
        ],
      };
    }
  },
};

const quorumSloppyVoidsOverlap: Rule = {
  id: 'quorum-sloppy-voids-overlap',
  title: 'Stand-ins that reads do not ask',
  severity: 'information',
  condition: '`sloppy` quorums in a design that expects crashes or cuts. An error when `regular` or more is claimed.',
  why: 'A sloppy quorum counts acknowledgements of stand-ins for replicas that cannot be reached. Reads ask the home replicas. With h hinted acknowledgements the two can miss each other as soon as h ≥ R + W − N.',
  source: 'DeCandia et al., "Dynamo", SOSP 2007, §4.6; the inequality follows from counting',
  wrong: `cluster c { nodes 5 }
store s on c { replicas 3  replication leaderless { read 2  write 2  sloppy }  claims { consistency regular } }`,
  right: `cluster c { nodes 5 }
store s on c { replicas 3  replication leaderless { read 2  write 2 }  claims { consistency regular } }`,
  *check(design) {
    if (!expectsCrashes(design) && !expectsCuts(design)) return;
    const told = new Set<Store>();
    for (const { store, n, r, w } of numbers(design)) {
      if (!store.mechanism.sloppy || told.has(store)) continue;
      told.add(store);
      const claim = claimedAtLeast(store, 'regular', 'sequential');
      const hints = Math.max(1, r + w - n);
      const isOverlapping = r + w > n;
      yield {
        severity: claim === undefined ? 'information' : 'error',
        at: { of: store.mechanism, option: 'sloppy' },
        message: isOverlapping
          ? `R+W−N = ${r + w - n}: ${hints === 1 ? 'a single hinted acknowledgement is' : `${hints} hinted acknowledgements are`} enough for a read of ${r} home ${r === 1 ? 'replica' : 'replicas'} to miss an acknowledged write.`
          : `R+W ≤ N already, and acknowledgements of stand-ins make reads miss still more writes.`,
        ...(claim && { related: [{ at: claim, message: `${claim.model} is claimed here.` }] }),
        fixes: [fix('Count home replicas only', unset(store.mechanism, 'sloppy'))],
      };
    }
  },
};

const consensusNotMajority: Rule = {
  id: 'consensus-not-majority',
  title: 'Two quorums that both decide',
  severity: 'error',
  condition: '2q ≤ n for the one quorum of Raft, Paxos or Multi-Paxos.',
  why: 'Agreement rests on any two quorums sharing a member who remembers. With two that share none, two leaders are elected in one term, or two values are chosen.',
  source: 'Ongaro 2014, §3.6 and §8.1 (two quorums overlap); Lamport 1998',
  wrong: `cluster c { nodes 4 }
store s on c { consensus raft { quorum 2 } }`,
  right: `cluster c { nodes 4 }
store s on c { consensus raft { quorum 3 } }`,
  *check(design) {
    for (const store of storesWith(design, 'raft', 'paxos', 'multi-paxos')) {
      const partition = smallestPartition(design, store);
      const { quorum } = partition.quorums;
      const pair = isCounted(quorum) ? disjoint(quorum, quorum) : null;
      if (pair === null) continue;
      const n = votersOf(partition).length;
      const q = smallestQuorum(quorum!);
      yield {
        at: { of: store.mechanism, option: 'quorum' },
        message: `q=${q} of n=${n}: ${namesOf(design, pair.first)} and ${namesOf(design, pair.second)} are both quorums and can ${store.mechanism.kind === 'raft' ? 'elect two leaders' : 'decide two values'}.`,
        fixes: [fix(`Take the majority, ${majorityOf(n)}`, set(store.mechanism, 'quorum', 'quorum majority'))],
      };
    }
  },
};

/** What is typed for a quorum of a size in every partition: others than the one that is judged may have fewer voters. */
const inAll = (design: Design, store: Store, size: number): string =>
  size > fewestVoters(design, store) ? 'all' : `${size}`;

const fpaxosPhases: Rule = {
  id: 'fpaxos-phases',
  title: 'Phases of Flexible Paxos that do not meet',
  severity: 'error',
  condition:
    'q1 + q2 ≤ n. A warning when fewer than q1 nodes are left after the failures that are claimed to be survived.',
  why: 'Quorums of the two phases may differ, but each of phase 1 must meet each of phase 2, or a new leader does not hear of what was chosen. And small quorums of phase 2 are paid for when a leader fails: then a large one of phase 1 is needed.',
  source: 'Howard, Malkhi and Spiegelman, "Flexible Paxos", OPODIS 2016, §3',
  wrong: `cluster c { nodes 4 }
store s on c { consensus flexible-paxos { prepare 2  accept 2 } }`,
  right: `cluster c { nodes 4 }
store s on c { consensus flexible-paxos { prepare 3  accept 2 } }`,
  *check(design) {
    for (const store of storesWith(design, 'flexible-paxos')) {
      const partition = smallestPartition(design, store);
      const { prepare, accept } = partition.quorums;
      if (prepare === undefined || accept === undefined) continue;
      const n = votersOf(partition).length;
      const [q1, q2] = [smallestQuorum(prepare), smallestQuorum(accept)];
      const pair = disjoint(prepare, accept);
      if (pair !== null) {
        const counted = isCounted(prepare) && isCounted(accept);
        yield {
          at: { of: store.mechanism, option: 'prepare' },
          message: counted
            ? `Phase-1 quorum ${q1} + phase-2 quorum ${q2} ≤ ${n}: a new leader that hears ${namesOf(design, pair.first)} misses what ${namesOf(design, pair.second)} have chosen.`
            : `A new leader that hears ${namesOf(design, pair.first)} misses what ${namesOf(design, pair.second)} have chosen.`,
          fixes: counted
            ? [
                fix(
                  `Prepare with ${inAll(design, store, flexiblePrepare(n, q2))}`,
                  set(store.mechanism, 'prepare', `prepare ${inAll(design, store, flexiblePrepare(n, q2))}`),
                ),
              ]
            : [fix('Take majorities', unset(store.mechanism, 'prepare'), unset(store.mechanism, 'accept'))],
        };
        continue;
      }
      const claim = claimsOf(store, 'survives').find(one => one.level === 'node');
      if (claim === undefined || n - q1 >= claim.count) continue;
      yield {
        severity: 'warning',
        at: { of: store.mechanism, option: 'prepare' },
        message: `q2=${q2} of ${n} commits fast, but a new leader needs q1=${q1}: with ${claim.count} nodes down nobody can be elected.`,
        related: [{ at: claim, message: `"${claim.text}" is claimed here.` }],
        fixes:
          majorityOf(n) <= n - claim.count
            ? [fix('Take majorities', unset(store.mechanism, 'prepare'), unset(store.mechanism, 'accept'))]
            : [],
      };
    }
  },
};

const fastPaxosQuorums: Rule = {
  id: 'fast-paxos-quorums',
  title: 'Fast quorums too small to recover from',
  severity: 'error',
  condition: '2·qc ≤ n, or 2·qf + qc ≤ 2n.',
  why: 'When fast proposals collide, a coordinator must find out from a classic quorum whether a value may have been chosen. It can only if any two fast quorums and any classic one have an acceptor in common; otherwise two values look equally chosen.',
  source: 'Lamport, "Fast Paxos", 2006, §3.4.1',
  wrong: `cluster c { nodes 5 }
store s on c { consensus fast-paxos { classic 3  fast 3 } }`,
  right: `cluster c { nodes 5 }
store s on c { consensus fast-paxos { classic 3  fast 4 } }`,
  *check(design) {
    for (const store of storesWith(design, 'fast-paxos')) {
      const partition = smallestPartition(design, store);
      const { classic, fast } = partition.quorums;
      if (!isCounted(classic) || !isCounted(fast)) continue;
      const n = votersOf(partition).length;
      const [qc, qf] = [classic.need, fast.need];
      if (fastPaxosIsSafe(n, qc, qf) || qc < 1 || qf < 1) continue;
      const needed = smallestFastQuorum(n, qc);
      if (2 * qc <= n) {
        yield {
          at: { of: store.mechanism, option: 'classic' },
          message: `n=${n}, classic ${qc}: 2·${qc} = ${2 * qc} ≤ ${n}, so two classic quorums need not meet and two values can be chosen.`,
          // Without a fast quorum it is the smallest that goes with majorities.
          fixes: [
            fix(
              'Classic majorities, and the fast quorum that follows',
              set(store.mechanism, 'classic', 'classic majority'),
              unset(store.mechanism, 'fast'),
            ),
          ],
        };
        continue;
      }
      const ask = inAll(design, store, needed);
      yield {
        at: { of: store.mechanism, option: 'fast' },
        message: `n=${n}, classic ${qc}, fast ${qf}: 2·${qf}+${qc} = ${2 * qf + qc} ≤ ${2 * n}, so recovery can see a tie between two values. Fast needs ${needed}.`,
        fixes: [fix(`Fast quorums of ${ask}`, set(store.mechanism, 'fast', `fast ${ask}`))],
      };
    }
  },
};

const epaxosFastQuorum: Rule = {
  id: 'epaxos-fast-quorum',
  title: 'EPaxos commits on too few',
  severity: 'error',
  condition: 'n = 2F + 1 and the fast quorum is smaller than F + ⌊(F + 1) / 2⌋.',
  why: 'After a failure the survivors must be able to tell which dependencies a command was committed with on the fast path. With a smaller quorum two different answers fit what they see.',
  source: 'Moraru, Andersen and Kaminsky 2013; Ryabinin, Gotsman and Sutra 2025 (bound n ≥ max(2e + f − 1, 2f + 1))',
  wrong: `cluster c { nodes 7 }
store s on c { consensus epaxos { fast 4 } }`,
  right: `cluster c { nodes 7 }
store s on c { consensus epaxos { fast 5 } }`,
  *check(design) {
    for (const store of storesWith(design, 'epaxos')) {
      const { quorums, replicas } = smallestPartition(design, store);
      const needed = fastPathQuorum(replicas.length);
      if (quorums.fast === undefined || smallestQuorum(quorums.fast) >= needed) continue;
      yield {
        at: { of: store.mechanism, option: 'fast' },
        message: `n=${replicas.length}: the fast path needs ${needed}, not ${smallestQuorum(quorums.fast)}, or a recovery can miss what was committed.`,
        fixes: [fix(`Fast quorums of ${needed}`, set(store.mechanism, 'fast', `fast ${needed}`))],
      };
    }
  },
};

const quorumFamilyDisjoint: Rule = {
  id: 'quorum-family-disjoint',
  title: 'Named quorums that do not meet',
  severity: 'error',
  condition:
    'Quorums by name, weight, grid or region have a pair without a common node: a read and a write quorum, or two consensus quorums.',
  why: 'Whatever shape quorums have, they must intersect for a read to meet a write and for two leaders to be impossible. One disjoint pair is enough to lose both.',
  source: 'Naor and Wool 1998; Whittaker et al., "Read-Write Quorum Systems Made Practical", 2021',
  wrong: `cluster c { nodes a, b, d, e }
store s on c { replication leaderless { read all of (a, b)  write all of (d, e) } }`,
  right: `cluster c { nodes a, b, d, e }
store s on c { replication leaderless { read all of (a, b)  write any 1 of (a, b) } }`,
  *check(design) {
    for (const store of storesWith(design, 'leaderless', 'raft', 'paxos', 'multi-paxos')) {
      const isLeaderless = store.mechanism.kind === 'leaderless';
      const clients = usesIn(design, store).filter(({ isWriteBack }) => !isWriteBack);
      const found = clients.flatMap(use => {
        const { quorums } = smallestOf(design, use);
        const [first, second] = isLeaderless ? [quorums.read, quorums.write] : [quorums.quorum, quorums.quorum];
        const pair = isCounted(first) && isCounted(second) ? null : disjoint(first, second);
        return pair === null ? [] : [{ use, pair }];
      });
      for (const { use, pair } of oncePerOption(found, ({ use }) => optionOf(use))) {
        const [one, other] = isLeaderless ? ['The read quorum', 'the write quorum'] : ['The quorum', 'the quorum'];
        yield {
          at: isLeaderless ? spotOf(use, optionOf(use)) : { of: store.mechanism, option: 'quorum' },
          message: `${whose(use)}${one} ${namesOf(design, pair.first)} and ${other} ${namesOf(design, pair.second)} never meet: ${isLeaderless ? 'such a read misses an acknowledged write' : 'both can decide'}.`,
          fixes: [
            isLeaderless
              ? fix(
                  'Take majorities',
                  set(ownerOf(use, 'read'), 'read', 'read majority'),
                  set(ownerOf(use, 'write'), 'write', 'write majority'),
                )
              : fix('Take the majority', set(store.mechanism, 'quorum', 'quorum majority')),
          ],
        };
      }
    }
  },
};

export const quorumOverlapRules: readonly Rule[] = [
  quorumRwDisjoint,
  quorumWwDisjoint,
  quorumOverlapNotLinearizable,
  quorumSloppyVoidsOverlap,
  consensusNotMajority,
  fpaxosPhases,
  fastPaxosQuorums,
  epaxosFastQuorum,
  quorumFamilyDisjoint,
];
