/** Where replicas stand, and what follows from it: placement over failure domains, and Raft's default timeouts. */
import { type Distribution, mean } from '@dsys/runtime/design/distribution';
import { latencyOf, resolveLink } from '@dsys/runtime/design/links';
import type { LinkRule, NodeId, NodeSpec } from '@dsys/runtime/design/topology';
import { defaults } from './defaults.ts';

/**
 * The replicas of partition `index`: it starts at node `index` mod n and spreads over the widest failure domain first
 * (region, then zone, then node), in ring order among equals.
 */
export function placeReplicas(
  nodes: readonly NodeSpec[],
  candidates: readonly NodeId[],
  count: number,
  index: number,
): NodeId[] {
  const ring = candidates.map((_, i) => candidates[(index + i) % candidates.length]!);
  const chosen: NodeId[] = [];
  const used = (of: (node: NodeSpec) => string | null, node: NodeId) =>
    chosen.filter(one => of(nodes[one]!) === of(nodes[node]!)).length;
  const regionOf = (node: NodeSpec) => node.region;
  const zoneOf = (node: NodeSpec) => node.zone ?? node.region;
  while (chosen.length < Math.min(count, ring.length)) {
    let best: NodeId | undefined;
    for (const node of ring) {
      if (chosen.includes(node)) continue;
      if (best === undefined) best = node;
      else {
        const region = used(regionOf, node) - used(regionOf, best);
        const zone = used(zoneOf, node) - used(zoneOf, best);
        if (region < 0 || (region === 0 && zone < 0)) best = node;
      }
    }
    chosen.push(best!);
  }
  return chosen;
}

/** `replicas 3 per region`: so many in each region that has candidates. */
export function placePerRegion(
  nodes: readonly NodeSpec[],
  candidates: readonly NodeId[],
  count: number,
  index: number,
): NodeId[] {
  const regions = [...new Set(candidates.map(node => nodes[node]!.region))];
  return regions.flatMap(region =>
    placeReplicas(
      nodes,
      candidates.filter(node => nodes[node]!.region === region),
      count,
      index,
    ),
  );
}

/** Mean one-way latency in ns of control messages between two nodes. */
export function meanDelay(nodes: readonly NodeSpec[], links: readonly LinkRule[], from: NodeId, to: NodeId): number {
  const place = (node: NodeId) => ({ node, region: nodes[node]!.region, zone: nodes[node]!.zone });
  const latency = latencyOf(resolveLink(links, place(from), place(to)), 'control');
  return latency === undefined ? 0 : mean(latency);
}

/**
 * Election timeout and heartbeat for these voters, so that rules 62 to 64 hold: the least timeout is ten broadcasts
 * (round trip to the farthest voter and a sync), the range is twenty one-way delays, and three heartbeats fit.
 */
export function raftTimeouts(
  nodes: readonly NodeSpec[],
  links: readonly LinkRule[],
  voters: readonly NodeId[],
): { readonly electionTimeoutNs: readonly [number, number]; readonly heartbeatNs: number } {
  const { raft } = defaults;
  let delay = 0;
  for (const a of voters) for (const b of voters) if (a !== b) delay = Math.max(delay, meanDelay(nodes, links, a, b));
  const fsync = Math.max(0, ...voters.map(node => safeMean(nodes[node]!.disk.fsync)));
  const least = Math.max(raft.electionTimeoutNs, raft.broadcasts * (2 * delay + fsync), raft.delays * delay);
  const timeout = Math.ceil(least / raft.roundToNs) * raft.roundToNs;
  return { electionTimeoutNs: [timeout, 2 * timeout], heartbeatNs: Math.round(timeout / raft.heartbeatsPerTimeout) };
}

/** A distribution without a mean (a heavy Pareto tail) counts as its least value here. */
function safeMean(distribution: Distribution): number {
  const value = mean(distribution);
  return Number.isFinite(value) ? value : 0;
}
