/** What is known of the selection, as rows of words: the panel beside the diagram only lays them out. */

import { copyOf, fateOf, nodeName, rowsOfEvent, senderOf, typeOf } from '@dsys/runtime/trace/access';
import { futureCone, pastCone, vectorClock } from '@dsys/runtime/trace/causality';
import { describeFault, describeOp } from '@dsys/runtime/trace/describe';
import { flagNames, MESSAGE_FLAG, STATUS_NAMES, WHY_NAMES } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';
import { valueText } from '@dsys/runtime/trace/values';
import type { Opened } from './opened.ts';
import { countOf } from './search.ts';
import { duration, moment } from './times.ts';

/** Longest text of a value that is shown at once. */
const MAX_VALUE = 4000;

export interface Row {
  readonly name: string;
  readonly text: string;
  /** Event that the row leads to. */
  readonly event?: number;
}

export interface Change {
  /** Added, modified, deleted. */
  readonly badge: 'A' | 'M' | 'D';
  readonly path: string;
  readonly old: string;
  readonly new: string;
}

/** A value's text, with a note when it is cut. */
export function shownValue(opened: Opened, id: number): string {
  const text = valueText(opened.trace.values, id);
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}… (${text.length} characters)`;
}

export function fateInWords(trace: Trace, message: number): string {
  const { send, end, why } = trace.messages;
  const { t } = trace.events;
  const fate = fateOf(trace, message);
  if (fate === 'inflight') return 'still under way at the end';
  const took = send[message] >= 0 && end[message] >= 0 ? `, after ${duration(t[end[message]] - t[send[message]])}` : '';
  return fate === 'dropped' ? `dropped (${WHY_NAMES[why[message]] ?? '?'})${took}` : `delivered${took}`;
}

export function messageRows(opened: Opened, message: number): Row[] {
  const { trace, origin } = opened;
  const { send, end, to, flags, payload, bytes } = trace.messages;
  const { t } = trace.events;
  const from = nodeName(trace, senderOf(trace, message));
  const rows: Row[] = [
    { name: 'message', text: `${typeOf(trace, message)}, ${from} to ${nodeName(trace, to[message])}` },
  ];
  rows.push({ name: 'fate', text: fateInWords(trace, message) });
  const notes = flagNames(MESSAGE_FLAG, flags[message]);
  if (notes.length > 0) rows.push({ name: 'also', text: notes.join(', ') });
  const original = copyOf(trace, message);
  if (original >= 0) rows.push({ name: 'copy of', text: `message ${original}` });
  if (send[message] >= 0) rows.push({ name: 'sent', text: moment(t[send[message]] - origin), event: send[message] });
  if (end[message] >= 0) rows.push({ name: 'ended', text: moment(t[end[message]] - origin), event: end[message] });
  if (bytes[message] > 0) rows.push({ name: 'size', text: `${bytes[message]} bytes` });
  const text = shownValue(opened, payload[message]);
  if (text !== '') rows.push({ name: 'payload', text });
  return rows;
}

const STATUS_WORDS = {
  ok: 'ok',
  fail: 'failed: it had no effect',
  info: 'unknown: the client was never told',
} as const;

export function opRows(opened: Opened, op: number): Row[] {
  const { trace, origin } = opened;
  const { invoke, complete, status, linearizedAt } = trace.ops;
  const { t } = trace.events;
  const rows: Row[] = [
    { name: 'operation', text: describeOp(trace, op, true) },
    { name: 'status', text: STATUS_WORDS[STATUS_NAMES[status[op]] ?? 'info'] },
  ];
  if (invoke[op] >= 0) rows.push({ name: 'asked', text: moment(t[invoke[op]] - origin), event: invoke[op] });
  if (complete[op] >= 0) {
    const took = duration(t[complete[op]] - t[invoke[op]]);
    rows.push({ name: 'answered', text: `${moment(t[complete[op]] - origin)}, after ${took}`, event: complete[op] });
  }
  if (linearizedAt[op] >= 0) {
    rows.push({ name: 'took effect', text: moment(t[linearizedAt[op]] - origin), event: linearizedAt[op] });
  }
  return rows;
}

export function faultRows({ trace, origin }: Opened, fault: number): Row[] {
  const one = trace.faults[fault];
  const { t } = trace.events;
  const rows: Row[] = [{ name: 'fault', text: describeFault(trace, one) }];
  if (one.start >= 0) rows.push({ name: 'begins', text: moment(t[one.start] - origin), event: one.start });
  if (one.end >= 0) rows.push({ name: 'ends', text: moment(t[one.end] - origin), event: one.end });
  return rows;
}

/** What an event changed in its node. Value 0, "not recorded", stands for a field that is not there. */
export function changesOf(opened: Opened, event: number): Change[] {
  const { deltas, strings } = opened.trace;
  const [from, to] = rowsOfEvent(deltas, event);
  return Array.from({ length: Math.min(200, to - from) }, (_, index) => {
    const row = from + index;
    const badge = deltas.old[row] === 0 ? 'A' : deltas.new[row] === 0 ? 'D' : 'M';
    return {
      badge,
      path: strings[deltas.path[row]] ?? '',
      old: shownValue(opened, deltas.old[row]),
      new: shownValue(opened, deltas.new[row]),
    };
  });
}

export interface CausalFacts {
  /** Events that happened before it, and after it, itself not counted. */
  readonly causes: number;
  readonly effects: number;
  readonly clock: readonly { readonly node: string; readonly count: number }[];
}

export function causalFacts({ trace, causality }: Opened, event: number): CausalFacts {
  const past = pastCone(causality, event);
  const clock = vectorClock(causality, event, past);
  return {
    causes: countOf(past) - 1,
    effects: countOf(futureCone(causality, event)) - 1,
    clock: [...clock]
      .map((events, node) => ({ node: nodeName(trace, node), count: events }))
      .filter(one => one.count > 0),
  };
}
