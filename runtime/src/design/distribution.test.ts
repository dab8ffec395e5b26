import { describe, expect, test } from 'vitest';
import {
  constant,
  type Distribution,
  exponential,
  least,
  lognormal,
  mean,
  mix,
  normal,
  normalCdf,
  normalQuantile,
  pareto,
  problemOf,
  quantile,
  sum,
  uniform,
  variance,
} from './distribution.ts';

describe('the standard normal distribution', () => {
  // Percentage points: Wichura 1988, table of test values; distribution: NIST handbook values to double precision.
  test.each([
    [0.25, -0.6744897501960817],
    [0.001, -3.090232306167814],
    [1e-20, -9.262340089798409],
    [0.975, 1.959963984540054],
  ])('quantile of %f is %f', (p, z) => {
    expect(normalQuantile(p) / z).toBeCloseTo(1, 14);
  });

  test('distribution function inverts the quantile', () => {
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
    expect(normalCdf(0)).toBe(0.5);
    for (let p = 0.0005; p < 1; p += 0.0005) expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 13);
    expect([normalCdf(-40), normalCdf(40), normalQuantile(0), normalQuantile(1)]).toEqual([0, 1, -Infinity, Infinity]);
  });
});

describe('distributions', () => {
  test('moments in closed form', () => {
    expect([mean(constant(5)), variance(constant(5)), least(constant(5))]).toEqual([5, 0, 5]);
    expect([mean(uniform(2, 8)), variance(uniform(2, 8)), least(uniform(2, 8))]).toEqual([5, 3, 2]);
    expect([mean(exponential(7)), variance(exponential(7)), least(exponential(7))]).toEqual([7, 49, 0]);
    expect([mean(pareto(10, 3)), variance(pareto(10, 3)), least(pareto(10, 3))]).toEqual([15, 75, 10]);
    expect([mean(pareto(10, 1)), variance(pareto(10, 2)), mean(pareto(10, 2))]).toEqual([Infinity, Infinity, 20]);
    expect(mean(lognormal(100, 0.5))).toBeCloseTo(113.3148453, 6);
    expect(variance(lognormal(100, 0.5))).toBeCloseTo(3646.958, 2);
    // Far from 0 the cut does nothing; at mean 0 it is the half of a half-normal: sd / sqrt(2 pi), sd^2 (1/2 - 1/(2 pi)).
    expect([mean(normal(100, 5)), variance(normal(100, 5))]).toEqual([100, expect.closeTo(25, 9)]);
    expect(mean(normal(0, 10))).toBeCloseTo(10 / Math.sqrt(2 * Math.PI), 12);
    expect(variance(normal(0, 10))).toBeCloseTo(100 * (0.5 - 1 / (2 * Math.PI)), 10);
    const two = mix([3, constant(10)], [1, constant(50)]);
    expect([mean(two), variance(two), least(two)]).toEqual([20, 300, 10]);
    const added = sum(constant(75), exponential(5));
    expect([mean(added), variance(added), least(added)]).toEqual([80, 25, 75]);
    expect(mean(mix([0, pareto(1, 1)], [1, constant(3)]))).toBe(3);
    expect(least(mix([0, constant(1)], [1, constant(3)]))).toBe(3);
  });

  test('quantiles where there is a closed form', () => {
    expect(quantile(uniform(0, 10), 0.3)).toBe(3);
    expect(quantile(exponential(10), 0.5)).toBeCloseTo(6.931471805599453, 12);
    expect(quantile(pareto(10, 2), 0.75)).toBeCloseTo(20, 12);
    expect(quantile(lognormal(100, 0.5), 0.5)).toBe(100);
    expect(quantile(normal(100, 10), 0.975)).toBeCloseTo(119.59963984540055, 10);
    expect(quantile(normal(1, 10), 0.01)).toBe(0);
    expect(quantile(sum(constant(75), uniform(0, 10), constant(5)), 0.5)).toBe(85);
    expect(quantile(sum(constant(1), constant(2)), 0.9)).toBe(3);
    expect(quantile(sum(uniform(0, 1), uniform(0, 1)), 0.5)).toBeUndefined();
    expect(quantile(mix([1, constant(1)], [1, constant(2)]), 0.5)).toBeUndefined();
    expect(quantile(mix([1, uniform(0, 2)], [0, constant(2)]), 0.5)).toBe(1);
  });

  test('bad parameters are named', () => {
    expect(() => constant(-1)).toThrow('a duration cannot be -1 ns');
    expect(() => uniform(5, 4)).toThrow('uniform(5 ns, 4 ns) needs 0 <= first <= second');
    expect(() => normal(5, -4)).toThrow('standard deviation of 0 or more');
    expect(() => lognormal(0, 1)).toThrow('a median above 0');
    expect(() => exponential(Number.NaN)).toThrow('a mean of 0 or more');
    expect(() => pareto(1, 0)).toThrow('a shape above 0');
    expect(() => mix()).toThrow('do not all vanish');
    expect(() => mix([-1, constant(1)], [3, constant(1)])).toThrow('weights of 0 or more');
    expect(() => sum()).toThrow('at least one part');
    const nested: Distribution = { kind: 'sum', parts: [{ kind: 'constant', ns: Infinity }] };
    expect(problemOf(nested)).toContain('cannot be Infinity ns');
    expect(problemOf(sum(constant(1), mix([1, pareto(1, 2)])))).toBeUndefined();
  });
});
