/** Where an operation goes: which partition holds its key, and which of that partition's nodes a client turns to. */

import type { Design } from '../design/design.ts';
import { mean } from '../design/distribution.ts';
import { latencyOf, resolveLink } from '../design/links.ts';
import { firstMap, type KeySpace, keySpaceOf, type PartitionMap, partitionOf } from '../design/partition-map.ts';
import type { Partition, Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';

/** How a store's keys are told apart, and the map that its design describes. */
export interface Keys {
  readonly space: KeySpace;
  readonly map: PartitionMap;
}

const known = new WeakMap<Design, Map<string, Keys>>();

export function keysOf(design: Design, name: string): Keys {
  let stores = known.get(design);
  if (stores === undefined) known.set(design, (stores = new Map()));
  let keys = stores.get(name);
  if (keys === undefined) {
    const store = design.stores.find(one => one.name === name)!;
    keys = { space: keySpaceOf(design.stores, store), map: firstMap(store) };
    stores.set(name, keys);
  }
  return keys;
}

/** Index within the store's partitions as the design describes them; -1: no partition holds such keys. */
export function partitionIndex(design: Design, store: Pick<Store, 'name'>, key: string): number {
  const { space, map } = keysOf(design, store.name);
  return partitionOf(space, map, key);
}

/** The partition that holds the key by the design; undefined: none does. */
export function partitionHolding(design: Design, store: Pick<Store, 'name'>, key: string): Partition | undefined {
  const { map } = keysOf(design, store.name);
  return design.partitions[map.groups[partitionIndex(design, store, key)] ?? -1];
}

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
