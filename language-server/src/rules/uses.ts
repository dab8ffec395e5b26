/** Stores as the reads and the writes of workloads see them, and where it is written that they see them so. */
import { latencyFloor } from '@dsys/runtime/analysis/latency-floors';
import type { Design } from '@dsys/runtime/design/design';
import type { Located } from '@dsys/runtime/design/source';
import type { Partition, Store } from '@dsys/runtime/design/store';
import { usesOfStore } from '@dsys/runtime/protocols/descriptors';
import { differentUses, type Use, useWords } from '@dsys/runtime/protocols/uses';
import { smallestPartition } from './questions.ts';
import type { Spot } from './rule.ts';

export type OverriddenOption = 'read' | 'write';

const known = new WeakMap<Design, Map<Store, readonly Use[]>>();

/** Every pair of a read and a write that is used, computed once per design. */
export function usesIn(design: Design, store: Store): readonly Use[] {
  let uses = known.get(design);
  if (uses === undefined) known.set(design, (uses = new Map()));
  let found = uses.get(store);
  if (found === undefined) uses.set(store, (found = usesOfStore(design, store)));
  return found;
}

/** Whose option it is: the workload's that overrides it, else the mechanism's. */
export const ownerOf = ({ reader, writer, store }: Use, option: OverriddenOption): Located =>
  (option === 'read' ? reader : writer) ?? store.mechanism;

/** The one of the two options that makes the use differ from the store's own way; the store's reads where none does. */
export const optionOf = ({ reader, writer }: Use): OverriddenOption =>
  reader === null && writer !== null ? 'write' : 'read';

export const spotOf = (use: Use, option: OverriddenOption): Spot => ({ of: ownerOf(use, option), option });

/** `For write one of workload w: `, before what is said of it; empty for the store's own way. */
export function whose(use: Use): string {
  const words = useWords(use);
  return words === '' ? '' : `For ${words}: `;
}

/** Where it is written that the store is kept so, for what a finding is related to. */
export function keptSo(use: Use, { name }: Store): { readonly at: Spot; readonly message: string } {
  if (use.reader === null && use.writer === null)
    return { at: use.store.mechanism, message: `${name} is kept this way.` };
  const option = optionOf(use);
  const workload = (option === 'read' ? use.reader : use.writer)!;
  return { at: spotOf(use, option), message: `Clients of ${workload.name} ask ${name} so.` };
}

/** The partition with the fewest copies, with the quorums of the use. */
export const smallestOf = (design: Design, use: Use): Partition => use.partition(smallestPartition(design, use.store));

/** The least latency of an operation, whoever asks for it: of several ways the fastest. */
export function leastLatency(
  design: Design,
  store: Store,
  operation: 'read' | 'write',
): ReturnType<typeof latencyFloor> {
  const floors = differentUses(usesOfStore(design, store)).map(use => latencyFloor(design, use.store, operation));
  return floors.reduce((a, b) => (!('value' in a) ? a : !('value' in b) || b.value < a.value ? b : a));
}

/** What is found of several uses for one reason, which stands in one option: it is told once. */
export function* oncePerOption<T extends { readonly use: Use }>(
  found: Iterable<T>,
  option: (one: T) => OverriddenOption,
): Iterable<T> {
  const told = new Set<string>();
  for (const one of found) {
    const { reader, writer, store } = one.use;
    const text = `${store.name} ${(option(one) === 'read' ? reader : writer)?.name ?? ''}`;
    if (told.has(text)) continue;
    told.add(text);
    yield one;
  }
}
