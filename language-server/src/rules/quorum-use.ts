/** What quorums are asked to do: operations that they cannot give, outages that they outlive, domains, load. */
import { leastLoad, uniformLoad } from '@dsys/runtime/analysis/quorum-load';
import { always } from '@dsys/runtime/analysis/quorum-strategy';
import { serviceQuorums } from '@dsys/runtime/analysis/service-quorums';
import type { Design } from '@dsys/runtime/design/design';
import { isQuorum, quorumNodes } from '@dsys/runtime/design/quorum';
import type { Partition, Store } from '@dsys/runtime/design/store';
import type { NodeId } from '@dsys/runtime/design/topology';
import {
  claimsOf,
  counted,
  duration,
  expectsCrashes,
  namesOf,
  partitionsOf,
  percent,
  promises,
  smallestPartition,
  storesWith,
  votersOf,
  workloadsOn,
} from './questions.ts';
import { fix, type Rule, set } from './rule.ts';
import { spotOf, usesIn } from './uses.ts';

const quorumNoCas: Rule = {
  id: 'quorum-no-cas',
  title: 'Compare-and-set out of reads and writes',
  severity: 'error',
  condition:
    'A leaderless store is asked for `cas` or `increment`, or claims `keeps unique` or a bound, and `cas` is not decided by Paxos.',
  why: 'Registers that are read and written by quorums cannot agree on who was first (their consensus number is 1), however the quorums overlap. Compare-and-set, counters without loss and unique inserts need consensus, or a data type that merges.',
  source: 'Herlihy, "Wait-Free Synchronization", 1991; Fischer, Lynch and Paterson 1985',
  wrong: `cluster c { nodes 3 }
store s on c { replication leaderless }
workload w on s { operations 50% read, 50% cas }`,
  right: `cluster c { nodes 3 }
store s on c { replication leaderless { cas paxos } }
workload w on s { operations 50% read, 50% cas }`,
  *check(design) {
    if (!expectsCrashes(design)) return;
    for (const store of storesWith(design, 'leaderless')) {
      const { mechanism } = store;
      const n = smallestPartition(design, store).replicas.length;
      if (mechanism.cas === 'paxos' || n < 2 || promises(design, store).compareAndSet) continue;
      const entries = workloadsOn(design, store).flatMap(workload =>
        workload.mix.filter(
          ({ kind, on }) => (kind === 'cas' || kind === 'increment') && (on === null || on === store.name),
        ),
      );
      const claims = claimsOf(store, 'keeps-unique', 'keeps-bound');
      const [entry] = entries;
      const [claim] = claims;
      const needs = entry ?? claim;
      if (needs === undefined) continue;
      const what = entry === undefined ? `"${claim!.text}"` : entry.kind === 'cas' ? 'Compare-and-set' : 'An increment';
      yield {
        at: needs,
        message: `${what} on ${store.name} cannot be built from read and write quorums when 1 of ${n} nodes may crash.`,
        related: [{ at: mechanism, message: `${store.name} is read and written by quorums.` }],
        fixes: [fix('Let Paxos decide it', set(mechanism, 'cas', 'cas paxos'))],
      };
    }
  },
};

const hintWindowTooShort: Rule = {
  id: 'hint-window-too-short',
  title: 'Hints that expire before the replica is back',
  severity: 'warning',
  condition: 'Outages may last longer than hints are kept, and there is no anti-entropy.',
  why: 'A stand-in keeps what it took for an absent replica only for a while. What was written after that, until the replica is back, reaches it by nothing but anti-entropy.',
  source: 'Apache Cassandra documentation, "Hints" (three hours by default, best effort)',
  wrong: `faults { outage up to 12h }
cluster c { nodes 3 }
store s on c { replication leaderless { hinted-handoff on for 3h } }`,
  right: `faults { outage up to 12h }
cluster c { nodes 3 }
store s on c { replication leaderless { hinted-handoff on for 3h  anti-entropy every 1h } }`,
  *check(design) {
    const { outageNs, declared } = design.faults;
    for (const store of storesWith(design, 'leaderless')) {
      const { hintedHandoffNs, antiEntropyNs } = store.mechanism;
      if (hintedHandoffNs === null || antiEntropyNs !== null || outageNs <= hintedHandoffNs) continue;
      yield {
        at: { of: store.mechanism, option: 'hinted-handoff' },
        message: `Hints are kept ${duration(hintedHandoffNs)} but outages up to ${duration(outageNs)} are ${declared.outage ? 'declared' : 'expected by default'}, and there is no anti-entropy: writes after the first ${duration(hintedHandoffNs)} never reach that replica.`,
        related: declared.outage
          ? [{ at: { of: design.faults, option: 'outage' }, message: 'Outages are declared here.' }]
          : [],
        fixes: [fix('Repair by anti-entropy', set(store.mechanism, 'anti-entropy', 'anti-entropy every 1h'))],
      };
    }
  },
};

type Level = 'zone' | 'region';

const levels: readonly Level[] = ['region', 'zone'];

/** Nodes by the domain that they stand in; those without one are left out. */
function domains(design: Design, nodes: readonly NodeId[], level: Level): Map<string, NodeId[]> {
  const found = new Map<string, NodeId[]>();
  for (const node of nodes) {
    const name = design.nodes[node]![level];
    if (name !== null) found.set(name, [...(found.get(name) ?? []), node]);
  }
  return found;
}

/** The first domain of a level whose loss leaves no quorum for writing, of the first partition that has one. */
function lostWith(design: Design, store: Store, level: Level) {
  for (const use of usesIn(design, store))
    for (const partition of partitionsOf(design, store)) {
      const quorums = serviceQuorums(design, use.store, use.partition(partition));
      if (!('value' in quorums)) continue;
      const { write } = quorums.value;
      const places = domains(design, quorumNodes(write), level);
      if (places.size < 2) continue;
      for (const [name, lost] of places)
        if (!isQuorum(write, node => !lost.includes(node)))
          return { use, partition, name, lost, places: places.size, write };
    }
  return undefined;
}

const quorumLostWithDomain: Rule = {
  id: 'quorum-lost-with-domain',
  title: 'A place that takes the quorum with it',
  severity: 'warning',
  condition:
    'Some zone or region holds so many voters that the others are no quorum. An error when surviving such a place is claimed. With two places and majorities it is always so.',
  why: 'Voters spread over places so that losing any one leaves a quorum make the place’s failure an event like a node’s. With two places one of them always holds half or more: a third, be it for a witness, is needed.',
  source: 'etcd FAQ (cross data center deployments); arithmetic',
  wrong: `region eu
region us
cluster c { nodes 3 in eu  nodes 2 in us }
store s on c { consensus raft  claims { survives 1 region } }`,
  right: `region eu
region us
region asia
cluster c { nodes 2 in eu  nodes 2 in us  nodes 1 in asia }
store s on c { consensus raft  claims { survives 1 region } }`,
  *check(design) {
    const kinds = [
      'raft',
      'paxos',
      'multi-paxos',
      'fast-paxos',
      'flexible-paxos',
      'epaxos',
      'leaderless',
      'single-leader',
    ] as const;
    for (const store of storesWith(design, ...kinds)) {
      const claims = claimsOf(store, 'survives').filter(({ level }) => level !== 'node');
      // Nobody who replicates within one place expects to survive it: unclaimed, only the widest spread is looked at.
      const spread = levels.find(level => domains(design, votersOf(smallestPartition(design, store)), level).size > 1);
      const asked =
        claims.length > 0 ? claims.map(claim => claim.level as Level) : spread === undefined ? [] : [spread];
      for (const level of new Set(asked)) {
        const lost = lostWith(design, store, level);
        if (lost === undefined) continue;
        const claim = claims.find(one => one.level === level);
        const all = quorumNodes(lost.write).length;
        const left = all - lost.lost.length;
        const third =
          lost.places === 2
            ? ` Of two ${level}s one always holds too many: a third, if only for a witness, is required.`
            : '';
        yield {
          severity: claim === undefined ? 'warning' : 'error',
          at: lost.use.writer === null ? store.mechanism : spotOf(lost.use, 'write'),
          message: `${lost.lost.length} of ${all} voters of ${lost.partition.name} are in ${lost.name}; losing it leaves ${left}, which is no quorum.${third}`,
          related: [
            ...(claim ? [{ at: claim, message: `"${claim.text}" is claimed here.` }] : []),
            {
              at: design.nodes[lost.lost[0]!]!,
              message: `${namesOf(design, lost.lost)} ${lost.lost.length === 1 ? 'stands' : 'stand'} in ${lost.name}.`,
            },
          ],
        };
      }
    }
  },
};

const quorumLoadOverCapacity: Rule = {
  id: 'quorum-load-over-capacity',
  title: 'More operations than the quorums can carry',
  severity: 'warning',
  condition:
    'All nodes declare a capacity, the store is not partitioned, and the rate of its open-loop workloads exceeds what its quorum system carries with the best choice of quorums (or with uniform choice).',
  why: 'Each operation loads every node of the quorum that it asks. How much a quorum system carries follows from a linear program; no strategy loads the busiest node by less than max(1/c, c/n), c the size of the smallest quorum.',
  source: 'Naor and Wool, "The Load, Capacity, and Availability of Quorum Systems", 1998; Whittaker et al. 2021',
  wrong: `cluster c { nodes 3 { capacity read 1000/s write 1000/s } }
store s on c { replication leaderless { read 2  write 2 } }
workload w on s { rate 3000/s }`,
  right: `cluster c { nodes 3 { capacity read 1000/s write 1000/s } }
store s on c { replication leaderless { read 2  write 2 } }
workload w on s { rate 1000/s }`,
  *check(design) {
    for (const store of design.stores) {
      if (store.partitions.length !== 1) continue;
      const partition = design.partitions[store.partitions[0]!]!;
      const load = openLoad(design, store);
      const system = load && loaded(design, store, partition);
      if (load === undefined || system === undefined) continue;
      const question = { ...system, readFractions: always(load.reads / load.all) };
      const best = leastLoad(question);
      if (!('value' in best)) continue;
      const uniform = uniformLoad(question);
      const evenly = 'value' in uniform ? uniform.value.capacity : best.value.capacity;
      if (load.all <= evenly) continue;
      const share = load.all / evenly;
      const most = whole(best.value.capacity);
      const isTooMuch = load.all > best.value.capacity;
      yield {
        at: { of: load.workload, option: 'rate' },
        message: `At ${rate(load.all)} the busiest node of ${store.name} runs at ${percent(share)} of its capacity: this quorum system tops out at ${rate(whole(evenly))} with uniform choice, ${rate(most)} with the optimal strategy.`,
        related: [
          {
            at: store.mechanism,
            message: `${counted(quorumNodes(system.system.read).length, 'node')} share the reads.`,
          },
        ],
        fixes: [
          ...(load.workloads === 1
            ? [
                fix(
                  isTooMuch ? 'Ask for what it carries' : 'Ask for what uniform choice carries',
                  set(load.workload, 'rate', `rate ${whole(evenly)}/s`),
                ),
              ]
            : []),
        ],
      };
    }
  },
};

/** Down to a whole number, but for what a computation has rounded away. */
const whole = (perSecond: number): number => Math.floor(perSecond * (1 + 1e-9));

const rate = (perSecond: number): string => `${Math.round(perSecond)} op/s`;

/** Reads and all operations per second of the open-loop workloads on a store alone; undefined: there are none. */
function openLoad(design: Design, store: Store) {
  const open = workloadsOn(design, store).flatMap(workload =>
    workload.arrival.kind === 'open' && workload.targets.length === 1
      ? [{ workload, perSecond: workload.arrival.perSecond }]
      : [],
  );
  if (open.length === 0) return undefined;
  const readShare = ({ mix }: (typeof open)[number]['workload']) =>
    mix.filter(({ kind }) => kind === 'read' || kind === 'scan').reduce((sum, { share }) => sum + share, 0);
  return {
    workload: open[0]!.workload,
    workloads: open.length,
    all: open.reduce((sum, one) => sum + one.perSecond, 0),
    reads: open.reduce((sum, one) => sum + one.perSecond * readShare(one.workload), 0),
  };
}

/** The quorum systems of a partition with the declared capacities; undefined when a node declares none. */
function loaded(design: Design, store: Store, partition: Partition) {
  const quorums = serviceQuorums(design, store, partition);
  if (!('value' in quorums)) return undefined;
  const system = quorums.value.asked;
  const nodes = [...new Set([...quorumNodes(system.read), ...quorumNodes(system.write)])];
  const capacity = (node: NodeId) => design.nodes[node]!.capacity;
  if (nodes.some(node => capacity(node).readPerSecond === null || capacity(node).writePerSecond === null))
    return undefined;
  const figures = (node: NodeId) => ({
    readPerSecond: capacity(node).readPerSecond!,
    writePerSecond: capacity(node).writePerSecond!,
    latency: 0,
  });
  return { system, figures };
}

export const quorumUseRules: readonly Rule[] = [
  quorumNoCas,
  hintWindowTooShort,
  quorumLostWithDomain,
  quorumLoadOverCapacity,
];
