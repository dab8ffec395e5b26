import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { KIND } from '../kinds.ts';
import type { Trace } from '../model.ts';
import { slice } from '../slice.ts';
import { randomTrace } from '../testing/random-trace.ts';
import { encodeOtlp, MAX_OTLP_EVENTS, MAX_OTLP_SPANS, OTLP_EPOCH_NS } from './otlp.ts';
import { hostileTrace } from './testing/hostile.ts';

/** OTLP/JSON (opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids in hexadecimal, 64-bit integers as texts, enums as numbers. */
const nanos = { type: 'string', pattern: '^[1-9][0-9]{17,18}$' };
const traceId = { type: 'string', pattern: '^(?!0{32})[0-9a-f]{32}$' };
const spanId = { type: 'string', pattern: '^(?!0{16})[0-9a-f]{16}$' };
const object = (properties: Record<string, object>, optional: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter(name => !optional.includes(name)),
  properties,
});
const attributes = {
  type: 'array',
  items: object({
    key: { type: 'string', minLength: 1 },
    value: {
      oneOf: [
        object({ stringValue: { type: 'string' } }),
        object({ intValue: { type: 'string', pattern: '^-?[0-9]+$' } }),
        object({ boolValue: { type: 'boolean' } }),
      ],
    },
  }),
};
const SCHEMA = object({
  resourceSpans: {
    type: 'array',
    items: object({
      resource: object({ attributes }),
      scopeSpans: {
        type: 'array',
        items: object({
          scope: object({ name: { const: 'dsys' }, version: { type: 'string' } }),
          spans: {
            type: 'array',
            minItems: 1,
            items: object(
              {
                traceId,
                spanId,
                parentSpanId: spanId,
                name: { type: 'string', minLength: 1 },
                kind: { enum: [1, 2, 3, 4, 5] },
                startTimeUnixNano: nanos,
                endTimeUnixNano: nanos,
                attributes,
                events: {
                  type: 'array',
                  items: object({ timeUnixNano: nanos, name: { type: 'string', minLength: 1 }, attributes }),
                },
                links: { type: 'array', items: object({ traceId, spanId, attributes }) },
                status: object({ code: { enum: [0, 1, 2] }, message: { type: 'string' } }, ['message']),
              },
              ['parentSpanId'],
            ),
          },
        }),
      },
    }),
  },
});
const validates = new Ajv({ allErrors: false }).compile(SCHEMA);

type Values = Record<string, string | boolean>;
interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  at: Values;
  events: { name: string; at: Values }[];
  links: { traceId: string; spanId: string }[];
  status: { code: number; message?: string };
  service: string;
}

// biome-ignore lint/suspicious/noExplicitAny: what it is, the schema has said
const valuesOf = (list: any[]): Values =>
  Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0] as string | boolean]));

/** The spans, after the schema, and after what viewers rely on. */
function spansOf(text: string): Map<string, Span> {
  const json = JSON.parse(text);
  expect(validates(json), JSON.stringify(validates.errors)).toBe(true);
  const spans = new Map<string, Span>();
  for (const { resource, scopeSpans } of json.resourceSpans) {
    for (const span of scopeSpans[0].spans) {
      expect(spans.has(span.spanId)).toBe(false);
      spans.set(span.spanId, {
        ...span,
        at: valuesOf(span.attributes),
        // biome-ignore lint/suspicious/noExplicitAny: as above
        events: span.events.map((event: any) => ({ name: event.name, at: valuesOf(event.attributes) })),
        service: valuesOf(resource.attributes)['service.name'],
      });
    }
  }
  const roots = new Map<string, number>();
  for (const span of spans.values()) {
    expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
    if (span.parentSpanId === undefined) roots.set(span.traceId, (roots.get(span.traceId) ?? 0) + 1);
    else {
      const parent = spans.get(span.parentSpanId)!;
      expect(parent.traceId).toBe(span.traceId);
      expect(BigInt(parent.startTimeUnixNano)).toBeLessThanOrEqual(BigInt(span.startTimeUnixNano));
    }
    for (const link of span.links) expect(spans.get(link.spanId)!.traceId).toBe(link.traceId);
  }
  // Each trace begins once.
  expect(roots.size).toBe(new Set([...spans.values()].map(span => span.traceId)).size);
  for (const count of roots.values()) expect(count).toBe(1);
  return spans;
}

function compareWithTrace(trace: Trace): Map<string, Span> {
  const spans = spansOf(encodeOtlp(trace));
  const byEvent = new Map([...spans.values()].map(span => [Number(span.at['dsys.event']), span]));
  const { events, messages, ops } = trace;
  for (let event = 0; event < events.length; event++) {
    const span = byEvent.get(event);
    const kind = events.kind[event];
    if ([KIND.send, KIND.deliver, KIND.invoke, KIND.timerFire].includes(kind as 5)) expect(span).toBeDefined();
    if (span === undefined) continue;
    expect(span.service).toBe(trace.header.nodes[events.node[event]].name);
    expect(BigInt(span.startTimeUnixNano) - OTLP_EPOCH_NS).toBe(BigInt(events.t[event]));
    expect(span.kind).toBe(kind === KIND.send ? 4 : kind === KIND.deliver ? 5 : kind === KIND.invoke ? 3 : 1);
    // What is of an operation is in its trace.
    const asked = events.op[event] < 0 ? undefined : byEvent.get(ops.invoke[events.op[event]]);
    if (asked !== undefined) expect(span.traceId).toBe(asked.traceId);
    if (kind === KIND.deliver) {
      const sending = byEvent.get(messages.send[events.msg[event]])!;
      if (sending.traceId === span.traceId) expect(span.parentSpanId).toBe(sending.spanId);
      else expect(span.links.map(link => link.spanId)).toContain(sending.spanId);
    }
    if (events.cause[event] >= 0 && kind === KIND.timerFire) {
      expect(span.parentSpanId === undefined || asked !== undefined).toBe(true);
      expect(span.links.length).toBeGreaterThan(0);
    }
    const range = trace.src[events.src[event]];
    expect(span.at['code.line.number']).toBe(range === undefined ? undefined : `${range.range[0]}`);
    expect(span.at['code.file.path']).toBe(range === undefined ? undefined : trace.sources[range.source].uri);
  }
  for (let op = 0; op < ops.length; op++) {
    const span = byEvent.get(ops.invoke[op])!;
    const status = ['info', 'ok', 'fail'][ops.status[op]];
    const open = ops.complete[op] < 0;
    expect(span.at['dsys.status']).toBe(open ? 'open' : status);
    expect(span.status.code).toBe({ info: 0, ok: 1, fail: 2 }[status]);
    const end = open ? events.t[events.length - 1] : events.t[ops.complete[op]];
    expect(BigInt(span.endTimeUnixNano) - OTLP_EPOCH_NS).toBe(BigInt(end));
  }
  const lost = [...messages.why.keys()].filter(row => messages.why[row] > 0);
  const told = [...spans.values()].flatMap(span => span.events.filter(event => event.name === 'lost'));
  expect(told.length).toBe(lost.length);
  return spans;
}

const seeds = [1, 2, 3, 4, 5, 6];

describe('OTLP', () => {
  test.each(seeds)('of random trace %i, or a part of it, has spans that hang together as its events do', seed => {
    const trace = randomTrace(seed, { steps: 900, clients: 4 }).trace;
    compareWithTrace(trace);
    compareWithTrace(slice(trace, { events: [200, 500] }));
    compareWithTrace(slice(trace, { before: 600 }));
  });

  test.each(seeds)('of names and values that are meant to break it has them as they are (%i)', seed => {
    const trace = hostileTrace(seed, 700);
    compareWithTrace(trace);
  });

  test('has the changes of state of an event in its span', () => {
    const trace = randomTrace(1, { steps: 900 }).trace;
    const spans = compareWithTrace(trace);
    const states = [...spans.values()].flatMap(span => span.events.filter(event => event.name.startsWith('state ')));
    expect(states.length).toBe(trace.deltas.length);
    expect(states[0].at).toMatchObject({ 'dsys.path': expect.any(String), 'dsys.new': expect.any(String) });
  });

  test('counts from where the scenario began, and from nowhere odd', () => {
    const trace = randomTrace(1, { steps: 30 }).trace;
    const starts = (originNs: number): bigint[] =>
      [...spansOf(encodeOtlp({ ...trace, header: { ...trace.header, params: { originNs } } })).values()].map(
        span => BigInt(span.startTimeUnixNano) - OTLP_EPOCH_NS,
      );
    expect(starts(1000)).toEqual(starts(0).map(start => start - 1000n));
    expect(starts(1.5)).toEqual(starts(0));
    expect(starts(1e300)).toEqual(starts(0));
  });

  test('begins another trace where one has as many spans as viewers show', () => {
    const trace = randomTrace(1, { steps: 30_000, clients: 1 }).trace;
    // One endless operation asks for everything.
    const op = trace.events.kind.indexOf(KIND.invoke);
    const first = trace.ops.invoke[0];
    trace.events.op.fill(0, first);
    trace.events.kind.forEach((kind, row) => {
      if (row > op && kind >= KIND.invoke && kind <= KIND.info) trace.events.kind[row] = KIND.local;
    });
    trace.ops.complete[0] = -1;
    const spans = [...spansOf(encodeOtlp(trace)).values()];
    const sizes = new Map<string, number>();
    for (const { traceId } of spans) sizes.set(traceId, (sizes.get(traceId) ?? 0) + 1);
    expect(Math.max(...sizes.values())).toBe(MAX_OTLP_SPANS);
    const asked = spans.find(span => span.kind === 3)!;
    const outside = spans.filter(span => span.at['dsys.op'] === '0' && span.traceId !== asked.traceId);
    expect(outside.length).toBeGreaterThan(1000);
    const roots = outside.filter(span => span.parentSpanId === undefined);
    for (const span of roots) expect(span.links.length).toBeGreaterThan(0);
  });

  test('of nothing is empty, and of too much is refused', () => {
    const trace = randomTrace(1, { steps: 30 }).trace;
    expect(spansOf(encodeOtlp(slice(trace, { nodes: [] }))).size).toBe(0);
    const events = { ...trace.events, length: MAX_OTLP_EVENTS + 1 };
    expect(() => encodeOtlp({ ...trace, events })).toThrow('OTLP takes at most 200000 events');
  });
});
