import { describe, expect, test } from 'vitest';
import { fateOf, isNetworkKind } from './access.ts';
import { causalityOf, happensBefore, pastCone } from './causality.ts';
import { decodeTrace } from './decode.ts';
import { traceSha256 } from './hash.ts';
import { encodeJsonl } from './jsonl.ts';
import { KIND, STATUS } from './kinds.ts';
import type { Trace } from './model.ts';
import { slice } from './slice.ts';
import { type Selection, selectedEvents } from './slice-selection.ts';
import { randomTrace } from './testing/random-trace.ts';
import { validate } from './validate.ts';
import { valueCount, valueText } from './values.ts';

const make = (seed: number, steps = 300): Trace => randomTrace(seed, { steps, servers: 2 + (seed % 3) }).trace;

/** Old rows of a slice's events. */
const rowsOf = (trace: Trace, selection: Selection): number[] =>
  [...selectedEvents(trace, selection).entries()].filter(([, kept]) => kept === 1).map(([row]) => row);

const seeds = Array.from({ length: 20 }, (_, seed) => seed);

/** Selections of every kind, somewhere in the trace. */
function selectionsOf(trace: Trace, seed: number): Selection[] {
  const { length, t } = trace.events;
  const first = (seed * 37) % length;
  const last = Math.min(length - 1, first + 20 + ((seed * 61) % 150));
  const nodes = [seed % trace.header.nodes.length, 0];
  return [
    { events: [first, last] },
    { times: [t[first], t[last]] },
    { nodes },
    { before: last },
    { before: last, events: [first, last] },
    { nodes, before: last },
    { events: [first, last], nodes },
    { events: [first, first] },
    {},
  ];
}

describe('a slice', () => {
  test.each(seeds)('of random trace %i is a sound trace, comes back from a file, and says what it is', seed => {
    const trace = make(seed);
    const before = traceSha256(trace);
    for (const selection of selectionsOf(trace, seed)) {
      const part = slice(trace, selection);
      expect(validate(part), JSON.stringify(selection)).toEqual([]);
      const rows = rowsOf(trace, selection);
      expect(part.events.length).toBe(rows.length);
      expect(part.header.slice).toMatchObject({
        events: trace.events.length,
        first: rows[0] ?? 0,
        last: rows.at(-1) ?? 0,
      });
      const { trace: again, problems } = decodeTrace(new TextEncoder().encode(encodeJsonl(part)));
      expect(problems).toEqual([]);
      expect(again.header.slice).toEqual(part.header.slice);
      expect(traceSha256(again)).toBe(traceSha256(part));
    }
    expect(traceSha256(trace)).toBe(before);
  });

  test.each(seeds)('of random trace %i keeps every row as it was, but for what leads out', seed => {
    const trace = make(seed);
    for (const selection of selectionsOf(trace, seed)) {
      const part = slice(trace, selection);
      let [arrivals, ends, inFlight] = [0, 0, 0];
      rowsOf(trace, selection).forEach((row, at) => {
        expect(part.events.t[at]).toBe(trace.events.t[row]);
        expect(part.events.node[at]).toBe(trace.events.node[row]);
        expect(part.strings[part.events.name[at]]).toBe(trace.strings[trace.events.name[row]]);
        if (part.events.kind[at] === trace.events.kind[row]) return;
        expect(part.events.kind[at]).toBe(KIND.local);
        if (trace.events.kind[row] === KIND.deliver) arrivals++;
        else ends++;
      });
      for (let message = 0; message < part.messages.length; message++) {
        const send = rowsOf(trace, selection)[part.messages.send[message]];
        const whole = [...trace.messages.send.keys()].filter(
          one => trace.messages.send[one] === send && trace.messages.to[one] === part.messages.to[message],
        );
        expect(whole.map(one => valueText(trace.values, trace.messages.payload[one]))).toContain(
          valueText(part.values, part.messages.payload[message]),
        );
        if (fateOf(part, message) === 'inflight' && whole.some(one => fateOf(trace, one) !== 'inflight')) inFlight++;
      }
      expect(part.header.slice).toMatchObject({ cutArrivals: arrivals, cutEnds: ends });
      expect(part.header.slice!.cutMessages).toBeLessThanOrEqual(inFlight);
      expect(valueCount(part.values)).toBeLessThanOrEqual(valueCount(trace.values));
    }
  });

  test.each(seeds)('of the past of an event of random trace %i keeps happens-before', seed => {
    const trace = make(seed, 160);
    const whole = causalityOf(trace);
    for (const event of [40, 90, trace.events.length - 1]) {
      if (isNetworkKind(trace.events.kind[event])) continue;
      const part = slice(trace, { before: event });
      const rows = rowsOf(trace, { before: event });
      const cone = pastCone(whole, event);
      for (let row = 0; row < trace.events.length; row++) if (cone[row] === 1) expect(rows).toContain(row);
      const inner = causalityOf(part);
      for (let b = 0; b < rows.length; b++) {
        for (let a = 0; a < b; a++) {
          expect(happensBefore(inner, a, b), `${rows[a]} before ${rows[b]}`).toBe(
            happensBefore(whole, rows[a], rows[b]),
          );
        }
      }
      // Nothing arrives there whose sending is missing.
      expect(part.header.slice).toMatchObject({ cutArrivals: 0, cutEnds: 0 });
    }
  });

  test('of a past says which of its messages the network had lost or copied by then', () => {
    const trace = make(3, 600);
    const last = trace.events.kind.lastIndexOf(KIND.deliver);
    const part = slice(trace, { before: last });
    const cone = pastCone(causalityOf(trace), last);
    const lost = [...trace.messages.send.keys()].filter(
      row => cone[trace.messages.send[row]] === 1 && fateOf(trace, row) === 'dropped' && trace.messages.end[row] < last,
    );
    expect(lost.length).toBeGreaterThan(0);
    const dropped = [...part.messages.send.keys()].filter(row => fateOf(part, row) === 'dropped');
    expect(dropped.length).toBe(lost.length);
  });

  test('of everything is the trace again', () => {
    const trace = make(3);
    const part = slice(trace, {});
    expect(traceSha256(part)).toBe(traceSha256(trace));
    expect(part.header.slice).toMatchObject({ what: 'everything', cutArrivals: 0, cutEnds: 0, cutMessages: 0 });
  });

  test('says of messages and operations at its border what it knows', () => {
    const trace = make(1, 400);
    const send = trace.messages.send[30];
    const end = trace.messages.end.findIndex((at, row) => at > send && trace.messages.send[row] < send);
    const invoked = slice(trace, { events: [0, trace.ops.invoke[4]] });
    expect(invoked.ops.length).toBe(5);
    expect(invoked.ops.status[4]).toBe(STATUS.info);
    expect(invoked.ops.complete[4]).toBe(-1);
    const late = slice(trace, { events: [send, trace.messages.end[end]] });
    expect(late.events.kind.at(-1)).toBe(trace.messages.why[end] === 0 ? KIND.local : late.events.kind.at(-1));
    expect(late.header.slice!.cutArrivals).toBeGreaterThan(0);
  });

  test('keeps what holds across its beginning: roles, and faults with their ends', () => {
    const trace = make(2, 900);
    const row = [...trace.epochs.to.keys()].find(
      one => trace.epochs.to[one] > trace.epochs.from[one] + 2 && trace.epochs.to[one] >= 0,
    )!;
    const [from, to] = [trace.epochs.from[row], trace.epochs.to[row]];
    const part = slice(trace, { events: [from + 1, to + 1] });
    const same = [...part.epochs.from.keys()].find(
      one =>
        part.epochs.node[one] === trace.epochs.node[row] &&
        part.strings[part.epochs.group[one]] === trace.strings[trace.epochs.group[row]],
    )!;
    expect([part.epochs.from[same], part.epochs.to[same]]).toEqual([0, to - from - 1]);
    const fault = trace.faults.find(one => one.end > one.start + 2)!;
    expect(slice(trace, { events: [fault.start + 1, fault.end - 1] }).faults).toContainEqual({
      ...fault,
      start: 0,
      end: -1,
    });
    expect(slice(trace, { events: [fault.end + 1, fault.end + 1] }).faults).not.toContainEqual(
      expect.objectContaining({ start: 0, nodes: fault.nodes, kind: fault.kind, end: 0 }),
    );
  });

  test('cuts what is said of the run: witnesses, notes, samples, the loop, the end of the recording', () => {
    const trace = make(4);
    const length = trace.events.length;
    trace.checks = [
      {
        ...trace.checks[0],
        witness: { events: [5, 20], ops: [0], lasso: [10, 12], order: [0], partials: [[0]] },
      },
    ];
    trace.notes = [
      { event: 5, text: 'a', author: 'b' },
      { range: [8, 15], text: 'c', author: 'd' },
    ];
    trace.header = { ...trace.header, loop: { fromEvent: 10 }, truncated: { reason: 'full', after: length } };
    trace.metrics = [{ name: 'm', unit: '1', agg: 'sum', x: [0, trace.events.t[length - 1]], series: { one: [1, 2] } }];
    const part = slice(trace, { events: [10, length - 1] });
    expect(part.checks[0].witness).toMatchObject({ events: [10], lasso: [0, 2] });
    expect(part.notes).toEqual([{ range: [0, 5], text: 'c', author: 'd' }]);
    expect(part.metrics[0]).toMatchObject({ x: [trace.events.t[length - 1]], series: { one: [2] } });
    expect(part.header).toMatchObject({ loop: { fromEvent: 0 }, truncated: { reason: 'full', after: length - 10 } });
    const inner = slice(part, { events: [0, 3] });
    expect(inner.header.loop).toBeUndefined();
    expect(inner.header.truncated).toBeUndefined();
    expect(inner.header.slice!.what).toBe(`events 0 to 3; of events 10 to ${length - 1}`);
  });

  test('of nothing has no events and is sound', () => {
    const trace = make(1);
    for (const selection of [{ before: 1_000_000 }, { before: -1 }, { nodes: [] }, { events: [9, 3] as const }]) {
      const part = slice(trace, selection);
      expect(part.events.length).toBe(0);
      expect(validate(part)).toEqual([]);
    }
  });

  test('gives an operation after one that lost its end a process of its own', () => {
    const trace = make(6, 500);
    const { ops, events } = trace;
    const op = [...ops.complete.keys()].find(
      one => ops.complete[one] >= 0 && ops.process.indexOf(ops.process[one], one + 1) > 0,
    )!;
    // A recorder elsewhere may end an operation in another lane than it began.
    events.node[ops.complete[op]] = 0;
    expect(validate(trace)).toEqual([]);
    const part = slice(trace, { nodes: [events.node[ops.invoke[op]]] });
    expect(part.ops.length).toBeGreaterThan(1);
    expect(validate(part)).toEqual([]);
  });
});
