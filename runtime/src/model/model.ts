/** Stand-in until the data models land: per-key sequential behaviour. */
import type { OperationKind, Value } from '../checkers/history.ts';
import type { DataModel } from '../design/store.ts';

export type KeyState = Value;

export const missing = (model: DataModel): KeyState => (model === 'counter' ? 0 : null);

export const keyValue = (_model: DataModel, state: KeyState): Value => state;

export function applyToKey(
  _model: DataModel,
  state: KeyState,
  operation: { readonly kind: OperationKind; readonly input: Value },
): { state: KeyState; output: Value } {
  const { kind, input } = operation;
  switch (kind) {
    case 'read':
      return { state, output: state };
    case 'write':
      return { state: input, output: null };
    case 'delete':
      return { state: null, output: null };
    case 'cas': {
      const [expected, next] = input as readonly [Value, Value];
      return state === expected ? { state: next, output: true } : { state, output: false };
    }
    case 'increment':
      return { state: (state as number) + (input as number), output: null };
    default:
      throw new Error(`no ${kind}`);
  }
}
