/** A set that only grows: the union (RR-7506, specification 11). */
import type { Value } from '../../checkers/history.ts';
import { compareValues, valueKey } from '../../model/value.ts';
import { type Crdt, cannot } from './crdt.ts';

/** Elements by their keys. */
export type GSet = Readonly<Record<string, Value>>;

export const sorted = (elements: readonly Value[]): readonly Value[] => [...elements].sort(compareValues);

export const gSet: Crdt<GSet> = {
  name: 'g-set',
  kinds: ['add'],
  empty: {},
  update(_state, { kind, input }) {
    if (kind === 'delete') return 'a g-set only grows: take an or-set';
    return kind === 'add' ? { [valueKey(input)]: input } : cannot('g-set', kind);
  },
  merge: (a, b) => ({ ...a, ...b }),
  value: state => sorted(Object.values(state)),
};
