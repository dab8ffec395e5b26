import type { OperationKind, Value } from '../checkers/history.ts';

/** An operation in a few words: `write k3 = 17`, `cas x 1 -> 2`, `read x`. */
export function describe(kind: OperationKind, key: string, input: Value): string {
  if (kind === 'read' || kind === 'delete') return `${kind} ${key}`;
  if (kind === 'cas' && Array.isArray(input))
    return `cas ${key} ${show(input[0] ?? null)} -> ${show(input[1] ?? null)}`;
  return `${kind} ${key} ${kind === 'write' ? '= ' : ''}${show(input)}`;
}

export const show = (value: Value): string =>
  value === null ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
