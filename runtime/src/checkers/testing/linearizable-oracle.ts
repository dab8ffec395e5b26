import type { DataModel } from '../../model/model.ts';
import { sameValue } from '../../model/value.ts';
import type { History, Operation, Value } from '../history.ts';

/** Linearizability by trying every order: the definition, written down. For histories of up to seven operations or so. */
export function isLinearizable(history: History, model: DataModel): boolean {
  const keys = new Set(history.operations.map(operation => (model.perKey ? operation.key : '')));
  for (const key of keys) {
    const operations = history.operations.filter(o => o.outcome !== 'fail' && (!model.perKey || o.key === key));
    if (!explains(operations, model, model.initial(history.initial))) return false;
  }
  return true;
}

function explains(unplaced: readonly Operation[], model: DataModel, state: Value): boolean {
  if (unplaced.every(operation => operation.outcome === 'unknown')) return true;
  return unplaced.some(operation => {
    if (unplaced.some(other => other !== operation && precedes(other, operation))) return false;
    const { state: reached, output } = model.apply(state, operation);
    if (operation.outcome === 'ok' && ANSWERS.has(operation.kind) && !sameValue(output, expected(operation, model)))
      return false;
    return explains(
      unplaced.filter(other => other !== operation),
      model,
      reached,
    );
  });
}

const ANSWERS = new Set(['read', 'cas', 'transaction']);

function expected(operation: Operation, model: DataModel): Value {
  return operation.kind === 'read' ? model.observed(operation.output) : operation.output;
}

/** It had returned before the other was asked; at equal times, only if the same client did both, in the order of ids. */
export function precedes(a: Operation, b: Operation): boolean {
  if (a.outcome !== 'ok') return false;
  return a.complete < b.invoke || (a.complete === b.invoke && a.process === b.process && a.id < b.id);
}

/**
 * Whether the operations with these ids are a reason why the history has no linearization: at some time, with only them
 * known as recorded until then (the answers of all others forgotten, their changes made at any time or never), there is
 * already none.
 */
export function isReason(history: History, ids: readonly number[], model: DataModel): boolean {
  const kept = new Set(ids);
  const ends = history.operations
    .filter(({ id, outcome }) => kept.has(id) && outcome === 'ok')
    .map(({ complete }) => complete);
  return ends.some(end => {
    const unknown = { outcome: 'unknown' as const, complete: Number.POSITIVE_INFINITY };
    const operations = history.operations
      .filter(({ invoke }) => invoke <= end)
      .map(operation => (operation.complete <= end ? operation : { ...operation, ...unknown }))
      .map(operation => (kept.has(operation.id) ? operation : { ...operation, ...unknown, invoke: -1 }))
      // What an operation of unknown outcome answered is not known, and a refused cas changed nothing.
      .filter(({ outcome, kind, output }) => outcome === 'ok' || (kind !== 'read' && output !== false));
    return !isLinearizable({ ...history, operations }, model);
  });
}
