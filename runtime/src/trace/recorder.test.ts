import { describe, expect, test } from 'vitest';
import { copyOf, fateOf, kindOf, nodeName, rowsOfEvent, senderOf, typeOf } from './access.ts';
import { traceSha256 } from './hash.ts';
import { KIND, KIND_NAMES, MESSAGE_FLAG } from './kinds.ts';
import { MAX_VALUE_BYTES, NONE16, TABLE_NAMES, TABLE_SCHEMAS, type Trace } from './model.ts';
import * as record from './recorder.ts';
import { rollingHashText } from './rolling-hash.ts';
import { randomTrace, runScript } from './testing/random-trace.ts';
import { validate } from './validate.ts';
import { valueAt } from './values.ts';

const RUN: record.RunDescription = {
  runId: 'r',
  tool: 'test',
  model: { uri: 'a.dsys', sha256: '', name: 'a' },
  seed: 1,
  params: {},
  nodes: [
    { name: 's1', kind: 'server', group: '' },
    { name: 's2', kind: 'server', group: '' },
    { name: 'c1', kind: 'client', group: '' },
    { name: 'nemesis', kind: 'nemesis', group: '' },
  ],
  sources: [],
  src: [],
};
const NOTHING: record.RunResult = { outcome: 'pass', checks: [], metrics: [], notes: [] };

function write(options: record.RecorderOptions): { recorder: record.Recorder; rows: number[] } {
  const recorder = record.createRecorder(RUN, options);
  const append = record.nameId(recorder, 'Append');
  const op = record.opInvoked(recorder, 10, 2, 0, record.nameId(recorder, 'write'), 'x', 1);
  const send = record.beginEvent(recorder, 20, KIND.send, 0, append, op, 3);
  const message = record.messageSent(recorder, send, 1, 64, { term: 3 });
  const copy = record.messageDuplicated(recorder, 20, message);
  const fault = record.faultStart(recorder, 25, 3, { kind: 'loss', nodes: [1], groups: [], params: {}, src: NONE16 });
  const deliver = record.messageDelivered(recorder, 30, message, 3);
  record.stateDelta(recorder, deliver, record.nameId(recorder, 'term'), undefined, 3);
  const role = record.beginEvent(recorder, 30, KIND.role, 1, record.nameId(recorder, 'leader'), -1, 3);
  record.epochChanged(recorder, role, 0, record.nameId(recorder, 'leader'), 3, true);
  const drop = record.messageDropped(recorder, 35, copy, 'loss', 4);
  const after = record.beginEvent(recorder, 36, KIND.role, 1, record.nameId(recorder, 'follower'), -1, 4);
  record.epochChanged(recorder, after, 0, record.nameId(recorder, 'follower'), 4, false);
  record.faultEnd(recorder, 40, 3, fault);
  const ok = record.opCompleted(recorder, 50, 2, op, 'ok', 'done');
  return { recorder, rows: [op, send, message, copy, fault, deliver, role, drop, after, ok] };
}

describe('recorder', () => {
  test('what is told is what is kept', () => {
    const { recorder, rows } = write({ mode: 'full' });
    const trace = record.finish(recorder, NOTHING);
    expect(validate(trace)).toEqual([]);
    expect(rows).toEqual([0, 1, 0, 1, 0, 4, 5, 6, 7, 9]);
    const { events, messages, ops, epochs } = trace;
    expect(Array.from(events.kind, kind => KIND_NAMES[kind])).toEqual(
      'invoke send duplicate faultStart deliver role drop role faultEnd ok'.split(' '),
    );
    expect([...events.t]).toEqual([10, 20, 20, 25, 30, 30, 35, 36, 40, 50]);
    expect(Array.from(events.node, node => nodeName(trace, node))).toEqual(
      'c1 s1 s2 nemesis s2 s2 s2 s2 nemesis c1'.split(' '),
    );
    expect([...events.msg]).toEqual([-1, 0, 1, -1, 0, -1, 1, -1, -1, -1]);
    expect([...events.op]).toEqual([0, 0, 0, -1, 0, -1, 0, -1, -1, 0]);
    expect([...events.cause]).toEqual([-1, -1, -1, -1, -1, -1, 4, -1, 3, -1]);
    expect([0, 1].map(message => fateOf(trace, message))).toEqual(['delivered', 'dropped']);
    expect([0, 1].map(message => copyOf(trace, message))).toEqual([-1, 0]);
    expect([0, 1].map(message => typeOf(trace, message))).toEqual(['Append', 'Append']);
    expect([0, 1].map(message => senderOf(trace, message))).toEqual([0, 0]);
    expect([...messages.flags]).toEqual([0, MESSAGE_FLAG.duplicate]);
    expect(valueAt(trace.values, messages.payload[0])).toEqual({ term: 3 });
    expect([ops.key, ops.value, ops.result].map(column => valueAt(trace.values, column[0]))).toEqual(['x', 1, 'done']);
    expect([[...epochs.from], [...epochs.to], [...epochs.leads]]).toEqual([
      [5, 7],
      [7, -1],
      [1, 0],
    ]);
    expect(rowsOfEvent(trace.deltas, 4)).toEqual([0, 1]);
    expect(rowsOfEvent(trace.deltas, 5)).toEqual([1, 1]);
    expect([valueAt(trace.values, trace.deltas.old[0]), valueAt(trace.values, trace.deltas.new[0])]).toEqual([
      undefined,
      3,
    ]);
    expect(trace.faults[0]).toMatchObject({ kind: 'loss', start: 3, end: 8 });
    expect(kindOf(trace, 9)).toBe('ok');
  });

  test('both modes give the same rows and the same fingerprint', () => {
    const full = write({ mode: 'full' });
    const hash = write({ mode: 'hash' });
    expect(hash.rows).toEqual(full.rows);
    expect(record.fingerprint(hash.recorder)).toBe(record.fingerprint(full.recorder));
    expect(record.fingerprint(full.recorder)).toMatch(/^[0-9a-f]{16}$/);
    expect(() => record.finish(hash.recorder, NOTHING)).toThrow('run the seed again in full mode');
    for (let seed = 0; seed < 20; seed++) {
      const options = { steps: 300, mode: 'full' as const };
      expect(rollingHashText(runScript(seed, options).hash)).toBe(randomTrace(seed, options).fingerprint);
      expect(randomTrace(seed, options).fingerprint).not.toBe(randomTrace(seed + 1, options).fingerprint);
    }
  });

  test('payloads longer than the limit leave a note, and none are kept at 0', () => {
    const sent = (payloadLimitBytes: number): unknown => {
      const recorder = record.createRecorder(RUN, { mode: 'full', payloadLimitBytes });
      const send = record.beginEvent(recorder, 1, KIND.send, 0, record.nameId(recorder, 'm'));
      record.messageSent(recorder, send, 1, 9, { text: 'abcdefgh' });
      const trace = record.finish(recorder, NOTHING);
      return valueAt(trace.values, trace.messages.payload[0]);
    };
    expect(sent(100)).toEqual({ text: 'abcdefgh' });
    expect(sent(10)).toEqual({ '#unserializable': '19 bytes, more than the 10 that are kept' });
    expect(sent(0)).toBeUndefined();
  });

  test('a full table ends the recording at a consistent place, and not the run', () => {
    for (let seed = 0; seed < 30; seed++) {
      const whole = randomTrace(seed, { steps: 300 });
      const cut = randomTrace(seed, { steps: 300, maximumEvents: 100 + seed });
      expect(cut.trace.header.truncated).toEqual({
        reason: `the trace holds its maximum of ${100 + seed} events`,
        after: 100 + seed,
      });
      expect(cut.fingerprint).toBe(whole.fingerprint);
      expect(validate(cut.trace)).toEqual([]);
      expect([...cut.trace.events.t]).toEqual([...whole.trace.events.t.subarray(0, 100 + seed)]);
      expect(cut.trace.messages.length).toBeGreaterThan(10);
    }
  });

  test('too many names end the recording', () => {
    const recorder = record.createRecorder(RUN, { mode: 'full' });
    for (let index = 0; index < 70_000; index++) record.nameId(recorder, `name ${index}`);
    record.beginEvent(recorder, 1, KIND.local, 0, 0);
    const trace = record.finish(recorder, NOTHING);
    expect(trace.header.truncated?.reason).toContain('more than 65535 different names');
    expect(trace.events.length).toBe(0);
  });

  test('payloads and states beyond what a trace holds end the recording before the event that brought them', () => {
    for (const bring of ['message', 'delta', 'op'] as const) {
      const recorder = record.createRecorder(RUN, { mode: 'full' });
      for (let index = 0; index < 5; index++) {
        const send = record.beginEvent(recorder, index, KIND.send, 0, record.nameId(recorder, 'm'));
        record.messageSent(recorder, send, 1, 9, index);
      }
      // As if all but a few bytes were taken.
      recorder.values.offsets[recorder.values.count] = MAX_VALUE_BYTES - 2;
      const event = record.beginEvent(recorder, 9, bring === 'message' ? KIND.send : KIND.local, 0, 1);
      if (bring === 'message') record.messageSent(recorder, event, 1, 9, 'too long');
      else if (bring === 'delta') record.stateDelta(recorder, event, 1, 'too long', 'longer still');
      else record.opInvoked(recorder, 9, 2, 0, 1, 'too long', 1);
      recorder.values.offsets[recorder.values.count] = 0;
      expect(record.messageDelivered(recorder, 10, 0)).toBe(bring === 'op' ? 7 : 6);
      const trace = record.finish(recorder, NOTHING);
      const after = bring === 'op' ? 6 : 5;
      const reason = 'the payloads and states of the run are more than a trace holds';
      expect(trace.header.truncated).toEqual({ reason, after });
      expect([trace.events.length, trace.messages.length, trace.ops.length, trace.deltas.length]).toEqual([
        after,
        5,
        0,
        0,
      ]);
      expect(fateOf(trace, 0)).toBe('inflight');
    }
  });

  test('columns of a finished trace are exactly as long as their tables', () => {
    const trace: Trace = randomTrace(3, { steps: 200 }).trace;
    for (const name of TABLE_NAMES) {
      for (const column of Object.keys(TABLE_SCHEMAS[name])) {
        const array = (trace[name] as unknown as Record<string, Uint8Array>)[column];
        expect(array.length).toBe(trace[name].length);
        expect(array.buffer.byteLength).toBe(array.byteLength);
      }
    }
  });

  test('a crash ends the roles of its node in all groups, and no others', () => {
    const recorder = record.createRecorder(RUN, { mode: 'full' });
    const id = (name: string) => record.nameId(recorder, name);
    const role = (node: number, group: string, leads: boolean) => {
      const event = record.beginEvent(recorder, 20, KIND.role, node, id('role'));
      record.epochChanged(recorder, event, id(group), id(leads ? 'leader' : 'follower'), 1, leads);
    };
    role(0, 'a', true);
    role(0, 'b', false);
    role(1, 'a', false);
    const crash = record.beginEvent(recorder, 20, KIND.crash, 0, id('crash'));
    role(0, 'a', false);
    const trace = record.finish(recorder, NOTHING);
    expect([...trace.epochs.to]).toEqual([crash, crash, -1, -1]);
    expect(validate(trace)).toEqual([]);
  });

  test('the same run has the same hash (golden)', () => {
    const { trace, fingerprint } = randomTrace(7, { steps: 300 });
    expect([traceSha256(trace), fingerprint]).toMatchInlineSnapshot(`
      [
        "15a50bae35afc8eb6489322520423160a9e207fc4011cd4eadb52fb1f8a74e71",
        "3117d679682e8f80",
      ]
    `);
  });
});
