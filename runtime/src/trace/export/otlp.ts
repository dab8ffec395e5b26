/**
 * A trace as OpenTelemetry spans (OTLP/JSON, `{"resourceSpans": …}`), for Jaeger, Tempo and their like: what each client
 * operation set off is one distributed trace; what no operation asked for is a trace for each timer, or whatever else
 * began it.
 *
 * Each node is a resource. Spans are the operation (client), what was sent (producer), its arrival with all that the
 * handler did at that moment (consumer), and what began by itself (internal). An arrival's parent is its sending. What
 * belongs to another operation than its cause hangs below that operation, and links to the cause. Changes of state, roles
 * and log lines are events of the handler's span. The scenario begins at the turn of the year 2000, because viewers take
 * times near 1970 for mistakes.
 */

import { isNetworkKind, kindOf, nodeName, senderOf } from '../access.ts';
import { describeEvent, describeOp, originNs } from '../describe.ts';
import { KIND, STATUS, STATUS_NAMES, WHY_NAMES } from '../kinds.ts';
import { NONE16, type Trace } from '../model.ts';
import { sha256Hex } from '../sha256.ts';
import { changesOf, valueNote } from './event-notes.ts';
import { refuseMoreThan } from './export-error.ts';
import { addLine, createLines } from './lines.ts';

/** Each span takes most of a kilobyte. */
export const MAX_OTLP_EVENTS = 200_000;
/** Jaeger's page shows no more of one trace; what follows is the next trace, with a link. */
export const MAX_OTLP_SPANS = 10_000;
/** 2000-01-01T00:00:00Z in ns since 1970. */
export const OTLP_EPOCH_NS = 946_684_800_000_000_000n;

const SPAN_KIND = { internal: 1, client: 3, producer: 4, consumer: 5 } as const;
const STATUS_CODE = { unset: 0, ok: 1, error: 2 } as const;

interface Attribute {
  readonly key: string;
  readonly value: { stringValue: string } | { intValue: string } | { boolValue: boolean };
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  endTimeUnixNano: string;
  readonly attributes: Attribute[];
  readonly events: { readonly timeUnixNano: string; readonly name: string; readonly attributes: Attribute[] }[];
  readonly links: { readonly traceId: string; readonly spanId: string; readonly attributes: Attribute[] }[];
  status: { code: number; message?: string };
}

/** A distributed trace that is being put together. */
interface Root {
  readonly traceId: string;
  spans: number;
}

interface Writer {
  readonly trace: Trace;
  /** First half of all trace ids: tells runs apart. */
  readonly run: string;
  readonly origin: number;
  /** Spans by node; the last list is for no node. */
  readonly spansOf: Span[][];
  /** The span of each event, if it has one or belongs to one, with its trace. */
  readonly spanOf: (Placed | undefined)[];
  /** The span of each operation. */
  readonly operations: (Placed | undefined)[];
  roots: number;
  spans: number;
}

interface Placed {
  readonly span: Span;
  readonly root: Root;
}

/** @throws ExportError for a trace that is too long */
export function encodeOtlp(trace: Trace): string {
  refuseMoreThan(MAX_OTLP_EVENTS, trace.events.length, 'OTLP', 'events');
  const { runId, seed, model, tool, nodes } = trace.header;
  const writer: Writer = {
    trace,
    run: sha256Hex(JSON.stringify([runId, seed, model])).slice(0, 16),
    origin: originNs(trace),
    spansOf: Array.from({ length: nodes.length + 1 }, () => []),
    spanOf: [],
    operations: [],
    roots: 0,
    spans: 0,
  };
  addSpans(writer);
  const out = createLines('OTLP');
  const scope = { name: 'dsys', version: tool };
  addLine(out, '{"resourceSpans":[');
  let first = true;
  writer.spansOf.forEach((spans, node) => {
    if (spans.length === 0) return;
    const resource = JSON.stringify({ attributes: resourceAttributes(trace, node) });
    addLine(
      out,
      `${first ? '' : ','}{"resource":${resource},"scopeSpans":[{"scope":${JSON.stringify(scope)},"spans":[`,
    );
    first = false;
    spans.forEach((span, at) => {
      addLine(out, `${at === 0 ? '' : ','}${JSON.stringify(span)}`);
    });
    addLine(out, ']}]}');
  });
  addLine(out, ']}');
  return `${out.lines.join('\n')}\n`;
}

function resourceAttributes(trace: Trace, node: number): Attribute[] {
  const { nodes, model, runId, seed } = trace.header;
  const { name, kind, group } = nodes[node] ?? { name: 'no node', kind: 'spec', group: '' };
  return attributes({
    'service.name': name,
    'service.namespace': group || undefined,
    'dsys.node.kind': kind,
    'dsys.run.id': runId,
    'dsys.model': model.uri,
    'dsys.scenario': model.name,
    'dsys.seed': seed,
  });
}

function attributes(values: Readonly<Record<string, string | number | boolean | undefined>>): Attribute[] {
  return Object.entries(values).flatMap(([key, value]): Attribute[] => {
    if (value === undefined) return [];
    if (typeof value === 'boolean') return [{ key, value: { boolValue: value } }];
    return [{ key, value: typeof value === 'number' ? { intValue: `${value}` } : { stringValue: value } }];
  });
}

function addSpans(writer: Writer): void {
  const { trace } = writer;
  const { kind, t, node, length } = trace.events;
  /** Of each lane what handles the moment. */
  const handlers = new Map<number, { readonly at: number; readonly placed: Placed }>();
  for (let event = 0; event < length; event++) {
    if (isNetworkKind(kind[event])) {
      if (kind[event] === KIND.drop) markLost(writer, event);
      continue;
    }
    if (kind[event] >= KIND.ok && kind[event] <= KIND.info && completeOperation(writer, event)) continue;
    const current = handlers.get(node[event]);
    const inside = current !== undefined && current.at === t[event] && !BEGINS.has(kind[event]);
    if (inside && kind[event] !== KIND.send) {
      addSpanEvent(writer, event, current.placed);
      continue;
    }
    const placed = addSpan(writer, event, inside ? current.placed : parentOf(writer, event));
    if (kind[event] !== KIND.send) handlers.set(node[event], { at: t[event], placed });
  }
  if (length > 0) leaveOpen(writer, t[length - 1]);
}

/** Operations that nobody completed last to the end of the trace. */
function leaveOpen(writer: Writer, endNs: number): void {
  writer.operations.forEach((placed, op) => {
    if (placed === undefined || writer.trace.ops.complete[op] >= 0) return;
    placed.span.endTimeUnixNano = unixNano(writer, endNs);
    placed.span.attributes.push(...attributes({ 'dsys.status': 'open' }));
  });
}

/** Events that nothing else in their lane brought about. */
const BEGINS: ReadonlySet<number> = new Set([
  ...[KIND.init, KIND.deliver, KIND.timerFire, KIND.crash, KIND.restart, KIND.pause, KIND.resume],
  ...[KIND.invoke, KIND.faultStart, KIND.faultEnd],
]);

/** The span that an event follows from: its sending, or what caused it; a timer that fires begins something new. */
function parentOf({ trace, spanOf }: Writer, event: number): Placed | undefined {
  const { kind, msg, cause } = trace.events;
  if (kind[event] === KIND.deliver) return spanOf[trace.messages.send[msg[event]]];
  return kind[event] === KIND.timerFire || kind[event] === KIND.invoke ? undefined : spanOf[cause[event]];
}

function addSpan(writer: Writer, event: number, before: Placed | undefined): Placed {
  const { trace, spanOf, operations } = writer;
  const { kind, node, op, cause } = trace.events;
  const asked = kind[event] === KIND.invoke ? undefined : operations[op[event]];
  // Of another operation than its cause, it hangs below that; a parent is always of the same trace.
  const wanted = asked !== undefined && asked.root !== before?.root ? asked : before;
  const parent = wanted !== undefined && wanted.root.spans < MAX_OTLP_SPANS ? wanted : undefined;
  const root = parent?.root ?? { traceId: `${writer.run}${hex(++writer.roots)}`, spans: 0 };
  root.spans++;
  const time = unixNano(writer, trace.events.t[event]);
  const span: Span = {
    traceId: root.traceId,
    spanId: hex(++writer.spans),
    ...(parent && { parentSpanId: parent.span.spanId }),
    ...namesOf(trace, event),
    startTimeUnixNano: time,
    endTimeUnixNano: time,
    attributes: eventAttributes(trace, event),
    events: [],
    links: [],
    status: { code: STATUS_CODE.unset },
  };
  const reason = kind[event] === KIND.timerFire ? 'timer set' : 'cause';
  for (const [from, why] of [
    [before, 'follows'],
    [wanted, 'continues'],
    [spanOf[cause[event]], reason],
  ] as const) {
    if (from === undefined || from === parent || span.links.some(link => link.spanId === from.span.spanId)) continue;
    const { traceId, spanId } = from.span;
    span.links.push({ traceId, spanId, attributes: attributes({ 'dsys.link': why }) });
  }
  const placed = { span, root };
  spanOf[event] = placed;
  if (kind[event] === KIND.invoke && op[event] >= 0) operations[op[event]] = placed;
  addChanges(writer, event, span);
  writer.spansOf[Math.min(node[event], trace.header.nodes.length)].push(span);
  return placed;
}

function namesOf(trace: Trace, event: number): Pick<Span, 'name' | 'kind'> {
  const text = trace.strings[trace.events.name[event]];
  const kind = kindOf(trace, event);
  switch (kind) {
    case 'invoke':
      return { name: text || 'operation', kind: SPAN_KIND.client };
    case 'send':
      return { name: `send ${text}`.trim(), kind: SPAN_KIND.producer };
    case 'deliver':
      return { name: `process ${text}`.trim(), kind: SPAN_KIND.consumer };
    default:
      return { name: `${kind} ${text}`.trim(), kind: SPAN_KIND.internal };
  }
}

function eventAttributes(trace: Trace, event: number): Attribute[] {
  const { events, messages, ops } = trace;
  const range = events.src[event] === NONE16 ? undefined : trace.src[events.src[event]];
  const message = events.msg[event];
  const op = events.op[event];
  return attributes({
    'dsys.event': event,
    'dsys.op': op < 0 ? undefined : op,
    'dsys.epoch': events.epoch[event] || undefined,
    'code.file.path': range && trace.sources[range.source]?.uri,
    'code.line.number': range?.range[0],
    'code.function.name': range && ([range.decl, range.handler].filter(text => text !== '').join(' ') || undefined),
    ...(message >= 0 && {
      'dsys.message': message,
      'dsys.from': nodeName(trace, senderOf(trace, message)),
      'dsys.to': nodeName(trace, messages.to[message]),
      'messaging.message.body.size': messages.bytes[message] || undefined,
      'dsys.payload': valueNote(trace, messages.payload[message]),
    }),
    ...(events.kind[event] === KIND.invoke &&
      op >= 0 && {
        'dsys.process': ops.process[op],
        'dsys.call': describeOp(trace, op, false),
      }),
  });
}

function addSpanEvent(writer: Writer, event: number, placed: Placed): void {
  const { trace } = writer;
  writer.spanOf[event] = placed;
  placed.span.events.push({
    timeUnixNano: unixNano(writer, trace.events.t[event]),
    name: describeEvent(trace, event),
    attributes: attributes({ 'dsys.event': event, 'dsys.kind': kindOf(trace, event) }),
  });
  addChanges(writer, event, placed.span);
}

function addChanges(writer: Writer, event: number, span: Span): void {
  for (const [path, before, after] of changesOf(writer.trace, event)) {
    span.events.push({
      timeUnixNano: unixNano(writer, writer.trace.events.t[event]),
      name: `state ${path}`,
      attributes: attributes({ 'dsys.path': path, 'dsys.old': before, 'dsys.new': after }),
    });
  }
}

/** False when nobody knows of the operation's beginning. */
function completeOperation(writer: Writer, event: number): boolean {
  const { trace, operations, spanOf } = writer;
  const op = trace.events.op[event];
  const placed = operations[op];
  if (placed === undefined) return false;
  spanOf[event] = placed;
  const { span } = placed;
  const status = trace.ops.status[op];
  span.endTimeUnixNano = unixNano(writer, trace.events.t[event]);
  span.attributes.push(
    ...attributes({
      'dsys.status': STATUS_NAMES[status] ?? 'info',
      'dsys.result': valueNote(trace, trace.ops.result[op]),
    }),
  );
  // What nobody knows is neither a success nor an error.
  if (status === STATUS.ok) span.status = { code: STATUS_CODE.ok };
  if (status === STATUS.fail) span.status = { code: STATUS_CODE.error, message: 'failed' };
  return true;
}

/** A message that is lost makes an error of its sending; a copy of it may have arrived all the same. */
function markLost(writer: Writer, event: number): void {
  const { trace, spanOf } = writer;
  const message = trace.events.msg[event];
  const placed = spanOf[trace.messages.send[message]];
  if (placed === undefined) return;
  spanOf[event] = placed;
  const why = WHY_NAMES[trace.messages.why[message]] ?? 'unknown';
  placed.span.status = { code: STATUS_CODE.error, message: `lost: ${why}` };
  placed.span.events.push({
    timeUnixNano: unixNano(writer, trace.events.t[event]),
    name: 'lost',
    attributes: attributes({ 'dsys.event': event, 'dsys.why': why, 'dsys.message': message }),
  });
}

const unixNano = ({ origin }: Writer, ns: number): string => `${OTLP_EPOCH_NS + BigInt(ns - origin)}`;

/** 16 hexadecimal digits. */
const hex = (number: number): string => number.toString(16).padStart(16, '0');
