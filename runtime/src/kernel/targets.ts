/** What an action is aimed at, when it fires: nodes, the clients of places, whoever plays a role just then. */

import { isQuorum, majorityOf } from '../design/quorum.ts';
import type { Target } from '../design/scenario.ts';
import type { PartitionId } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import type { Endpoint } from './network.ts';
import type { RandomStream } from './random.ts';
import type { Member, Simulation } from './simulation.ts';

export interface ClientPlace {
  readonly endpoint: Endpoint;
  /** null: scripted clients and operators. */
  readonly workload: string | null;
  readonly region: string | null;
  readonly zone: string | null;
}

export interface TargetContext {
  readonly sim: Simulation;
  readonly clients: () => readonly ClientPlace[];
  /** Draws for `any follower` and for chaos. */
  readonly random: RandomStream;
}

export interface Resolved {
  readonly nodes: readonly NodeId[];
  /** Clients that a cut of this target takes with it. */
  readonly clients: readonly Endpoint[];
  /** Why nothing was found; null: something was. */
  readonly missing: string | null;
}

const none = (missing: string): Resolved => ({ nodes: [], clients: [], missing });
const ofNodes = (nodes: readonly NodeId[]): Resolved => ({ nodes, clients: [], missing: null });

/**
 * `named` are the nodes that the action names elsewhere (for `rest`, and for `majority` opposite another operand).
 * Role words answer `missing` when nobody plays the role.
 */
export function resolveTarget(context: TargetContext, target: Target, named: readonly NodeId[]): Resolved {
  const { sim } = context;
  switch (target.kind) {
    case 'nodes':
      return ofNodes(target.nodes);
    case 'place': {
      const inside = context.clients().filter(client => isInside(client, target));
      return { nodes: target.nodes, clients: inside.map(client => client.endpoint), missing: null };
    }
    case 'clients': {
      const own = context.clients().filter(client => client.workload === target.workload);
      return { nodes: [], clients: own.map(client => client.endpoint), missing: null };
    }
    case 'all':
      return ofNodes(sim.nodes.map(node => node.id));
    case 'rest':
      return ofNodes(sim.nodes.map(node => node.id).filter(node => !named.includes(node)));
    case 'role':
      return resolveRole(context, target, named);
  }
}

function isInside(client: ClientPlace, target: Extract<Target, { kind: 'place' }>): boolean {
  if (target.zone !== null) return client.zone === target.zone;
  return target.region !== null && client.region === target.region;
}

function resolveRole(
  context: TargetContext,
  target: Extract<Target, { kind: 'role' }>,
  named: readonly NodeId[],
): Resolved {
  const { sim, random } = context;
  const leader = leaderOf(sim, target.partitions);
  switch (target.role) {
    case 'coordinator': {
      const busy = coordinatorOf(sim, target.of);
      if (busy !== undefined) return ofNodes([busy]);
      return leader === undefined ? none(`${target.of} had no coordinator`) : ofNodes([leader]);
    }
    case 'leader':
      return leader === undefined ? none(`${target.of} had no ${target.role}`) : ofNodes([leader]);
    case 'any-follower': {
      const up = membersOf(sim, target.partitions).filter(node => node !== leader && sim.nodes[node]!.up);
      return up.length === 0 ? none(`${target.of} had no follower that was up`) : ofNodes([up[random.int(up.length)]!]);
    }
    case 'minority':
    case 'majority': {
      const members = membersOf(sim, target.partitions);
      if (named.length > 0) return ofNodes(members.filter(node => !named.includes(node)));
      const minority = largestNonQuorum(sim, target.partitions, members, leader);
      return ofNodes(target.role === 'minority' ? minority : members.filter(node => !minority.includes(node)));
    }
  }
}

/** Of a transaction: the node that coordinates most of those under way, the first in node order of several. */
function coordinatorOf(sim: Simulation, transaction: string): NodeId | undefined {
  const group = sim.groups.find(one => one?.partition.name === transaction && one.protocol.coordinates !== undefined);
  const open = ({ protocol, state }: Member) => (state === undefined ? 0 : protocol.coordinates!(state));
  const members = [...(group?.members.values() ?? [])].filter(({ state }) => state !== undefined);
  return members.sort((a, b) => open(b) - open(a) || a.node.id - b.node.id)[0]?.node.id;
}

export function membersOf(sim: Simulation, partitions: readonly PartitionId[]): readonly NodeId[] {
  const nodes: NodeId[] = [];
  for (const first of partitions) {
    const { replicas, witnesses } = sim.design.partitions[sim.heldBy.get(first) ?? first]!;
    for (const node of [...replicas, ...witnesses]) if (!nodes.includes(node)) nodes.push(node);
  }
  return nodes.sort((a, b) => a - b);
}

/** The leader of most of the partitions, then of the latest epoch, then the first in node order. */
export function leaderOf(sim: Simulation, partitions: readonly PartitionId[]): NodeId | undefined {
  const counts = new Map<NodeId, { led: number; epoch: number }>();
  for (const first of partitions) {
    const id = sim.heldBy.get(first) ?? first;
    let best: { node: NodeId; epoch: number } | undefined;
    for (const member of sim.groups[id]!.members.values()) {
      if (member.leads >= 0 && (best === undefined || member.leads > best.epoch))
        best = { node: member.node.id, epoch: member.leads };
    }
    if (best === undefined) continue;
    const count = counts.get(best.node) ?? { led: 0, epoch: 0 };
    counts.set(best.node, { led: count.led + 1, epoch: Math.max(count.epoch, best.epoch) });
  }
  const order = [...counts].sort(([a, x], [b, y]) => y.led - x.led || y.epoch - x.epoch || a - b);
  return order[0]?.[0];
}

/** The largest set that is no quorum, the leader in it if there is one; then in member order. */
function largestNonQuorum(
  sim: Simulation,
  partitions: readonly PartitionId[],
  members: readonly NodeId[],
  leader: NodeId | undefined,
): readonly NodeId[] {
  const { quorums } = sim.design.partitions[partitions[0]!]!;
  const quorum = quorums.quorum ??
    quorums.accept ??
    quorums.write ?? { kind: 'nodes' as const, need: majorityOf(members.length), of: members };
  const order = leader === undefined ? members : [leader, ...members.filter(node => node !== leader)];
  const set: NodeId[] = [];
  for (const node of order) {
    if (!isQuorum(quorum, member => member === node || set.includes(member))) set.push(node);
  }
  return set;
}
