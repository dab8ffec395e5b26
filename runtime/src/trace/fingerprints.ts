/**
 * What an event is, as a number that is equal for the same events of two traces: its kind, its lane, its name, and what it
 * carries: of a message the other end, the contents and why it was lost, of an operation its function, key, value and
 * answer, of a fault whom it strikes, of a role its epoch, of anything but a timer its detail. Not when it happens.
 */

import { nodeName, rowsOfEvent, senderOf } from './access.ts';
import { fromItf, type TraceValue } from './itf.ts';
import { KIND } from './kinds.ts';
import type { Trace } from './model.ts';
import { valueCount, valueText } from './values.ts';

/** Texts of values beyond this are compared as they stand, without bringing members into one order. */
export const MAX_CANONICAL_CHARACTERS = 65_536;

/** Numbers that two traces share. */
interface Shared {
  readonly texts: Map<string, number>;
  readonly events: Map<string, number>;
}

export interface Fingerprints {
  /** For each event. */
  readonly event: Int32Array;
  /** For each node its lane: equal for nodes of the same name, and of the same number among those that share a name. */
  readonly lane: Int32Array;
  readonly laneNames: readonly string[];
  /** What the event changes in watched fields, as a text; '' for nothing. */
  readonly changes: (event: number) => string;
}

export function fingerprintsOf(a: Trace, b: Trace): readonly [Fingerprints, Fingerprints] {
  const shared: Shared = { texts: new Map(), events: new Map() };
  const lanes = new Map<string, number>();
  return [fingerprints(a, shared, lanes), fingerprints(b, shared, lanes)];
}

function idOf(numbers: Map<string, number>, text: string): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  numbers.set(text, numbers.size);
  return numbers.size - 1;
}

function fingerprints(trace: Trace, { texts, events: classes }: Shared, lanes: Map<string, number>): Fingerprints {
  const { events, messages, ops, details, deltas, header } = trace;
  const seen = new Map<string, number>();
  const lane = Int32Array.from(header.nodes, ({ name }) => {
    const number = seen.get(name) ?? 0;
    seen.set(name, number + 1);
    return idOf(lanes, `${number} ${name}`);
  });
  const strings = trace.strings.map(text => idOf(texts, text));
  const known = new Int32Array(valueCount(trace.values)).fill(-1);
  const value = (id: number): number => {
    if (known[id] < 0) known[id] = idOf(texts, canonical(valueText(trace.values, id)));
    return known[id];
  };
  const faultAt = new Map<number, string>();
  for (const { kind, nodes, groups, params, start, end } of trace.faults) {
    const names = (list: readonly number[]): string[] => list.map(node => nodeName(trace, node));
    const text = JSON.stringify([kind, names(nodes), groups.map(names), params]);
    for (const at of [start, end]) faultAt.set(at, `${faultAt.get(at) ?? ''}${text}`);
  }

  const carried = (row: number): string => {
    const kind = events.kind[row];
    const message = events.msg[row];
    if (message >= 0) {
      const peer = kind === KIND.send ? messages.to[message] : senderOf(trace, message);
      return `${lane[peer] ?? -1},${value(messages.payload[message])},${kind === KIND.drop ? messages.why[message] : 0}`;
    }
    const op = events.op[row];
    if (kind === KIND.invoke && op >= 0) return `${strings[ops.f[op]]},${value(ops.key[op])},${value(ops.value[op])}`;
    if (kind >= KIND.ok && kind <= KIND.info && op >= 0) {
      return `${strings[ops.f[op]]},${value(ops.key[op])},${value(ops.result[op])}`;
    }
    if (kind === KIND.faultStart || kind === KIND.faultEnd) return `${idOf(texts, faultAt.get(row) ?? '')}`;
    if (kind === KIND.role || kind === KIND.epoch) return `${events.epoch[row]}`;
    if (kind >= KIND.timerSet && kind <= KIND.timerCancel) return '';
    const [from, to] = rowsOfEvent(details, row);
    return from < to ? Array.from(details.value.subarray(from, to), value).join() : '';
  };

  const event = new Int32Array(events.length);
  for (let row = 0; row < events.length; row++) {
    const place = lane[events.node[row]] ?? -1;
    event[row] = idOf(classes, `${events.kind[row]},${place},${strings[events.name[row]]},${carried(row)}`);
  }
  const changes = (row: number): string => {
    const [from, to] = rowsOfEvent(deltas, row);
    let text = '';
    for (let at = from; at < to; at++) {
      text += `${strings[deltas.path[at]]},${value(deltas.old[at])},${value(deltas.new[at])};`;
    }
    return text;
  };
  return { event, lane, laneNames: header.nodes.map(({ name }) => name), changes };
}

/** A value's text with members, elements of sets and keys of maps in one order, whoever wrote it. */
function canonical(text: string): string {
  if (text.length > MAX_CANONICAL_CHARACTERS || !/[{]/.test(text)) return text;
  try {
    return ordered(fromItf(text));
  } catch {
    // A foreign file may hold any bytes.
    return text;
  }
}

function ordered(value: TraceValue | undefined): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : `${value}`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? '';
  if (Array.isArray(value)) return `[${value.map(ordered).join()}]`;
  if (value instanceof Set) return `set(${Array.from(value, ordered).sort().join()})`;
  if (value instanceof Map)
    return `map(${Array.from(value, pair => pair.map(ordered).join('='))
      .sort()
      .join()})`;
  const members = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}:${ordered(one)}`);
  return `{${members.sort().join()}}`;
}
