/** Where an operation goes: which partition holds its key, and which of that partition's nodes a client turns to. */

import type { Design } from '../design/design.ts';
import { mean } from '../design/distribution.ts';
import { hashKey } from '../design/keys.ts';
import { latencyOf, resolveLink } from '../design/links.ts';
import type { Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';

/** Index within the store's partitions. Only schemes that run so far: none, and hash slots. */
export const partitionIndex = (store: Store, key: string): number =>
  store.partitions.length === 1 ? 0 : hashKey(key) % store.partitions.length;

/** Mean one-way latency in ns between a place and a node, by the design's link rules; 0 from beside it. */
export function distance(
  design: Design,
  place: { readonly region: string | null; readonly zone: string | null } | null,
  node: NodeId,
): number {
  if (place === null) return 0;
  const { region, zone } = design.nodes[node]!;
  const latency = latencyOf(resolveLink(design.links, { node: null, ...place }, { node, region, zone }), 'client');
  return latency === undefined ? 0 : mean(latency);
}

/** Nodes that hold the data, nearest first; equally near ones start at a different one for each client. */
export function nodesByDistance(
  design: Design,
  place: { readonly region: string | null; readonly zone: string | null } | null,
  nodes: readonly NodeId[],
  turn: number,
): readonly NodeId[] {
  const rotated = nodes.map((_, i) => nodes[(i + turn) % nodes.length]!);
  // Beside whichever node it calls: all are equally near.
  if (place === null) return rotated;
  const far = new Map(nodes.map(node => [node, distance(design, place, node)]));
  // Array.prototype.sort is stable: the turn decides among equals.
  return rotated.sort((a, b) => far.get(a)! - far.get(b)!);
}
