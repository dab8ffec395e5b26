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
  pareto,
  quantile,
  sum,
  uniform,
  variance,
} from '../design/distribution.ts';
import { MAX_SAMPLE_NS, sample } from './distribution.ts';
import { stream } from './random.ts';

const SAMPLES = 200_000;
const ms = 1_000_000;

const cases: [string, Distribution][] = [
  ['uniform', uniform(1 * ms, 3 * ms)],
  ['normal, hardly cut', normal(44 * ms, 2 * ms)],
  ['normal, half cut', normal(0, 2 * ms)],
  ['normal, cut a sixth', normal(2 * ms, 2 * ms)],
  ['lognormal', lognormal(0.4 * ms, 0.3)],
  ['exponential', exponential(5 * ms)],
  ['pareto', pareto(1 * ms, 6)],
  ['mix', mix([91.22, pareto(0.235 * ms, 10)], [8.78, exponential(1.66 * ms)])],
  ['sum', sum(constant(75 * ms), exponential(3 * ms), uniform(0, 4 * ms))],
];

describe('samples', () => {
  test.each(cases)('%s: mean, variance, least value and quantiles agree with the closed forms', (name, d) => {
    const source = stream(11, name);
    const drawn = new Float64Array(SAMPLES);
    for (let index = 0; index < SAMPLES; index++) drawn[index] = sample(d, source);
    const average = drawn.reduce((total, value) => total + value, 0) / SAMPLES;
    const spread = drawn.reduce((total, value) => total + (value - average) * (value - average), 0) / SAMPLES;
    const standardError = Math.sqrt(variance(d) / SAMPLES);
    expect(Math.abs(average - mean(d))).toBeLessThan(4 * standardError);
    // Heavier tails than these would need more samples; 5 % holds for the shapes above.
    expect(Math.abs(spread / variance(d) - 1)).toBeLessThan(0.05);
    drawn.sort();
    expect(drawn[0]).toBeGreaterThanOrEqual(Math.floor(least(d)));
    expect(drawn.every(value => Number.isSafeInteger(value) && value >= 0)).toBe(true);
    for (const p of [0.1, 0.5, 0.9, 0.99]) {
      const expected = quantile(d, p);
      if (expected === undefined) continue;
      // The share of samples at or below the quantile; a mass at 0 may exceed p.
      const share = drawn.filter(value => value <= Math.round(expected)).length / SAMPLES;
      if (expected > 0) expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / SAMPLES));
      else expect(share).toBeGreaterThanOrEqual(p);
    }
  });

  test('a constant is itself, and takes nothing from the stream', () => {
    const source = stream(1, 'x');
    expect(sample(constant(7), source)).toBe(7);
    expect(source.bits32()).toBe(stream(1, 'x').bits32());
  });

  test('a draw takes as much from the stream as documented, whatever comes out', () => {
    const takes = (d: Distribution): number => {
      const source = stream(2, 'x');
      sample(d, source);
      const next = source.uniform();
      const plain = stream(2, 'x');
      for (let taken = 0; taken < 100; taken++) if (plain.uniform() === next) return taken;
      return Number.NaN;
    };
    expect([takes(normal(1, 9)), takes(lognormal(1, 1)), takes(pareto(1, 1)), takes(exponential(0))]).toEqual([
      1, 1, 1, 1,
    ]);
    expect(takes(sum(normal(1, 1), constant(1), uniform(0, 1)))).toBe(2);
    expect(takes(mix([1, constant(1)], [1, constant(2)]))).toBe(1);
  });

  test('an unbounded tail is cut where virtual time still is exact', () => {
    const source = stream(3, 'tail');
    let longest = 0;
    for (let index = 0; index < 10_000; index++) longest = Math.max(longest, sample(pareto(1e9, 0.1), source));
    expect(longest).toBe(MAX_SAMPLE_NS);
  });

  test('a part of weight 0 is never chosen', () => {
    const source = stream(4, 'mix');
    const d = mix([1, constant(1)], [0, constant(2)]);
    for (let index = 0; index < 1000; index++) expect(sample(d, source)).toBe(1);
  });

  test('the same numbers on every version (golden)', () => {
    const source = stream(42, 'golden');
    expect(cases.map(([, d]) => sample(d, source))).toMatchInlineSnapshot(`
      [
        1608046,
        45905793,
        0,
        1916096,
        204938,
        13767953,
        1139710,
        405503,
        77049419,
      ]
    `);
  });
});
