/** What a design is, in figures: everything that follows from it without a run. The data of `dsys facts`. */
import type { Design } from '../design/design.ts';
import type { Quorum } from '../design/quorum.ts';
import { quorumNodes } from '../design/quorum.ts';
import type { Partition, Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import { isKnown, type Known, known, unknown } from './known.ts';
import { latencyFloor } from './latency-floors.ts';
import { leastLoad } from './quorum-load.ts';
import { always, unitFigures } from './quorum-strategy.ts';
import { resilienceOf, sizeOfSmallest } from './quorum-structure.ts';
import { type ServiceQuorums, serviceQuorums } from './service-quorums.ts';
import { predictStaleness, warsAssumptions } from './staleness.ts';
import { meanTimeToDataLossHours, partitionAvailability, quorumIsUp } from './store-availability.ts';
import { type Tolerance, toleranceOf } from './tolerance.ts';
import { consistentAt, defaultTrials, percentileOf } from './wars.ts';

/** What the mechanism's own descriptor says: no arithmetic, so not from here. */
export interface Judgement {
  readonly ceiling: string;
  readonly why: string;
  /** The literature that the ceiling is taken from. */
  readonly source: string;
  readonly cap: string;
  readonly pacelc: string;
  readonly availabilityUnderPartition: string;
  readonly operations: Readonly<
    Record<string, { readonly cap: string; readonly pacelc: string; readonly availabilityUnderPartition: string }>
  >;
  /** Reads and writes that workloads ask for in place of the store's own: labels and ceiling mind them, figures do not. */
  readonly levels: readonly string[];
  /** Why labels that are not known are not, by their path. */
  readonly unknown: Readonly<Record<string, string>>;
}

export interface QuorumFacts {
  /** Nodes in the smallest quorum, and in all of them. */
  readonly size: number;
  readonly of: number;
  /** Of nodes that serve one operation per second each, with the best strategy. */
  readonly load: number;
  readonly capacity: number;
  readonly resilience: number;
  /** With the capacities that the design declares; null when it declares none for some node. */
  readonly capacityPerSecond: number | null;
}

export interface StoreFacts {
  readonly name: string;
  readonly mechanism: string;
  readonly consistency: { readonly ceiling: string; readonly why: string; readonly source: string };
  readonly cap: string;
  readonly pacelc: string;
  readonly availabilityUnderPartition: string;
  readonly operations: Judgement['operations'];
  /** Left out where no workload asks otherwise than the store. */
  readonly levels?: readonly string[];
  readonly tolerates: Tolerance | null;
  readonly quorums: { readonly read: QuorumFacts | null; readonly write: QuorumFacts | null };
  /** Of the weakest partition; failovers subtracted. */
  readonly availability: { readonly read: number | null; readonly write: number | null };
  /** The same as if failovers took no time. */
  readonly availabilityWithoutFailovers: { readonly read: number | null; readonly write: number | null };
  readonly durability: { readonly mttdlHours: number | null };
  readonly latencyFloorNs: { readonly read: number | null; readonly write: number | null };
  readonly staleness: {
    readonly pConsistentAt0: number;
    readonly tVisibilityNs: { readonly p99: number; readonly 'p99.9': number };
    /** Time after the acknowledgement, and the share of reads that see the write then: rising, up to the 99.9th percentile. */
    readonly curve: readonly (readonly [ns: number, probability: number])[];
    readonly trials: number;
    readonly assumes: string;
  } | null;
  /** Why each figure that is null is not known, by its path: `latencyFloorNs.read`. */
  readonly unknown: Readonly<Record<string, string>>;
}

export interface Facts {
  readonly schema: 'dsys.facts/1';
  readonly stores: readonly StoreFacts[];
}

/**
 * A function of its arguments alone, whenever and wherever it is called.
 * @param judgement what each store's mechanism and options can claim
 * @param trials of the staleness prediction; 0 leaves it out
 */
export function factsOf(design: Design, judgement: (store: Store) => Judgement, trials = defaultTrials): Facts {
  return {
    schema: 'dsys.facts/1',
    stores: design.stores.map(store => factsOfStore(design, store, judgement(store), trials)),
  };
}

export function factsOfStore(design: Design, store: Store, judged: Judgement, trials: number): StoreFacts {
  const reasons: Record<string, string> = { ...judged.unknown };
  const read = <T>(path: string, figure: Known<T>): T | null => {
    if (isKnown(figure)) return figure.value;
    reasons[path] = figure.unknown;
    return null;
  };
  const weakest = weakestPartition(design, store);
  const both = <T>(path: string, figure: (operation: 'read' | 'write') => Known<T>) => ({
    read: read(`${path}.read`, figure('read')),
    write: read(`${path}.write`, figure('write')),
  });
  const ofWeakest = <T>(figure: (weakest: Weakest) => Known<T>): Known<T> =>
    isKnown(weakest) ? figure(weakest.value) : weakest;
  const hours = meanTimeToDataLossHours(design, store);
  if (!Number.isFinite(hours))
    reasons['durability.mttdlHours'] =
      'it is beyond any figure: a very large number of copies, or repairs that take no time';
  return {
    name: store.name,
    mechanism: store.mechanism.kind,
    consistency: { ceiling: judged.ceiling, why: judged.why, source: judged.source },
    cap: judged.cap,
    pacelc: judged.pacelc,
    availabilityUnderPartition: judged.availabilityUnderPartition,
    operations: judged.operations,
    ...(judged.levels.length > 0 && { levels: judged.levels }),
    tolerates: read(
      'tolerates',
      ofWeakest(({ tolerance }) => tolerance),
    ),
    quorums: both('quorums', operation =>
      ofWeakest(({ quorums }) => quorumFacts(design, quorums.asked[operation], operation)),
    ),
    availability: both('availability', operation =>
      ofWeakest(({ partition, quorums }) => partitionAvailability(design, store, partition, quorums, operation)),
    ),
    availabilityWithoutFailovers: both('availabilityWithoutFailovers', operation =>
      ofWeakest(({ quorums }) => quorumIsUp(design, quorums, operation)),
    ),
    durability: { mttdlHours: Number.isFinite(hours) ? hours : null },
    latencyFloorNs: both('latencyFloorNs', operation => latencyFloor(design, store, operation)),
    staleness: read('staleness', staleness(design, store, trials)),
    unknown: reasons,
  };
}

interface Weakest {
  readonly partition: Partition;
  readonly quorums: ServiceQuorums;
  readonly tolerance: Known<Tolerance>;
}

/** The partition that bears the fewest losses; the first of several. Equal replica groups are looked at once. */
function weakestPartition(design: Design, store: Store): Known<Weakest> {
  let weakest: Weakest | undefined;
  const seen = new Set<string>();
  for (const id of store.partitions) {
    const partition = design.partitions[id]!;
    const key = JSON.stringify([partition.replicas, partition.witnesses]);
    if (seen.has(key)) continue;
    seen.add(key);
    const quorums = serviceQuorums(design, store, partition);
    if (!isKnown(quorums)) return quorums;
    const tolerance = toleranceOf(design, partition, quorums.value);
    const one: Weakest = { partition, quorums: quorums.value, tolerance };
    // What cannot be said of one partition cannot be said of the store.
    if (!isKnown(tolerance)) return known(one);
    if (weakest === undefined || isWeaker(tolerance.value, (weakest.tolerance as { value: Tolerance }).value))
      weakest = one;
  }
  return weakest === undefined ? unknown('the store has no partition') : known(weakest);
}

const isWeaker = (a: Tolerance, b: Tolerance): boolean =>
  a.nodes !== b.nodes ? a.nodes < b.nodes : a.zones !== b.zones ? a.zones < b.zones : a.regions < b.regions;

function quorumFacts(design: Design, quorum: Quorum, operation: 'read' | 'write'): Known<QuorumFacts> {
  const size = sizeOfSmallest(quorum);
  if (!isKnown(size)) return size;
  const resilience = resilienceOf(quorum);
  if (!isKnown(resilience)) return resilience;
  const readFractions = always(operation === 'read' ? 1 : 0);
  const load = leastLoad({ system: { read: quorum, write: quorum }, figures: unitFigures, readFractions });
  if (!isKnown(load)) return load;
  const perSecond = (node: NodeId): number | null => {
    const { readPerSecond, writePerSecond } = design.nodes[node]!.capacity;
    return operation === 'read' ? readPerSecond : writePerSecond;
  };
  const nodes = quorumNodes(quorum);
  let capacityPerSecond: number | null = null;
  if (nodes.every(node => perSecond(node) !== null)) {
    const figures = (node: NodeId) => ({
      readPerSecond: perSecond(node)!,
      writePerSecond: perSecond(node)!,
      latency: 0,
    });
    const declared = leastLoad({ system: { read: quorum, write: quorum }, figures, readFractions });
    if (isKnown(declared)) capacityPerSecond = declared.value.capacity;
  }
  return known({ size: size.value, of: nodes.length, ...load.value, resilience: resilience.value, capacityPerSecond });
}

function staleness(design: Design, store: Store, trials: number): Known<NonNullable<StoreFacts['staleness']>> {
  if (trials === 0) return unknown('it was not asked for');
  const predicted = predictStaleness(design, store, trials);
  if (!isKnown(predicted)) return predicted;
  const { visibleAfter } = predicted.value;
  const atOnce = consistentAt(predicted.value, 0);
  return known({
    pConsistentAt0: atOnce,
    tVisibilityNs: { p99: percentileOf(visibleAfter, 0.99), 'p99.9': percentileOf(visibleAfter, 0.999) },
    curve: curveOf(visibleAfter, atOnce),
    trials,
    assumes: warsAssumptions,
  });
}

/** Steps of the staleness curve. */
const curveSteps = 24;

/** Equal steps of probability, so that the steep part has as many points as the flat one. */
function curveOf(visibleAfter: Float64Array, atOnce: number): (readonly [number, number])[] {
  const points: (readonly [number, number])[] = [[0, atOnce]];
  for (let step = 1; step <= curveSteps; step++) {
    const probability = atOnce + ((0.999 - atOnce) * step) / curveSteps;
    const ns = percentileOf(visibleAfter, probability);
    if (probability > atOnce && ns > points.at(-1)![0]) points.push([ns, probability]);
  }
  return points;
}
