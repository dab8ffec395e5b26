/** Raft's default timeouts: they follow from where the voters stand. */
import { type Distribution, least, mean, quantile } from '@dsys/runtime/design/distribution';
import { latencyOf, resolveLink } from '@dsys/runtime/design/links';
import type { LinkEnd, LinkRule, NodeId, NodeSpec } from '@dsys/runtime/design/topology';
import { defaults } from '../defaults.ts';

export interface RaftTimeouts {
  readonly electionTimeoutNs: readonly [number, number];
  readonly heartbeatNs: number;
}

/**
 * Election timeout and heartbeat for the slowest of these groups of voters, so that rules 62 to 64 hold: the least
 * timeout is ten broadcasts (a round trip to the farthest voter and a sync) and twenty one-way delays, the range is as
 * wide as the least timeout, and three heartbeats fit into it. What the design gives stays: null is not given.
 */
export function raftTimeouts(
  nodes: readonly NodeSpec[],
  links: readonly LinkRule[],
  groups: readonly (readonly NodeId[])[],
  given: { readonly electionTimeoutNs: readonly [number, number] | null; readonly heartbeatNs: number | null },
): RaftTimeouts {
  const { raftTimeouts: table } = defaults;
  const heartbeats = table.heartbeatsPerTimeout;
  const shortest = given.electionTimeoutNs?.[0] ?? roundUp(leastTimeout(nodes, links, groups), table.roundToNs);
  const heartbeatNs = given.heartbeatNs ?? Math.max(1, Math.floor(shortest / heartbeats));
  if (given.electionTimeoutNs !== null) return { electionTimeoutNs: given.electionTimeoutNs, heartbeatNs };
  const timeout = Math.max(shortest, heartbeats * heartbeatNs);
  return { electionTimeoutNs: [timeout, 2 * timeout], heartbeatNs };
}

const roundUp = (ns: number, to: number): number => Math.ceil(ns / to) * to;

function leastTimeout(
  nodes: readonly NodeSpec[],
  links: readonly LinkRule[],
  groups: readonly (readonly NodeId[])[],
): number {
  const { raftTimeouts: table } = defaults;
  const { delayNs, broadcastNs } = broadcast(nodes, links, groups);
  return Math.max(table.electionTimeoutNs, table.broadcasts * broadcastNs, table.delays * delayNs);
}

export interface Broadcast {
  /** Largest typical one-way delay within one of the groups. */
  readonly delayNs: number;
  /** A round trip over it and a sync: how long a leader takes to reach everybody and hear from them. */
  readonly broadcastNs: number;
}

/** What a broadcast takes in the slowest of these groups of voters (Raft thesis §3.9). */
export function broadcast(
  nodes: readonly NodeSpec[],
  links: readonly LinkRule[],
  groups: readonly (readonly NodeId[])[],
): Broadcast {
  const delayBetween = delays(nodes, links);
  // Partitions are many and stand on few nodes, whose disks are mostly of one kind.
  const disks = new Set(groups.flatMap(voters => voters.map(voter => nodes[voter]!.disk.fsync)));
  const fsyncNs = Math.max(0, ...[...disks].map(typical));
  const delayNs = groups.reduce((most, voters) => Math.max(most, delayBetween(voters)), 0);
  return { delayNs, broadcastNs: 2 * delayNs + fsyncNs };
}

/** The largest typical one-way delay of control messages among a group. */
type Delays = (group: readonly NodeId[]) => number;

/** Stores of one design share what is known of its links. */
const knownDelays = new WeakMap<
  readonly LinkRule[],
  { readonly nodes: readonly NodeSpec[]; readonly delays: Delays }
>();

function delays(nodes: readonly NodeSpec[], links: readonly LinkRule[]): Delays {
  const before = knownDelays.get(links);
  if (before?.nodes === nodes) return before.delays;
  const delays = delaysOf(nodes, links);
  knownDelays.set(links, { nodes, delays });
  return delays;
}

/** Nodes that the link rules do not tell apart are looked at once, so that large groups cost no more than small ones. */
function delaysOf(nodes: readonly NodeSpec[], links: readonly LinkRule[]): Delays {
  const ends = links
    .flatMap(({ from, to }) => [from, to])
    .filter((end): end is LinkEnd => (end?.nodes.length ?? 0) > 0);
  const members = ends.map(end => new Set(end.nodes));
  const numbers = new Map<string, number>();
  const classes: (number | undefined)[] = [];
  const classOf = (node: NodeId): number => {
    const before = classes[node];
    if (before !== undefined) return before;
    const { region, zone } = nodes[node]!;
    const text = [region, zone, ...members.map(end => Number(end.has(node)))].join('|');
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    classes[node] = number;
    return number;
  };
  const known = new Map<number, number>();
  const place = (node: NodeId) => ({ node, region: nodes[node]!.region, zone: nodes[node]!.zone });
  const between = (from: NodeId, to: NodeId): number => {
    const key = classOf(from) * nodes.length + classOf(to);
    const before = known.get(key);
    if (before !== undefined) return before;
    const latency = latencyOf(resolveLink(links, place(from), place(to)), 'control');
    const ns = latency === undefined ? 0 : typical(latency);
    known.set(key, ns);
    return ns;
  };
  return group => {
    // Two of each class, so that the delay within a class is seen too.
    const taken = new Map<number, number>();
    const some = group.filter(node => {
      const before = taken.get(classOf(node)) ?? 0;
      taken.set(classOf(node), before + 1);
      return before < 2;
    });
    let most = 0;
    for (const a of some) for (const b of some) if (a !== b) most = Math.max(most, between(a, b));
    return most;
  };
}

/** No typical delay is longer: a timeout beyond an hour would mean nothing. */
const mostNs = 3600e9;

/** Mean; of a distribution without one (a heavy Pareto tail) what nine in ten draws stay below, if that can be said. */
function typical(distribution: Distribution): number {
  const value = mean(distribution);
  return Math.min(mostNs, Number.isFinite(value) ? value : (quantile(distribution, 0.9) ?? least(distribution)));
}
