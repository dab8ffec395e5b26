/** Where replicas stand: placement over failure domains. */
import type { NodeId, NodeSpec } from '@dsys/runtime/design/topology';

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
  return spread(nodes, ring, Math.min(count, ring.length));
}

function spread(nodes: readonly NodeSpec[], ring: readonly NodeId[], count: number): NodeId[] {
  const regionOf = (node: NodeId) => nodes[node]!.region ?? '';
  const zoneOf = (node: NodeId) => nodes[node]!.zone ?? regionOf(node);
  const inRegion = new Map<string, number>();
  const inZone = new Map<string, number>();
  const used = (counts: Map<string, number>, domain: string) => counts.get(domain) ?? 0;
  const left = [...ring];
  const chosen: NodeId[] = [];
  while (chosen.length < count) {
    let best = 0;
    for (let i = 1; i < left.length; i++) {
      const region = used(inRegion, regionOf(left[i]!)) - used(inRegion, regionOf(left[best]!));
      const zone = used(inZone, zoneOf(left[i]!)) - used(inZone, zoneOf(left[best]!));
      if (region < 0 || (region === 0 && zone < 0)) best = i;
    }
    const [node] = left.splice(best, 1) as [NodeId];
    chosen.push(node);
    inRegion.set(regionOf(node), used(inRegion, regionOf(node)) + 1);
    inZone.set(zoneOf(node), used(inZone, zoneOf(node)) + 1);
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
  return [...byRegion(nodes, candidates).values()].flatMap(inside => placeReplicas(nodes, inside, count, index));
}

/** Candidates by region, in the order of the candidates. */
export function byRegion(nodes: readonly NodeSpec[], candidates: readonly NodeId[]): Map<string | null, NodeId[]> {
  const regions = new Map<string | null, NodeId[]>();
  for (const node of candidates) {
    const { region } = nodes[node]!;
    regions.set(region, [...(regions.get(region) ?? []), node]);
  }
  return regions;
}
