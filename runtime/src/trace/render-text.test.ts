import { describe, expect, test } from 'vitest';
import { describeEvent } from './describe.ts';
import { EVENT_FLAG, KIND } from './kinds.ts';
import { NONE16, type Trace } from './model.ts';
import * as record from './recorder.ts';
import { NO_STYLE, renderText, selectEvents } from './render-text.ts';
import { randomTrace } from './testing/random-trace.ts';
import { validate } from './validate.ts';

const MS = 1_000_000;
const [S1, S2, S3, C1, C2, NEMESIS, SPEC] = [0, 1, 2, 3, 4, 5, 6];

interface Story {
  trace: Trace;
  write: number;
  read: number;
  violation: number;
  /** Named events of the story. */
  at: Record<string, number>;
}

/**
 * A stale read: s1 leads and is cut off with client c2; s2 is elected and commits c1's write; s1, which does not know,
 * answers c2 with the old value. All around it, heartbeats: `noise` of them.
 */
function staleRead(noise: number): Story {
  const names = ['s1', 's2', 's3', 'c1', 'c2', 'nemesis', 'checks'];
  const kinds = ['server', 'server', 'server', 'client', 'client', 'nemesis', 'spec'] as const;
  const recorder = record.createRecorder(
    {
      runId: 'story',
      tool: 'test',
      model: { uri: 'a.dsys', sha256: '', name: 'a' },
      seed: 1,
      params: {},
      nodes: names.map((name, node) => ({ name, kind: kinds[node], group: '' })),
      sources: [],
      src: [],
    },
    { mode: 'full' },
  );
  const name = (text: string): number => record.nameId(recorder, text);
  let now = 0;
  const tick = (ms: number): number => (now += ms * MS);
  const say = (from: number, to: number, type: string, op = -1): number => {
    const send = record.beginEvent(recorder, tick(0.1), KIND.send, from, name(type), op);
    return record.messageSent(recorder, send, to, 10);
  };
  const tell = (from: number, to: number, type: string, op = -1): number => {
    const message = say(from, to, type, op);
    return record.messageDelivered(recorder, tick(1), message);
  };
  const heartbeats = (): void => {
    for (let beat = 0; beat < noise; beat++) tell(S2, S3, 'Heartbeat');
  };
  const role = (node: number, what: string, term: number, leads: boolean): number => {
    const event = record.beginEvent(recorder, tick(0.5), KIND.role, node, name(what), -1, term);
    record.epochChanged(recorder, event, 0, name(what), term, leads);
    return event;
  };
  const at: Record<string, number> = {};

  at.firstLeader = role(S1, 'leader', 1, true);
  heartbeats();
  at.oldCrash = record.beginEvent(recorder, tick(1), KIND.crash, S3, 0);
  at.oldRestart = record.beginEvent(recorder, tick(1), KIND.restart, S3, 0);
  at.partition = recorder.eventCount;
  const partition = record.faultStart(recorder, tick(2), NEMESIS, {
    kind: 'partition',
    nodes: [],
    groups: [
      [S1, C2],
      [S2, S3, C1],
    ],
    params: {},
    src: NONE16,
  });
  at.secondLeader = role(S2, 'leader', 2, true);
  heartbeats();

  const write = record.opInvoked(recorder, tick(1), C1, 0, name('write'), 'x', 1);
  at.atLeader = tell(C1, S2, 'Request', write);
  const lost = say(S2, S1, 'Append', write);
  at.atFollower = tell(S2, S3, 'Append', write);
  at.lost = record.messageDropped(recorder, tick(0.1), lost, 'partition', at.partition);
  heartbeats();
  at.acknowledged = tell(S3, S2, 'Appended', write);
  at.commit = record.beginEvent(
    recorder,
    tick(0),
    KIND.local,
    S2,
    name('commit'),
    write,
    2,
    -1,
    NONE16,
    EVENT_FLAG.significant,
  );
  at.answered = tell(S2, C1, 'Reply', write);
  record.opCompleted(recorder, tick(0.1), C1, write, 'ok');
  heartbeats();
  const read = record.opInvoked(recorder, tick(1), C2, 1, name('read'), 'x', undefined);
  at.readAtOld = tell(C2, S1, 'Request', read);
  at.readAnswered = tell(S1, C2, 'Reply', read);
  const told = record.opCompleted(recorder, tick(0.1), C2, read, 'ok', 0);
  const violation = record.beginEvent(recorder, tick(0), KIND.violation, SPEC, name('linearizable'), -1, 0, told);
  heartbeats();
  at.healed = record.faultEnd(recorder, tick(5), NEMESIS, partition);
  at.deposed = role(S1, 'follower', 2, false);
  const trace = record.finish(recorder, { outcome: 'fail', checks: [], metrics: [], notes: [] });
  expect(validate(trace)).toEqual([]);
  return { trace, write, read, violation, at };
}

describe('text of a violation', () => {
  test('tells the story of a stale read', () => {
    const { trace, write, read, violation } = staleRead(40);
    expect(trace.events.length).toBeGreaterThan(400);
    expect(renderText(trace, { events: [violation], ops: [write, read] }, NO_STYLE, 14)).toMatchInlineSnapshot(`
      [
        "  0.500 ms  s1       is leader in epoch 1",
        " 48.500 ms  nemesis  begins: partition of s1, c2 | s2, s3, c1",
        " 49.000 ms  s2       is leader in epoch 2",
        " 94.000 ms  c1       asks write(x, 1)",
        " 96.300 ms  s3       receives Append from s2 (sent 95.300)",
        " 96.400 ms  s1       never receives Append from s2: partition",
        "141.500 ms  s2       receives Appended from s3 (sent 140.500)",
        "142.600 ms  c1       receives Reply from s2 (sent 141.600)",
        "142.700 ms  c1       is told write(x, 1)",
        "187.700 ms  c2       asks read(x)",
        "188.800 ms  s1       receives Request from c2 (sent 187.800)",
        "189.900 ms  c2       receives Reply from s1 (sent 188.900)",
        "190.000 ms  c2       is told read(x) = 0",
        "190.000 ms  checks   violation linearizable",
        "(14 of 427 events)",
      ]
    `);
  });

  test('selects by the rule', () => {
    const { trace, write, read, violation, at } = staleRead(40);
    const { invoke, complete } = trace.ops;
    const select = (lines: number): Map<number, string> =>
      selectEvents(trace, { events: [violation], ops: [write, read] }, lines);
    const all = select(100);
    // A heartbeat on the way from the write to the read is on the causal path, too, but comes only after the rest.
    const heartbeat = [...all.keys()].filter(event => trace.strings[trace.events.name[event]] === 'Heartbeat');
    expect(heartbeat.length).toBe(1);
    expect([...select(15).keys()].some(event => heartbeat.includes(event))).toBe(false);
    expect([...all.keys()].filter(event => event !== heartbeat[0]).sort((left, right) => left - right)).toEqual([
      at.firstLeader,
      at.partition,
      at.secondLeader,
      invoke[write],
      at.atLeader,
      at.atFollower,
      at.lost,
      at.acknowledged,
      at.commit,
      at.answered,
      complete[write],
      invoke[read],
      at.readAtOld,
      at.readAnswered,
      complete[read],
      violation,
    ]);
    expect([all.get(violation), all.get(at.partition), all.get(at.secondLeader), all.get(at.lost)]).toEqual([
      'danger',
      'warn',
      'info',
      'dim',
    ]);
    // Focus 5, a quarter of 8 of each kind would be 2: the partition, and the two leaders, are all that fit.
    expect([...select(8).keys()]).toEqual([
      invoke[write],
      complete[write],
      invoke[read],
      complete[read],
      violation,
      at.partition,
      at.secondLeader,
      at.firstLeader,
    ]);
    // Of the messages, those nearest to the violation.
    expect([...select(10).keys()].slice(8)).toEqual([at.readAnswered, at.readAtOld]);
    expect([...select(4).keys()]).toEqual([invoke[write], complete[write], invoke[read], violation]);
  });

  test('a fault that is over, a restart, and a leader long gone are left out; a crash still in force is not', () => {
    const { trace, read, at } = staleRead(3);
    const chosen = selectEvents(trace, { events: [], ops: [read] }, 100);
    expect([at.oldCrash, at.oldRestart, at.healed, at.deposed].filter(event => chosen.has(event))).toEqual([]);
    trace.events.kind[at.oldRestart] = KIND.local;
    expect(selectEvents(trace, { events: [], ops: [read] }, 100).has(at.oldCrash)).toBe(true);
    const late = selectEvents(trace, { events: [trace.events.length - 1], ops: [] }, 100);
    expect([at.partition, at.firstLeader].filter(event => late.has(event))).toEqual([at.firstLeader]);
  });

  test('a witness that is too long keeps its beginning and its end', () => {
    const { trace } = staleRead(20);
    const events = Array.from({ length: 100 }, (_, index) => index * 2);
    const rows = [...selectEvents(trace, { events, ops: [] }, 12).keys()];
    expect(rows).toEqual([0, 2, 4, ...Array.from({ length: 9 }, (_, index) => 182 + index * 2)]);
    expect(renderText(trace, { events, ops: [] }).length).toBe(13);
  });

  test('colours are the caller’s, and a truncated trace says so', () => {
    const { trace, violation } = staleRead(0);
    const mark = (tag: string) => (text: string) => `<${tag}>${text}`;
    const style = { plain: mark('p'), danger: mark('!'), warn: mark('w'), info: mark('i'), dim: mark('d') };
    trace.header = { ...trace.header, truncated: { reason: 'it is long', after: 9 } };
    const lines = renderText(trace, { events: [violation], ops: [] }, style);
    expect(lines.find(line => line.includes('violation'))).toMatch(/^<!>/);
    expect(lines.at(-1)).toMatch(/^<d>\(\d+ of \d+ events; the recording ends before event 9: it is long\)$/);
  });

  test('names nothing, shows nothing', () => {
    const { trace } = staleRead(0);
    expect(renderText(trace, { events: [], ops: [] })).toEqual([]);
    expect(renderText(trace, { events: [1e6, -1], ops: [99, -4] })).toEqual([]);
  });

  test('every kind of event has words, in printable ASCII', () => {
    const values = ['\u001b[31mred', 'é', { deep: ['line\nbreak'] }, null, '😀'];
    for (let seed = 0; seed < 20; seed++) {
      const { trace } = randomTrace(seed, { steps: 200, values });
      trace.strings = trace.strings.map((text, id) => (id > 0 ? `${text}\u001bñ` : text));
      for (let event = 0; event < trace.events.length; event++) {
        expect(describeEvent(trace, event)).toMatch(/^[ -~]+$/);
      }
      trace.events.kind.fill(200);
      expect(describeEvent(trace, 3)).toMatch(/^local/);
      const lines = renderText(trace, { events: [5], ops: [0] }).join('\n');
      expect(lines).toMatch(/^[ -~\n]+$/);
    }
  });
});
