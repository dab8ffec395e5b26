/** The page of partitioning: how keys are split, who serves them while they move, and what is watched meanwhile. */
import { ownershipMessages } from '@dsys/runtime/protocols/ownership';
import { ownershipInvariants } from '@dsys/runtime/protocols/ownership-invariants';
import { examples } from '../elaborate/partitioning.ts';
import { optionMeanings } from '../lsp/meanings/options.ts';
import { families } from '../rules/all.ts';
import { fence, list, namedRows, optionRow, table } from './markdown.ts';
import type { Shown } from './page.ts';

export const partitionsMean =
  'Keys are split over groups of replicas, each of which runs the mechanism of the store; partitions move while clients go on.';

const example = `cluster shop { nodes 4  spare shop9 }
cluster council { nodes 3 }
store routes on council { consensus raft }
store orders on shop {
  partition by directory(id) at routes replicas 3
  consensus raft
}
workload buying on orders { operations 50% read, 50% write }
scenario grow {
  run buying for 10s
  at 2s add shop9 to orders
  at 5s move orders.p1 to council
}`;

/** By strategy: which partition a key belongs to, and what a node that comes or goes changes. */
const strategies: Readonly<Record<keyof typeof examples, readonly [where: string, change: string]>> = {
  hash: [
    'the hash of the field modulo the number of partitions; with `modulo nodes`, of those that there are just now',
    'partitions stay; with `modulo nodes` n of n + 1 keys move',
  ],
  'jump-hash': ['judged, never executed', ''],
  'consistent-hash': [
    'the next point of a partition on the ring, where each has as many as there are virtual nodes',
    'one of n + 1 keys moves, to or from the node of the partition',
  ],
  range: ['the range that the field lies in: numbers, dates or texts', 'partitions stay, and are moved as they are'],
  list: ['the list that names the value of the field, or the rest', 'partitions stay, and are moved as they are'],
  directory: [
    'what the directory says: a store that keeps the map under one key, and that clients ask before anything else',
    'one of n + 1 keys moves: keys are dealt by rendezvous hashing',
  ],
  columns: [
    'one piece of the record in each group; an operation is about one piece, and scans read all of them',
    'partitions stay, and are moved as they are',
  ],
};

const text = /^\s*partition (by|with) |invariant (OneOwner|CoverExactly|MoveNoLoss|RejectStaleEpoch)/m;
const own = /^Partitioning/;

export function partitionsPage(shown: readonly Shown[]): string {
  const rules = families.filter(({ title }) => own.test(title)).flatMap(one => one.rules);
  const rows = Object.entries(strategies).map(([name, [where, change]]) => [
    `\`${examples[name as keyof typeof examples]}\``,
    where,
    change,
  ]);
  const parts = [
    '# Partitioning',
    partitionsMean,
    fence(example),
    '## Strategies',
    table(['partition by', 'holds a key', 'when nodes come or go'], rows),
    '`partition with users` puts a record beside the one of `users` that it refers to (the field with `-> users.id`), or that has the same key. Functional partitioning is several stores; what a reference says about deleting is judged by rules, not executed.',
    '## Records',
    'Workloads name keys, partitions go by fields. The record of a key follows from the design: a field of which nothing is said is the key; `values` and `distinct` give each key a value at random in their shares, the same in every run and in every store with a field of this name; `increasing` grows with the number in the key, so what is inserted lands at the end.',
    '## Reads of several keys',
    'With `read by FIELD` and `scan by FIELD` a client asks every partition that can hold such records and joins the answers, at most 20 of them. Each read in it is judged with the others of its key. That all of them belong to one moment is promised by nobody and judged where it is claimed: `no fractured-reads`.',
    '## Moving',
    '`move S.p to X` gives a partition to a group on other nodes. Where partitions are those of nodes (`modulo nodes`, a ring, a directory), `add N to S` brings one more and `remove N from S` gives its keys to the others, unless `rebalance off`. The next map has the next epoch. Each group takes it by a command in its own log and refuses from there on what it no longer owns; it serves what comes to it when it has come. So every mechanism with such a log takes part: raft, the multi-paxos family but Cheap Paxos, single-leader, chain. Clients keep the map that they know; who is refused learns the next one, or asks the directory. Sessions that carry tokens say by which map they have found a group: a member that goes by an older one is not heard.',
    'Leaderless replication has no log, and each replica takes the map for itself. What leaves is given when so many replicas have stopped serving it that the others contain neither a read nor a write quorum; what comes is served by each replica from when it stands there; whoever was away catches up before it serves anything new. Sloppy quorums and compare-and-set by Paxos do not move.',
    'Raft, single-leader and chain with a master change the members of a group when a node leaves that keeps a copy of it. Where groups keep their members (leaderless, the multi-paxos family), another group takes the partition over, with the next node of the ring in its place.',
    'A transaction that has prepared keeps its keys until it is decided, and the move waits for it; one that comes by an old map is aborted. The operator who conducts a move stands outside of the faults of a run. Versions do not move: transactions on such a store go by locks.',
    table(['message', 'for'], namedRows(ownershipMessages)),
    '## Invariants',
    'Of a store that moves in a scenario, watched at every step, unless the options give one up; `expect invariant NAME of STORE` asks for one.',
    table(
      ['invariant', 'says'],
      Object.entries(ownershipInvariants).map(([name, { means }]) => [`\`${name}\``, means]),
    ),
    '## Options',
    table(['option', 'means', 'as in'], Object.entries(optionMeanings['a partitioning']!).map(optionRow)),
    '## Figures',
    'A run tells the busiest partition, node and key of each store, how many keys each change moved and how long it took; the load of the busiest partitions stands among the metrics of its trace.',
    '## Seen in',
    list(shown.filter(one => text.test(one.text)).map(({ path }) => `[${path}](../../${path})`)),
    '## Rules that speak of it',
    list(rules.map(({ id, title }) => `[${id}](../rules/${id}.md): ${title}`)),
    '## Source',
    'Karger et al. 1997 (consistent hashing); Thaler and Ravishankar 1998 (rendezvous hashing); DeCandia et al. 2007, §6; Lamping and Veach 2014; Corbett et al. 2012 (moving between groups).',
  ];
  return `${parts.join('\n\n')}\n`;
}
