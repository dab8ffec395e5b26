import { describe, expect, test } from 'vitest';
import { KIND, STATUS } from './kinds.ts';
import { MAX_EVENTS, type Trace } from './model.ts';
import { randomTrace } from './testing/random-trace.ts';
import { MAX_PROBLEMS, validate } from './validate.ts';

const make = (): Trace => randomTrace(5, { steps: 600 }).trace;

/** First row of a column that satisfies a condition. */
function find(column: ArrayLike<number>, condition: (value: number, row: number) => boolean): number {
  for (let row = 0; row < column.length; row++) if (condition(column[row], row)) return row;
  throw new Error('the random trace has no such row');
}

const damages: [string, string | RegExp, (trace: Trace) => void][] = [
  ['time', 'before event', t => (t.events.t[100] = 0)],
  ['fraction', 'has the time 0.5 ns', t => (t.events.t[0] = 0.5)],
  ['kind', 'unknown kind 99', t => (t.events.kind[find(t.events.msg, msg => msg < 0)] = 99)],
  ['forward cause', 'is not before it', t => (t.events.cause[10] = 10)],
  ['cause', `cause is ${MAX_EVENTS}`, t => (t.events.cause[10] = MAX_EVENTS)],
  ['node', 'node is 77, but there are only 6 of node', t => (t.events.node[10] = 77)],
  ['src', 'src is 2, but there are only 2 of src', t => (t.events.src[3] = 2)],
  ['string', 'name is 500', t => (t.events.name[3] = 500)],
  ['value', 'payload is 60000', t => (t.messages.payload[0] = 60_000)],
  ['message', 'names no message', t => (t.events.msg[find(t.events.kind, kind => kind === KIND.send)] = -1)],
  ['stray message', 'but its kind has none', t => (t.events.msg[find(t.events.kind, kind => kind === KIND.ok)] = 0)],
  ['two ends', 'exactly one fate', t => (t.events.msg[find(t.events.kind, kind => kind === KIND.deliver)] = 30)],
  ['no end', 'exactly one fate', t => (t.messages.end[find(t.messages.end, end => end >= 0)] = -1)],
  [
    'reason',
    'not a drop',
    t => (t.messages.why[find(t.messages.end, (end, row) => end >= 0 && t.messages.why[row] === 0)] = 1),
  ],
  ['in flight', 'is in flight, yet dropped: loss', t => (t.messages.why[find(t.messages.end, end => end < 0)] = 1)],
  ['lane', 'is for c1 but ends in the lane of s', t => (t.messages.to[find(t.messages.end, end => end >= 0)] = 3)],
  ['send', 'has no send event', t => (t.messages.send[3] = find(t.events.kind, kind => kind !== KIND.send))],
  ['invoke', 'has no invoke event', t => (t.ops.invoke[2] = -1)],
  [
    'status',
    'which is not its fail',
    t => (t.ops.status[find(t.ops.status, status => status === STATUS.ok)] = STATUS.fail),
  ],
  ['overlap', /process 0 invokes operation \d+ while/, t => t.ops.process.fill(0)],
  ['after info', 'may still take effect', reviveProcess],
  ['epoch', 'does not end before', t => (t.epochs.to[find(t.epochs.to, to => to >= 0)] = -1)],
  ['delta', 'stands after one of event', t => (t.deltas.event[0] = t.deltas.event[5] + 1)],
  ['detail', 'belongs to no event', t => (t.details.event[0] = -1)],
  ['fault', 'ends before it starts', t => (t.faults = t.faults.map(fault => ({ ...fault, end: 0 })))],
  ['witness', 'witness that names events', t => (t.checks = [{ ...t.checks[1], witness: { events: [1e6], ops: [] } }])],
  [
    'string twice',
    'a string is stored twice',
    t => (t.strings = t.strings.map(text => (text === 'vote' ? 'Vote' : text)).concat('Vote')),
  ],
  ['value twice', 'stored twice', t => t.values.bytes.fill(48)],
  ['columns', 'has 3 rows, but the table has', t => Object.assign(t.events, { flags: new Uint8Array(3) })],
];

function reviveProcess(trace: Trace): void {
  const { ops } = trace;
  const lost = find(
    ops.status,
    (status, row) => status === STATUS.info && ops.complete[row] >= 0 && ops.process[row] < 2,
  );
  for (let row = lost + 1; row < ops.length; row++)
    if (ops.process[row] % 2 === ops.process[lost] % 2) ops.process[row] = ops.process[lost];
}

describe('validate', () => {
  test('random traces are sound', () => {
    for (let seed = 0; seed < 100; seed++)
      expect(validate(randomTrace(seed, { steps: 200, servers: 5 }).trace)).toEqual([]);
  });

  test.each(damages)('finds a damaged %s', (_, message, damage) => {
    const trace = make();
    damage(trace);
    const problems = validate(trace).join('\n');
    if (typeof message === 'string') expect(problems).toContain(message);
    else expect(problems).toMatch(message);
  });

  test('lists so many problems and counts the rest', () => {
    const trace = make();
    trace.events.cause.fill(MAX_EVENTS);
    const problems = validate(trace);
    expect(problems.length).toBe(MAX_PROBLEMS + 1);
    expect(problems.at(-1)).toBe(`and ${trace.events.length - MAX_PROBLEMS} more problems`);
  });
});
