import { describe, expect, test } from 'vitest';
import { stream } from '../kernel/random.ts';
import { patience } from './patience.ts';

const diff = (a: readonly number[], b: readonly number[]): number[] => [
  ...patience(Int32Array.from(a), Int32Array.from(b)),
];

/** Partners are equal, different from each other, and in order. */
function sound(a: readonly number[], b: readonly number[], partner: readonly number[]): void {
  let last = -1;
  partner.forEach((at, place) => {
    if (at < 0) return;
    expect(b[at]).toBe(a[place]);
    expect(at).toBeGreaterThan(last);
    last = at;
  });
}

/** Length of the longest common subsequence, by the textbook's table. */
function longest(a: readonly number[], b: readonly number[]): number {
  const row = new Array<number>(b.length + 1).fill(0);
  for (const one of a) {
    let diagonal = 0;
    for (let at = 1; at <= b.length; at++) {
      const above = row[at];
      row[at] = b[at - 1] === one ? diagonal + 1 : Math.max(row[at], row[at - 1]);
      diagonal = above;
    }
  }
  return row[b.length];
}

describe('patience', () => {
  test('finds what was put in, taken out and moved', () => {
    expect(diff([1, 2, 3, 4], [1, 2, 3, 4])).toEqual([0, 1, 2, 3]);
    expect(diff([1, 2, 3], [1, 9, 2, 3])).toEqual([0, 2, 3]);
    expect(diff([1, 9, 2, 3], [1, 2, 3])).toEqual([0, -1, 1, 2]);
    // Of what changed places, the longer run stays.
    expect(diff([1, 2, 3, 9, 4], [9, 1, 2, 3, 4])).toEqual([1, 2, 3, -1, 4]);
    expect(diff([], [1])).toEqual([]);
    expect(diff([1], [])).toEqual([-1]);
  });

  test('anchors on what is rare, so that a beat more does not shift all that follows', () => {
    // 0 is a heartbeat.
    const a = [0, 0, 7, 0, 0, 8, 0, 0, 9, 0];
    const b = [0, 0, 0, 7, 0, 0, 8, 0, 9, 0];
    const partner = diff(a, b);
    sound(a, b, partner);
    expect([partner[2], partner[5], partner[8]]).toEqual([3, 6, 8]);
  });

  test('takes the nth for the nth where nothing is rare', () => {
    expect(diff([1, 2, 1, 2, 2], [2, 2, 1, 1])).toSatisfy(
      (partner: number[]) => partner.filter(at => at >= 0).length >= 2,
    );
  });

  test('is sound on random sequences, and never far from the longest common subsequence of edited ones', () => {
    const random = stream(1, 'patience');
    for (let round = 0; round < 400; round++) {
      const kinds = 1 + random.int(30);
      const a = Array.from({ length: random.int(60) }, () => random.int(kinds));
      const b = a.flatMap(one => (random.chance(0.1) ? [] : random.chance(0.1) ? [one, random.int(kinds)] : [one]));
      const partner = diff(a, b);
      sound(a, b, partner);
      const found = partner.filter(at => at >= 0).length;
      expect(found).toBeGreaterThanOrEqual(0.5 * longest(a, b));
      const other = Array.from({ length: random.int(60) }, () => random.int(kinds));
      sound(a, other, diff(a, other));
    }
  });

  // In squared time each of these would run into the limit of a test.
  test('ends for hundreds of thousands, however they repeat', () => {
    const random = stream(2, 'patience');
    for (const kinds of [1, 3, 1000, 1_000_000]) {
      const a = Int32Array.from({ length: 200_000 }, () => random.int(kinds));
      const b = Int32Array.from(a.filter((_, at) => at % 97 !== 0));
      const partner = patience(a, b);
      expect(partner.filter(at => at >= 0).length).toBeGreaterThan(kinds === 3 ? 100_000 : 190_000);
    }
  });
});
