import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { randomTrace } from '../testing/random-trace.ts';
import { encodeCsv } from './csv.ts';
import { hostileTrace } from './testing/hostile.ts';

/** Rows as another parser reads them; it throws when rows differ in length or quotes are wrong. */
const rowsOf = (text: string): Record<string, string>[] =>
  parse(text, { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];

test('one row per sample, with an empty value where there is none', () => {
  expect(rowsOf(encodeCsv(randomTrace(1, { steps: 10 }).trace))).toEqual([
    { metric: 'latency', unit: 'ns', aggregate: 'p99', series: 'write', time_ns: '0', value: '1.5' },
    { metric: 'latency', unit: 'ns', aggregate: 'p99', series: 'write', time_ns: '1000000', value: '' },
    { metric: 'latency', unit: 'ns', aggregate: 'p99', series: 'read', time_ns: '0', value: '3' },
    { metric: 'latency', unit: 'ns', aggregate: 'p99', series: 'read', time_ns: '1000000', value: '4' },
  ]);
});

test('names come back as they were, and none begins like a formula', () => {
  const trace = hostileTrace(1, 10);
  const rows = rowsOf(encodeCsv(trace));
  expect(rows.length).toBe(trace.metrics.length * 6);
  rows.forEach((row, at) => {
    const metric = trace.metrics[Math.floor(at / 6)];
    const series = Object.keys(metric.series)[at % 6 < 3 ? 0 : 1];
    for (const [cell, name] of [
      [row.metric, metric.name],
      [row.unit, metric.unit],
      [row.aggregate, metric.agg],
      [row.series, series],
    ]) {
      expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      expect([name, `'${name}`]).toContain(cell);
    }
    expect(row.value).toBe(at % 6 < 3 ? ['1', '', '-2.5e-7'][at % 6] : ['0', '1', ''][at % 3]);
  });
});

test('a trace without metrics is refused, with where its events are', () => {
  const trace = { ...randomTrace(1, { steps: 10 }).trace, metrics: [] };
  expect(() => encodeCsv(trace)).toThrow('this trace has none; its events are in .jsonl');
});
