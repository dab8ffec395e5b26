/** Where replicas stand: placement over failure domains. */

import type { NodeId, NodeSpec } from '@dsys/runtime/design/topology';
import { stream } from '@dsys/runtime/kernel/random';

/**
 * The replicas of partition `index`: it starts at node `index` mod n and spreads over the widest failure domain first
 * (region, then zone, then node). In every zone partitions take turns: the zone's nodes are gone through from node
 * `index` mod its size on, so that each node gets its share however zones lie in the list of nodes.
 */
export function placeReplicas(
  nodes: readonly NodeSpec[],
  candidates: readonly NodeId[],
  count: number,
  index: number,
): NodeId[] {
  const start = index % candidates.length;
  const ring = [...candidates.slice(start), ...candidates.slice(0, start)];
  return spread(zonesOf(nodes, candidates, ring, index), Math.min(count, ring.length));
}

interface Zone {
  readonly region: string;
  /** In the order in which they are taken. */
  readonly nodes: readonly NodeId[];
  used: number;
}

/** Zones in the order in which the ring meets them; the first node of the first one is the ring's. */
function zonesOf(
  nodes: readonly NodeSpec[],
  candidates: readonly NodeId[],
  ring: readonly NodeId[],
  index: number,
): Zone[] {
  const keyOf = (node: NodeId) => nodes[node]!.zone ?? nodes[node]!.region ?? '';
  const members = new Map<string, NodeId[]>(ring.map(node => [keyOf(node), []]));
  for (const node of candidates) members.get(keyOf(node))!.push(node);
  const home = keyOf(ring[0]!);
  return Array.from(members, ([key, inside]) => {
    const from = key === home ? inside.indexOf(ring[0]!) : index % inside.length;
    const turned = [...inside.slice(from), ...inside.slice(0, from)];
    return { region: nodes[turned[0]!]!.region ?? '', nodes: turned, used: 0 };
  });
}

/** Each next node comes from the zone with the least used region, then the least used zone, then the first one. */
function spread(zones: readonly Zone[], count: number): NodeId[] {
  const left = [...zones];
  const usedInRegion = new Map<string, number>();
  const chosen: NodeId[] = [];
  while (chosen.length < count) {
    let best = left[0]!;
    for (const zone of left) {
      const [ofZone, ofBest] = [zone, best].map(({ region }) => usedInRegion.get(region) ?? 0);
      if (ofZone! < ofBest! || (ofZone === ofBest && zone.used < best.used)) best = zone;
    }
    chosen.push(best.nodes[best.used++]!);
    usedInRegion.set(best.region, (usedInRegion.get(best.region) ?? 0) + 1);
    if (best.used === best.nodes.length) left.splice(left.indexOf(best), 1);
  }
  return chosen;
}

/** `placement random`: any so many, whatever they have in common; always the same ones for the same partition. */
export function placeAtRandom(candidates: readonly NodeId[], count: number, partition: string): NodeId[] {
  const random = stream(0, `placement:${partition}`);
  const left = [...candidates];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random.int(left.length), 1)[0]!);
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
