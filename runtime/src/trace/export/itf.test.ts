import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { kindOf, senderOf, typeOf } from '../access.ts';
import { fromItf, type TraceValue } from '../itf.ts';
import { KIND } from '../kinds.ts';
import type { Trace } from '../model.ts';
import { slice } from '../slice.ts';
import { randomTrace } from '../testing/random-trace.ts';
import { valueAt } from '../values.ts';
import { encodeItf, MAX_ITF_EVENTS } from './itf.ts';
import { hostileTrace } from './testing/hostile.ts';

/** ADR-015 of Apalache, sections "Format" and "Expressions". */
const expression = { $ref: '#/$defs/expression' };
const special = (key: string, inner: object) => ({
  type: 'object',
  additionalProperties: false,
  required: [key],
  properties: { [key]: inner },
});
const list = { type: 'array', items: expression };
const SCHEMA = {
  $defs: {
    expression: {
      oneOf: [
        { type: 'boolean' },
        { type: 'string' },
        { type: 'integer', minimum: -9_007_199_254_740_991, maximum: 9_007_199_254_740_991 },
        special('#bigint', { type: 'string', pattern: '^-?[0-9]+$' }),
        list,
        special('#tup', list),
        special('#set', list),
        special('#map', {
          type: 'array',
          items: { type: 'array', items: expression, minItems: 2, maxItems: 2 },
        }),
        special('#unserializable', { type: 'string' }),
        // A record: its names do not begin with a single #.
        {
          type: 'object',
          propertyNames: { pattern: '^(##|[^#]|$)' },
          additionalProperties: expression,
        },
      ],
    },
  },
  type: 'object',
  additionalProperties: false,
  required: ['#meta', 'params', 'vars', 'states'],
  properties: {
    '#meta': { type: 'object', required: ['format', 'format-description'] },
    params: { type: 'array', items: { type: 'string' } },
    vars: { type: 'array', items: { type: 'string' }, uniqueItems: true, minItems: 1 },
    states: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['#meta'],
        properties: { '#meta': { type: 'object', required: ['index'], properties: { index: { type: 'integer' } } } },
        patternProperties: { '^[^#]': expression },
        additionalProperties: false,
      },
    },
    loop: { type: 'integer', minimum: 0 },
  },
};
const validates = new Ajv({ allowUnionTypes: true }).compile(SCHEMA);

interface State {
  readonly nodes: ReadonlyMap<string, { readonly status: string; readonly state: Record<string, TraceValue> }>;
  readonly messages: ReadonlySet<Record<string, TraceValue>>;
  readonly clock: number;
  readonly 'mbt::actionTaken': string;
}

function statesOf(text: string): { states: State[]; loop?: number } {
  const json = JSON.parse(text);
  expect(validates(json), JSON.stringify(validates.errors?.slice(0, 3))).toBe(true);
  expect(json.vars).toEqual(['nodes', 'messages', 'clock', 'mbt::actionTaken']);
  for (const [index, state] of json.states.entries()) {
    expect(state['#meta']).toEqual({ index });
    expect(Object.keys(state)).toEqual(['#meta', ...json.vars]);
  }
  if (json.loop !== undefined) expect(json.loop).toBeLessThan(json.states.length);
  const read = (state: Record<string, object>): State =>
    Object.fromEntries(json.vars.map((name: string) => [name, fromItf(JSON.stringify(state[name]))])) as never;
  return { states: json.states.map(read), loop: json.loop };
}

/** Fractions have no ITF; the others are themselves. */
const asExported = (value: TraceValue | undefined): TraceValue =>
  typeof value === 'number' && !Number.isSafeInteger(value) ? (null as never) : (value as TraceValue);

function compareWithTrace(trace: Trace): State[] {
  const { states } = statesOf(encodeItf(trace));
  const { events, messages, deltas, header, strings, values } = trace;
  expect(states.length).toBe(events.length + 1);
  const made = [...messages.send];
  events.kind.forEach((kind, row) => {
    if (kind === KIND.duplicate) made[events.msg[row]] = row;
  });
  states.forEach((state, index) => {
    const last = index - 1;
    if (last >= 0) {
      expect(state.clock).toBe(events.t[last]);
      expect(state['mbt::actionTaken']).toContain(kindOf(trace, last));
    }
    const inFlight = [...messages.send.keys()].filter(
      row => made[row] <= last && (messages.end[row] < 0 || messages.end[row] > last),
    );
    expect([...state.messages].map(({ id, type }) => [id, type])).toEqual(
      inFlight.sort((a, b) => made[a] - made[b]).map(row => [row, typeOf(trace, row)]),
    );
    expect(state.nodes.size).toBe(header.nodes.length);
  });
  // Stepping forward through the changes, and backward, gives the states.
  for (let row = 0; row < deltas.length; row++) {
    const event = deltas.event[row];
    const node = [...states[0].nodes.keys()][events.node[event]];
    const field = strings[deltas.path[row]];
    const again = [...deltas.event.keys()].some(
      other => other !== row && deltas.event[other] === event && deltas.path[other] === deltas.path[row],
    );
    if (again) continue;
    const after = states[event + 1].nodes.get(node)!.state;
    expect(after[field]).toEqual(asExported(valueAt(values, deltas.new[row])));
    const earlier = [...deltas.event.keys()].some(
      other =>
        other < row &&
        deltas.path[other] === deltas.path[row] &&
        events.node[deltas.event[other]] === events.node[event],
    );
    if (earlier || deltas.old[row] === 0) continue;
    for (const index of [0, event]) {
      expect(states[index].nodes.get(node)!.state[field]).toEqual(asExported(valueAt(values, deltas.old[row])));
    }
  }
  return states;
}

const seeds = [1, 2, 3, 4, 5];

describe('ITF', () => {
  test.each(seeds)('of random trace %i, or a part of it, has the states that its events lead to', seed => {
    const trace = randomTrace(seed, { steps: 400, values: [1, { term: 2, log: [1, 2] }] }).trace;
    compareWithTrace(trace);
    compareWithTrace(slice(trace, { events: [100, 260] }));
    compareWithTrace(slice(trace, { before: 300 }));
  });

  test('says who is down, and what messages carry between whom', () => {
    const trace = randomTrace(2, { steps: 900 }).trace;
    const states = compareWithTrace(trace);
    const crash = trace.events.kind.indexOf(KIND.crash);
    const name = trace.header.nodes[trace.events.node[crash]].name;
    expect([crash, crash + 1, crash + 2].map(at => states[at].nodes.get(name)!.status)).toEqual(['up', 'down', 'up']);
    const send = trace.events.kind.indexOf(KIND.send);
    const message = trace.events.msg[send];
    expect([...states[send + 1].messages].at(-1)).toEqual({
      id: message,
      type: typeOf(trace, message),
      from: trace.header.nodes[senderOf(trace, message)].name,
      to: trace.header.nodes[trace.messages.to[message]].name,
      payload: valueAt(trace.values, trace.messages.payload[message]),
    });
  });

  test('has the loop of a run that repeats: its last state is followed by what followed state `loop`', () => {
    const trace = randomTrace(1, { steps: 50 }).trace;
    trace.header = { ...trace.header, loop: { fromEvent: 7 } };
    expect(statesOf(encodeItf(trace)).loop).toBe(7);
    const { loop, ...header } = trace.header;
    expect(loop).toBeDefined();
    expect(statesOf(encodeItf({ ...trace, header })).loop).toBeUndefined();
  });

  test.each(seeds)('of names and values that are meant to break it is ITF all the same (%i)', seed => {
    const trace = hostileTrace(seed, 400);
    trace.header = { ...trace.header, nodes: trace.header.nodes.map(node => ({ ...node, name: '#n' })) };
    const states = statesOf(encodeItf(trace)).states;
    expect([...states[0].nodes.keys()].slice(0, 3)).toEqual(['#n', '#n.2', '#n.3']);
  });

  test('is refused beyond its limits, with the way out', () => {
    const trace = randomTrace(1, { steps: 2500 }).trace;
    expect(trace.events.length).toBeGreaterThan(MAX_ITF_EVENTS);
    expect(() => encodeItf(trace)).toThrow('ITF takes at most 2000 events');
    const large = randomTrace(1, { steps: 1500, values: ['x'.repeat(20_000)], payloadLimitBytes: 100_000 }).trace;
    expect(() => encodeItf(slice(large, { events: [0, 1500] }))).toThrow('50000000 characters');
  });
});
