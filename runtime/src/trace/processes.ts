/** Which process does an operation, when one of which nobody knows whether its operation took effect may do nothing more. */

import { STATUS } from './kinds.ts';
import type { OpTable } from './model.ts';

/** Whether nobody was told how an operation ended. */
export const isUnknown = (ops: OpTable, op: number): boolean => ops.complete[op] < 0 || ops.status[op] === STATUS.info;

/**
 * The process of each operation: its own, or a new one for what follows in the same process after one that retires it.
 * @param retires whether a process does nothing more after an operation
 */
export function retiringProcesses(ops: OpTable, retires: (op: number) => boolean): number[] {
  let free = ops.process.reduce((most, process) => Math.max(most, process + 1), 0);
  const now = new Map<number, number>();
  const retired = new Set<number>();
  return Array.from(ops.process, (process, op) => {
    if (retired.has(process)) now.set(process, free++);
    if (retires(op)) retired.add(process);
    else retired.delete(process);
    return now.get(process) ?? process;
  });
}
