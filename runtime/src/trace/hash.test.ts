import { describe, expect, test } from 'vitest';
import type { AnyTable } from './columns.ts';
import { traceSha256 } from './hash.ts';
import { TABLE_NAMES, TABLE_SCHEMAS, type Trace } from './model.ts';
import { randomTrace } from './testing/random-trace.ts';

const make = (): Trace => randomTrace(5, { steps: 400 }).trace;
const original = traceSha256(make());

function changed(change: (trace: Trace) => void): boolean {
  const trace = make();
  change(trace);
  return traceSha256(trace) !== original;
}

describe('traceSha256', () => {
  test('equal traces have equal hashes', () => {
    expect(traceSha256(make())).toBe(original);
    expect(original).toMatch(/^[0-9a-f]{64}$/);
  });

  const columns = TABLE_NAMES.flatMap(name => Object.keys(TABLE_SCHEMAS[name]).map(column => [name, column] as const));
  test.each(columns.filter(([, column]) => column !== 'linearizedAt'))(
    '%s.%s is covered, in every row',
    (name, column) => {
      const { length } = make()[name];
      expect(length).toBeGreaterThan(2);
      for (const row of [0, Math.floor(length / 2), length - 1]) {
        expect(
          changed(trace => {
            const array = (trace[name] as AnyTable)[column] as Int32Array;
            // One id up names another string or value, one value up is another value.
            array[row] = array[row] === 1 ? 2 : 1;
          }),
        ).toBe(true);
      }
    },
  );

  test('texts, nodes, faults and lengths are covered', () => {
    const { strings, values } = make();
    for (let id = 1; id < strings.length; id++) {
      expect(
        changed(trace => (trace.strings = trace.strings.map((text, row) => (row === id ? `${text}!` : text)))),
      ).toBe(true);
    }
    for (const at of [0, values.bytes.length >> 1, values.bytes.length - 1]) {
      expect(changed(trace => trace.values.bytes[at]++)).toBe(true);
    }
    const nodes = (edit: (node: Trace['header']['nodes'][number]) => object) => (trace: Trace) => {
      const [first, ...rest] = trace.header.nodes;
      trace.header = { ...trace.header, nodes: [{ ...first, ...edit(first) }, ...rest] };
    };
    expect(changed(nodes(() => ({ name: 'other' })))).toBe(true);
    expect(changed(nodes(() => ({ kind: 'spec' })))).toBe(true);
    expect(changed(nodes(() => ({ group: 'g' })))).toBe(true);
    const faultEdits = [
      { kind: 'other' },
      { nodes: [2, 2] },
      { groups: [[9]] },
      { start: 99 },
      { end: 98 },
      { params: { factor: 4 } },
      { src: 0 },
    ];
    for (const edit of faultEdits) {
      expect(changed(trace => (trace.faults = trace.faults.map(fault => ({ ...fault, ...edit }))))).toBe(true);
    }
    expect(changed(trace => (trace.faults = trace.faults.slice(1)))).toBe(true);
  });

  test('numbering of strings and values does not matter, nor does what is said of the run', () => {
    expect(changed(reverseIds)).toBe(false);
    expect(
      changed(trace => {
        trace.checks = [];
        trace.notes = [];
        trace.metrics = [];
        trace.src = [];
        trace.header = { ...trace.header, tool: 'another', outcome: 'error' };
        trace.ops.linearizedAt[0] = 3;
      }),
    ).toBe(false);
  });

  test('an unused string or value does not matter', () => {
    expect(changed(trace => (trace.strings = [...trace.strings, 'unused']))).toBe(false);
  });
});

/** Stores strings and values in the opposite order. */
function reverseIds(trace: Trace): void {
  const flip = (count: number) => (id: number) => (id === 0 ? 0 : count - id);
  const string = flip(trace.strings.length);
  const count = trace.values.offsets.length - 1;
  const value = flip(count);
  trace.strings = trace.strings.map((_, id) => trace.strings[string(id)]);
  const { bytes, offsets } = trace.values;
  const pieces = Array.from({ length: count }, (_, id) => bytes.subarray(offsets[value(id)], offsets[value(id) + 1]));
  const moved = { bytes: new Uint8Array(bytes.length), offsets: new Uint32Array(count + 1) };
  pieces.forEach((piece, id) => {
    moved.bytes.set(piece, moved.offsets[id]);
    moved.offsets[id + 1] = moved.offsets[id] + piece.length;
  });
  trace.values = moved;
  const edit = (column: Uint16Array | Uint32Array, map: (id: number) => number): void => {
    for (let row = 0; row < column.length; row++) column[row] = map(column[row]);
  };
  for (const column of [trace.events.name, trace.ops.f, trace.epochs.group, trace.epochs.role, trace.deltas.path]) {
    edit(column, string);
  }
  const { messages, ops, deltas, details } = trace;
  for (const column of [messages.payload, ops.key, ops.value, ops.result, deltas.old, deltas.new, details.value]) {
    edit(column, value);
  }
}
