/**
 * A violation on a terminal: about a dozen events that matter, in order, as `time  node  what`.
 *
 * The *focus* is what a check's witness names: its events, and the invocation and completion of its operations. The rows
 * from the first to the last of them are the *window*. Shown are, as long as there is room:
 *
 * 1. the focus (when it alone is too long, its first three events and its last);
 * 2. starts and ends of faults that hold in the window, crashes and restarts in it, and crashes still in force; at most a
 *    quarter of the lines;
 * 3. who leads: roles that decide for their group and hold in the window, and what ends them there; at most a quarter;
 * 4. messages that arrive, or are lost, on behalf of the operations; after them, messages arriving on a causal path
 *    (`causalPath`) from an operation's invocation to its completion (without an answer also to what nodes did, of the
 *    witness), or from one event of the focus to the next;
 * 5. what the quarters left over of 2 and 3, and then events that the protocol marks as significant.
 *
 * Within each of these, what is nearest to the end of the window comes first.
 */

import { nodeName } from './access.ts';
import { causalityOf, causalPath } from './causality.ts';
import { ascii, describeEvent, milliseconds, originNs } from './describe.ts';
import { EVENT_FLAG, KIND } from './kinds.ts';
import { NONE16, type Trace, type TraceWitness } from './model.ts';
import { isUnknown } from './processes.ts';

/** Colours, or none: each wraps a finished line. */
export interface TextStyle {
  readonly plain: (text: string) => string;
  readonly danger: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly info: (text: string) => string;
  readonly dim: (text: string) => string;
}

const same = (text: string): string => text;
export const NO_STYLE: TextStyle = { plain: same, danger: same, warn: same, info: same, dim: same };

export const DEFAULT_LINES = 12;

type Emphasis = keyof TextStyle;

/** The lines, and under them how many events there are in all. Empty for a witness that names nothing of the trace. */
export function renderText(
  trace: Trace,
  witness: Pick<TraceWitness, 'events' | 'ops'>,
  style: TextStyle = NO_STYLE,
  lines = DEFAULT_LINES,
): string[] {
  const chosen = selectEvents(trace, witness, lines);
  if (chosen.size === 0) return [];
  const rows = [...chosen.keys()].sort((left, right) => left - right);
  const times = rows.map(row => milliseconds(trace.events.t[row] - originNs(trace)));
  const nodes = rows.map(row => ascii(nodeName(trace, trace.events.node[row])));
  const timeWidth = Math.max(...times.map(text => text.length));
  const nodeWidth = Math.max(...nodes.map(text => text.length));
  const shown = rows.map((row, index) => {
    const line = `${times[index].padStart(timeWidth)} ms  ${nodes[index].padEnd(nodeWidth)}  ${describeEvent(trace, row)}`;
    return style[chosen.get(row)!](line);
  });
  const { truncated } = trace.header;
  const cut =
    truncated === undefined ? '' : `; the recording ends before event ${truncated.after}: ${truncated.reason}`;
  return [...shown, style.dim(ascii(`(${rows.length} of ${trace.events.length} events${cut})`))];
}

/** The events to show, and how; see the top of the file. */
export function selectEvents(
  trace: Trace,
  witness: Pick<TraceWitness, 'events' | 'ops'>,
  lines: number,
): Map<number, Emphasis> {
  const focus = focusOf(trace, witness);
  const chosen = new Map<number, Emphasis>();
  if (focus.length === 0) return chosen;
  const first = focus[0];
  const last = focus[focus.length - 1];
  const kept = focus.length <= lines ? focus : [...focus.slice(0, 3), ...focus.slice(focus.length - lines + 3)];
  for (const event of kept) {
    chosen.set(event, trace.events.kind[event] === KIND.violation ? 'danger' : 'plain');
  }
  const faults = nearestFirst(faultEvents(trace, first, last), last);
  const leaders = nearestFirst(leadershipEvents(trace, first, last), last);
  const messages = [
    ...nearestFirst(messagesOf(trace, witness.ops, first, last), last),
    ...nearestFirst(pathEvents(trace, witness, focus), last),
  ];
  const quarter = Math.floor(lines / 4);
  const take = (events: readonly number[], emphasis: Emphasis, limit: number): void => {
    let taken = 0;
    for (const event of events) {
      if (taken === limit || chosen.size >= lines) return;
      if (chosen.has(event)) continue;
      chosen.set(event, emphasis);
      taken++;
    }
  };
  take(faults, 'warn', quarter);
  take(leaders, 'info', quarter);
  take(messages, 'dim', lines);
  take(faults, 'warn', lines);
  take(leaders, 'info', lines);
  take(nearestFirst(significantEvents(trace, first, last), last), 'plain', lines);
  return chosen;
}

function focusOf(trace: Trace, witness: Pick<TraceWitness, 'events' | 'ops'>): number[] {
  const focus = new Set(witness.events);
  for (const op of witness.ops) {
    if (op < 0 || op >= trace.ops.length) continue;
    focus.add(trace.ops.invoke[op]);
    focus.add(trace.ops.complete[op]);
  }
  return [...focus].filter(event => event >= 0 && event < trace.events.length).sort((left, right) => left - right);
}

function nearestFirst(events: readonly number[], to: number): number[] {
  return [...events].sort((left, right) => Math.abs(left - to) - Math.abs(right - to) || left - right);
}

function faultEvents(trace: Trace, first: number, last: number): number[] {
  const { kind, node } = trace.events;
  const found: number[] = [];
  for (const { start, end } of trace.faults) {
    if (start < 0 || start > last || (end >= 0 && end < first)) continue;
    found.push(start);
    if (end >= 0 && end <= last) found.push(end);
  }
  /** Nodes down when the window begins, by their crash. */
  const down = new Map<number, number>();
  for (let event = 0; event < first; event++) {
    if (kind[event] === KIND.crash) down.set(node[event], event);
    else if (kind[event] === KIND.restart) down.delete(node[event]);
  }
  found.push(...down.values());
  for (let event = first; event <= last; event++) {
    if (kind[event] === KIND.crash || kind[event] === KIND.restart) found.push(event);
  }
  return found;
}

function leadershipEvents(trace: Trace, first: number, last: number): number[] {
  const { leads, from, to, length } = trace.epochs;
  const found: number[] = [];
  for (let row = 0; row < length; row++) {
    if (leads[row] === 0 || from[row] < 0 || from[row] > last || (to[row] >= 0 && to[row] < first)) continue;
    found.push(from[row]);
    if (to[row] >= 0 && to[row] <= last) found.push(to[row]);
  }
  return found;
}

function messagesOf(trace: Trace, ops: readonly number[], first: number, last: number): number[] {
  const { kind, op } = trace.events;
  const concerned = new Set(ops);
  const found: number[] = [];
  for (let event = first; event <= last; event++) {
    const ends = kind[event] === KIND.deliver || kind[event] === KIND.drop;
    if (ends && op[event] >= 0 && concerned.has(op[event])) found.push(event);
  }
  return found;
}

function pathEvents(
  trace: Trace,
  { ops, events }: Pick<TraceWitness, 'events' | 'ops'>,
  focus: readonly number[],
): number[] {
  const causality = causalityOf(trace);
  const found = new Set<number>();
  const addPath = (from: number, to: number): void => {
    for (const event of causalPath(causality, from, to)) {
      if (trace.events.kind[event] === KIND.deliver) found.add(event);
    }
  };
  for (const one of ops) {
    const invoke = trace.ops.invoke[one] ?? -1;
    const complete = trace.ops.complete[one] ?? -1;
    if (invoke < 0) continue;
    if (complete >= 0) addPath(invoke, complete);
    if (isUnknown(trace.ops, one)) for (const event of events) if (trace.events.op[event] < 0) addPath(invoke, event);
  }
  for (let index = 1; index < focus.length; index++) addPath(focus[index - 1], focus[index]);
  return [...found];
}

function significantEvents(trace: Trace, first: number, last: number): number[] {
  const found: number[] = [];
  for (let event = first; event <= last; event++) {
    if ((trace.events.flags[event] & EVENT_FLAG.significant) !== 0 && trace.events.node[event] !== NONE16)
      found.push(event);
  }
  return found;
}
