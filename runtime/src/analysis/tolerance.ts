/** How many nodes, zones, regions may be lost for good while a store still takes writes and has every acknowledged one. */
import type { Design } from '../design/design.ts';
import { isQuorum, quorumNodes } from '../design/quorum.ts';
import type { Partition } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import { type Known, known, unknown } from './known.ts';
import { resilienceOf, sizeOfSmallest } from './quorum-structure.ts';
import type { ServiceQuorums } from './service-quorums.ts';

export interface Tolerance {
  readonly nodes: number;
  readonly zones: number;
  readonly regions: number;
}

/** Most zones or regions all of whose combinations are tried. */
export const placesMax = 16;

/**
 * The largest numbers of which *any* may be lost. A node without a zone stands in one zone with all such nodes of its
 * region; nodes without a region in one region.
 * @returns at least 0; unknown for quorums that cannot be written out, or more than `placesMax` zones
 */
export function toleranceOf(design: Design, partition: Partition, quorums: ServiceQuorums): Known<Tolerance> {
  const nodes = toleratedNodes(quorums);
  if (!('value' in nodes)) return nodes;
  const involved = [
    ...new Set([quorums.read, quorums.write, quorums.durable].flatMap(quorumNodes).concat(partition.replicas)),
  ];
  const regionOf = (node: NodeId): string => design.nodes[node]!.region ?? '';
  const zones = toleratedPlaces(quorums, involved, node => design.nodes[node]!.zone ?? `${regionOf(node)}/`);
  if (!('value' in zones)) return zones;
  const regions = toleratedPlaces(quorums, involved, regionOf);
  if (!('value' in regions)) return regions;
  return known({ nodes: nodes.value, zones: zones.value, regions: regions.value });
}

/** Any f nodes may go if a quorum of each kind remains and no acknowledged write was on them alone. */
function toleratedNodes({ read, write, durable, promotionKeeps }: ServiceQuorums): Known<number> {
  if (!promotionKeeps) return known(0);
  const copies = sizeOfSmallest(durable);
  if (!('value' in copies)) return copies;
  let least = copies.value - 1;
  for (const quorum of [read, write]) {
    const resilience = resilienceOf(quorum);
    if (!('value' in resilience)) return resilience;
    least = Math.min(least, resilience.value);
  }
  return known(Math.max(0, least));
}

function toleratedPlaces(
  quorums: ServiceQuorums,
  nodes: readonly NodeId[],
  placeOf: (node: NodeId) => string,
): Known<number> {
  const places = [...new Set(nodes.map(placeOf))];
  if (places.length > placesMax)
    return unknown(`${places.length} places; combinations are tried of at most ${placesMax}`);
  if (!quorums.promotionKeeps) return known(0);
  const isLost = (set: number, node: NodeId): boolean => ((set >> places.indexOf(placeOf(node))) & 1) === 1;
  let fewest = places.length;
  for (let set = 1; set < 1 << places.length; set++) {
    const size = places.filter((_, bit) => (set >> bit) & 1).length;
    if (size >= fewest) continue;
    const remains = (node: NodeId): boolean => !isLost(set, node);
    const serves = isQuorum(quorums.read, remains) && isQuorum(quorums.write, remains);
    if (!serves || isQuorum(quorums.durable, node => isLost(set, node))) fewest = size;
  }
  return known(fewest - 1);
}
