/** Zipf's law: of `count` values, the i-th from 0 has weight 1 / (i + 1)^s; with s = 0 all have the same. */

export const zipfWeights = (count: number, s: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.exp(-s * Math.log(i + 1)));

const tables = new Map<string, Float64Array>();

/** Cumulative shares, the last one 1. */
export function zipfTable(count: number, s: number): Float64Array {
  const name = `${count} ${s}`;
  let table = tables.get(name);
  if (table === undefined) {
    table = zipfWeights(count, s);
    let sum = 0;
    for (let i = 0; i < count; i++) table[i] = sum += table[i]!;
    for (let i = 0; i < count; i++) table[i]! /= sum;
    tables.set(name, table);
  }
  return table;
}

/** Which of them stands at `at` of [0, 1) in a table of cumulative shares. */
export function drawnFrom(table: Float64Array, at: number): number {
  let low = 0;
  let high = table.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (table[middle]! > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
