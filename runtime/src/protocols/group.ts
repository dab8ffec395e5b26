/** A replica group of a design, as protocols and descriptors see it. */
import type { Design } from '../design/design.ts';
import type { Partition, Store } from '../design/store.ts';
import type { Group } from './contract.ts';

export const groupOf = (design: Design, store: Store, partition: Partition): Group => ({
  name: partition.name,
  replicas: partition.replicas,
  witnesses: partition.witnesses,
  observers: partition.observers,
  spares: partition.spares,
  model: store.model,
  regionOf: node => design.nodes[node]!.region,
});
