/** Which process does an operation: one of which nobody knows whether its operation took effect does nothing more. */

import { STATUS } from './kinds.ts';
import type { OpTable } from './model.ts';

/** The process of each operation: its own, or a new one for what would follow an unknown outcome in the same process. */
export function retiringProcesses(ops: OpTable): number[] {
  let free = ops.process.reduce((most, process) => Math.max(most, process + 1), 0);
  const now = new Map<number, number>();
  const retired = new Set<number>();
  return Array.from(ops.process, (process, op) => {
    if (retired.has(process)) now.set(process, free++);
    if (ops.complete[op] < 0 || ops.status[op] === STATUS.info) retired.add(process);
    else retired.delete(process);
    return now.get(process) ?? process;
  });
}
