/** What a declared transaction asks for, each time that it is run: which keys, and what is done to them. */
import type { OperationKind, Value } from '../checkers/history.ts';
import type { SourceRange } from '../design/source.ts';
import type { DataModel, Partition, Store, Transaction } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import type { Asked } from './session.ts';
import type { Step } from './transaction-routes.ts';

/** A declared transaction, ready to be run. */
export interface Runnable {
  readonly transaction: Transaction;
  /** Group that coordinates it. */
  readonly coordinator: Partition;
  readonly stores: readonly Store[];
}

/** What stores of these models can take part with. */
export const transactional: ReadonlySet<DataModel> = new Set(['register', 'kv', 'counter', 'list']);

/** Keys of two stores are different keys of one history. */
export const keyName = (store: string, key: string): string => `${store}/${key}`;

/** What the history says in place of a transaction's name where a client read several keys of a store without one. */
export const scanOf = (store: string): string => `scan of ${store}`;

/**
 * Reads read every key. Updates read each key and write it, or append to it; counters are moved: what the others get is
 * taken from the first, so that their sum stays what it is.
 * @param keysOf so many distinct keys of a store; null: all
 * @param unique the next value that nobody has written yet
 */
export function transactionAsked(
  { transaction, coordinator, stores }: Runnable,
  keysOf: (store: Store, count: number | null) => readonly string[],
  unique: () => Value,
  from: { readonly at: SourceRange; readonly declaration: string; readonly via: NodeId | null },
): Asked {
  const steps: Value[] = [];
  const routes: Step[] = [];
  for (const access of transaction.accesses)
    for (const store of stores.filter(({ name }) => access.stores.includes(name))) {
      const keys = keysOf(store, access.keys);
      for (const [i, key] of keys.entries())
        for (const [kind, value] of stepsOn(store.model, access.kind, i, keys.length, unique)) {
          steps.push([kind, keyName(store.name, key), value]);
          routes.push([store, kind, key, value]);
        }
    }
  return {
    store: null,
    kind: 'transaction',
    key: '',
    input: steps,
    transaction: { name: transaction.name, coordinator: coordinator.id, steps: routes },
    ...from,
  };
}

function stepsOn(
  model: DataModel,
  kind: Transaction['kind'],
  index: number,
  count: number,
  unique: () => Value,
): readonly (readonly [OperationKind, Value])[] {
  if (kind === 'read') return [['read', null]];
  switch (model) {
    case 'counter':
      return [['increment', index > 0 || count === 1 ? 1 : 1 - count]];
    case 'list':
      return [
        ['read', null],
        ['append', unique()],
      ];
    default:
      return [
        ['read', null],
        ['write', unique()],
      ];
  }
}
