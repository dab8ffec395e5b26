/**
 * CAP and PACELC labels of operations, derived from what a mechanism promises.
 *
 * CAP speaks of two extremes only (Gilbert and Lynch 2002): `AP`, every client that reaches a live replica is served
 * during a partition; `CP`, answers are linearizable, and who cannot have such an answer is refused. Sequential
 * consistency is not the C that their theorem is about, so it makes no CP. Many designs are `neither`: they refuse
 * some clients and still give answers that are not linearizable.
 *
 * PACELC (Abadi, "Consistency Tradeoffs in Modern Distributed Database System Design", IEEE Computer 2012) asks what
 * is given up. Partitioned, `PA` gives up consistency and `PC` availability; as with PNUTS there, PC means that the
 * usual consistency is kept, however weak that is. Else, `EL` gives up consistency for latency: one replica answers
 * alone, and so may answer from the past, or acknowledge what a crash takes with it. `EC` waits for others, or needs
 * not to: reads under a valid lease are linearizable.
 */
import type { Judgement } from '../analysis/facts.ts';
import { isKnown, type Known, known, mapKnown } from '../analysis/known.ts';
import { sizeOfSmallest } from '../analysis/quorum-structure.ts';
import { serviceQuorums } from '../analysis/service-quorums.ts';
import { implies } from '../design/consistency.ts';
import type { Design } from '../design/design.ts';
import { overridesOf, type Workload } from '../design/scenario.ts';
import type { Store } from '../design/store.ts';
import { byAvailability, type PartitionAvailability, type Promises } from './descriptor.ts';
import { descriptorOf, promisesOf, usesOfStore } from './descriptors.ts';
import { overrideWords } from './overrides.ts';
import { differentUses } from './uses.ts';

export type CapLabel = 'AP' | 'CP' | 'neither';

export interface Labels {
  readonly cap: CapLabel;
  readonly ifPartitioned: 'A' | 'C';
  readonly else: Known<'L' | 'C'>;
}

export type LabelledOperation = 'read' | 'write';

const servesAll = (availability: PartitionAvailability): boolean =>
  availability === 'total' || availability === 'sticky';

/**
 * The labels of one operation. The consistency is that of the store: an operation cannot be linearizable by itself.
 * @param answersAlone whether one replica answers without asking another
 */
export function labelsOf(promises: Promises, operation: LabelledOperation, answersAlone: Known<boolean>): Labels {
  const isAvailable = servesAll(promises[operation].availability);
  const isLinearizable = implies(promises.consistency, 'linearizable');
  return {
    cap: isAvailable ? 'AP' : isLinearizable ? 'CP' : 'neither',
    ifPartitioned: isAvailable ? 'A' : 'C',
    else: isLinearizable ? known('C') : isKnown(answersAlone) ? known(answersAlone.value ? 'L' : 'C') : answersAlone,
  };
}

/**
 * What can be said of a store as a whole, which is what can be said of its weakest operation: AP or CP only if all
 * operations are, PA only if all stay available, EC only if all keep the consistency.
 */
export function weakestLabels(labels: readonly Labels[]): Labels {
  const caps = new Set(labels.map(({ cap }) => cap));
  const first = labels[0]!;
  const anyLatency = labels.find(one => isKnown(one.else) && one.else.value === 'L');
  return {
    cap: caps.size === 1 ? first.cap : 'neither',
    ifPartitioned: labels.every(one => one.ifPartitioned === 'A') ? 'A' : 'C',
    else: (anyLatency ?? labels.find(one => !isKnown(one.else)) ?? first).else,
  };
}

/** `PC/EC`; `PC/E?` where the second half is not known. */
export const pacelcText = (labels: Labels): string =>
  `P${labels.ifPartitioned}/E${isKnown(labels.else) ? labels.else.value : '?'}`;

/** What a store can claim. It must have a partition; the first speaks for all, they differ only in where replicas stand. */
export function judgementOf(design: Design, store: Store): Judgement {
  const promises = promisesOf(design, store);
  const read = labelsOf(promises, 'read', answersAlone(design, store, 'read'));
  const write = labelsOf(promises, 'write', answersAlone(design, store, 'write'));
  const all = weakestLabels([read, write]);
  const shown = (labels: Labels) => ({ cap: labels.cap, pacelc: pacelcText(labels) });
  const reasons = Object.entries({ pacelc: all, 'operations.read.pacelc': read, 'operations.write.pacelc': write });
  const weakest = Math.max(...[promises.read, promises.write].map(one => byAvailability.indexOf(one.availability)));
  return {
    ceiling: promises.consistency,
    why: promises.why,
    source: descriptorOf(store.mechanism.kind).source,
    ...shown(all),
    availabilityUnderPartition: byAvailability[weakest]!,
    operations: {
      read: { ...shown(read), availabilityUnderPartition: promises.read.availability },
      write: { ...shown(write), availabilityUnderPartition: promises.write.availability },
    },
    levels: design.workloads.flatMap(workload => askedOf(workload, store)),
    unknown: Object.fromEntries(
      reasons.flatMap(([path, labels]) => (isKnown(labels.else) ? [] : [[path, labels.else.unknown]])),
    ),
  };
}

/** What a workload asks for in place of the store's own; empty: nothing. */
const askedOf = (workload: Workload, { name }: Store): string[] => {
  const overrides = workload.targets.includes(name) ? overridesOf(workload) : undefined;
  if (overrides === undefined) return [];
  const words = (['read', 'write'] as const).map(option => overrideWords(overrides, option)).filter(one => one !== '');
  return [`${words.join(', ')} (${workload.name})`];
};

function answersAlone(design: Design, store: Store, operation: LabelledOperation): Known<boolean> {
  const partition = design.partitions[store.partitions[0]!]!;
  const found = differentUses(usesOfStore(design, store)).map(use => {
    const quorums = serviceQuorums(design, use.store, use.partition(partition));
    if (!isKnown(quorums)) return quorums;
    return mapKnown(sizeOfSmallest(quorums.value.asked[operation]), size => size <= 1);
  });
  return found.find(one => isKnown(one) && one.value) ?? found.find(one => !isKnown(one)) ?? known(false);
}
