import { sameValue } from '../model/value.ts';
import { CAS, type Compiled, READ, REFUSED, WRITE } from './compiled.ts';

export const ILLEGAL = -1;

/** The state after an item in a state, or `ILLEGAL` if its answer does not fit. Asks the model once per state and class. */
export function transitionsOf(compiled: Compiled): (state: number, item: number) => number {
  const { items, action, demands, produces, classOf, classes, states, model } = compiled;
  const known = new Map<number, number>();
  return (state, item) => {
    switch (action[item]) {
      case READ:
        return demands[item] === state ? state : ILLEGAL;
      case REFUSED:
        return demands[item] === state ? ILLEGAL : state;
      case WRITE:
        return produces[item];
      case CAS:
        return demands[item] === state ? produces[item] : ILLEGAL;
    }
    const edge = state * classes + classOf[item];
    const before = known.get(edge);
    if (before !== undefined) return before;
    const { operation } = items[item];
    const { state: reached, output } = model.apply(states.values[state], operation);
    const legal = operation.kind !== 'transaction' || operation.outcome !== 'ok' || sameValue(output, operation.output);
    const result = legal ? states.of(reached) : ILLEGAL;
    known.set(edge, result);
    return result;
  };
}
