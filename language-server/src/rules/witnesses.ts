/** Voters that store nothing. */
import type { Design } from '@dsys/runtime/design/design';
import { majorityOf, smallestQuorum } from '@dsys/runtime/design/quorum';
import type { Partition, Store } from '@dsys/runtime/design/store';
import type { NodeId } from '@dsys/runtime/design/topology';
import { claimsOf, counted, dataNodesOf, listed, nameOf, smallestPartition, storesWith } from './questions.ts';
import { type Change, fix, type Rule } from './rule.ts';

export const witnessDurability: Rule = {
  id: 'witness-durability',
  title: 'A vote that keeps nothing',
  severity: 'warning',
  condition:
    'q − witnesses < copies that must exist: two, or one more than the nodes that are claimed to be survived. An error against `no lost-writes`, `survives` or `durability`.',
  why: 'A witness votes and stores no data. A quorum that it completes leaves the write on one disk less than its size says, and with too few disks a single failure loses what was acknowledged.',
  source: 'MongoDB manual, "Replica Set Arbiter" (primary-secondary-arbiter sets)',
  wrong: `cluster c { nodes 2  witness w }
store s on c { consensus raft  claims { no lost-writes } }`,
  right: `cluster c { nodes 3 }
store s on c { consensus raft  claims { no lost-writes } }`,
  *check(design) {
    for (const store of storesWith(design, 'raft', 'paxos', 'multi-paxos')) {
      const partition = smallestPartition(design, store);
      const { witnesses, replicas: data, quorums } = partition;
      if (witnesses.length === 0 || quorums.quorum === undefined) continue;
      const q = smallestQuorum(quorums.quorum);
      const [claim] = [
        ...claimsOf(store, 'survives').filter(({ level }) => level === 'node'),
        ...claimsOf(store, 'no-lost-writes', 'durability'),
      ];
      const copies = q - witnesses.length;
      const wanted = claim?.kind === 'survives' ? claim.count + 1 : 2;
      if (copies >= wanted) continue;
      yield {
        severity: claim === undefined ? 'warning' : 'error',
        at: design.nodes[witnesses[0]!]!,
        message: `${data.length} data nodes + ${counted(witnesses.length, 'witness', 'witnesses')}: with the witness’s vote a committed write of ${store.name} may be on ${counted(Math.max(0, copies), 'disk')}, and losing that one loses it.`,
        related: [
          ...(claim ? [{ at: claim, message: `"${claim.text}" is claimed here.` }] : []),
          { at: store.mechanism, message: `${store.name} needs ${q} votes.` },
        ],
        fixes: wouldHold(design, store, wanted)
          ? [
              fix(
                `Let ${listed(witnesses.map(node => nameOf(design, node)))} keep data too`,
                ...witnessLines(design, witnesses),
              ),
            ]
          : [],
      };
    }
  },
};

/** Whether enough copies would be written if all who vote held data, in a store that is kept by all of its nodes. */
function wouldHold(design: Design, store: Store, wanted: number): boolean {
  const { replicas, witnesses } = smallestPartition(design, store);
  const members = dataNodesOf(design, store).length;
  const isMajority = 'quorum' in store.mechanism && store.mechanism.quorum.kind === 'majority';
  const isEverywhere = store.partitioning.kind === 'none' && replicas.length === members;
  // Another store may count on the votes and keep fewer copies.
  const isAlone = design.partitions.every(one => one.store === store.name || !sharesWitness(one, witnesses));
  return isEverywhere && isAlone && isMajority && majorityOf(replicas.length + witnesses.length) >= wanted;
}

const sharesWitness = (partition: Partition, witnesses: readonly NodeId[]): boolean =>
  partition.witnesses.some(node => witnesses.includes(node));

/** One change for each line of witnesses. */
const witnessLines = (design: Design, witnesses: readonly NodeId[]): Change[] =>
  witnesses.map(node => ({ kind: 'hold-data', node: design.nodes[node]! }));
