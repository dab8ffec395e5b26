import { nodeAvailability } from '@dsys/runtime/analysis/store-availability';
import type { Design } from '@dsys/runtime/design/design';
import type { QuorumSpec } from '@dsys/runtime/design/quorum';
import type { Partition, Store } from '@dsys/runtime/design/store';
import type { NodeId } from '@dsys/runtime/design/topology';
import {
  claimsOf,
  counted,
  dataNodesOf,
  isPlaced,
  listed,
  nameOf,
  namesOf,
  partitionsOf,
  percent,
  placedStores,
} from './questions.ts';
import { type Fix, fix, type Rule, remove, set, unset } from './rule.ts';

type Level = 'zone' | 'region';

/** Mechanisms whose quorums are looked at by quorum-lost-with-domain. */
const judgedByQuorum = [
  'raft',
  'paxos',
  'multi-paxos',
  'fast-paxos',
  'flexible-paxos',
  'epaxos',
  'leaderless',
  'single-leader',
];

const domainsOf = (design: Design, nodes: readonly NodeId[], level: Level): Map<string, NodeId[]> => {
  const found = new Map<string, NodeId[]>();
  for (const node of nodes) {
    const name = design.nodes[node]![level];
    if (name === null) continue;
    const others = found.get(name);
    if (others === undefined) found.set(name, [node]);
    else others.push(node);
  }
  return found;
};

/** The first partition of a store with all, or needlessly several, of its copies in one place. */
function crowded(design: Design, store: Store, level: Level, isClaimed: boolean) {
  const members = dataNodesOf(design, store).map(({ id }) => id);
  const places = domainsOf(design, members, level).size;
  // What is written to stand in one place does so on purpose; where quorums survive is judged where quorums are.
  const isPinned = store.partitioning.kind === 'list' || store.partitioning.kind === 'range';
  const isQuorum = judgedByQuorum.includes(store.mechanism.kind);
  for (const partition of partitionsOf(design, store)) {
    const { replicas } = partition;
    for (const [name, nodes] of domainsOf(design, replicas, level)) {
      const isAll = nodes.length === replicas.length && (isClaimed || (!isPinned && replicas.length > 1 && places > 1));
      const isNeedless = nodes.length > 1 && places >= replicas.length && !(isClaimed && isQuorum);
      if (isAll || isNeedless) return { partition, name, nodes };
    }
  }
  return undefined;
}

const replicasShareDomain: Rule = {
  id: 'replicas-share-domain',
  title: 'Copies that fail together',
  severity: 'warning',
  condition:
    'All copies of a partition stand in one zone or region although the store has several, or two of them do although there are as many places as copies. An error when surviving such a place is claimed.',
  why: 'Copies are kept so that one survives. Those in one rack, zone or region share its power, its network and its disasters.',
  source: 'Ford et al., "Availability in Globally Distributed Storage Systems", OSDI 2010, §5 (correlated failures)',
  wrong: `region eu
region us
cluster e { nodes 3 in eu }
cluster u { nodes 3 in us }
store s on e, u { record { country: string }  partition by list(country) { europe: "DE" on e  others: rest on u }  consensus raft  claims { survives 1 region } }`,
  right: `region eu
region us
cluster e { nodes 3 in eu }
cluster u { nodes 3 in us }
store s on e, u { record { country: string }  partition by list(country) { europe: "DE" on e  others: rest on u }  consensus raft  claims { survives 1 node } }`,
  *check(design) {
    for (const store of placedStores(design)) {
      const claims = claimsOf(store, 'survives').filter(({ level }) => level !== 'node');
      for (const level of ['region', 'zone'] as const) {
        const claim = claims.find(one => one.level === level);
        const found = crowded(design, store, level, claim !== undefined);
        if (found === undefined) continue;
        const { partition, name, nodes } = found;
        const all = nodes.length === partition.replicas.length;
        yield {
          severity: claim === undefined ? 'warning' : 'error',
          at: { of: store, option: 'partition' },
          message: `${all ? (nodes.length === 1 ? 'The only copy' : `All ${nodes.length} copies`) : `${nodes.length} of ${counted(partition.replicas.length, 'copy', 'copies')}`} of ${partition.name} ${nodes.length === 1 ? 'stands' : 'stand'} in ${name} (${namesOf(design, nodes)}): losing it loses ${all ? 'the partition' : `${nodes.length} at once`}.`,
          ...(claim && { related: [{ at: claim, message: `"${claim.text}" is claimed here.` }] }),
          fixes: [
            ...(store.placement === 'random'
              ? [fix('Spread the copies', set(store, 'partition placement', 'placement spread'))]
              : []),
            ...(claim && all ? [fix('Take the claim away', remove(claim))] : []),
          ],
        };
        break;
      }
    }
  },
};

/** Partitions that a residency claim speaks of. */
const claimedPartitions = (design: Design, store: Store, of: string): readonly Partition[] =>
  partitionsOf(design, store).filter(
    ({ name }) =>
      of === '' ||
      of === store.name ||
      name === of ||
      name.startsWith(`${of}.`) ||
      name === `${store.name}.${of}` ||
      name.startsWith(`${store.name}.${of}.`),
  );

const residencyViolation: Rule = {
  id: 'residency-violation',
  title: 'Data where it must not be',
  severity: 'error',
  condition:
    'A copy of what `residency` speaks of stands outside the places named, or a hint may be parked there; or a store that must be `apart-from` another shares a node with it.',
  why: 'Every copy counts: replicas, hints that a stand-in keeps, caches. A claim of residency is broken by the one that nobody thought of.',
  source: 'by definition of the claim',
  wrong: `region eu
region us
cluster c { nodes 3 in eu  nodes 2 in us }
store users on c { consensus raft  claims { residency in eu } }`,
  right: `region eu
region us
cluster c { nodes 3 in eu }
store users on c { consensus raft  claims { residency in eu } }`,
  *check(design) {
    for (const store of placedStores(design)) {
      for (const claim of claimsOf(store, 'residency')) {
        const inside = new Set(claim.nodes);
        const partitions = claimedPartitions(design, store, claim.of);
        const held = [...new Set(partitions.flatMap(one => [...one.replicas, ...one.observers]))];
        const outside = held.filter(node => !inside.has(node));
        if (outside.length > 0) {
          yield {
            at: claim,
            message: `${namesOf(design, outside)} ${outside.length === 1 ? 'holds a copy' : 'hold copies'} of ${partitions.length === 1 ? partitions[0]!.name : store.name} outside of ${listed(claim.within)}.`,
            related: [{ at: design.nodes[outside[0]!]!, message: `${nameOf(design, outside[0]!)} stands elsewhere.` }],
            fixes: standingInside(design, store, inside),
          };
          continue;
        }
        const parking = hintsOutside(design, store, inside);
        if (parking === undefined) continue;
        yield {
          at: claim,
          message: `Hinted handoff may park what belongs in ${listed(claim.within)} on ${nameOf(design, parking)}.`,
          related: [{ at: store.mechanism, message: 'Hints are kept by any node that is at hand.' }],
          fixes: [fix('Keep hints in the region', set(store, 'partition handoff', 'handoff within region'))],
        };
      }
      for (const claim of claimsOf(store, 'apart-from')) {
        const other = design.stores.find(({ name }) => name === claim.store);
        if (other === undefined) continue;
        const mine = new Set(partitionsOf(design, store).flatMap(one => one.replicas));
        const shared = [...new Set(partitionsOf(design, other).flatMap(one => one.replicas))].filter(node =>
          mine.has(node),
        );
        if (shared.length === 0) continue;
        yield {
          at: claim,
          message: `${store.name} and ${other.name} share ${namesOf(design, shared)}.`,
          related: [{ at: other, message: `${other.name} stands there too.` }],
        };
      }
    }
  },
};

/** Quorums that do not grow and shrink with the copies: numbers, and those that name nodes. */
const fixedQuorums: readonly unknown[] = ['count', 'of', 'weight', 'grid'] satisfies readonly QuorumSpec['kind'][];

/** Whether all quorums of a mechanism go with the number of copies, whatever that is. */
function followsCopies(held: unknown): boolean {
  if (typeof held !== 'object' || held === null) return true;
  if ('kind' in held && fixedQuorums.includes(held.kind)) return false;
  return Object.values(held).every(followsCopies);
}

/** Only the clusters that are wholly inside, where they have room for as many copies. */
function standingInside(design: Design, store: Store, inside: ReadonlySet<NodeId>): Fix[] {
  const on = store.clusters.filter(name =>
    design.clusters.find(one => one.name === name)!.nodes.every(node => inside.has(node)),
  );
  // Partitions that say themselves where they stand go on standing there.
  const isPlain = ['none', 'hash', 'consistent-hash', 'directory'].includes(store.partitioning.kind);
  if (!isPlain || on.length === 0) return [];
  const room = dataNodesOf(design, { clusters: on }).length;
  const copies = Math.min(...partitionsOf(design, store).map(({ replicas }) => replicas.length));
  const stand = { kind: 'stand', of: store, on } as const;
  if (room >= copies) return [fix(`Keep it on ${listed(on)}`, stand)];
  // A copy on every node stays that; quorums that were chosen for more copies would not fit.
  const isEverywhere = store.partitioning.kind === 'none' && copies === dataNodesOf(design, store).length;
  return isEverywhere && followsCopies(store.mechanism)
    ? [fix(`Keep it on ${listed(on)}`, unset(store, 'replicas'), stand)]
    : [];
}

/** A node outside of a set that may keep hints of a store; undefined: there is none. */
function hintsOutside(design: Design, store: Store, inside: ReadonlySet<NodeId>): NodeId | undefined {
  const { mechanism } = store;
  if (mechanism.kind !== 'leaderless' || (mechanism.hintedHandoffNs === null && !mechanism.sloppy)) return undefined;
  if (store.handoffWithin === 'region') return undefined;
  return dataNodesOf(design, store).find(({ id }) => !inside.has(id))?.id;
}

const directorySpof: Rule = {
  id: 'directory-spof',
  title: 'A directory that everything waits for',
  severity: 'warning',
  condition:
    'A store is split by a directory that is kept in one copy, or clients’ stale maps are accepted. An error when availability is claimed.',
  why: 'Every access asks the directory first, so its availability caps that of the store. And a client with an old map writes to the old owner, unless the owner checks who owns the key now.',
  source: 'Adya et al., "Slicer: Auto-Sharding for Datacenter Applications", OSDI 2016',
  wrong: `cluster c { nodes 3 }
cluster one { nodes 1 }
store routes on one { }
store s on c { partition by directory(user) at routes  consensus raft  claims { availability >= 99% } }`,
  right: `cluster c { nodes 3 }
store routes on c { consensus raft }
store s on c { partition by directory(user) at routes  consensus raft  claims { availability >= 99% } }`,
  *check(design) {
    for (const store of placedStores(design)) {
      const { partitioning } = store;
      if (partitioning.kind !== 'directory') continue;
      const directory = design.stores.find(({ name }) => name === partitioning.store);
      if (directory === undefined || !isPlaced(design, directory)) continue;
      const [claim] = [...claimsOf(store, 'availability'), ...claimsOf(store, 'cap')];
      const severity = claim === undefined ? 'warning' : 'error';
      const related = claim ? [{ at: claim, message: `"${claim.text}" is claimed here.` }] : [];
      const { replicas } = partitionsOf(design, directory)[0]!;
      if (replicas.length === 1) {
        const up = nodeAvailability(design)(replicas[0]!);
        yield {
          severity,
          at: { of: store, option: 'partition' },
          message: `The directory ${directory.name} has 1 copy: its ${percent(up)} caps ${store.name}.`,
          related: [...related, { at: directory, message: 'It is kept here.' }],
          fixes: replicated(design, directory),
        };
      }
      if (store.staleMap === 'accept') {
        yield {
          severity,
          at: { of: store, option: 'partition stale-map' },
          message: `Requests with an old map are accepted: after a move of a partition of ${store.name} writes still go to its old owner.`,
          related,
          fixes: [fix('Check who owns the key', set(store, 'partition stale-map', 'stale-map reject'))],
        };
      }
    }
  },
};

/** A directory without a mechanism, kept by consensus on the nodes that it stands on; three are needed to be better. */
function replicated(design: Design, directory: Store): Fix[] {
  const isPlain = directory.mechanism.kind === 'one-copy' && directory.partitioning.kind === 'none';
  if (!isPlain || dataNodesOf(design, directory).length < 3) return [];
  // In place of its one replica, if that is written.
  return [fix(`Keep ${directory.name} by Raft`, set(directory, 'replicas', 'consensus raft'))];
}

export const placementRules: readonly Rule[] = [replicasShareDomain, residencyViolation, directorySpof];
