import type { OperationKind, Value } from '../checkers/history.ts';
import type { Applied, DataModel, Request } from './model.ts';
import { unsupported } from './unsupported.ts';
import { sameValue } from './value.ts';

const KINDS: readonly OperationKind[] = ['read', 'write', 'cas'];

/** One value: read, write, compare-and-set. A cas answers whether it was applied. */
export const register: DataModel = {
  name: 'register',
  kinds: KINDS,
  overwrites: ['write'],
  perKey: true,
  initial: value => value,
  observed: output => output,
  grows: sameValue,
  apply(state: Value, request: Request): Applied {
    switch (request.kind) {
      case 'read':
        return { state, output: state };
      case 'write':
        return { state: request.input, output: null };
      case 'cas':
        return compareAndSet(state, request.input);
      default:
        throw unsupported('register', request.kind, KINDS);
    }
  },
};

/** `input` is `[expected, replacement]`. */
export function compareAndSet(state: Value, input: Value): Applied {
  const [expected, replacement] = input as readonly [Value, Value];
  return sameValue(state, expected) ? { state: replacement, output: true } : { state, output: false };
}
