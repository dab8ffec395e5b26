/** A counter that goes both ways: one that grows for what was added, one for what was taken (RR-7506, specification 7). */
import { type Crdt, cannot } from './crdt.ts';
import { type GCounter, mergeCounts, sumOf } from './g-counter.ts';

export interface PnCounter {
  readonly added: GCounter;
  readonly taken: GCounter;
}

export const pnCounter: Crdt<PnCounter> = {
  name: 'pn-counter',
  kinds: ['increment'],
  empty: { added: {}, taken: {} },
  update({ added, taken }, { kind, input }, { replica }) {
    if (kind !== 'increment') return cannot('pn-counter', kind);
    const by = input === null ? 1 : Number(input);
    return by >= 0
      ? { added: { [replica]: (added[replica] ?? 0) + by }, taken: {} }
      : { added: {}, taken: { [replica]: (taken[replica] ?? 0) - by } };
  },
  merge: (a, b) => ({ added: mergeCounts(a.added, b.added), taken: mergeCounts(a.taken, b.taken) }),
  value: ({ added, taken }) => sumOf(added) - sumOf(taken),
};
