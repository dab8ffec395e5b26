import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { stream } from '../kernel/random.ts';
import { jumpHash } from './jump-hash.ts';
import {
  copysetLoss,
  crossesShards,
  expectedFullest,
  leastSkew,
  movedAtLeast,
  movedByModulo,
  ringDeviation,
  ringInterval,
  valueShares,
} from './shards.ts';

const near = (found: number, expected: number, tolerance: number): void =>
  expect(Math.abs(found / expected - 1), `${found} instead of ${expected}`).toBeLessThanOrEqual(tolerance);

describe('keys that move', () => {
  test.each([
    [3, 4, 0.75, 0.25],
    [4, 5, 0.8, 0.2],
    [10, 11, 0.909, 0.0909],
    [16, 17, 0.941, 0.0588],
    [10, 9, 0.9, 0.1],
    [7, 14, 0.5, 0.5],
  ])('%i to %i nodes', (from, to, modulo, least) => {
    expect(movedByModulo(from, to)).toBeCloseTo(modulo, 3);
    expect(movedAtLeast(from, to)).toBeCloseTo(least, 3);
  });

  it('agrees with counting', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (from, to) => {
        let moved = 0;
        for (let x = 0; x < from * to; x++) if (x % from !== x % to) moved++;
        expect(movedByModulo(from, to)).toBeCloseTo(moved / (from * to), 12);
        expect(movedByModulo(from, to)).toBeGreaterThanOrEqual(movedAtLeast(from, to) - 1e-12);
      }),
    );
  });
});

describe('points on a ring (Lamping and Veach 2014, table 1; 1000 buckets)', () => {
  test.each([
    [1, 0.9979, 0.005, 5.25],
    [10, 0.3152, 0.37, 1.98],
    [100, 0.0997, 0.76, 1.28],
    [1000, 0.0316, 0.92, 1.09],
  ])('%i points each', (v, deviation, low, high) => {
    // The table is a measurement itself.
    near(ringDeviation(1000, v), deviation, 0.01);
    const [from, to] = ringInterval(1000, v, 0.99);
    near(from, low, 0.02);
    near(to, high, 0.02);
  });

  test.each([
    [10, 1, 2.99],
    [10, 8, 1.6],
    [10, 100, 1.15],
    [10, 1000, 1.05],
    [100, 1, 5.3],
    [100, 8, 2.1],
    [100, 100, 1.27],
    [100, 256, 1.16],
    [100, 1000, 1.08],
    [3, 1, 1.81],
    [3, 100, 1.09],
  ])('fullest of %i nodes with %i points', (n, v, expected) => near(expectedFullest(n, v), expected, 0.025));

  it('one point each: exactly the harmonic number', () => {
    for (const n of [1, 2, 3, 10, 100]) {
      let harmonic = 0;
      for (let i = 1; i <= n; i++) harmonic += 1 / i;
      expect(expectedFullest(n, 1)).toBeCloseTo(harmonic, 6);
    }
  });

  it('agrees with rings that are drawn', () => {
    const [n, v, rings] = [10, 8, 4000];
    const random = stream(1, 'ring');
    let fullest = 0;
    for (let ring = 0; ring < rings; ring++) {
      const points = Array.from({ length: n * v }, (_, i) => [random.uniform(), i % n] as const).sort(
        (a, b) => a[0] - b[0],
      );
      const share = new Array<number>(n).fill(0);
      points.forEach(([at, node], i) => {
        share[node]! += i === 0 ? at + 1 - points.at(-1)![0] : at - points[i - 1]![0];
      });
      fullest += (Math.max(...share) * n) / rings;
    }
    // Standard error about 0.004.
    expect(Math.abs(fullest - expectedFullest(n, v))).toBeLessThan(0.015);
  });
});

describe('jump hash (Lamping and Veach 2014, figure 1)', () => {
  it('vectors', () => {
    const found = [
      jumpHash(1n, 1),
      jumpHash(42n, 57),
      jumpHash(0xdead10ccn, 1),
      jumpHash(0xdead10ccn, 666),
      jumpHash(256n, 1024),
    ];
    expect(found).toEqual([0, 43, 0, 361, 520]);
  });
  it('moves keys to the new bucket only, 1 / (n + 1) of them', () => {
    let moved = 0;
    const keys = 20_000;
    for (let key = 0; key < keys; key++) {
      const spread = BigInt(key) * 0x9e3779b97f4a7c15n;
      const [before, after] = [jumpHash(spread, 10), jumpHash(spread, 11)];
      if (before !== after) {
        moved++;
        expect(after).toBe(10);
      }
    }
    expect(Math.abs(moved / keys - 1 / 11)).toBeLessThan(0.008);
  });
});

describe('skew and what crosses shards', () => {
  it('a value of 41 % makes one of 8 shards 3.3 times the mean', () => {
    const shares = valueShares({
      kind: 'listed',
      shares: [
        ['DE', 0.2],
        ['US', 0.41],
      ],
    })!;
    expect(shares).toEqual([0.41, 0.2]);
    expect(leastSkew(shares[0]!, 8)).toBeCloseTo(3.28, 12);
    expect(leastSkew(0.01, 8)).toBe(1);
  });
  it('Zipf', () => {
    const shares = valueShares({ kind: 'distinct', count: 3, zipf: 1 })!;
    expect(shares.map(one => one * (11 / 6))).toEqual([
      expect.closeTo(1, 12),
      expect.closeTo(1 / 2, 12),
      expect.closeTo(1 / 3, 12),
    ]);
    expect(valueShares({ kind: 'increasing' })).toBeUndefined();
  });
  it('two keys on n shards', () => {
    expect(crossesShards(1, 8)).toBe(0);
    expect(crossesShards(2, 8)).toBe(7 / 8);
    expect(crossesShards(3, 2)).toBe(3 / 4);
  });
  it('copysets: 50 of 5000 nodes lost at once, R = 3 (Cidon et al., ATC 2013)', () => {
    // Scatter width 2: N / R copysets.
    near(copysetLoss(5000, 50, 3, 5000 / 3), 0.0015, 0.06);
    // Random replication with thousands of chunks per node: a copyset for nearly every chunk.
    expect(copysetLoss(5000, 50, 3, (5000 * 6000) / 3)).toBeGreaterThan(0.9998);
  });
});
