/** Figures of papers. Every expected number is a published one, or follows from the published system by hand. */
import { describe, expect, it, test } from 'vitest';
import type { Quorum } from '../design/quorum.ts';
import { valueIn } from './known.ts';
import { failureProbability } from './quorum-availability.ts';
import { leastLoadOfTrees } from './quorum-load.ts';
import {
  type FiguresOf,
  type Limits,
  optimalStrategy,
  type Question,
  type ReadFractions,
  type System,
  uniformStrategy,
  unitFigures,
} from './quorum-strategy.ts';
import { disjointPair, dualOf, resilienceOf, sizeOfSmallest } from './quorum-structure.ts';

const any = (need: number, of: readonly number[]): Quorum => ({ kind: 'nodes', need, of });
const oneOf = (...of: readonly (readonly number[])[]): Quorum => ({
  kind: 'combine',
  need: 1,
  of: of.map(each => any(each.length, each)),
});
const [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5] as const;
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const reads = (read: Quorum): System => ({ read, write: dualOf(read) });
const figures =
  (read: readonly number[], write: readonly number[] = read, latency: readonly number[] = []): FiguresOf =>
  node => ({
    readPerSecond: read[node]!,
    writePerSecond: write[node]!,
    latency: latency[node] ?? 0,
  });
const ask = (system: System, of: FiguresOf, readFractions: ReadFractions | number, failures = 0): Question => ({
  system,
  figures: of,
  readFractions: typeof readFractions === 'number' ? [[readFractions, 1]] : readFractions,
  failures,
});
const best = (question: Question, goal: 'load' | 'network' | 'latency' = 'load', limits: Limits = {}) =>
  valueIn(optimalStrategy(question, goal, limits));

describe('Whittaker et al., "Read-Write Quorum Systems Made Practical", PaPoC 2021', () => {
  it('majority of three: resilience 1, read capacity 1.5', () => {
    const majority = any(2, [a, b, c]);
    expect(valueIn(resilienceOf(majority))).toBe(1);
    expect(best(ask(reads(majority), unitFigures, 1)).capacity).toBeCloseTo(1.5, 6);
  });

  const grid = reads(oneOf([a, b], [c, d]));
  test.each([
    ['capacities 100, 100, 50, 50', figures([100, 100, 50, 50]), 1, 150],
    ['reads twice as cheap, read only', figures([200, 200, 100, 100], [100, 100, 50, 50]), 1, 300],
    ['reads twice as cheap, half', figures([200, 200, 100, 100], [100, 100, 50, 50]), 0.5, 200],
    ['reads twice as cheap, write only', figures([200, 200, 100, 100], [100, 100, 50, 50]), 0, 100],
  ] as const)('2×2 grid, %s', (_name, of, fraction, capacity) => {
    expect(best(ask(grid, of, fraction)).capacity).toBeCloseTo(capacity, 4);
  });

  it('a distribution of read fractions', () => {
    const fractions: ReadFractions = [
      [0, 10],
      [0.25, 4],
      [0.5, 2],
      [0.75, 1],
      [1, 1],
    ];
    const of = figures([200, 200, 100, 100], [100, 100, 50, 50]);
    expect(best(ask(reads(oneOf([a, c], [b, d])), of, fractions)).capacity).toBeCloseTo(159.3, 1);
  });

  it('1-resilient reads of a grid and of any 2 of 4', () => {
    const of = figures([200, 200, 100, 100], [100, 100, 50, 50]);
    expect(best(ask(grid, of, 1, 1)).capacity).toBeCloseTo(100, 4);
    const twoOfFour = best(ask(reads(any(2, [a, b, c, d])), of, 1, 1));
    expect(twoOfFour.capacity).toBeCloseTo(200, 4);
    expect(twoOfFour.read.map(({ nodes, probability }) => [nodes, Number(probability.toFixed(6))])).toEqual([
      [[a, b, c], 0.5],
      [[a, b, d], 0.5],
    ]);
  });

  it('latencies: load-optimal, and latency-optimal within limits', () => {
    const of = figures([200, 200, 100, 100], [100, 100, 50, 50], [4, 4, 1, 1]);
    expect(best(ask(grid, of, 1))).toMatchObject({
      capacity: expect.closeTo(300, 4),
      network: expect.closeTo(2, 6),
      latency: expect.closeTo(3, 6),
    });
    const fast = best(ask(grid, of, 1), 'latency', { load: 1 / 150, network: 2 });
    expect(fast.read).toEqual([
      { nodes: [a, b], probability: expect.closeTo(1 / 3, 6) },
      { nodes: [c, d], probability: expect.closeTo(2 / 3, 6) },
    ]);
    // What the paper's search comes to: any one of the four.
    const found = best(ask(reads(any(1, [a, b, c, d])), of, 1), 'latency', { load: 1 / 150, network: 2 });
    expect(found).toMatchObject({ network: expect.closeTo(1, 6), latency: expect.closeTo(1, 6) });
    expect(found.capacity).toBeGreaterThanOrEqual(150 - 1e-4);
  });

  it('says so when nothing satisfies the limits', () => {
    expect(optimalStrategy(ask(grid, unitFigures, 1), 'network', { load: 0.1 })).toEqual({
      unknown: 'no strategy satisfies the limits',
    });
  });
});

describe('the tutorial of Quoracle (2×3 grid)', () => {
  const grid = reads(oneOf([a, b, c], [d, e, f]));
  const capacities = [1000, 500, 1000, 500, 1000, 500];
  const tenfold = figures(
    capacities.map(one => one * 10),
    capacities,
  );

  it('load 3/8 at a quarter reads, and that strategy at other read fractions', () => {
    expect(best(ask(grid, unitFigures, 0.25))).toMatchObject({
      load: expect.closeTo(3 / 8, 6),
      capacity: expect.closeTo(8 / 3, 5),
    });
    // The best strategy uses all nodes alike, so it is the best at every fraction.
    expect(best(ask(grid, unitFigures, 0)).load).toBeCloseTo(1 / 3, 6);
    expect(best(ask(grid, unitFigures, 0.5)).load).toBeCloseTo(5 / 12, 6);
    expect(best(ask(grid, unitFigures, 1)).load).toBeCloseTo(1 / 2, 6);
    expect(
      best(
        ask(grid, unitFigures, [
          [0.1, 0.5],
          [0.75, 0.5],
        ]),
      ).load,
    ).toBeCloseTo(0.404, 3);
    expect([valueIn(resilienceOf(grid.read)), valueIn(resilienceOf(grid.write))]).toEqual([1, 2]);
  });

  it('capacities that differ', () => {
    expect(best(ask(grid, figures(capacities), 0.75)).capacity).toBeCloseTo(1333.33, 1);
    expect(best(ask(grid, tenfold, 1)).capacity).toBeCloseTo(10_000, 2);
    expect(best(ask(grid, tenfold, 0.5)).capacity).toBeCloseTo(3913.04, 1);
    expect(best(ask(grid, tenfold, 0)).capacity).toBeCloseTo(2000, 2);
  });

  const five = [a, b, c, d, e];
  const majority = reads(any(3, five));
  const walls = reads(oneOf([a, b], [c, d, e]));
  const paths = reads(oneOf([a, b], [a, c, e], [d, e], [d, c, b]));

  it('majority, crumbling walls and paths, with and without a failure to bear (as 1 / load)', () => {
    const fractions: ReadFractions = [
      [0.9, 0.9],
      [0.1, 0.1],
    ];
    const perSecond = (system: System, failures = 0) =>
      Math.floor(1 / best(ask(system, tenfold, fractions, failures)).load);
    expect([perSecond(majority), perSecond(paths)]).toEqual([5089, 5725]);
    expect([perSecond(majority, 1), perSecond(walls, 1), perSecond(paths, 1)]).toEqual([3816, 1908, 1908]);
    // The tutorial says 5824 of the walls. Both programs, over quorums and over the tree, find a better strategy.
    expect(perSecond(walls)).toBe(5837);
    expect(
      Math.floor(1 / valueIn(leastLoadOfTrees({ system: walls, figures: tenfold, readFractions: fractions })).load),
    ).toBe(5837);
  });

  it('case study of the paper, section 5: capacities 2292, 3667, 4200, 4125', () => {
    const fractions: ReadFractions = [
      [0.9, 10],
      [0.8, 20],
      [0.7, 100],
      [0.6, 100],
      [0.5, 100],
      [0.4, 60],
      [0.3, 30],
      [0.2, 30],
      [0.1, 20],
    ];
    const writes = [2000, 1000, 2000, 1000, 2000];
    const of = figures(
      writes.map(one => one * 2),
      writes,
      [1, 1, 3, 4, 5],
    );
    expect(Math.round(valueIn(uniformStrategy(ask(majority, of, fractions))).capacity)).toBe(2292);
    expect([majority, walls, paths].map(system => Math.round(best(ask(system, of, fractions)).capacity))).toEqual([
      3667, 4200, 4125,
    ]);
    for (const system of [majority, walls, paths]) {
      // Latency is bought with capacity, within the limit.
      const { load, latency } = best(ask(system, of, fractions), 'latency', { load: 1 / 2000 });
      expect(load).toBeLessThanOrEqual(1 / 2000 + 1e-10);
      expect(latency).toBeLessThan(best(ask(system, of, fractions)).latency);
      // A resilient quorum is larger, so it costs.
      expect(best(ask(system, of, fractions, 1)).load).toBeGreaterThan(best(ask(system, of, fractions)).load);
    }
  });
});

describe('the README of Quoracle', () => {
  const grid = reads(oneOf([a, b, c], [d, e, f]));
  const capacities = [1000, 500, 1000, 500, 1000, 500];
  const tenfold = figures(
    capacities.map(one => one * 10),
    capacities,
  );

  it('1-resilient writes', () => {
    // Two of every row's three: five nodes of six carry each write.
    expect(best(ask(grid, tenfold, 0, 1)).capacity).toBeCloseTo(1000, 3);
  });

  it('latencies of 1 to 6 s at half reads: latency-optimal, and with limits', () => {
    const question = ask(
      grid,
      figures(
        capacities.map(one => one * 10),
        capacities,
        [1, 2, 3, 4, 5, 6],
      ),
      0.5,
    );
    expect(best(question, 'latency').latency).toBeCloseTo(3.5, 6);
    expect(best(question, 'latency', { load: 1 / 1500 })).toMatchObject({
      capacity: expect.closeTo(1500, 3),
      latency: expect.closeTo(3.6667, 3),
    });
    expect(best(question, 'load', { latency: 4 }).capacity).toBeCloseTo(3856.21, 1);
  });

  it('any 2 of 5 as writes, 1-resilient', () => {
    const system = { read: any(4, [a, b, c, d, e]), write: any(2, [a, b, c, d, e]) };
    expect(best(ask(system, tenfold, 0, 1)).capacity).toBeCloseTo(1333.33, 1);
  });
});

describe('load and failure probability of the classical systems (Naor and Wool, SIAM J. Comput. 1998)', () => {
  const line = (row: number, step: number) => range(3).map(i => row + i * step);
  const rowOrColumn = (rows: boolean): Quorum => oneOf(...range(3).map(i => (rows ? line(3 * i, 1) : line(i, 3))));
  // Maekawa: a whole row and a whole column.
  const maekawa: Quorum = { kind: 'combine', need: 2, of: [rowOrColumn(true), rowOrColumn(false)] };
  const fano = oneOf([0, 1, 2], [0, 3, 4], [0, 5, 6], [1, 3, 5], [1, 4, 6], [2, 3, 6], [2, 4, 5]);
  const majority = (n: number) => any(Math.floor(n / 2) + 1, range(n));

  test.each([
    ['singleton', any(1, [0]), 1, 1, 0, [0.1, 0.05, 0.01]],
    ['majority of 3', majority(3), 2, 2 / 3, 1, [0.028, 0.00725, 2.98e-4]],
    ['majority of 4', majority(4), 3, 0.75, 1, [0.0523, 0.01402, 5.92e-4]],
    ['majority of 5', majority(5), 3, 0.6, 2, [0.00856, 0.001158, 9.85e-6]],
    ["Maekawa's 3×3 grid", maekawa, 5, 5 / 9, 2, [0.03331, 0.00501, 4.63e-5]],
    ['Fano plane', fano, 3, 3 / 7, 2, [0.00681, 8.69e-4, 7.0e-6]],
  ] as const)('%s', (_name, quorum, smallest, load, resilience, failures) => {
    expect(valueIn(sizeOfSmallest(quorum))).toBe(smallest);
    const strategy = best(ask({ read: quorum, write: quorum }, unitFigures, 0.5));
    expect(strategy.load).toBeCloseTo(load, 7);
    expect(strategy.capacity).toBeCloseTo(1 / load, 6);
    expect(valueIn(resilienceOf(quorum))).toBe(resilience);
    for (const [i, p] of [0.1, 0.05, 0.01].entries()) {
      // Printed with three or four digits.
      const found = valueIn(failureProbability(quorum, () => 1 - p));
      expect(Math.abs(found / failures[i]! - 1), `F(${p}) = ${found}`).toBeLessThan(0.008);
    }
    // L >= max(1/c, c/n) >= 1/sqrt(n).
    const n = new Set(strategy.read.flatMap(choice => choice.nodes)).size;
    expect(strategy.load).toBeGreaterThanOrEqual(Math.max(1 / smallest, smallest / n) - 1e-9);
    expect(strategy.load).toBeGreaterThanOrEqual(1 / Math.sqrt(n) - 1e-9);
  });
});

describe('joint consensus (Ongaro, thesis, section 4.3)', () => {
  it('from 3 to 9 servers: 2 of the 3 and 5 of the 9', () => {
    const joint: Quorum = { kind: 'combine', need: 2, of: [any(2, range(3)), any(5, range(9))] };
    expect(valueIn(sizeOfSmallest(joint))).toBe(5);
    // Two of the old ones lost stop it, and so do any five.
    expect(valueIn(resilienceOf(joint))).toBe(1);
    // It never misses a decision of the old or of the new servers alone.
    for (const alone of [any(2, range(3)), any(5, range(9))]) expect(valueIn(disjointPair(joint, alone))).toBeNull();
    expect(valueIn(disjointPair(any(2, range(3)), any(5, range(9))))).not.toBeNull();
  });
});
