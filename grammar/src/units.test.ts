import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatBandwidth,
  formatDuration,
  formatPercent,
  formatPercentile,
  formatRate,
  formatSize,
  limits,
  parseDate,
  parseQuantity,
  type QuantityKind,
} from './units.ts';

const value = (kind: QuantityKind, text: string) => {
  const parsed = parseQuantity(kind, text);
  return 'value' in parsed ? parsed.value : parsed.problem;
};

describe('parseQuantity', () => {
  test.each<[QuantityKind, string, number]>([
    ['duration', '1ns', 1],
    ['duration', '1us', 1e3],
    ['duration', '1ms', 1e6],
    ['duration', '1s', 1e9],
    ['duration', '1min', 60e9],
    ['duration', '1h', 3600e9],
    ['duration', '1d', 86400e9],
    ['duration', '0.1ms', 100_000],
    ['duration', '0.7s', 700_000_000],
    ['duration', '1.000000001s', 1_000_000_001],
    ['duration', '365d', 365 * 86400e9],
    ['duration', '0s', 0],
    ['size', '64KB', 64_000],
    ['size', '1.5GB', 1_500_000_000],
    ['size', '0.29TB', 290_000_000_000],
    ['bandwidth', '1kbit/s', 1e3],
    ['bandwidth', '2.5Gbit/s', 2.5e9],
    ['rate', '200/s', 200],
    ['rate', '30/min', 0.5],
    ['percent', '99.95%', 0.9995],
    ['percent', '0.01%', 0.0001],
    ['percent', '7%', 0.07],
    ['ppm', '50ppm', 50],
    ['factor', '2.5x', 2.5],
    ['percentile', 'p99.9', 99.9],
    ['number', '0.3', 0.3],
    ['number', '9007199254740991', 9007199254740991],
  ])('%s %s', (kind, text, expected) => {
    expect(value(kind, text)).toBe(expected);
  });

  test.each<[QuantityKind, string, RegExp]>([
    ['duration', '0.4ns', /not a whole multiple of 1ns/],
    ['duration', '1.0000000001s', /not a whole multiple of 1ns/],
    ['size', '0.5B', /not a whole multiple of 1B/],
    ['duration', '36501d', /more than 36500d/],
    ['size', '1000001TB', /more than 1000000TB/],
    ['rate', '2000000000/s', /more than/],
    ['number', '9007199254740992', /more than 9007199254740991/],
    ['percentile', 'p101', /more than p100/],
    ['duration', '5', /'5' is not a duration such as 150ms/],
    ['duration', '5KB', /'5KB' is not a duration/],
    ['duration', 'fast', /'fast' is not a duration/],
    ['number', 'p5', /'p5' is not a number/],
    ['percentile', '5', /'5' is not a percentile/],
  ])('%s %s is refused', (kind, text, problem) => {
    expect(value(kind, text)).toMatch(problem);
  });

  test('every limit is a quantity itself', () => {
    for (const [kind, limit] of Object.entries(limits))
      expect(value(kind as QuantityKind, limit.text)).toBe(limit.value);
  });
});

describe('formatting', () => {
  test.each<[number, string]>([
    [0, '0ns'],
    [1, '1ns'],
    [1500, '1.5us'],
    [150_000_000, '150ms'],
    [90e9, '90s'],
    [5400e9, '90min'],
    [36 * 3600e9, '36h'],
    [7 * 86400e9, '7d'],
    [3600e9 + 1e6, '3600.001s'],
    [-5e9, '-5s'],
  ])('%i ns is %s', (nanoseconds, text) => {
    expect(formatDuration(nanoseconds)).toBe(text);
  });

  test('everything else', () => {
    expect(formatSize(64_000)).toBe('64KB');
    expect(formatSize(1_234)).toBe('1.234KB');
    expect(formatBandwidth(1e9)).toBe('1Gbit/s');
    expect(formatPercent(0.9995)).toBe('99.95%');
    expect(formatPercent(1)).toBe('100%');
    expect(formatPercent(1e-9)).toBe('0.0000001%');
    expect(formatRate(200)).toBe('200/s');
    expect(formatRate(0.5)).toBe('30/min');
    expect(formatPercentile(99.9)).toBe('p99.9');
  });

  const largest = { min: 0, max: Number.MAX_SAFE_INTEGER };
  test('what is written is read back exactly', () => {
    fc.assert(
      fc.property(fc.integer(largest), n => {
        expect(value('duration', formatDuration(n))).toBe(n);
        expect(value('size', formatSize(n))).toBe(n);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), n => {
        const fraction = n / 10_000_000;
        expect(value('percent', formatPercent(fraction))).toBe(fraction);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 1e12 }), n => {
        expect(value('bandwidth', formatBandwidth(n))).toBe(n);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true, noDefaultInfinity: true }), n => {
        const text = formatRate(n);
        expect(text).toMatch(/^\d+(\.\d+)?\/(s|min)$/);
        if (text.endsWith('/s')) expect(value('rate', text)).toBe(n);
      }),
    );
  });
});

describe('parseDate', () => {
  test('days since 1970', () => {
    expect(parseDate('1970-01-01')).toBe(0);
    expect(parseDate('2024-01-31')).toBe(19753);
    expect(parseDate('1969-12-31')).toBe(-1);
    expect(parseDate('2000-02-29')).toBe(11016);
    expect(parseDate('0001-01-01')).toBe(-719162);
  });
  test.each(['2023-02-29', '2023-13-01', '2023-00-10', '2023-04-31', '1900-02-29', '20230101', ''])(
    '%s is no day',
    text => {
      expect(parseDate(text)).toBeUndefined();
    },
  );
});
