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
  return spread(zonesOf(nodes, candidates, index), Math.min(count, candidates.length));
}

interface Zone {
  readonly region: string;
  /** In the order of the ring. */
  readonly nodes: NodeId[];
  /** How many of them the ring meets only after its end. */
  wrapped: number;
  /** The first one to take. */
  from: number;
  used: number;
}

/** Zones in the order in which the ring meets them; the first node of the first one is where it starts. */
function zonesOf(nodes: readonly NodeSpec[], candidates: readonly NodeId[], index: number): Zone[] {
  const { length } = candidates;
  const start = length === 0 ? 0 : index % length;
  const zones = new Map<string, Zone>();
  for (let step = 0; step < length; step++) {
    const place = start + step;
    const node = candidates[place < length ? place : place - length]!;
    const { region, zone } = nodes[node]!;
    const key = zone ?? region ?? '';
    let known = zones.get(key);
    if (known === undefined)
      zones.set(key, (known = { region: region ?? '', nodes: [], wrapped: 0, from: 0, used: 0 }));
    known.nodes.push(node);
    if (place >= length) known.wrapped++;
  }
  const [, ...others] = zones.values();
  // Where the ring begins counts for its own zone alone.
  for (const zone of others) {
    const size = zone.nodes.length;
    zone.from = (((index - zone.wrapped) % size) + size) % size;
  }
  return [...zones.values()];
}

/** Each next node comes from the zone with the least used region, then the least used zone, then the first one. */
function spread(left: Zone[], count: number): NodeId[] {
  const usedInRegion = new Map<string, number>();
  const usedBeside = ({ region }: Zone): number => usedInRegion.get(region) ?? 0;
  const chosen: NodeId[] = [];
  while (chosen.length < count) {
    let best = left[0]!;
    for (const zone of left) {
      const more = usedBeside(zone) - usedBeside(best);
      if (more < 0 || (more === 0 && zone.used < best.used)) best = zone;
    }
    chosen.push(best.nodes[(best.from + best.used++) % best.nodes.length]!);
    usedInRegion.set(best.region, usedBeside(best) + 1);
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
