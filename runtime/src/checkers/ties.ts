import type { Operation } from './history.ts';
import { completionOf } from './objects.ts';

/**
 * For each operation the position of the one after which its client asked it within the same instant, or -1. Equal
 * times order nothing between clients, but a client asks only after it was answered.
 */
export function tiedAfter(operations: readonly Operation[]): Int32Array {
  const tied = new Int32Array(operations.length).fill(-1);
  const lastOf = new Map<number, number>();
  for (let i = 0; i < operations.length; i++) {
    const { process, invoke } = operations[i];
    const last = lastOf.get(process);
    if (last !== undefined && operations[last].complete === invoke) tied[i] = last;
    if (Number.isFinite(completionOf(operations[i]))) lastOf.set(process, i);
  }
  return tied;
}

export function hasTies(operations: readonly Operation[]): boolean {
  return tiedAfter(operations).some(position => position >= 0);
}
