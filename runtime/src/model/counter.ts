import type { OperationKind, Value } from '../checkers/history.ts';
import type { Applied, DataModel, Request } from './model.ts';
import { unsupported } from './unsupported.ts';

const KINDS: readonly OperationKind[] = ['read', 'increment'];

/** A number: read, increment by an amount (`null`: by 1; may be negative). An absent counter is 0. */
export const counter: DataModel = {
  name: 'counter',
  kinds: KINDS,
  overwrites: [],
  perKey: true,
  initial: count,
  observed: count,
  grows: () => true,
  apply(state: Value, request: Request): Applied {
    switch (request.kind) {
      case 'read':
        return { state, output: state };
      case 'increment':
        return { state: count(state) + (request.input === null ? 1 : count(request.input)), output: null };
      default:
        throw unsupported('counter', request.kind, KINDS);
    }
  },
};

function count(value: Value): number {
  if (value === null) return 0;
  if (typeof value !== 'number') throw new Error(`a counter holds numbers, not ${JSON.stringify(value)}`);
  return value;
}
