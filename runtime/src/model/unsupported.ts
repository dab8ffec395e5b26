import type { OperationKind } from '../checkers/history.ts';

export function unsupported(model: string, kind: OperationKind, kinds: readonly OperationKind[]): Error {
  return new Error(`a ${model} has no operation "${kind}"; it has ${kinds.join(', ')}`);
}
