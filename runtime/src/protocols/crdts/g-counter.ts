/** A counter that only grows: each replica counts its own increments, the sum is the value (RR-7506, specification 6). */
import { type Crdt, cannot } from './crdt.ts';

/** By replica, how much it has added. */
export type GCounter = Readonly<Record<string, number>>;

export const mergeCounts = (a: GCounter, b: GCounter): GCounter => {
  const merged: Record<string, number> = { ...a };
  for (const replica in b) merged[replica] = Math.max(merged[replica] ?? 0, b[replica]!);
  return merged;
};

export const sumOf = (counts: GCounter): number => Object.values(counts).reduce((sum, one) => sum + one, 0);

export const gCounter: Crdt<GCounter> = {
  name: 'g-counter',
  kinds: ['increment'],
  empty: {},
  update(state, { kind, input }, { replica }) {
    if (kind !== 'increment') return cannot('g-counter', kind);
    const by = input === null ? 1 : Number(input);
    if (by < 0) return 'a g-counter only grows: take a pn-counter';
    return { [replica]: (state[replica] ?? 0) + by };
  },
  merge: mergeCounts,
  value: sumOf,
};
