/** The replicated data types of the language, by name. */
import type { ConflictPolicy } from '../../design/mechanism.ts';
import type { DataModel } from '../../design/store.ts';
import type { Crdt } from './crdt.ts';
import { gCounter } from './g-counter.ts';
import { gSet } from './g-set.ts';
import { lwwRegister } from './lww-register.ts';
import { orSet } from './or-set.ts';
import { pnCounter } from './pn-counter.ts';

export type CrdtName = Extract<ConflictPolicy, { kind: 'merge' }>['type'];

const types = {
  'g-counter': gCounter,
  'pn-counter': pnCounter,
  'g-set': gSet,
  'or-set': orSet,
  'lww-register': lwwRegister,
};

/** Whoever merges states does not look into them. */
export const crdtNamed = (name: CrdtName): Crdt<unknown> => types[name] as unknown as Crdt<unknown>;

/** Which objects of the language each of them can be. */
export const modelsOf: Readonly<Record<CrdtName, readonly DataModel[]>> = {
  'g-counter': ['counter'],
  'pn-counter': ['counter'],
  'g-set': ['set'],
  'or-set': ['set'],
  'lww-register': ['register', 'kv'],
};
