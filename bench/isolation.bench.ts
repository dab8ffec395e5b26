/**
 * Transactions per second of the isolation checker: 100,000 of them, of lists and of registers, and against a check that
 * draws an edge for each pair ordered by real time (on fewer of them: its edges grow with the square).
 */
import type { Operation, Value } from '../runtime/src/checkers/history.ts';
import { isolationOf } from '../runtime/src/checkers/isolation/isolation.ts';
import { seeded } from '../runtime/src/checkers/testing/random.ts';
import type { IsolationLevel } from '../runtime/src/design/property.ts';
import { best, perSecond, type Row, row } from './table.ts';

const processes = 20;
/** Transactions after which a key is left alone and another one taken, so that lists stay as short as a test keeps them. */
const keyLife = 200;

/** Strictly serializable: every transaction takes effect at once somewhere within its span. */
function history(count: number, kind: 'append' | 'write'): Operation[] {
  const random = seeded(1);
  const spans = Array.from({ length: count }, (_, id) => {
    const invoke = Math.floor(id / processes) * 1000 + random.below(200);
    const complete = invoke + 200 + random.below(500);
    return { id, invoke, complete, effect: invoke + random.below(complete - invoke) };
  });
  const state = new Map<string, Value>();
  const steps: Value[][] = [];
  let written = 0;
  for (const [place, { id }] of [...spans].sort((a, b) => a.effect - b.effect || a.id - b.id).entries()) {
    steps[id] = Array.from({ length: 1 + random.below(4) }, (): Value[] => {
      const key = `k${Math.floor(place / keyLife) * 10 + random.below(10)}`;
      const read = ['read', key, state.get(key) ?? null];
      if (random.chance(0.5)) return [read];
      const value = ++written;
      state.set(key, kind === 'append' ? [...((state.get(key) ?? []) as Value[]), value] : value);
      // The order of a register's versions shows only where what is replaced was read.
      return kind === 'append' ? [[kind, key, value]] : [read, [kind, key, value]];
    }).flat();
  }
  return spans
    .sort((a, b) => a.invoke - b.invoke)
    .map(({ id, invoke, complete }, position) => ({
      id: position,
      process: id % processes,
      key: '',
      kind: 'transaction',
      input: steps[id]!,
      output: steps[id]!,
      invoke,
      complete,
      outcome: 'ok',
    }));
}

/** Edges of a graph with real time in it as the definition says: one for each pair. Returns whether it has a cycle. */
function naive(operations: readonly Operation[]): boolean {
  const after: number[][] = operations.map(() => []);
  const writer = new Map<string, number>();
  const order = new Map<string, readonly number[]>();
  for (const { id, output } of operations)
    for (const [kind, key, value] of output as unknown as [string, string, Value][]) {
      if (kind === 'append') writer.set(`${key} ${String(value)}`, id);
      else if (((value ?? []) as number[]).length > (order.get(key)?.length ?? 0)) order.set(key, value as number[]);
    }
  for (const a of operations) for (const b of operations) if (a.complete < b.invoke) after[a.id]!.push(b.id);
  for (const [key, elements] of order)
    for (let i = 1; i < elements.length; i++)
      after[writer.get(`${key} ${elements[i - 1]}`)!]!.push(writer.get(`${key} ${elements[i]}`)!);
  for (const { id, output } of operations)
    for (const [kind, key, value] of output as unknown as [string, string, number[] | null][]) {
      if (kind !== 'read') continue;
      const length = (value ?? []).length;
      if (length > 0) after[writer.get(`${key} ${value![length - 1]}`)!]!.push(id);
      const next = order.get(key)?.[length];
      if (next !== undefined) after[id]!.push(writer.get(`${key} ${next}`)!);
    }
  const waiting = new Int32Array(operations.length);
  for (const [from, list] of after.entries()) for (const to of list) if (to !== from) waiting[to]!++;
  const ready = operations.flatMap(({ id }) => (waiting[id] === 0 ? [id] : []));
  for (let i = 0; i < ready.length; i++)
    for (const to of after[ready[i]!]!) if (to !== ready[i] && --waiting[to]! === 0) ready.push(to);
  return ready.length < operations.length;
}

export function rows(): Row[] {
  const check = (operations: readonly Operation[], level: IsolationLevel) => {
    const { ms, result } = best(2, () => isolationOf({ operations, initial: null }, level));
    if (result.verdict !== 'holds') throw new Error(`the benchmark's history should hold: ${result.why}`);
    return ms;
  };
  const count = 100_000;
  const all = (['append', 'write'] as const).flatMap(kind => {
    const operations = history(count, kind);
    const what = kind === 'append' ? 'lists' : 'registers that are read before they are written';
    return (['read-committed', 'snapshot', 'serializable', 'strict-serializable'] as const).map(level =>
      row(`isolation ${level}, ${what}, 100 k transactions`, perSecond(count, check(operations, level))),
    );
  });
  const few = 5_000;
  const operations = history(few, 'append');
  const ours = check(operations, 'strict-serializable');
  const { ms, result } = best(2, () => naive(operations));
  if (result) throw new Error('the benchmark’s history should have no cycle');
  const work = 'isolation strict-serializable, lists, 5 k transactions';
  return [
    ...all,
    row(work, perSecond(few, ours), `${perSecond(few, ms)} (an edge for each pair)`, `${(ms / ours).toFixed(1)}×`),
  ];
}
