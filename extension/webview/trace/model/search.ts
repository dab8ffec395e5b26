/** Binary search in columns that do not decrease, and counting in masks. */

type Column = Float64Array | Int32Array | readonly number[];

/** First row from `from` on whose value is at least `value`; `to` when there is none before it. */
export function firstAtLeast(column: Column, value: number, from = 0, to = column.length): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First row whose value is greater than `value`; the column's length when there is none. */
export function firstGreater(column: Column, value: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Row whose value is nearest to `value`; -1 in an empty column. */
export function nearest(column: Column, value: number): number {
  const after = firstAtLeast(column, value);
  if (after === 0) return column.length === 0 ? -1 : 0;
  if (after === column.length) return after - 1;
  return column[after] - value < value - column[after - 1] ? after : after - 1;
}

/** How many a mask of ones and zeros names. */
export function countOf(mask: Uint8Array): number {
  let count = 0;
  for (let row = 0; row < mask.length; row++) count += mask[row];
  return count;
}
