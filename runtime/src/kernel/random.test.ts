import { describe, expect, test } from 'vitest';
import { createStreams, type RandomStream, reseed, stream, streamIn } from './random.ts';

const draws = (from: RandomStream, count: number): number[] => Array.from({ length: count }, () => from.bits32());

/** Pearson's statistic of counts against equal expectation. */
function chiSquare(counts: ArrayLike<number>): number {
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const expected = total / counts.length;
  return Array.from(counts).reduce((sum, count) => sum + ((count - expected) * (count - expected)) / expected, 0);
}

/** Five standard deviations above the mean of a chi-square of `freedom` degrees: a fixed seed passes or it never will. */
const bound = (freedom: number): number => freedom + 5 * Math.sqrt(2 * freedom);

describe('random streams', () => {
  test('seed and name give the same numbers, on every version (golden)', () => {
    expect(draws(stream(42, 'network'), 4)).toEqual(draws(stream(42, 'network'), 4));
    expect(draws(stream(42, 'network'), 4)).toMatchInlineSnapshot(`
      [
        -1989013074,
        -259847764,
        -855141472,
        -809967347,
      ]
    `);
    expect(stream(42, 'network').uniform()).toMatchInlineSnapshot(`0.5368968094848057`);
  });

  test('another name or seed gives other numbers, however close', () => {
    const firsts = new Set<number>();
    for (let seed = -50; seed < 50; seed++) {
      for (let node = 0; node < 50; node++) firsts.add(stream(seed, `clock:n${node}`).bits32());
    }
    // 5,000 draws of 32 bits collide 0.003 times on average.
    expect(firsts.size).toBeGreaterThanOrEqual(4999);
    expect(draws(stream(1, '2/x'), 2)).not.toEqual(draws(stream(12, '/x'), 2));
  });

  test('no stream disturbs another, in whatever order they are made and drawn from', () => {
    const alone = draws(stream(7, 'network'), 100);
    const network = stream(7, 'network');
    const clock = stream(7, 'clock:n1');
    const mixed: number[] = [];
    for (let draw = 0; draw < 100; draw++) {
      clock.uniform();
      mixed.push(network.bits32());
      stream(7, `late:${draw}`).int(10);
    }
    expect(mixed).toEqual(alone);
  });

  test('first draws over many seeds are even, bit by bit', () => {
    const ones = new Int32Array(32);
    const seeds = 20_000;
    for (let seed = 0; seed < seeds; seed++) {
      const word = stream(seed, 'workload').bits32();
      for (let bit = 0; bit < 32; bit++) ones[bit] += (word >>> bit) & 1;
    }
    for (const count of ones) expect(Math.abs(count - seeds / 2)).toBeLessThan(5 * Math.sqrt(seeds / 4));
  });

  test('two streams of one seed are not correlated', () => {
    const counts = new Int32Array(256);
    const left = stream(3, 'network');
    const right = stream(3, 'disk');
    for (let draw = 0; draw < 200_000; draw++) counts[left.int(16) * 16 + right.int(16)]++;
    expect(chiSquare(counts)).toBeLessThan(bound(255));
  });

  test('uniform is even, in [0, 1), and consecutive draws are not correlated', () => {
    const source = stream(1, 'uniform');
    const cells = new Int32Array(100);
    const pairs = new Int32Array(100);
    let previous = source.uniform();
    for (let draw = 0; draw < 400_000; draw++) {
      const next = source.uniform();
      if (!(next >= 0 && next < 1)) throw new Error(`${next} is outside [0, 1)`);
      cells[Math.floor(next * 100)]++;
      pairs[Math.floor(previous * 10) * 10 + Math.floor(next * 10)]++;
      previous = next;
    }
    expect(chiSquare(cells)).toBeLessThan(bound(99));
    expect(chiSquare(pairs)).toBeLessThan(bound(99));
  });

  test.each([1, 2, 3, 7, 64, 1000])('int(%i) is even and inside its bounds', n => {
    const source = stream(5, `int${n}`);
    const counts = new Int32Array(n);
    for (let draw = 0; draw < 200_000; draw++) counts[source.int(n)]++;
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(200_000);
    if (n > 1) expect(chiSquare(counts)).toBeLessThan(bound(n - 1));
  });

  test('int is unbiased where scaling without rejection would not be', () => {
    // Two thirds of 2^32: without rejection the lower half of the range comes twice as often as the upper.
    const n = 2863311531;
    const source = stream(6, 'bias');
    let low = 0;
    for (let draw = 0; draw < 100_000; draw++) if (source.int(n) < n / 2) low++;
    expect(Math.abs(low - 50_000)).toBeLessThan(5 * Math.sqrt(25_000));
  });

  test('int and between reach beyond 32 bits', () => {
    const source = stream(8, 'wide');
    const n = 2 ** 53;
    let high = 0;
    for (let draw = 0; draw < 10_000; draw++) {
      const drawn = source.int(n);
      if (!Number.isSafeInteger(drawn)) throw new Error(`${drawn} is no safe integer`);
      if (drawn >= n / 2) high++;
    }
    expect(Math.abs(high - 5000)).toBeLessThan(250);
    for (let draw = 0; draw < 1000; draw++) {
      const drawn = source.between(150_000_000, 300_000_000);
      expect(drawn >= 150_000_000 && drawn <= 300_000_000 && Number.isInteger(drawn)).toBe(true);
    }
    expect(source.between(9, 9)).toBe(9);
  });

  test('chance, pick and shuffle', () => {
    const source = stream(9, 'others');
    let heads = 0;
    for (let draw = 0; draw < 100_000; draw++) if (source.chance(0.1)) heads++;
    expect(Math.abs(heads - 10_000)).toBeLessThan(5 * Math.sqrt(9000));
    expect([source.chance(0), source.chance(1)]).toEqual([false, true]);
    const orders = new Map<string, number>();
    for (let draw = 0; draw < 24_000; draw++) {
      const cards = ['a', 'b', 'c', 'd'];
      source.shuffle(cards);
      orders.set(cards.join(''), (orders.get(cards.join('')) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    expect(chiSquare([...orders.values()])).toBeLessThan(bound(23));
    expect(source.pick(['only'])).toBe('only');
  });

  test('all streams of a run go on as those of another seed, whoever holds them', () => {
    const streams = createStreams(1);
    const names = ['network', 'timers', 'client:c1'];
    const held = names.map(name => streamIn(streams, name));
    for (const one of held) draws(one, 7);
    reseed(streams, 5);
    for (const [index, one] of held.entries()) expect(draws(one, 9)).toEqual(draws(stream(5, names[index]!), 9));
    expect(draws(streamIn(streams, 'later'), 9)).toEqual(draws(stream(5, 'later'), 9));
  });

  test('refuses what it cannot draw', () => {
    const source = stream(1, 'x');
    for (const n of [0, -1, 1.5, Number.NaN, Infinity, 2 ** 53 + 2]) expect(() => source.int(n)).toThrow(RangeError);
    expect(() => source.pick([])).toThrow(RangeError);
    expect(() => source.between(5, 4)).toThrow(RangeError);
    expect(() => stream(0.5, 'x')).toThrow('a seed must be an integer');
  });
});
