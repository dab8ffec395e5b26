/**
 * How a run's load was spread over the partitions of its stores, over nodes and over keys, and what moved meanwhile. An
 * operation counts to the partition that held its key when it ended, and to the node that its client turned to last; a
 * read of several keys counts once for each, and to no node where there are others.
 */
import type { LoggedOperation } from '../clients/log.ts';
import { keysOf } from '../clients/routing.ts';
import { scanOf } from '../clients/transactions.ts';
import { type PartitionMap, partitionOf } from '../design/partition-map.ts';
import type { Store } from '../design/store.ts';
import type { Executed } from './execute.ts';

export interface Hottest {
  readonly name: string;
  /** Of all operations. */
  readonly share: number;
  /** In multiples of what it would be if all had the same. */
  readonly timesMean: number;
}

export interface LoadFigures {
  readonly store: string;
  readonly operations: number;
  readonly partition: Hottest;
  readonly node: Hottest;
  readonly key: Omit<Hottest, 'timesMean'>;
}

/** One change of a store's map. */
export interface MoveFigures {
  readonly store: string;
  readonly action: string;
  readonly epoch: number;
  /** Keys that went to another group, and all that the store held. */
  readonly keysMoved: number;
  readonly keysHeld: number;
  /** From the order until every group served what is its own. */
  readonly tookNs: number;
}

/** One operation on one key. */
export interface Touched {
  readonly logged: LoggedOperation;
  readonly key: string;
  readonly partition: number;
}

/** Operations on a store's keys that ended in the run, with the partition of each by index. */
export function touchesOf(executed: Executed, store: Pick<Store, 'name'>): readonly Touched[] {
  const { log, design } = executed;
  const { space, map: first } = keysOf(design, store.name);
  const maps = executed.moving.get(store.name)?.maps ?? [{ map: first, fromNs: 0 }];
  const mapAt = (ns: number): PartitionMap => maps.findLast(({ fromNs }) => fromNs <= ns)?.map ?? first;
  const prefix = `${store.name}/`;
  const touches: Touched[] = [];
  for (const logged of log.operations) {
    if (!Number.isFinite(logged.ended)) continue;
    const keys =
      logged.store === store.name
        ? [logged.key]
        : logged.store === scanOf(store.name)
          ? (logged.input as readonly (readonly string[])[]).map(step => step[1]!.slice(prefix.length))
          : [];
    const map = mapAt(logged.ended);
    for (const key of keys) {
      const partition = partitionOf(space, map, key);
      if (partition >= 0) touches.push({ logged, key, partition });
    }
  }
  return touches;
}

/** What a partition is called, by its index: those that came in the run are known by their groups. */
export function partitionName({ design, moving }: Executed, store: string, index: number): string {
  const own = design.stores.find(({ name }) => name === store)!.partitions[index];
  return design.partitions[own ?? moving.get(store)!.map.groups[index]!]!.name;
}

/** Of stores in several partitions that were used. */
export function loadOf(executed: Executed): LoadFigures[] {
  const { design, stores, moving, sim } = executed;
  return stores.flatMap((store): LoadFigures[] => {
    const touches = store.partitions.length < 2 ? [] : touchesOf(executed, store);
    const partitions = moving.get(store.name)?.map.members.length ?? store.partitions.length;
    if (touches.length === 0) return [];
    const hottest = (of: (touched: Touched) => number | string, all: number, among = touches) => {
      const counts = new Map<number | string, number>();
      for (const touched of among) counts.set(of(touched), (counts.get(of(touched)) ?? 0) + 1);
      // Of equal ones the first that was used.
      const [what, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
      const share = count / among.length;
      return { what, share, timesMean: share * all };
    };
    const nodes = new Set(store.partitions.flatMap(id => design.partitions[id]!.replicas));
    const partition = hottest(one => one.partition, partitions);
    // Who reads several keys asks several nodes.
    const single = touches.filter(({ logged }) => logged.store === store.name);
    const node = hottest(one => one.logged.node, nodes.size, single.length > 0 ? single : touches);
    const key = hottest(one => one.key, 1);
    return [
      {
        store: store.name,
        operations: touches.length,
        partition: {
          name: partitionName(executed, store.name, partition.what as number),
          share: partition.share,
          timesMean: partition.timesMean,
        },
        node: {
          name: sim.nodes[node.what as number]?.spec.name ?? '',
          share: node.share,
          timesMean: node.timesMean,
        },
        key: { name: key.what as string, share: key.share },
      },
    ];
  });
}

export const movesOf = ({ moving, endNs }: Executed): MoveFigures[] =>
  [...moving.values()].flatMap(({ store, changes }) =>
    changes
      .filter(({ epoch }) => epoch > 0)
      .map(({ text, epoch, moved, held, startedNs, endedNs }) => ({
        store,
        action: text,
        epoch,
        keysMoved: moved,
        keysHeld: held,
        tookNs: (endedNs === 0 ? endNs : endedNs) - startedNs,
      })),
  );
