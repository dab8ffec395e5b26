/** What a checker found of an order of operations: how far it goes, and what fits nowhere in it. */

import type { Trace } from '@dsys/runtime/trace/model';

export interface Partial {
  /** Operations in the order in which they took effect. */
  readonly order: readonly number[];
  /** Operations on the same key that were answered and that the order has no place for, by their answers. */
  readonly unplaced: readonly number[];
  readonly key: number;
}

/** The longest partial linearizations of a check's witness, one for each key that has none of all its operations. */
export function partialsOf(trace: Trace, check: number): Partial[] {
  const { key, complete, status } = trace.ops;
  const witness = trace.checks[check]?.witness;
  return (witness?.partials ?? [])
    .filter(order => order.length > 0)
    .map(order => {
      const placed = new Set(order);
      const unplaced: number[] = [];
      for (let op = 0; op < trace.ops.length; op++)
        if (key[op] === key[order[0]] && status[op] === 1 && !placed.has(op)) unplaced.push(op);
      return { order, unplaced: unplaced.sort((left, right) => complete[left] - complete[right]), key: key[order[0]] };
    });
}
