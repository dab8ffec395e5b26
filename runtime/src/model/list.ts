import type { OperationKind, Value } from '../checkers/history.ts';
import type { Applied, DataModel, Request } from './model.ts';
import { unsupported } from './unsupported.ts';
import { sameValue } from './value.ts';

const KINDS: readonly OperationKind[] = ['read', 'append'];

/** Elements in the order in which they were appended. Absent: empty. */
export const list: DataModel = {
  name: 'list',
  kinds: KINDS,
  overwrites: [],
  perKey: true,
  initial: elements,
  observed: elements,
  grows(from: Value, to: Value): boolean {
    const longer = elements(to);
    return elements(from).every((element, i) => i < longer.length && sameValue(element, longer[i]));
  },
  apply(state: Value, request: Request): Applied {
    switch (request.kind) {
      case 'read':
        return { state, output: state };
      case 'append':
        return { state: [...elements(state), request.input], output: null };
      default:
        throw unsupported('list', request.kind, KINDS);
    }
  },
};

function elements(value: Value): readonly Value[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw new Error(`a list holds a list of elements, not ${JSON.stringify(value)}`);
  return value;
}
