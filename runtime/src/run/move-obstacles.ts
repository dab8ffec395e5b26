/** What keeps the partitions of a store from changing hands in a scenario. */
import type { Design } from '../design/design.ts';
import { isQuorum, type QuorumSpec, resolveQuorum } from '../design/quorum.ts';
import type { Action, Scenario } from '../design/scenario.ts';
import type { Partition, Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import { levelsOf } from '../protocols/group.ts';
import { findProtocol } from '../protocols/registry.ts';
import { usedTransactions } from './coordinators.ts';
import { keepsMembers, whyNoChange } from './membership.ts';
import { planMoves } from './partitions.ts';
import { named } from './words.ts';

/** Why keys of the store cannot go to another group; undefined: they can. */
export function whyNoMove(design: Design, scenario: Scenario, store: Store, { verb }: Action): string | undefined {
  const { kind } = store.mechanism;
  const protocol = findProtocol(kind);
  if (protocol === undefined || (protocol.machine === undefined && protocol.owners === undefined))
    return `${kind} has no log in which an operation stands before or after the change of owner: let it stand where it is, or replicate by raft`;
  if (kind === 'cheap-paxos') return 'its acceptors are named, and others hold no place in it';
  const user = design.stores.find(
    ({ mechanism, partitioning }) =>
      (mechanism.kind === 'chain' && mechanism.master === store.name) ||
      (partitioning.kind === 'directory' && partitioning.store === store.name),
  );
  if (user !== undefined) return `${user.name} has its map or its configuration there, and looks for it nowhere else`;
  if (store.mechanism.kind === 'leaderless') {
    if (store.mechanism.sloppy)
      return 'with sloppy quorums a write may stand with stand-ins alone, and nobody asks those when its key leaves: leave sloppy out';
    if (store.mechanism.cas === 'paxos')
      return 'what acceptors have promised and accepted for a compare-and-set does not move: cas refuse, or replicate by raft';
  }
  // A member that serves what has come has all that was there before. Not where some of that can be lost on the way.
  const carrying =
    kind === 'single-leader' &&
    design.workloads.find(
      one =>
        one.sessionToken && one.targets.includes(store.name) && scenario.runs.some(run => run.workload === one.name),
    );
  if (carrying)
    return `workload ${carrying.name} carries session tokens, which are positions in the log that a partition leaves: what a leader that fails takes with it is missed there, and not where the partition comes to; replicate by raft`;
  const touching = usedTransactions(design, scenario).filter(({ stores }) => stores.includes(store.name));
  const alone = touching.find(({ commit }) => commit.kind === 'none');
  if (alone !== undefined)
    return `transaction ${alone.name} touches it without a commit protocol, and half of it could be refused: give it two-phase-commit`;
  const versioned = touching.find(({ concurrency }) => concurrency === 'versions');
  if (versioned !== undefined)
    return `transaction ${versioned.name} goes by versions, and those do not move: let it go by locks`;
  const { changes, added } = planMoves(design, scenario);
  const cannot = (added.get(store) ?? []).find(one => !hasQuorums(design, store, one));
  if (cannot !== undefined)
    return `${cannot.name} would have ${named(design, cannot.replicas)}, and the quorums of ${store.name} cannot be gathered there: give it more nodes, or name none in quorums`;
  if (verb.kind !== 'remove') return undefined;
  if (!keepsMembers(store.mechanism)) {
    const copies = design.partitions[store.partitions[0]!]!.replicas.length;
    const change = copies > 1 ? whyNoChange(store.mechanism, verb) : undefined;
    return change === undefined ? undefined : `a copy of other partitions stands there, and ${change}`;
  }
  if (!verb.nodes.every(target => 'nodes' in target))
    return `groups of ${kind} keep their members, so it has to be known before who leaves: name the nodes`;
  const others = [...changes].filter(([, change]) => change.store === store);
  return others.every(([{ trigger }]) => trigger.kind === 'at')
    ? undefined
    : `groups of ${kind} keep their members, so it has to be known before who stands where when: let all changes of ${store.name} happen at a time`;
}

/** Whether the mechanism's quorums exist among the replicas of a group. */
function hasQuorums(design: Design, store: Store, { replicas }: Partition): boolean {
  const { mechanism } = store;
  const specs: readonly QuorumSpec[] =
    mechanism.kind === 'leaderless'
      ? [mechanism.read, mechanism.write, ...levelsOf(design, store)]
      : mechanism.kind === 'flexible-paxos'
        ? [mechanism.prepare, mechanism.accept]
        : mechanism.kind === 'raft' || mechanism.kind === 'multi-paxos'
          ? [mechanism.quorum]
          : [];
  const regionOf = (node: NodeId) => design.nodes[node]!.region;
  return specs.every(spec => isQuorum(resolveQuorum(spec, replicas, regionOf), node => replicas.includes(node)));
}
