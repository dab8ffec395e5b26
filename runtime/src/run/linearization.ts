/** Where checkers placed the effect of operations: written into the trace for people, after everything is judged. */

import { linearizationsOf, pointsOf } from '../checkers/linearization.ts';
import { STATUS } from '../trace/kinds.ts';
import type { OpTable } from '../trace/model.ts';
import type { Executed } from './execute.ts';
import type { Judged } from './judge.ts';
import { viewWithTransactions } from './transaction-view.ts';

const isAboutRealTime = ({ property, verdict }: Judged): boolean =>
  /^consistency (linearizable|strict)$/.test(property) && verdict !== 'unknown';

/**
 * Fills `linearizedAt` for the stores whose linearizability was judged. Where it was violated, the operations that find no
 * place in the longest partial linearization keep -1.
 * @returns by store, for each key without a complete linearization the longest partial one, as rows of `ops`
 */
export function placeLinearizationPoints(
  executed: Executed,
  properties: readonly Judged[],
  ops: OpTable,
): ReadonlyMap<string, readonly (readonly number[])[]> {
  const partials = new Map<string, readonly (readonly number[])[]>();
  const judged = new Set(properties.filter(isAboutRealTime).map(({ of }) => of));
  for (const store of executed.stores) {
    if (!judged.has(store.name)) continue;
    const { history, model, logged } = viewWithTransactions(executed, store);
    const open: number[][] = [];
    for (const { operations, complete } of linearizationsOf(history, model)) {
      const rows = operations.map(({ id }) => logged[id]!.id).filter(row => row < ops.length);
      const points = pointsOf(rows.map(row => ({ first: ops.invoke[row]!, last: lastOf(ops, row) })));
      for (const [index, row] of rows.entries()) ops.linearizedAt[row] = points[index]!;
      if (!complete) open.push(rows);
    }
    if (open.length > 0) partials.set(store.name, open);
  }
  return partials;
}

/** An operation whose outcome nobody was told may have taken effect at any time. */
const lastOf = ({ complete, status }: OpTable, row: number): number =>
  complete[row]! < 0 || status[row] === STATUS.info ? Number.POSITIVE_INFINITY : complete[row]!;
