import type { OperationKind, Value } from '../checkers/history.ts';
import type { Applied, DataModel, Request } from './model.ts';
import { compareAndSet } from './register.ts';
import { unsupported } from './unsupported.ts';

const KINDS: readonly OperationKind[] = ['read', 'write', 'cas', 'delete', 'append'];

/** One entry of a key-value store: a register that can be deleted (`null`), and appended to as text. */
export const kv: DataModel = {
  name: 'kv',
  kinds: KINDS,
  overwrites: ['write', 'delete'],
  perKey: true,
  initial: value => value,
  observed: output => output,
  grows: (from, to) => text(to).startsWith(text(from)),
  apply(state: Value, request: Request): Applied {
    switch (request.kind) {
      case 'read':
        return { state, output: state };
      case 'write':
        return { state: request.input, output: null };
      case 'cas':
        return compareAndSet(state, request.input);
      case 'delete':
        return { state: null, output: null };
      case 'append':
        return { state: text(state) + text(request.input), output: null };
      default:
        throw unsupported('kv', request.kind, KINDS);
    }
  },
};

function text(value: Value): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
