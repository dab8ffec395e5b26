/** Where replicas stand: placement over failure domains. */

import type { NodeId, NodeSpec } from '@dsys/runtime/design/topology';
import { stream } from '@dsys/runtime/kernel/random';

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

/** Each next node comes from the zone with the least used region, then the least used zone, then the first in the ring. */
function spread(nodes: readonly NodeSpec[], ring: readonly NodeId[], count: number): NodeId[] {
  const zones = new Map<string, { readonly region: string; readonly positions: number[]; used: number }>();
  const usedInRegion = new Map<string, number>();
  ring.forEach((node, position) => {
    const { region, zone } = nodes[node]!;
    const key = zone ?? region ?? '';
    const known = zones.get(key) ?? { region: region ?? '', positions: [], used: 0 };
    known.positions.push(position);
    zones.set(key, known);
  });
  const left = [...zones.values()];
  const chosen: NodeId[] = [];
  while (chosen.length < count) {
    const rank = (zone: (typeof left)[number]) =>
      [usedInRegion.get(zone.region) ?? 0, zone.used, zone.positions[zone.used]!] as const;
    let best = left[0]!;
    let least = rank(best);
    for (const zone of left) {
      const next = rank(zone);
      if (isBefore(next, least)) [best, least] = [zone, next];
    }
    chosen.push(ring[least[2]]!);
    best.used++;
    usedInRegion.set(best.region, least[0] + 1);
    if (best.used === best.positions.length) left.splice(left.indexOf(best), 1);
  }
  return chosen;
}

type Rank = readonly [region: number, zone: number, position: number];

const isBefore = (a: Rank, b: Rank): boolean =>
  a[0] < b[0] || (a[0] === b[0] && (a[1] < b[1] || (a[1] === b[1] && a[2] < b[2])));

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
