/**
 * Who must be up for a store to serve, and what an acknowledgement leaves behind: quorum systems per partition, made
 * from the mechanism and its options. A replaced leader counts as replaced: these are the sets with which service goes
 * on, after a failover if need be.
 */
import type { Design } from '../design/design.ts';
import type { Mechanism } from '../design/mechanism.ts';
import { majorityOf, type Quorum, smallestQuorum } from '../design/quorum.ts';
import type { Partition, Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import { type Known, known, mapKnown, unknown } from './known.ts';
import { disjointPair, dualOf } from './quorum-structure.ts';

/** What single-leader replication alone can get wrong is left out by all others. */
type Plain = Omit<ServiceQuorums, 'promotionKeeps'>;

export interface ServiceQuorums {
  /** Reads are served while the nodes that are up contain one. */
  readonly read: Quorum;
  readonly write: Quorum;
  /** An acknowledged write is on all data nodes of one of these, at least. */
  readonly durable: Quorum;
  /** Whether a failover keeps what was acknowledged: every promotion hears of it. True where nobody is promoted. */
  readonly promotionKeeps: boolean;
  /** Nodes asked by one operation: what load and capacity are computed from. */
  readonly asked: { readonly read: Quorum; readonly write: Quorum };
}

const some = (need: number, of: readonly NodeId[]): Quorum => ({ kind: 'nodes', need, of });
const all = (...of: readonly Quorum[]): Quorum => (of.length === 1 ? of[0]! : { kind: 'combine', need: of.length, of });
const either = (...of: readonly Quorum[]): Quorum => (of.length === 1 ? of[0]! : { kind: 'combine', need: 1, of });
const node = (id: NodeId): Quorum => some(1, [id]);

/** @returns unknown where the mechanism does not say, or depends on a store that depends on it */
export function serviceQuorums(design: Design, store: Store, partition: Partition): Known<ServiceQuorums> {
  return within(design, store, partition, [store.name]);
}

function within(design: Design, store: Store, partition: Partition, asking: readonly string[]): Known<ServiceQuorums> {
  const { mechanism } = store;
  if (partition.replicas.length === 0) return unknown(`${partition.name} has no replicas`);
  if (mechanism.kind === 'single-leader') return singleLeader(design, mechanism, partition, asking);
  return mapKnown(plain(design, store, mechanism, partition, asking), quorums => ({
    ...quorums,
    promotionKeeps: true,
  }));
}

function plain(
  design: Design,
  store: Store,
  mechanism: Exclude<Mechanism, SingleLeaderOptions>,
  partition: Partition,
  asking: readonly string[],
): Known<Plain> {
  const { replicas, quorums } = partition;
  const of = (quorum: Quorum): Plain => ({
    read: quorum,
    write: quorum,
    durable: quorum,
    asked: { read: quorum, write: quorum },
  });
  const same = (quorum: Quorum): Known<Plain> => known(of(quorum));
  // Any replica may come to lead, but one at a time answers all reads: the first stands for it.
  const readByLeader = (quorum: Quorum, leader: NodeId): Plain => ({
    ...of(quorum),
    asked: { read: node(leader), write: quorum },
  });
  switch (mechanism.kind) {
    case 'one-copy':
      return same(node(replicas[0]!));
    case 'raft': {
      const { quorum } = quorums;
      if (!mechanism.readFromAny) {
        const isAlone = mechanism.read.kind === 'local' || mechanism.read.kind === 'lease';
        return known(isAlone ? readByLeader(quorum!, replicas[0]!) : of(quorum!));
      }
      const any = some(1, [...replicas, ...partition.observers]);
      return known({ read: any, write: quorum!, durable: quorum!, asked: { read: some(1, replicas), write: quorum! } });
    }
    case 'paxos':
      return same(quorums.quorum!);
    case 'multi-paxos':
      return known(mechanism.leaseNs === null ? of(quorums.quorum!) : readByLeader(quorums.quorum!, replicas[0]!));
    case 'flexible-paxos':
      // Without its leader the group needs a prepare quorum to go on.
      return known({
        read: all(quorums.accept!, quorums.prepare!),
        write: all(quorums.accept!, quorums.prepare!),
        durable: quorums.accept!,
        asked: { read: quorums.accept!, write: quorums.accept! },
      });
    case 'fast-paxos':
      return known({
        read: quorums.classic!,
        write: quorums.classic!,
        durable: either(quorums.classic!, quorums.fast!),
        asked: { read: quorums.classic!, write: quorums.fast! },
      });
    case 'cheap-paxos': {
      const { main, auxiliary } = mechanism;
      const everyone = [...main, ...auxiliary];
      const service = all(some(majorityOf(everyone.length), everyone), some(1, main));
      return known({
        read: service,
        write: service,
        durable: some(main.length, main),
        asked: { read: some(main.length, main), write: some(main.length, main) },
      });
    }
    case 'epaxos':
      return same(some(majorityOf(replicas.length), replicas));
    case 'leaderless': {
      const { read, write } = { read: quorums.read!, write: quorums.write! };
      if (!mechanism.sloppy) return known({ read, write, durable: write, asked: { read, write } });
      // Stand-ins: any node of the store's clusters takes part.
      const members = design.nodes
        .filter(one => one.role === 'member' && store.clusters.includes(one.cluster))
        .map(({ id }) => id);
      const sloppy = (quorum: Quorum): Quorum => some(smallestQuorum(quorum), members);
      return known({
        read: sloppy(read),
        write: sloppy(write),
        durable: some(smallestQuorum(write), members),
        asked: { read, write },
      });
    }
    case 'chain': {
      const copies = {
        durable: some(replicas.length, replicas),
        asked: { read: node(replicas.at(-1)!), write: some(replicas.length, replicas) },
      };
      const reads = mechanism.read === 'any' ? some(1, replicas) : null;
      // Nobody repairs a chain without a master.
      if (mechanism.master === null)
        return known({ ...copies, read: reads ?? node(replicas.at(-1)!), write: some(replicas.length, replicas) });
      const master = serviceOfStore(design, mechanism.master, asking);
      if (!('value' in master)) return master;
      const repaired = all(some(1, replicas), master.value);
      return known({ ...copies, read: reads ?? repaired, write: repaired });
    }
    case 'multi-leader': {
      const leaders = mechanism.leaders.filter(one => replicas.includes(one));
      const { conflicts } = mechanism;
      const every = some(leaders.length, leaders);
      // A lock, or a version that is checked synchronously, is asked of others before the write.
      const byAll =
        mechanism.mode === 'synchronous' || (conflicts.kind === 'pessimistic-lock' && conflicts.grantedBy === 'all');
      const byMajority =
        conflicts.kind === 'pessimistic-lock' || (conflicts.kind === 'optimistic-lock' && conflicts.check === 'quorum');
      const write = byAll ? every : some(byMajority ? majorityOf(leaders.length) : 1, leaders);
      return known({ read: some(1, replicas), write, durable: write, asked: { read: some(1, replicas), write } });
    }
    case 'two-phase-commit':
    case 'three-phase-commit': {
      const every = some(replicas.length, replicas);
      const { coordinator } = mechanism;
      // Reads come from a coordinator that is a replica; else from whichever replica is asked.
      const isReplica = coordinator?.kind === 'node' && replicas.includes(coordinator.node);
      const read = isReplica ? node(coordinator.node) : some(1, replicas);
      const coordinates =
        coordinator?.kind === 'raft'
          ? some(majorityOf(coordinator.nodes.length), coordinator.nodes)
          : coordinator === null || isReplica
            ? null
            : node(coordinator.node);
      const write = coordinates === null ? every : all(every, coordinates);
      return known({ read, write, durable: every, asked: { read, write: every } });
    }
  }
}

type SingleLeaderOptions = Extract<Mechanism, { kind: 'single-leader' }>;

function singleLeader(
  design: Design,
  options: SingleLeaderOptions,
  partition: Partition,
  asking: readonly string[],
): Known<ServiceQuorums> {
  const { replicas, quorums } = partition;
  const leader = options.leader ?? replicas[0]!;
  const followers = replicas.filter(one => one !== leader);
  const everyone = some(replicas.length, replicas);
  const acknowledged = acknowledgement(options, followers, quorums.acknowledge, leader);
  // Acknowledgements that are needed from the followers of whoever leads, as a number.
  const needed =
    options.mode === 'synchronous' && options.onReplicaDown === 'block'
      ? followers.length
      : options.mode === 'semi-synchronous' && options.fallbackAfterNs === null
        ? countOf(options, followers)
        : 0;
  const own =
    options.mode === 'synchronous' && options.onReplicaDown === 'drop'
      ? node(leader)
      : options.fallbackAfterNs === null
        ? acknowledged
        : node(leader);
  let leads: Quorum = node(leader);
  let writes: Quorum = own;
  if (options.failover.mode === 'automatic' && quorums.consult !== undefined && followers.length > 0) {
    if (needed === undefined)
      return unknown('whom a promoted leader waits for is not known in advance: the quorum names nodes');
    const manager = managerOf(design, options, asking);
    if (!('value' in manager)) return manager;
    const promotion = all(quorums.consult, ...(manager.value === null ? [] : [manager.value]));
    // A leader that is fenced stops when others could have replaced it: it must hear somebody of every promotion.
    const stays = options.failover.fencing ? all(node(leader), dualOf(quorums.consult)) : node(leader);
    leads = either(stays, all(promotion, some(1, followers)));
    writes = either(all(stays, own), all(promotion, some(needed + 1, followers)));
  }
  const reads: Quorum =
    options.read === 'leader'
      ? leads
      : some(
          1,
          options.read === 'followers' && followers.length > 0
            ? [...followers, ...partition.observers]
            : [...replicas, ...partition.observers],
        );
  const keeps = promotionKeeps(options, partition, leader);
  if (!('value' in keeps)) return keeps;
  return known({
    read: reads,
    write: options.mode === 'synchronous' && options.onReplicaDown === 'block' ? everyone : writes,
    // With a fallback, or replicas dropped, the last acknowledgements may be the leader's alone.
    durable: own,
    promotionKeeps: keeps.value,
    asked: { read: options.read === 'leader' ? checked(options, partition, leader) : reads, write: acknowledged },
  });
}

/** Whom a read by the leader asks: when it is checked, some of everybody who could promote another. */
function checked({ leaderRead, failover }: SingleLeaderOptions, { quorums }: Partition, leader: NodeId): Quorum {
  if (leaderRead.kind !== 'checked' || failover.mode !== 'automatic' || quorums.consult === undefined)
    return node(leader);
  return all(node(leader), dualOf(quorums.consult));
}

/** Whether every set of followers that decides a promotion has one that has acknowledged, and it is the one promoted. */
function promotionKeeps(options: SingleLeaderOptions, { quorums }: Partition, leader: NodeId): Known<boolean> {
  const { acknowledge, consult } = quorums;
  if (options.failover.mode !== 'automatic' || consult === undefined) return known(true);
  if (options.mode === 'synchronous') return known(options.onReplicaDown === 'block');
  if (acknowledge === undefined || options.fallbackAfterNs !== null || options.failover.promote === 'any')
    return known(false);
  // The old leader is not there to be consulted.
  const heard =
    consult.kind === 'nodes'
      ? some(
          consult.need,
          consult.of.filter(one => one !== leader),
        )
      : consult;
  return mapKnown(disjointPair(acknowledge, heard), pair => pair === null);
}

/** The leader and whom it waits for. */
function acknowledgement(
  options: SingleLeaderOptions,
  followers: readonly NodeId[],
  quorum: Quorum | undefined,
  leader: NodeId,
): Quorum {
  switch (options.mode) {
    case 'asynchronous':
      return node(leader);
    case 'synchronous':
      return some(followers.length + 1, [leader, ...followers]);
    case 'semi-synchronous':
      return all(node(leader), quorum!);
  }
}

/** Undefined: the acknowledgements are no plain number of followers. */
function countOf({ acknowledgements }: SingleLeaderOptions, followers: readonly NodeId[]): number | undefined {
  switch (acknowledgements!.kind) {
    case 'count':
      return acknowledgements!.count;
    case 'one':
      return 1;
    case 'all':
      return followers.length;
    case 'majority':
      return majorityOf(followers.length);
    default:
      return undefined;
  }
}

function managerOf(design: Design, { failover }: SingleLeaderOptions, asking: readonly string[]): Known<Quorum | null> {
  switch (failover.manager.kind) {
    case 'peers':
      return known(null);
    case 'node':
      return known(node(failover.manager.node));
    case 'store':
      return serviceOfStore(design, failover.manager.store, asking);
  }
}

/** Who must be up for writes to every partition of another store. */
function serviceOfStore(design: Design, name: string, asking: readonly string[]): Known<Quorum> {
  if (asking.includes(name)) return unknown(`${name} depends on itself`);
  const store = design.stores.find(one => one.name === name);
  if (store === undefined) return unknown(`there is no store ${name}`);
  const parts: Quorum[] = [];
  for (const id of store.partitions) {
    const service = within(design, store, design.partitions[id]!, [...asking, name]);
    if (!('value' in service)) return service;
    parts.push(service.value.write);
  }
  return known(all(...parts));
}
