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

/**
 * Why a history cannot be checked, in one sentence, or `undefined`: operations must be numbered by position, ordered
 * by `invoke`, completed not before they were invoked, known to the model, and one at a time within a session.
 */
export function historyProblem(history: History, model?: DataModel): string | undefined {
  const open = new Map<number, Operation>();
  for (const [position, operation] of history.operations.entries()) {
    const { id, invoke, complete, outcome, kind, process } = operation;
    const what = `operation ${position} (${kind} of process ${process})`;
    if (id !== position) return `${what} has id ${id}; ids count from 0 in the order of the history.`;
    if (position > 0 && !(history.operations[position - 1].invoke <= invoke))
      return `${what} was invoked at ${invoke}, before the operation listed ahead of it; sort the history by time of invocation.`;
    if (outcome === 'ok' && !(complete >= invoke && complete < Number.POSITIVE_INFINITY))
      return `${what} completed at ${complete}, but was invoked at ${invoke}; an operation that never returned has the outcome "unknown".`;
    if (model !== undefined && !model.kinds.includes(kind))
      return `${what} is not something that a ${model.name} can do: it knows ${model.kinds.join(', ')}.`;
    const previous = open.get(process);
    if (previous !== undefined && previous.outcome === 'ok' && previous.complete > invoke)
      return `${what} was invoked at ${invoke}, while operation ${previous.id} of the same process was open until ${previous.complete}; a session does one thing at a time.`;
    open.set(process, operation);
  }
  return undefined;
}
