/** What an event says of itself where a format has room for it: a short name, a category, and named values. */

import { kindOf, nodeName, rowsOfEvent, senderOf } from '../access.ts';
import { KIND, type KindName, WHY_NAMES } from '../kinds.ts';
import { NONE16, type Trace } from '../model.ts';
import { valueText } from '../values.ts';

/** Longest text of a value that goes along. */
const MAX_VALUE_CHARACTERS = 2048;
/** Changes of state of one event that go along. */
const MAX_CHANGES = 32;

/** Where a range is written, `raft.dsys:11:3`, and what it belongs to; `undefined` for none. */
export function sourceText(trace: Trace, src: number): string | undefined {
  const range = src === NONE16 ? undefined : trace.src[src];
  if (range === undefined) return undefined;
  const file = trace.sources[range.source]?.uri ?? '?';
  const place = `${file}:${range.range[0]}:${range.range[1]}`;
  return [place, range.decl, range.handler].filter(text => text !== '').join(' ');
}

/** A value as it stands in the trace (ITF); `undefined` when it was not recorded. */
export function valueNote(trace: Trace, id: number): string | undefined {
  if (id === 0) return undefined;
  const text = valueText(trace.values, id);
  return text.length <= MAX_VALUE_CHARACTERS
    ? text
    : `${text.slice(0, MAX_VALUE_CHARACTERS)}... (${text.length} characters)`;
}

/** The changes of watched fields by an event: path, value before, value after. */
export function changesOf(trace: Trace, event: number): readonly (readonly [string, string, string])[] {
  const { path, old, new: now } = trace.deltas;
  const [from, to] = rowsOfEvent(trace.deltas, event);
  return Array.from({ length: Math.min(to - from, MAX_CHANGES) }, (_, at) => {
    const row = from + at;
    const value = (id: number): string => valueNote(trace, id) ?? '-';
    return [trace.strings[path[row]], value(old[row]), value(now[row])] as const;
  });
}

const CATEGORIES: { readonly [Kind in KindName]?: string } = {
  ...{ send: 'message', deliver: 'message', drop: 'message', duplicate: 'message' },
  ...{ timerSet: 'timer', timerFire: 'timer', timerCancel: 'timer' },
  ...{ invoke: 'operation', ok: 'operation', fail: 'operation', info: 'operation' },
  ...{ crash: 'fault', restart: 'fault', pause: 'fault', resume: 'fault', faultStart: 'fault', faultEnd: 'fault' },
  ...{ role: 'role', epoch: 'role', violation: 'violation' },
};

/** @param shown when it is shown, ns: if that is not when it was, it says so */
export function sliceOf(trace: Trace, event: number, shown: number) {
  const { events, messages } = trace;
  const kind = kindOf(trace, event);
  const name = trace.strings[events.name[event]];
  const message = events.msg[event];
  const detail = rowsOfEvent(trace.details, event);
  const annotations: Record<string, string | number | boolean | undefined> = {
    event,
    kind,
    t: shown === events.t[event] ? undefined : events.t[event],
    src: sourceText(trace, events.src[event]),
    epoch: events.epoch[event] || undefined,
    op: events.op[event] < 0 ? undefined : events.op[event],
    cause: events.cause[event] < 0 ? undefined : events.cause[event],
    detail: detail[0] < detail[1] ? valueNote(trace, trace.details.value[detail[0]]) : undefined,
  };
  if (message >= 0) {
    annotations.message = message;
    annotations.from = nodeName(trace, senderOf(trace, message));
    annotations.to = nodeName(trace, messages.to[message]);
    annotations.bytes = messages.bytes[message] || undefined;
    annotations.payload = valueNote(trace, messages.payload[message]);
    if (kind === 'drop') annotations.why = WHY_NAMES[messages.why[message]] ?? '?';
  }
  for (const [path, before, after] of changesOf(trace, event))
    annotations[`state ${path}`] = `${before} \u2192 ${after}`;
  return {
    name: NAMED.has(kind) && name !== '' ? name : [kind, name].join(' ').trim(),
    category: CATEGORIES[kind] ?? 'local',
    annotations,
  };
}

/** Kinds whose name says enough. */
const NAMED: ReadonlySet<KindName> = new Set<KindName>(['deliver', 'drop', 'local', 'timerFire']);

/** For each send the flows that begin there: one for each copy, so the message's row and one, since 0 is none. */
export function flowsFrom(trace: Trace): (event: number) => readonly number[] {
  const flows = new Map<number, number[]>();
  trace.messages.send.forEach((send, message) => {
    const known = flows.get(send);
    if (known === undefined) flows.set(send, [message + 1]);
    else known.push(message + 1);
  });
  return event => (trace.events.kind[event] === KIND.send ? (flows.get(event) ?? []) : []);
}

/** The flow that ends where a copy arrives. */
export function flowsInto(trace: Trace, event: number): readonly number[] {
  const message = trace.events.msg[event];
  return trace.events.kind[event] === KIND.deliver && trace.messages.end[message] === event ? [message + 1] : [];
}
