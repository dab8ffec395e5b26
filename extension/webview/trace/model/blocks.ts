/**
 * What lasts from one event to another (messages, operations), in blocks: each says between which events its rows lie, so
 * that a window finds those that cross it without a look at all of them.
 */

export const ROWS_PER_BLOCK = 4096;

export interface Blocks {
  /** First event at which one of a block's rows begins, and last one at which one ends. */
  readonly first: Int32Array;
  readonly last: Int32Array;
}

/** @param open where rows without an end (-1) end: `start`, or never */
export function blocksOf(starts: Int32Array, ends: Int32Array, open: 'start' | 'never'): Blocks {
  const count = Math.ceil(starts.length / ROWS_PER_BLOCK);
  const first = new Int32Array(count).fill(2_147_483_647);
  const last = new Int32Array(count).fill(-1);
  for (let row = 0; row < starts.length; row++) {
    const block = Math.floor(row / ROWS_PER_BLOCK);
    // What begins nowhere is in no window.
    if (starts[row] < 0) continue;
    const end = ends[row] >= 0 ? ends[row] : open === 'never' ? 2_147_483_647 : starts[row];
    if (starts[row] < first[block]) first[block] = starts[row];
    if (end > last[block]) last[block] = end;
  }
  return { first, last };
}

/** Whether a block may have rows that touch the events from `from` to before `to`. */
export function touches({ first, last }: Blocks, block: number, from: number, to: number): boolean {
  return first[block] < to && last[block] >= from;
}
