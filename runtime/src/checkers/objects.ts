import type { DataModel } from '../model/model.ts';
import type { History, Operation } from './history.ts';

/** What happened to one object, as far as it can say anything about the object. */
export interface ObjectHistory {
  readonly key: string;
  /** Ordered by `invoke`. Without failed operations (they took no effect) and without reads of unknown result. */
  readonly operations: readonly Operation[];
}

/** Linearizability is local: a history is linearizable if and only if each object's part is (Herlihy & Wing 1990, §3.1). */
export function byObject(history: History, model: DataModel): ObjectHistory[] {
  const objects = new Map<string, Operation[]>();
  for (const operation of history.operations) {
    if (operation.outcome === 'fail' || (operation.outcome === 'unknown' && operation.kind === 'read')) continue;
    const key = model.perKey ? operation.key : '';
    const operations = objects.get(key);
    if (operations === undefined) objects.set(key, [operation]);
    else operations.push(operation);
  }
  return Array.from(objects, ([key, operations]) => ({ key, operations }));
}

/** When the operation had certainly taken effect, if it did: an operation of unknown outcome may still do so later. */
export function completionOf(operation: Operation): number {
  return operation.outcome === 'unknown' ? Number.POSITIVE_INFINITY : operation.complete;
}
