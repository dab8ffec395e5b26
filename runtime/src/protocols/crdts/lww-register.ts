/** A register that keeps the write with the highest stamp (RR-7506, specification 8). */
import type { Value } from '../../checkers/history.ts';
import { compareStamps, type Stamp } from '../versions/stamps.ts';
import { type Crdt, cannot } from './crdt.ts';

/** null: never written. */
export type LwwRegister = { readonly stamp: Stamp; readonly value: Value } | null;

export const lwwRegister: Crdt<LwwRegister> = {
  name: 'lww-register',
  kinds: ['write', 'delete'],
  empty: null,
  update(_state, { kind, input }, { stamp }) {
    if (kind === 'write') return { stamp, value: input };
    return kind === 'delete' ? { stamp, value: null } : cannot('lww-register', kind);
  },
  merge(a, b) {
    if (a === null || b === null) return a ?? b;
    return compareStamps(a.stamp, b.stamp) >= 0 ? a : b;
  },
  value: state => state?.value ?? null,
};
