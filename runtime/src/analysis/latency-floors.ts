/**
 * Least possible latency of reads and writes, by arithmetic on the shortest way that each mechanism leaves to an
 * operation in the absence of faults: no run of the design can be faster. Real latencies are at or above it, and no
 * service level objective below it can be met (Abadi, "Consistency tradeoffs", IEEE Computer 2012, on why).
 */
import type { Design } from '../design/design.ts';
import type { Mechanism } from '../design/mechanism.ts';
import { majorityOf, type Quorum, resolveQuorum } from '../design/quorum.ts';
import type { Partition, Store } from '../design/store.ts';
import type { MessageClass, NodeId } from '../design/topology.ts';
import { type ClientPlace, earliestQuorum, leastClientDelay, leastDelay, leastRoundTrip, leastSync } from './delays.ts';
import { type Known, known, unknown } from './known.ts';
import { dualOf } from './quorum-structure.ts';

export type StoreOperation = 'read' | 'write';

/** A way of an operation through the group: where it enters, where the answer comes from, and the time in between. */
interface Way {
  readonly entry: NodeId;
  readonly exit: NodeId;
  readonly ns: number;
}

/** Most pairs of nodes between which ways are measured: a second of work. Stores of hundreds of replicas have more. */
export const pairsMax = 400_000;

/**
 * @returns ns; the best partition, the best place of clients (those of the workloads that use the store; else beside
 * the nodes), the best node to ask. Unknown where the mechanism leaves the way open, or there are too many ways.
 */
export function latencyFloor(design: Design, store: Store, operation: StoreOperation): Known<number> {
  const users = design.workloads.filter(one => one.targets.includes(store.name));
  const places: readonly ClientPlace[] = users.length === 0 ? [null] : users.map(one => one.place);
  let best = Number.POSITIVE_INFINITY;
  let pairs = 0;
  const seen = new Set<string>();
  for (const id of store.partitions) {
    const partition = design.partitions[id]!;
    // The same nodes in the same order are the same ways.
    const group = [partition.replicas, partition.observers, partition.witnesses].join(';');
    if (seen.has(group)) continue;
    seen.add(group);
    const { length } = partition.replicas;
    pairs += length * (store.mechanism.kind === 'leaderless' ? Math.max(length, design.nodes.length) : length);
    if (pairs > pairsMax)
      return unknown(`the ways between ${length} replicas are too many to be measured in all partitions`);
    if (partition.replicas.length === 0) return unknown(`${partition.name} has no replicas`);
    const ways = waysOf({ design, store, partition }, operation);
    if (!('value' in ways)) return ways;
    for (const { entry, exit, ns } of ways.value) {
      for (const place of places) {
        const hops = leastClientDelay(design, place, entry, 'to') + leastClientDelay(design, place, exit, 'from');
        best = Math.min(best, hops + ns);
      }
    }
  }
  return Number.isFinite(best) ? known(best) : unknown(`no ${operation} quorum can be gathered`);
}

interface Group {
  readonly design: Design;
  readonly store: Store;
  readonly partition: Partition;
}

const requests: readonly MessageClass[] = ['write-request'];
const acknowledgements: readonly MessageClass[] = ['write-acknowledge'];

/** Until a quorum has made a write durable that `from` sends out, itself included. */
const accepted = ({ design }: Group, from: NodeId, quorum: Quorum): number =>
  earliestQuorum(
    quorum,
    node => leastRoundTrip(design, from, node, requests, acknowledgements) + leastSync(design, node),
  );

/** Until a quorum has answered, by whichever class of messages is the fastest, with nothing to write. */
const heardOf = (
  { design }: Group,
  from: NodeId,
  quorum: Quorum,
  there?: readonly MessageClass[],
  back?: readonly MessageClass[],
): number =>
  earliestQuorum(quorum, node => leastDelay(design, from, node, there) + leastDelay(design, node, from, back));

const at = (nodes: readonly NodeId[], ns: (node: NodeId) => number): Known<readonly Way[]> =>
  known(nodes.map(node => ({ entry: node, exit: node, ns: ns(node) })));

function waysOf(group: Group, operation: StoreOperation): Known<readonly Way[]> {
  const { design, store, partition } = group;
  const { mechanism } = store;
  const { replicas, observers, quorums } = partition;
  const holders = [...replicas, ...observers];
  const sync = (node: NodeId): number => leastSync(design, node);
  const isRead = operation === 'read';
  switch (mechanism.kind) {
    case 'one-copy':
      return at(replicas.slice(0, 1), node => (isRead ? 0 : sync(node)));
    case 'raft': {
      const quorum = quorums.quorum!;
      if (!isRead || mechanism.read.kind === 'log') return at(replicas, leader => accepted(group, leader, quorum));
      if (mechanism.read.kind === 'local') return at(mechanism.readFromAny ? holders : replicas, () => 0);
      if (mechanism.read.kind === 'lease') return at(replicas, () => 0);
      // The round that confirms the leader can ride on entries.
      return at(replicas, leader => heardOf(group, leader, quorum, ['control', 'write-request'], acknowledgements));
    }
    case 'multi-paxos':
      if (!isRead) return at(replicas, leader => accepted(group, leader, quorums.quorum!));
      return at(replicas, leader => (mechanism.leaseNs === null ? heardOf(group, leader, quorums.quorum!) : 0));
    case 'flexible-paxos':
      if (!isRead) return at(replicas, leader => accepted(group, leader, quorums.accept!));
      return at(replicas, leader =>
        Math.min(heardOf(group, leader, quorums.accept!), heardOf(group, leader, quorums.prepare!)),
      );
    case 'cheap-paxos': {
      const all: Quorum = { kind: 'nodes', need: mechanism.main.length, of: mechanism.main };
      return at(mechanism.main, leader => (isRead ? heardOf(group, leader, all) : accepted(group, leader, all)));
    }
    case 'paxos': {
      const quorum = quorums.quorum!;
      if (isRead) return at(replicas, node => heardOf(group, node, quorum));
      // Prepare makes a promise durable, accept a value.
      const prepared = (node: NodeId): number =>
        earliestQuorum(quorum, one => leastRoundTrip(design, node, one, [...anyClass], [...anyClass]) + sync(one));
      return at(replicas, node => prepared(node) + accepted(group, node, quorum));
    }
    case 'fast-paxos':
      return at(replicas, node =>
        isRead ? heardOf(group, node, quorums.classic!) : accepted(group, node, quorums.fast!),
      );
    case 'epaxos':
      if (quorums.fast === undefined) return unknown('the fast quorum of epaxos is not given');
      return at(replicas, node =>
        isRead ? heardOf(group, node, quorums.fast!) : accepted(group, node, quorums.fast!),
      );
    case 'single-leader':
      return singleLeader(group, mechanism, operation);
    case 'leaderless': {
      const coordinators = design.nodes
        .filter(node => node.role === 'member' && store.clusters.includes(node.cluster))
        .map(({ id }) => id);
      const region = (node: NodeId): string | null => design.nodes[node]!.region;
      const reads = (node: NodeId): number =>
        heardOf(
          group,
          node,
          resolveQuorum(mechanism.read, replicas, region, node),
          ['read-request'],
          ['read-response'],
        );
      const writes = (node: NodeId): number =>
        accepted(group, node, resolveQuorum(mechanism.write, replicas, region, node));
      if (isRead) return at(coordinators, reads);
      return at(coordinators, node => (mechanism.readWriteBack ? reads(node) : 0) + writes(node));
    }
    case 'chain': {
      if (isRead) return at(mechanism.read === 'tail' ? replicas.slice(-1) : holders, () => 0);
      const ns = replicas.reduce(
        (all, node, i) => all + sync(node) + (i === 0 ? 0 : leastDelay(design, replicas[i - 1]!, node, requests)),
        0,
      );
      return known([{ entry: replicas[0]!, exit: replicas.at(-1)!, ns }]);
    }
    case 'multi-leader':
      if (isRead) return at(holders, () => 0);
      if (mechanism.mode === 'synchronous')
        return unknown('whom a synchronous multi-leader write waits for depends on its conflict policy');
      return at(
        mechanism.leaders.filter(node => replicas.includes(node)),
        sync,
      );
    case 'two-phase-commit':
    case 'three-phase-commit':
      return commit(group, mechanism, operation);
  }
}

const anyClass: readonly MessageClass[] = [
  'write-request',
  'write-acknowledge',
  'read-request',
  'read-response',
  'control',
];

function singleLeader(
  group: Group,
  mechanism: Extract<Mechanism, { kind: 'single-leader' }>,
  operation: StoreOperation,
): Known<readonly Way[]> {
  const { design, partition } = group;
  const { replicas, observers, quorums } = partition;
  const leader = mechanism.leader ?? replicas[0]!;
  const followers = replicas.filter(node => node !== leader);
  if (operation === 'read') {
    if (mechanism.read === 'followers')
      return at(followers.length > 0 ? [...followers, ...observers] : [leader], () => 0);
    if (mechanism.read !== 'leader') return at([...replicas, ...observers], () => 0);
    if (mechanism.leaderRead.kind !== 'checked' || quorums.consult === undefined) return at([leader], () => 0);
    // Until nobody can have been promoted without those that have answered.
    return at([leader], () => heardOf(group, leader, dualOf(quorums.consult!), ['control'], ['control']));
  }
  const acknowledged = (node: NodeId): number =>
    leastRoundTrip(design, leader, node, requests, acknowledgements) +
    (mechanism.acknowledge === 'applied' ? leastSync(design, node) : 0);
  const own = leastSync(design, leader);
  switch (mechanism.mode) {
    case 'asynchronous':
      return at([leader], () => own);
    case 'synchronous':
      return at([leader], () => Math.max(own, ...followers.map(acknowledged)));
    case 'semi-synchronous':
      return at([leader], () => Math.max(own, earliestQuorum(quorums.acknowledge!, acknowledged)));
  }
}

function commit(
  { design, partition }: Group,
  mechanism: Extract<Mechanism, { kind: 'two-phase-commit' | 'three-phase-commit' }>,
  operation: StoreOperation,
): Known<readonly Way[]> {
  const { replicas } = partition;
  const { coordinator } = mechanism;
  const group = coordinator?.kind === 'raft' ? coordinator.nodes : null;
  const coordinators =
    coordinator === null ? replicas : coordinator.kind === 'raft' ? coordinator.nodes : [coordinator.node];
  const isApart = group !== null || !coordinators.every(node => replicas.includes(node));
  // Every copy has every committed value, or a lock that says that it may not have.
  if (operation === 'read') return at(isApart ? replicas : coordinators, () => 0);
  // Prepare (and pre-commit) to all and back; then the decision is made durable and told.
  const rounds = mechanism.kind === 'two-phase-commit' ? 1 : 2;
  const isForced = mechanism.kind === 'three-phase-commit' || mechanism.durableLog;
  const sync = (node: NodeId): number => (isForced ? leastSync(design, node) : 0);
  const written = (from: NodeId, node: NodeId): number =>
    leastRoundTrip(design, from, node, anyClass, anyClass) + sync(node);
  const decided = (from: NodeId): number => {
    const others = group === null ? replicas.filter(node => node !== from) : replicas;
    // Each round ends when the slowest participant has written and answered; the coordinator then writes, and goes on.
    const answered = Math.max(0, ...others.map(node => written(from, node)));
    if (group === null) return rounds * (answered + sync(from));
    const majority: Quorum = { kind: 'nodes', need: majorityOf(group.length), of: group };
    return rounds * answered + earliestQuorum(majority, node => written(from, node));
  };
  if (!isApart) return at(coordinators, decided);
  // Clients turn to a replica, which hands the write to the coordinator.
  return known(
    replicas.flatMap(entry =>
      coordinators.map(node => ({
        entry,
        exit: entry,
        ns: leastDelay(design, entry, node) + decided(node) + leastDelay(design, node, entry),
      })),
    ),
  );
}
