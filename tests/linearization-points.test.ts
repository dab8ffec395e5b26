/** Where a trace says that operations took effect, on the runs of samples. */
import { join } from 'node:path';
import { runScenario } from '@dsys/runtime';
import { STATUS } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';
import { validate } from '@dsys/runtime/trace/validate';
import { valueText } from '@dsys/runtime/trace/values';
import { expect, test } from 'vitest';
import { designAt } from './support/design.ts';

async function traceOf(sample: string, scenario: string, seed: number): Promise<Trace> {
  const design = await designAt(join(import.meta.dirname, '..', 'samples', `${sample}.dsys`));
  const found = design.scenarios.find(one => one.name === scenario)!;
  return runScenario(design, found, { tool: 'test', seed, record: true, extraRuns: false }).trace!;
}

const text = (trace: Trace, id: number): string => valueText(trace.values, id);

/** What a read of a key finds that was never written: no value, as ITF writes it. */
const nothing = '{"#tup":[]}';

/** Reads whose answer is neither the last write placed before them on their key nor one placed at the same event. */
function misplaced(trace: Trace): number[] {
  const { linearizedAt, f, key, value, result, status, length } = trace.ops;
  const isA = (kind: string, op: number): boolean => trace.strings[f[op]!] === kind;
  const placed = Array.from({ length }, (_, op) => op).filter(op => linearizedAt[op]! >= 0);
  return placed.filter(read => {
    if (!isA('read', read) || status[read] !== STATUS.ok) return false;
    const writes = placed.filter(
      op => isA('write', op) && key[op] === key[read] && linearizedAt[op]! <= linearizedAt[read]!,
    );
    const last = Math.max(-1, ...writes.map(op => linearizedAt[op]!).filter(at => at < linearizedAt[read]!));
    const possible = writes.filter(op => linearizedAt[op]! >= last).map(op => text(trace, value[op]!));
    return !(last < 0 ? [...possible, nothing] : possible).includes(text(trace, result[read]!));
  });
}

test('where linearizability holds, every answered operation has a place within itself, and reads find the last write', async () => {
  const trace = await traceOf('leader-crash', 'leader-crash', 1);
  const { linearizedAt, invoke, complete, status, length } = trace.ops;
  let answered = 0;
  for (let op = 0; op < length; op++) {
    if (status[op] !== STATUS.ok) continue;
    answered++;
    expect(linearizedAt[op], `operation ${op}`).toBeGreaterThanOrEqual(invoke[op]!);
    expect(linearizedAt[op], `operation ${op}`).toBeLessThanOrEqual(complete[op]!);
  }
  expect(answered).toBeGreaterThan(1000);
  expect(misplaced(trace)).toEqual([]);
  expect(validate(trace)).toEqual([]);
});

test('where it is violated, what finds no place in the longest order has none', async () => {
  const trace = await traceOf('stale-leader', 'local-reads', 1);
  const check = trace.checks.find(one => one.kind === 'linearizability' && one.verdict === 'violated')!;
  const partial = check.witness!.partials![0]!;
  expect(partial.length).toBeGreaterThan(1);
  const placed = new Set(check.witness!.partials!.flat());
  const left = check.witness!.ops.filter(op => !placed.has(op));
  expect(left.length).toBeGreaterThan(0);
  for (const op of left) expect(trace.ops.linearizedAt[op]).toBe(-1);
  expect(misplaced(trace)).toEqual([]);
  expect(validate(trace)).toEqual([]);
});
