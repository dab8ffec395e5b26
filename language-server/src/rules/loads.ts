/** How much is asked of a store, as far as its workloads say. */
import { formatRate } from '@dsys/grammar';
import { supported } from '@dsys/runtime/clients/workload';
import type { Design } from '@dsys/runtime/design/design';
import { mean } from '@dsys/runtime/design/distribution';
import type { MixEntry, Workload } from '@dsys/runtime/design/scenario';
import type { Store } from '@dsys/runtime/design/store';
import { defaults } from '../elaborate/defaults.ts';
import { claimsOf, isWritten, workloadsOn } from './questions.ts';
import type { Finding } from './rule.ts';

export interface Load {
  /** Per second, all clients together; `Infinity`: clients that do not think between operations. */
  readonly perSecond: number;
  /** Some of it is the default: no rate and no think time was written. */
  readonly isDefault: boolean;
  /** Some of it comes from closed loops, which ask for less when answers take time. */
  readonly isMost: boolean;
}

const isWriting = ({ kind }: MixEntry): boolean => kind !== 'read' && kind !== 'scan' && kind !== 'transaction';

/**
 * Operations per second of a workload: the rate of an open loop; of a closed one clients / mean think time, which is
 * the most that there can be, since answers take time too.
 */
export function operationsOf({ arrival, clients }: Workload): number {
  if (arrival.kind === 'open') return arrival.perSecond;
  const think = mean(arrival.think);
  return think === 0 ? Number.POSITIVE_INFINITY : (clients * 1e9) / think;
}

/** Writes of keys of a store per second, by operations and by transactions. */
export function writesOn(design: Design, store: Store): Load {
  const parts = workloadsOn(design, store)
    .map(workload => ({ workload, share: writeShare(design, workload, store) }))
    .filter(({ share }) => share > 0);
  return {
    perSecond: parts.reduce((sum, { workload, share }) => sum + operationsOf(workload) * share, 0),
    isDefault: parts.some(({ workload }) => workload.arrival === defaults.workload.arrival),
    isMost: parts.some(({ workload }) => workload.arrival.kind === 'closed'),
  };
}

/** Workloads that write to a store. */
export const writersOf = (design: Design, store: Store): readonly Workload[] =>
  workloadsOn(design, store).filter(workload => writeShare(design, workload, store) > 0);

/** Keys of the store that an operation of the workload writes, on average. Targets that can do it share it equally. */
export function writeShare(design: Design, workload: Workload, store: Store): number {
  let sum = 0;
  for (const entry of workload.mix) {
    const { kind, on, share } = entry;
    if (kind === 'transaction') {
      const able = design.transactions.filter(
        one => workload.targets.includes(one.name) && (on ?? one.name) === one.name,
      );
      const writing = able.filter(one => one.kind === 'update' && one.stores.includes(store.name));
      for (const one of writing) sum += (share / able.length) * (one.keys ?? 1);
    } else if (isWriting(entry)) {
      const able = design.stores.filter(
        one =>
          workload.targets.includes(one.name) &&
          (on ?? one.name) === one.name &&
          (supported[one.model] as readonly string[]).includes(kind),
      );
      if (able.includes(store)) sum += share / able.length;
    }
  }
  return sum;
}

/** `800 writes/s`, `up to 500 writes/s (by default)`. */
export const writesInWords = ({ perSecond, isDefault, isMost }: Load): string =>
  `${isMost ? 'up to ' : ''}${rate(perSecond).replace('/', ' writes/')}${byDefault(isDefault)}`;

/** `200`, `2.5`. */
export const about = (count: number): string => String(Number(count.toPrecision(count < 10 ? 2 : 3)));

/** `800/s`; to three digits where it is no whole number. */
export const rate = (perSecond: number): string =>
  formatRate(Number.isInteger(perSecond) ? perSecond : Number(perSecond.toPrecision(3)));

export const byDefault = (isDefault: boolean): string => (isDefault ? ' (by default)' : '');

export interface UpdatesAtRisk {
  /** Who writes to the store, in words. */
  readonly writers: string;
  readonly related: NonNullable<Finding['related']>;
}

/** Of a store that claims to lose no updates and that several clients write to; undefined: no such one. */
export function updatesAtRisk(design: Design, store: Store): UpdatesAtRisk | undefined {
  const [claim] = claimsOf(store, 'no-lost-updates');
  const writers = writersOf(design, store);
  const clients = writers.reduce((sum, one) => sum + one.clients, 0);
  if (claim === undefined || clients < 2) return undefined;
  const isDefault = writers.some(one => !isWritten(design, one));
  return {
    writers: `${clients} clients write to ${store.name}${byDefault(isDefault)}`,
    related: [{ at: claim, message: `"${claim.text}" is claimed here.` }],
  };
}
