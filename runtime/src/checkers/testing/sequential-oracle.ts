import type { DataModel } from '../../model/model.ts';
import { sameValue } from '../../model/value.ts';
import type { History, Operation, Value } from '../history.ts';

/** Sequential consistency by trying every order. For histories of up to seven operations or so. */
export function isSequential({ operations, initial }: History, model: DataModel): boolean {
  const relevant = operations.filter(({ outcome }) => outcome !== 'fail');
  return explains(relevant, new Map(), model, model.initial(initial));
}

const ANSWERS = new Set(['read', 'cas']);

function explains(
  unplaced: readonly Operation[],
  states: ReadonlyMap<string, Value>,
  model: DataModel,
  initial: Value,
): boolean {
  if (unplaced.every(({ outcome }) => outcome === 'unknown')) return true;
  return unplaced.some(operation => {
    const precedes = (other: Operation) =>
      other.outcome === 'ok' && other.process === operation.process && other.id < operation.id;
    if (unplaced.some(precedes)) return false;
    const { state, output } = model.apply(states.get(operation.key) ?? initial, operation);
    const told = operation.kind === 'read' ? model.observed(operation.output) : operation.output;
    if (operation.outcome === 'ok' && ANSWERS.has(operation.kind) && !sameValue(output, told)) return false;
    const rest = unplaced.filter(other => other !== operation);
    return explains(rest, new Map(states).set(operation.key, state), model, initial);
  });
}
