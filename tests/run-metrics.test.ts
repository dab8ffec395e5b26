/** The metrics in a run's trace, counted again from the trace's own events and operations, without the client log. */
import { join } from 'node:path';
import { runScenario } from '@dsys/runtime';
import { bucketsMax, roundWidth } from '@dsys/runtime/run/metrics';
import { encodeContainer } from '@dsys/runtime/trace/container';
import { decodeTrace } from '@dsys/runtime/trace/decode';
import { encodeCsv } from '@dsys/runtime/trace/export/csv';
import { traceSha256 } from '@dsys/runtime/trace/hash';
import { STATUS } from '@dsys/runtime/trace/kinds';
import type { Metric, Trace } from '@dsys/runtime/trace/model';
import { describe, expect, it } from 'vitest';
import { designAt, designOf } from './support/design.ts';

const samples = join(import.meta.dirname, '..', 'samples');

async function runOf(sample: string, name: string, seed: number) {
  const design = await designAt(join(samples, `${sample}.dsys`));
  const scenario = design.scenarios.find(one => one.name === name)!;
  const run = runScenario(design, scenario, { tool: 'test', seed, record: true, extraRuns: false });
  const { originNs, loadEndNs } = run.executed;
  return { report: run.report, trace: run.trace!, from: originNs, until: loadEndNs };
}

const metric = (trace: Trace, name: string, agg = 'rate'): Metric =>
  trace.metrics.find(one => one.name === name && one.agg === agg)!;

/** Operations as the trace has them; a write is whatever is no read. */
function operationsOf({ ops, events, strings }: Trace) {
  return Array.from({ length: ops.length }, (_, op) => ({
    side: strings[ops.f[op]!] === 'read' ? 'read' : 'write',
    status: ops.status[op]!,
    invoke: events.t[ops.invoke[op]!]!,
    complete: ops.complete[op]! < 0 ? null : events.t[ops.complete[op]!]!,
  }));
}

describe.each([
  ['async-failover', 'leader-dies', 5, true],
  ['leader-crash', 'leader-crash', 1, false],
] as const)('the metrics of %s', async (sample, scenario, seed, fails) => {
  const { report, trace, from, until } = await runOf(sample, scenario, seed);
  const operations = operationsOf(trace);
  const { x } = trace.metrics[0]!;
  // The middles of the first two stretches are one stretch apart.
  const width = x[1]! - x[0]!;
  const edges = x.map((_, index) => [from + index * width, Math.min(until, from + (index + 1) * width)] as const);
  const counts = (series: readonly (number | null)[]) =>
    series.map((rate, index) => (rate! * (edges[index]![1] - edges[index]![0])) / 1e9);
  const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);

  it('cover the load in equal stretches of a round width', () => {
    expect(x.length).toBeGreaterThan(bucketsMax / 3);
    expect(x.length).toBeLessThanOrEqual(bucketsMax);
    expect(width).toBe(roundWidth(until - from, bucketsMax));
    expect(x).toEqual(edges.map(([start, end]) => (start + end) / 2));
    expect(edges.at(-1)![1]).toBe(until);
    expect(edges.at(-1)![0]).toBeLessThan(until);
    expect(decodeTrace(encodeContainer(trace))).toMatchObject({ problems: [], trace: { metrics: trace.metrics } });
  });

  it.each(['read', 'write'] as const)('say when %ss were answered', side => {
    const expected = edges.map(
      ([start, end]) =>
        operations.filter(
          one => one.side === side && one.status === STATUS.ok && one.complete! >= start && one.complete! < end,
        ).length,
    );
    counts(metric(trace, 'throughput').series[side]!).forEach((count, index) => {
      expect(count).toBeCloseTo(expected[index]!, 6);
    });
    expect(sum(expected)).toBeGreaterThan(50);
  });

  it.each([
    ['read', 'p50', 50],
    ['read', 'p99', 99],
    ['write', 'p50', 50],
    ['write', 'p99', 99],
  ] as const)('say how long %ss took, %s', (side, agg, rank) => {
    const expected = edges.map(([start, end]) => {
      const durations = operations
        // What is open at the end of the load has lasted until then.
        .filter(one => one.side === side && one.invoke >= start && one.invoke < end)
        .map(one => (one.complete ?? until) - one.invoke)
        .sort((a, b) => a - b);
      // The smallest value that at least so many of a hundred do not exceed.
      return durations.find((_, index) => (index + 1) * 100 >= rank * durations.length) ?? null;
    });
    expect(metric(trace, 'latency', agg).series[side]).toEqual(expected);
  });

  it('add up to what the report says of the whole run', () => {
    const answered = metric(trace, 'throughput').series;
    const failed = metric(trace, 'failures').series;
    const late = (status: number) =>
      operations.filter(one => one.status === status && (one.complete ?? until) >= until);
    const { ok, failed: told, unknown } = report.covered.operations;
    expect(sum(counts(answered.read!)) + sum(counts(answered.write!)) + late(STATUS.ok).length).toBeCloseTo(ok, 6);
    expect(sum(counts(failed.failed!)) + late(STATUS.fail).length).toBeCloseTo(told, 6);
    expect(sum(counts(failed.unknown!)) + late(STATUS.info).length).toBeCloseTo(unknown, 6);
    expect(told + unknown > 0).toBe(fails);
  });

  it('are no part of what identifies the execution', () => {
    expect(traceSha256({ ...trace, metrics: [] })).toBe(report.traceSha256);
  });

  it('leave as CSV, a line for each sample', () => {
    const lines = encodeCsv(trace).trimEnd().split('\r\n');
    expect(lines.length).toBe(1 + 8 * x.length);
    expect(lines[1]).toBe(`throughput,1/s,rate,read,${x[0]},${metric(trace, 'throughput').series.read![0]}`);
  });
});

it('leaves a gap where nothing began, and a shorter stretch at the end', async () => {
  const design = await designOf(`cluster db { nodes n1, n2, n3 }
store accounts on db { consensus raft }
workload load on accounts { clients 1  think 200ms }
scenario slow { run load for 1210ms  settle 200ms }
`);
  const run = runScenario(design, design.scenarios[0]!, { tool: 'test', seed: 1, record: true, extraRuns: false });
  const { x, series } = metric(run.trace!, 'latency', 'p50');
  expect(x.length).toBe(61);
  expect(x.at(-1)! - x.at(-2)!).toBe(15_000_000);
  const known = x.filter((_, index) => series.read![index] !== null || series.write![index] !== null);
  expect(known.length).toBe(run.report.covered.operations.invoked);
});

it.each([
  [1, 1],
  [120, 1],
  [121, 2],
  [8_000_000_000, 100_000_000],
  [12_000_000_001, 200_000_000],
  [60_000_000_000, 500_000_000],
])('%d ns in stretches of %d', (span, width) => expect(roundWidth(span, 120)).toBe(width));
