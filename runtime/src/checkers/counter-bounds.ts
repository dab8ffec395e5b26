import type { Operation, Value } from './history.ts';
import { completionOf } from './objects.ts';

/** A read of a counter that is outside of what the increments around it allow. */
export interface OutOfBounds {
  readonly read: Operation;
  /** What the counter held at least, or at most, while the read ran. */
  readonly bound: number;
  readonly side: 'below' | 'above';
  /** Few increments, all returned before the read began, without which the bound would allow what was read. */
  readonly increments: readonly Operation[];
}

/**
 * Finds a read that no order explains, in O(n log n): a read sees every increment that had returned before it was
 * invoked and none that was invoked after it returned; what lies between may count or not. A necessary condition only:
 * two reads may contradict each other although each is within its bounds. `undefined`: all are.
 */
export function outOfBounds(operations: readonly Operation[], initial: Value): OutOfBounds | undefined {
  const start = (initial ?? 0) as number;
  const increments = operations.filter(operation => operation.kind === 'increment');
  const byInvoke = sums(
    [...increments].sort((a, b) => a.invoke - b.invoke),
    operation => operation.invoke,
  );
  const byReturn = sums(
    increments.filter(operation => operation.outcome === 'ok').sort((a, b) => a.complete - b.complete),
    completionOf,
  );
  for (const read of operations) {
    if (read.kind !== 'read') continue;
    const value = (read.output ?? 0) as number;
    const [returnedUp, returnedDown] = byReturn(read.invoke, false);
    const [begunUp, begunDown] = byInvoke(read.complete, true);
    const side =
      value < start + returnedUp + begunDown ? 'below' : value > start + begunUp + returnedDown ? 'above' : undefined;
    if (side === undefined) continue;
    const bound = side === 'below' ? start + returnedUp + begunDown : start + begunUp + returnedDown;
    const sign = side === 'below' ? 1 : -1;
    // How far the returned ones of this sign may go before the read becomes impossible.
    const slack = side === 'below' ? value - start - begunDown : start + begunUp - value;
    const returned = increments.filter(
      increment => completionOf(increment) < read.invoke && sign * amountOf(increment) > 0,
    );
    return { read, side, bound, increments: exceeding(returned, slack) };
  }
  return undefined;
}

/** As few as possible whose amounts add up to more than `slack`. */
function exceeding(increments: readonly Operation[], slack: number): Operation[] {
  const enough: Operation[] = [];
  let sum = 0;
  for (const increment of [...increments].sort((a, b) => Math.abs(amountOf(b)) - Math.abs(amountOf(a)))) {
    if (sum > slack) break;
    enough.push(increment);
    sum += Math.abs(amountOf(increment));
  }
  return enough;
}

function amountOf(increment: Operation): number {
  return increment.input === null ? 1 : (increment.input as number);
}

/** Sums of the positive and of the negative amounts of those at or before (`inclusive`), or before, a time. */
function sums(ordered: readonly Operation[], timeOf: (operation: Operation) => number) {
  const up = new Float64Array(ordered.length + 1);
  const down = new Float64Array(ordered.length + 1);
  for (const [i, increment] of ordered.entries()) {
    up[i + 1] = up[i] + Math.max(amountOf(increment), 0);
    down[i + 1] = down[i] + Math.min(amountOf(increment), 0);
  }
  return (time: number, inclusive: boolean): readonly [number, number] => {
    let low = 0;
    let high = ordered.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (timeOf(ordered[middle]) < time || (inclusive && timeOf(ordered[middle]) === time)) low = middle + 1;
      else high = middle;
    }
    return [up[low], down[low]];
  };
}
