import { describe, expect, it } from 'vitest';
import { type Arrows, drawArrows } from './arrow-pixels.ts';

const W = 40;
const H = 30;
const WORD = 0xff123456;

/** Opacities from 0 to 255, row by row. */
function drawn(at: readonly number[], changes: Partial<Arrows> = {}): { rows: number[][]; words: Uint32Array } {
  const pixels = new Uint32Array(W * H);
  drawArrows({ pixels, w: W, h: H }, { at, width: 1, head: 0, word: WORD, dotted: false, ...changes });
  const rows = Array.from({ length: H }, (_, row) =>
    [...pixels.subarray(row * W, (row + 1) * W)].map(one => one >>> 24),
  );
  return { rows, words: pixels };
}
const sum = (rows: readonly (readonly number[])[]): number => rows.flat().reduce((all, one) => all + one, 0) / 255;
/** Where the middle of what is covered lies. */
const middle = (cells: readonly number[]): number =>
  cells.reduce((all, share, at) => all + share * (at + 0.5), 0) / cells.reduce((all, share) => all + share, 0);

describe('lines', () => {
  it('cover one column where they stand in its middle, and two half where they stand between', () => {
    const inside = drawn([10.5, 5, 10.5, 20]).rows;
    expect(inside.map(row => row[10])).toEqual(inside.map((_, row) => (row >= 5 && row < 20 ? 255 : 0)));
    expect(sum(inside)).toBeCloseTo(15, 1);
    const between = drawn([10, 5, 10, 20]).rows;
    expect(between[12].slice(8, 12).map(share => Math.round(share / 4))).toEqual([0, 32, 32, 0]);
  });

  it('run from end to end, whichever way they lie', () => {
    const [x0, y0, x1, y1] = [6.3, 4.5, 21.7, 24.5];
    for (const at of [
      [x0, y0, x1, y1],
      [x1, y1, x0, y0],
    ]) {
      const { rows } = drawn(at);
      for (let row = 5; row < 24; row++)
        expect(middle(rows[row])).toBeCloseTo(x0 + ((row + 0.5 - y0) / (y1 - y0)) * (x1 - x0), 1);
      expect(sum(rows)).toBeCloseTo(21, 0);
    }
    const level = drawn([4.5, 6.3, 24.5, 21.7]).rows;
    const turned = Array.from({ length: H }, (_, column) => level.map(row => row[column]));
    for (let column = 5; column < 24; column++)
      expect(middle(turned[column])).toBeCloseTo(6.3 + ((column + 0.5 - 4.5) / 20) * 15.4, 1);
  });

  it('are as wide as asked for', () => {
    expect(drawn([10.5, 5, 10.5, 20], { width: 3 }).rows[9].slice(7, 14)).toEqual([0, 0, 255, 255, 255, 0, 0]);
  });

  it('have their colour, and add up where they shine through', () => {
    const { rows, words } = drawn([10.5, 0, 10.5, 9, 10.5, 0, 10.5, 9], { word: 0x80123456 });
    expect(words[4 * W + 10] & 0xffffff).toBe(0x123456);
    expect(rows[4][10]).toBe(0xc0);
    expect(words[4 * W + 11]).toBe(0);
  });

  it('are dots if they are to be dotted', () => {
    const { rows } = drawn([10.5, 0, 10.5, 20], { dotted: true });
    expect(rows.slice(0, 9).map(row => row[10])).toEqual([255, 0, 0, 0, 255, 0, 0, 0, 255]);
  });

  it('end at the edges', () => {
    const far = drawn([10.5, -1e6, 10.5, 1e6]).rows;
    expect(far.every(row => row[10] === 255)).toBe(true);
    const level = drawn([-1e9, 12.5, 1e9, 12.5]).rows;
    expect(level[12].slice(0, W)).toEqual(new Array(W).fill(255));
    for (const at of [
      [-1e9, -3, -1e9, 90],
      [1e9, 5, 1e9 + 4, 40],
      [Number.NaN, 3, 5, 8],
    ])
      expect(sum(drawn(at, { head: 8 }).rows)).toBe(0);
  });
});

describe('heads', () => {
  it.each([
    ['right', 1, 0],
    ['left', -1, 0],
    ['down', 0, 1],
    ['aslant', Math.SQRT1_2, -Math.SQRT1_2],
  ])('point %s', (_, ux, uy) => {
    // So short a line that nothing but the head is seen.
    const { rows } = drawn([20 - ux * 1e-6, 15 - uy * 1e-6, 20, 15], { head: 8 });
    // Half its length times its width.
    expect(sum(rows)).toBeGreaterThan(27);
    expect(sum(rows)).toBeLessThan(33);
    const x = middle(rows[0].map((_, column) => rows.reduce((all, row) => all + row[column], 0)));
    const y = middle(rows.map(row => row.reduce((all, one) => all + one, 0)));
    // Two thirds of a triangle's height are between its tip and its middle.
    expect(x).toBeCloseTo(20 - (ux * 16) / 3, 0);
    expect(y).toBeCloseTo(15 - (uy * 16) / 3, 0);
  });

  it('end at the edges', () => {
    expect(sum(drawn([5, -9, 5, -3], { head: 8 }).rows)).toBe(0);
    expect(sum(drawn([36, 15, 41, 15], { head: 8 }).rows)).toBeGreaterThan(10);
  });
});
