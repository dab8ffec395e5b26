import type { OperationKind, Value } from '../checkers/history.ts';
import type { Applied, DataModel, Request } from './model.ts';
import { unsupported } from './unsupported.ts';
import { sameValue } from './value.ts';

const KINDS: readonly OperationKind[] = ['transaction'];

/**
 * Several registers that are read and written together, at once: the input of a `transaction` is a list of
 * `['read', key, null]` and `['write', key, value]`, its output the same list with the values that were read.
 * The state lists the value of every key that nobody wrote, and then `[key, value]` of the others, by key.
 */
export const multiRegister: DataModel = {
  name: 'multi-register',
  kinds: KINDS,
  overwrites: [],
  perKey: false,
  initial: value => [value],
  observed: output => output,
  grows: sameValue,
  apply(state: Value, request: Request): Applied {
    if (request.kind !== 'transaction') throw unsupported('multi-register', request.kind, KINDS);
    const [others, ...entries] = state as readonly [Value, ...(readonly [string, Value])[]];
    const registers = new Map<string, Value>(entries as readonly (readonly [string, Value])[]);
    const output: Value[] = [];
    for (const [kind, key, value] of request.input as readonly (readonly [string, string, Value])[]) {
      if (kind === 'write') registers.set(key, value);
      output.push([kind, key, registers.has(key) ? registers.get(key)! : others]);
    }
    const sorted = [...registers].sort(([a], [b]) => (a < b ? -1 : 1));
    return { state: [others, ...sorted], output };
  },
};
