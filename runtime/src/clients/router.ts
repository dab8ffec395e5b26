/**
 * What a client knows of where the keys of a store are: a map with its epoch, which it keeps until somebody refuses it.
 * Where the design has no directory, whoever refuses says by which map; where it has one, the client asks it again, and
 * asks it first of all.
 */
import type { Value } from '../checkers/history.ts';
import type { Design } from '../design/design.ts';
import { groupHolding, type KeySpace, mapFrom, type PartitionMap } from '../design/partition-map.ts';
import type { Partition, PartitionId, Store } from '../design/store.ts';
import type { StoreMap } from '../protocols/contract.ts';
import { keysOf, partitionHolding } from './routing.ts';

export interface Router {
  /** The group to ask for a key; undefined: no partition holds such keys; null: the directory has to be asked first. */
  groupFor(store: Pick<Store, 'name'>, key: string): PartitionId | undefined | null;
  /** The map by which it goes now; null: the directory has to be asked first. */
  mapOf(store: Pick<Store, 'name'>): { readonly space: KeySpace; readonly map: PartitionMap } | null;
  /** Where a store's map is kept, and under which key; undefined: nowhere. */
  directoryOf(store: Pick<Store, 'name'>): { readonly partition: Partition; readonly key: string } | undefined;
  /** It was refused by this map. */
  refusedBy(map: StoreMap): void;
  /** What the directory says; null: nothing has changed since the design. */
  told(store: Pick<Store, 'name'>, map: Value): void;
}

/** Under which key a directory keeps the map of a store: no client's key is called so. */
export const mapKey = (store: string): string => `map of ${store}`;

/** Where the map of a store is kept. */
export function directoryFor(
  design: Design,
  name: string,
): { readonly partition: Partition; readonly key: string } | undefined {
  const { partitioning } = design.stores.find(one => one.name === name)!;
  const directory = partitioning.kind === 'directory' ? partitioning.store : undefined;
  const store = design.stores.find(one => one.name === directory);
  const partition = store && partitionHolding(design, store, mapKey(name));
  return partition && { partition, key: mapKey(name) };
}

export function createRouter(design: Design): Router {
  const maps = new Map<string, PartitionMap>();
  const directories = new Map<string, ReturnType<typeof directoryFor>>();
  const router: Router = {
    directoryOf({ name }) {
      if (!directories.has(name)) directories.set(name, directoryFor(design, name));
      return directories.get(name);
    },
    mapOf(store) {
      const { space, map } = keysOf(design, store.name);
      const known = maps.get(store.name);
      if (known !== undefined) return { space, map: known };
      return router.directoryOf(store) === undefined ? { space, map } : null;
    },
    groupFor(store, key) {
      const found = router.mapOf(store);
      if (found === null) return null;
      return groupHolding(found.space, found.map, key);
    },
    refusedBy([name, map]) {
      if (router.directoryOf({ name }) !== undefined) maps.delete(name);
      else router.told({ name }, map);
    },
    told({ name }, value) {
      const map = mapFrom(value) ?? keysOf(design, name).map;
      const known = maps.get(name);
      if (known === undefined || known.epoch < map.epoch) maps.set(name, map);
    },
  };
  return router;
}
