/** What rules ask of a design, and how they speak of it. */
import { formatDuration, formatPercent, formatSize } from '@dsys/grammar/units';
import { downMinutesPerYear } from '@dsys/runtime/analysis/availability';
import { implies } from '@dsys/runtime/design/consistency';
import type { Design } from '@dsys/runtime/design/design';
import { type Distribution, least, mean } from '@dsys/runtime/design/distribution';
import { type LinkPlace, resolveLink } from '@dsys/runtime/design/links';
import type { ConsistencyModel, Property, PropertyKind } from '@dsys/runtime/design/property';
import type { Workload } from '@dsys/runtime/design/scenario';
import type { Located } from '@dsys/runtime/design/source';
import type { Partition, Store } from '@dsys/runtime/design/store';
import type { NodeId, NodeSpec } from '@dsys/runtime/design/topology';
import type { Promises } from '@dsys/runtime/protocols/descriptor';
import { promisesOf } from '@dsys/runtime/protocols/descriptors';

// ------------------------------------------------------------------------------------------------ what is chosen

/** Stores of one mechanism, narrowed to it. */
export const storesWith = <K extends Store['mechanism']['kind']>(
  design: Design,
  ...kinds: readonly K[]
): readonly (Store & { readonly mechanism: Extract<Store['mechanism'], { kind: K }> & Located })[] =>
  design.stores.filter(
    store => isPlaced(design, store) && (kinds as readonly string[]).includes(store.mechanism.kind),
  ) as never;

const placed = new WeakMap<Design, ReadonlySet<Store>>();

/** Stores of which each partition stands somewhere: every rule asks for them. */
function placedIn(design: Design): ReadonlySet<Store> {
  let known = placed.get(design);
  if (known === undefined) {
    const isWhole = (store: Store) => partitionsOf(design, store).every(({ replicas }) => replicas.length > 0);
    known = new Set(design.stores.filter(store => store.partitions.length > 0 && isWhole(store)));
    placed.set(design, known);
  }
  return known;
}

/**
 * Whether each partition stands somewhere. Where that failed it has been reported, and nothing can be said of the store.
 */
export const isPlaced = (design: Design, store: Store): boolean => placedIn(design).has(store);

export const placedStores = (design: Design): readonly Store[] => [...placedIn(design)];

export const partitionsOf = (design: Design, store: Store): readonly Partition[] =>
  store.partitions.map(id => design.partitions[id]!);

/** The partition with the fewest data copies: most questions of size are asked of it. */
export const smallestPartition = (design: Design, store: Store): Partition =>
  partitionsOf(design, store).reduce((least, one) => (one.replicas.length < least.replicas.length ? one : least));

/** Data copies and witnesses: whoever votes. */
export const votersOf = (partition: Partition): readonly NodeId[] => [...partition.replicas, ...partition.witnesses];

/** Voters of the partition that has the fewest: more than that cannot be asked for everywhere. */
export const fewestVoters = (design: Design, store: Store): number =>
  Math.min(...partitionsOf(design, store).map(one => votersOf(one).length));

const promised = new WeakMap<Design, Map<Store, Promises>>();

/** What a store promises, computed once per design. */
export function promises(design: Design, store: Store): Promises {
  let known = promised.get(design);
  if (known === undefined) promised.set(design, (known = new Map()));
  let found = known.get(store);
  if (found === undefined) known.set(store, (found = promisesOf(design, store)));
  return found;
}

const users = new WeakMap<Design, ReadonlyMap<string, readonly Workload[]>>();

/** Workloads that use a store, directly or through a transaction, in the order written. */
export function workloadsOn(design: Design, store: Store): readonly Workload[] {
  let known = users.get(design);
  if (known === undefined) users.set(design, (known = workloadsByStore(design)));
  return known.get(store.name) ?? [];
}

function workloadsByStore({ transactions, workloads }: Design): ReadonlyMap<string, readonly Workload[]> {
  const storesOf = new Map(transactions.map(({ name, stores }) => [name, stores]));
  const found = new Map<string, Workload[]>();
  for (const workload of workloads) {
    const stores = new Set(workload.targets.flatMap(target => storesOf.get(target) ?? [target]));
    for (const store of stores) {
      const others = found.get(store);
      if (others === undefined) found.set(store, [workload]);
      else others.push(workload);
    }
  }
  return found;
}

const members = new WeakMap<Design, ReadonlyMap<string, readonly NodeSpec[]>>();

/** The nodes of a store's clusters that may hold its data, in the order of the clusters. */
export function dataNodesOf(design: Design, { clusters }: Pick<Store, 'clusters'>): readonly NodeSpec[] {
  let known = members.get(design);
  if (known === undefined) members.set(design, (known = Map.groupBy(design.nodes, ({ cluster }) => cluster)));
  return clusters.flatMap(cluster => known.get(cluster) ?? []).filter(({ role }) => role === 'member');
}

/** Whether a workload stands in a file: the default one does not, and nothing can be changed in it. */
export const isWritten = (design: Design, workload: Workload): boolean =>
  !design.stores.some(({ at }) => at === workload.at);

// ----------------------------------------------------------------------------------------------- what is claimed

type Claim<K extends PropertyKind['kind']> = Property & { readonly kind: K };

/** Claims of a kind of a store or transaction, in the order written. */
export const claimsOf = <K extends PropertyKind['kind']>(
  { claims }: { readonly claims: readonly Property[] },
  ...kinds: readonly K[]
): readonly Claim<K>[] => claims.filter((one): one is Claim<K> => (kinds as readonly string[]).includes(one.kind));

/** The first claim that implies a consistency model; undefined: nothing so strong is claimed. */
export const claimedAtLeast = (
  store: Store,
  ...models: readonly ConsistencyModel[]
): Claim<'consistency'> | undefined =>
  claimsOf(store, 'consistency').find(claim => models.some(model => implies(claim.model, model)));

/** The claim that every client that reaches a live node is served: `cap AP`. */
export const claimsTotal = (store: Store): Claim<'cap'> | undefined =>
  claimsOf(store, 'cap').find(claim => claim.label === 'AP');

// ---------------------------------------------------------------------------------------------- what is expected

/** Partitions are part of the fault model unless the design says `cut up to 0s`. */
export const expectsCuts = (design: Design): boolean => design.faults.cutNs > 0;
export const expectsCrashes = (design: Design): boolean => design.faults.outageNs > 0;

/** One-way latency between two nodes over all classes of messages, ns: the least possible, and the least mean. */
export function delay(design: Design, from: NodeId, to: NodeId): { readonly leastNs: number; readonly meanNs: number } {
  const place = (node: NodeId): LinkPlace => {
    const { region, zone } = design.nodes[node]!;
    return { node, region, zone };
  };
  const all = Object.values(resolveLink(design.links, place(from), place(to)).latency);
  const smallest = (of: (latency: Distribution) => number) => (all.length === 0 ? 0 : Math.min(...all.map(of)));
  return { leastNs: smallest(least), meanNs: smallest(mean) };
}

// ------------------------------------------------------------------------------------------------------ in words

export const nameOf = (design: Design, node: NodeId): string => design.nodes[node]!.name;

/** `e1`, `e1 and e2`, `e1, e2 and 3 more`. */
export function namesOf(design: Design, nodes: readonly NodeId[]): string {
  const names = [...nodes].sort((a, b) => a - b).map(node => nameOf(design, node));
  return listed(names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names);
}

export const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** `1 replica`, `3 replicas`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;

/** `12ms`, `2.5s`, `7d`; the language's own way of writing it, to three digits where it is no round number. */
export function duration(ns: number): string {
  if (!Number.isFinite(ns)) return 'unbounded';
  const exact = formatDuration(Math.round(ns));
  return exact.length <= 6 ? exact : formatDuration(Math.round(rounded(ns)));
}

const steps = [1, 1e3, 1e6, 1e9, 60e9, 3600e9, 86_400e9];

/** A duration that reads well and is at least as long: 28h 20min is `29h`. */
export const durationAtLeast = (ns: number): string => duration(Math.ceil(ns / stepOf(ns)) * stepOf(ns));
/** A duration that reads well and is no longer: 128.6ms is `128ms`. */
export const durationAtMost = (ns: number): string => duration(Math.floor(ns / stepOf(ns)) * stepOf(ns));

const stepOf = (ns: number): number => steps.findLast(step => ns >= 2 * step) ?? 1;

/** `120KB`; to three digits. */
export const size = (bytes: number): string => formatSize(Math.round(rounded(bytes)));

/** `66.7%`; of small differences from 1 as many digits as tell them apart. */
export function percent(fraction: number): string {
  const rest = 1 - fraction;
  if (rest > 0 && rest < 0.01) {
    const digits = Math.min(10, Math.ceil(-Math.log10(rest)) - 1);
    return `${trimmed(fraction * 100, digits)}%`;
  }
  return formatPercent(Number(rounded(fraction).toPrecision(3)));
}

/** `52.6 min`, `8.8 h`: how long something is down in a year. */
export function downPerYear(availability: number): string {
  const minutes = downMinutesPerYear(availability);
  if (minutes >= 600) return `${Number((minutes / 60).toPrecision(3))} h`;
  return minutes >= 1 ? `${Number(minutes.toPrecision(3))} min` : `${Number((minutes * 60).toPrecision(2))} s`;
}

const rounded = (value: number): number => Number(value.toPrecision(3));

const trimmed = (value: number, digits: number): string => {
  const scale = Number(`1e${digits}`);
  // Never rounded up to 100: what is not certain is not.
  return String(Math.floor(value * scale) / scale);
};
