import type { OperationKind, Value } from '../checkers/history.ts';
import type { Applied, DataModel, Request } from './model.ts';
import { unsupported } from './unsupported.ts';
import { compareValues, sameValue } from './value.ts';

const KINDS: readonly OperationKind[] = ['read', 'add', 'delete'];

/** Elements without order or repetition, kept sorted. `delete` takes out the element that is its input. Absent: empty. */
export const set: DataModel = {
  name: 'set',
  kinds: KINDS,
  overwrites: [],
  perKey: true,
  initial: elements,
  observed: elements,
  grows(from: Value, to: Value): boolean {
    const target = elements(to);
    return elements(from).every(element => has(target, element));
  },
  apply(state: Value, request: Request): Applied {
    const current = state as readonly Value[];
    switch (request.kind) {
      case 'read':
        return { state, output: state };
      case 'add':
        if (has(current, request.input)) return { state, output: null };
        return { state: current.toSpliced(position(current, request.input), 0, request.input), output: null };
      case 'delete':
        if (!has(current, request.input)) return { state, output: null };
        return { state: current.toSpliced(position(current, request.input), 1), output: null };
      default:
        throw unsupported('set', request.kind, KINDS);
    }
  },
};

function elements(value: Value): readonly Value[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw new Error(`a set holds a list of elements, not ${JSON.stringify(value)}`);
  return [...value].sort(compareValues).filter((element, i, all) => i === 0 || !sameValue(element, all[i - 1]));
}

/** Index at which `element` is, or would be inserted. */
function position(sorted: readonly Value[], element: Value): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareValues(sorted[middle], element) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function has(sorted: readonly Value[], element: Value): boolean {
  const i = position(sorted, element);
  return i < sorted.length && sameValue(sorted[i], element);
}
