import { parseEDNString } from 'edn-data';
import { describe, expect, test } from 'vitest';
import { readHistory } from '../../checkers/formats/formats.ts';
import { kindOf, nodeName } from '../access.ts';
import type { Trace } from '../model.ts';
import { randomTrace } from '../testing/random-trace.ts';
import { valueAt } from '../values.ts';
import { edn } from './edn.ts';
import { encodeJepsen } from './jepsen.ts';
import { hostileTrace } from './testing/hostile.ts';

type Entry = Record<string, unknown>;

/** The lines as somebody else's parser reads them. */
function entriesOf(text: string): Entry[] {
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map(line => parseEDNString(line, { mapAs: 'object', setAs: 'set', keywordAs: 'string' }) as Entry);
}

const seeds = [1, 2, 3, 4, 5];
const make = (seed: number): Trace => randomTrace(seed, { steps: 1500, clients: 4, values: [1, 2, 'a"b', null] }).trace;

describe('a Jepsen history', () => {
  test.each(seeds)('of random trace %i has what its clients asked and were told, in order', seed => {
    const trace = make(seed);
    const entries = entriesOf(encodeJepsen(trace));
    expect(entries.map(entry => entry.index)).toEqual(entries.map((_, index) => index));
    const told = entries.filter(entry => entry.process !== 'nemesis');
    const { events, ops } = trace;
    const wanted = Array.from(events.kind.keys())
      .filter(row => ['invoke', 'ok', 'fail', 'info'].includes(kindOf(trace, row)))
      .map(row => {
        const op = events.op[row];
        const kind = kindOf(trace, row);
        const f = trace.strings[ops.f[op]];
        const answer = valueAt(trace.values, ops.result[op]);
        return {
          time: events.t[row],
          process: ops.process[op],
          type: kind,
          f,
          key: valueAt(trace.values, ops.key[op]),
          value: kind === 'ok' && f === 'read' ? answer : valueAt(trace.values, ops.value[op]),
        };
      });
    expect(told.map(({ time, process, type, f, key, value }) => ({ time, process, type, f, key, value }))).toEqual(
      wanted,
    );
  });

  test.each(seeds)('of random trace %i tells of each fault when it began and ended, as the nemesis', seed => {
    const trace = make(seed);
    const nemesis = entriesOf(encodeJepsen(trace)).filter(entry => entry.process === 'nemesis');
    const wanted = trace.faults
      .flatMap(fault =>
        [
          { at: fault.start, f: `start-${fault.kind}`, fault },
          { at: fault.end, f: `stop-${fault.kind}`, fault },
        ].filter(({ at }) => at >= 0),
      )
      .sort((a, b) => a.at - b.at)
      // Invoked and completed: Jepsen pairs them.
      .flatMap(one => [one, one])
      .map(({ at, f, fault }) => ({
        time: trace.events.t[at],
        type: 'info',
        f,
        nodes: fault.nodes.map(node => nodeName(trace, node)),
      }));
    expect(wanted.length).toBeGreaterThan(2);
    expect(
      nemesis.map(({ time, type, f, value }) => ({ time, type, f, nodes: (value as { nodes: unknown }).nodes })),
    ).toEqual(wanted);
  });

  test.each(seeds)('of random trace %i never goes on with a process that learned nothing', seed => {
    const trace = randomTrace(seed, { steps: 4000, clients: 4 }).trace;
    // Unsound on purpose: one client is one process, whatever happened.
    trace.ops.process.forEach((process, op) => {
      trace.ops.process[op] = process % 4;
    });
    const retired = new Set<unknown>();
    const open = new Set<unknown>();
    for (const { process, type } of entriesOf(encodeJepsen(trace))) {
      if (process === 'nemesis') continue;
      expect(retired.has(process)).toBe(false);
      expect(open.has(process)).toBe(type !== 'invoke');
      if (type === 'invoke') open.add(process);
      else open.delete(process);
      if (type === 'info') retired.add(process);
    }
    expect(retired.size).toBeGreaterThan(0);
  });

  test('says whether a nil was read and a cas was refused, and dsys reads that back', () => {
    const trace = randomTrace(7, { steps: 1500, values: [null, true, false] }).trace;
    const { history } = readHistory(encodeJepsen(trace), 'jepsen-edn');
    const { ops } = trace;
    expect(history.operations.length).toBe(ops.length);
    let [nils, refusals] = [0, 0];
    history.operations.forEach((operation, op) => {
      const f = trace.strings[ops.f[op]];
      const result = valueAt(trace.values, ops.result[op]);
      const status = ['unknown', 'ok', 'fail'][ops.status[op]];
      expect(operation).toMatchObject({ kind: f, process: ops.process[op], outcome: status });
      if (status !== 'ok') return;
      if (f === 'read') expect(operation.output).toEqual(result);
      if (f === 'cas') expect(operation.output).toBe(result !== false);
      if (f === 'read' && result === null) nils++;
      if (f === 'cas' && result === false) refusals++;
    });
    expect(nils).toBeGreaterThan(3);
    expect(refusals).toBeGreaterThan(3);
  });

  test.each(seeds)('of names and values that are meant to break it is read by others (%i)', seed => {
    const trace = hostileTrace(seed, 1500);
    const entries = entriesOf(encodeJepsen(trace));
    const invoked = entries.filter(entry => entry.process !== 'nemesis' && entry.type === 'invoke');
    expect(invoked.length).toBe(trace.ops.length);
    invoked.forEach((entry, op) => {
      const { f, value } = trace.ops;
      expect(entry.f).toBe(trace.strings[f[op]]);
      const given = valueAt(trace.values, value[op]);
      if (typeof given === 'string') expect(entry.value).toBe(given);
      if (typeof given === 'bigint') expect(entry.value).toBe(given);
    });
  });

  test('values are EDN', () => {
    const read = (value: Parameters<typeof edn>[0]): unknown =>
      parseEDNString(edn(value), { mapAs: 'map', setAs: 'set', keywordAs: 'string' });
    expect(read([1, -2.5, 1e21, 'a\u0000\b\f\n"\\', null, true, 5n])).toEqual([
      1,
      -2.5,
      1e21,
      'a\u0000\b\f\n"\\',
      null,
      true,
      5n,
    ]);
    expect(read({ term: 3, 'no word': 4 })).toEqual(
      new Map<unknown, unknown>([
        ['term', 3],
        ['no word', 4],
      ]),
    );
    expect(edn(new Set([[1], [1], [2]]))).toBe('#{[1] [2]}');
    expect(
      edn(
        new Map([
          [[1], 2],
          [[1], 3],
        ] as [number[], number][]),
      ),
    ).toBe('{[1] 2}');
    expect(edn(-0)).toBe('-0.0');
    expect(edn(Number.NaN)).toBe('"NaN"');
  });

  test('is refused when there is nothing in it', () => {
    expect(() => encodeJepsen(randomTrace(1, { steps: 3, clients: 0 }).trace)).toThrow('this trace has none');
  });
});
