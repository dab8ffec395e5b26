/**
 * A part of a trace as a trace of its own: some of its events, numbered anew, with all that belongs to them.
 *
 * What leads out of it becomes "none". A message that was sent inside and ended outside is in flight; one that was sent
 * outside and arrives inside is not there, and its arrival is a local event of the same name; an operation that was
 * invoked outside likewise. Roles and faults that hold on both sides of the cut begin with the first event after it.
 * A sound trace gives a sound one (`validate.ts`). Of an event's past cone, happens-before is kept among its events.
 */

import { type AnyTable, type Schema, type Table, tableOfLength } from './columns.ts';
import { KIND, STATUS, WHY } from './kinds.ts';
import {
  DELTA_SCHEMA,
  DETAIL_SCHEMA,
  EPOCH_SCHEMA,
  EVENT_SCHEMA,
  type Header,
  MESSAGE_SCHEMA,
  OP_SCHEMA,
  REFERENCES,
  type SliceOf,
  TABLE_NAMES,
  type TableName,
  type Trace,
} from './model.ts';
import { retiringProcesses } from './processes.ts';
import { type Cut, cutChecks, cutFaults, cutHeader, cutMetrics, cutNotes } from './slice-said.ts';
import { describeSelection, type Selection, selectedEvents } from './slice-selection.ts';
import { addBytes, createValueHeap, textsOf, valueCount } from './values.ts';

/** Longest account of what a slice is, when slices are cut from slices. */
const MAX_WHAT_CHARACTERS = 400;

/** The part of a trace that a selection says; without any event when it selects none. Nothing is shared with `trace` but what nobody changes. */
export function slice(trace: Trace, selection: Selection): Trace {
  const kept = selectedEvents(trace, selection);
  const cut = cutOf(trace, kept);
  const tables = {
    events: pick(
      EVENT_SCHEMA,
      trace.events,
      rowsWhere(kept.length, row => kept[row] === 1),
    ),
    messages: pick(MESSAGE_SCHEMA, trace.messages, cut.messages.rows),
    ops: pick(OP_SCHEMA, trace.ops, cut.ops.rows),
    epochs: pick(EPOCH_SCHEMA, trace.epochs, epochsOf(trace, cut, selection.nodes)),
    deltas: pick(DELTA_SCHEMA, trace.deltas, rowsOfKept(trace.deltas.event, cut)),
    details: pick(DETAIL_SCHEMA, trace.details, rowsOfKept(trace.details.event, cut)),
  };
  const counted = { cutArrivals: 0, cutEnds: 0, cutMessages: 0 };
  cutTables(tables, cut, counted);
  const result: Trace = {
    header: trace.header,
    sources: trace.sources,
    src: trace.src,
    faults: cutFaults(trace, cut, selection.nodes),
    checks: cutChecks(trace, cut),
    metrics: cutMetrics(trace, cut),
    notes: cutNotes(trace, cut),
    strings: trace.strings,
    values: trace.values,
    ...tables,
  };
  result.header = headerOf(trace, cut, describeSelection(trace, selection), counted);
  compact(result);
  return result;
}

type Counted = { -readonly [Name in 'cutArrivals' | 'cutEnds' | 'cutMessages']: SliceOf[Name] };

function headerOf(trace: Trace, cut: Cut, what: string, counted: Counted): Header {
  const before = trace.header.slice;
  const whole = before === undefined ? what : `${what}; of ${before.what}`;
  const slice: SliceOf = {
    what: whole.length > MAX_WHAT_CHARACTERS ? `${whole.slice(0, MAX_WHAT_CHARACTERS - 3)}...` : whole,
    events: trace.events.length,
    first: Math.max(0, cut.first),
    last: Math.max(0, cut.last),
    ...counted,
  };
  return { ...cutHeader(trace, cut), slice };
}

function rowsWhere(length: number, condition: (row: number) => boolean): Int32Array {
  const rows = new Int32Array(length);
  let count = 0;
  for (let row = 0; row < length; row++) if (condition(row)) rows[count++] = row;
  return rows.slice(0, count);
}

/** For each old row its new one, or -1. */
function renumbered(length: number, rows: Int32Array): Int32Array {
  const map = new Int32Array(length).fill(-1);
  for (let row = 0; row < rows.length; row++) map[rows[row]] = row;
  return map;
}

function cutOf(trace: Trace, kept: Uint8Array): Cut {
  const { events, messages, ops } = trace;
  const { length } = events;
  const next = new Int32Array(length + 1);
  let count = 0;
  let first = -1;
  let last = -1;
  for (let event = 0; event < length; event++) {
    next[event] = count;
    if (kept[event] === 0) continue;
    count++;
    if (first < 0) first = event;
    last = event;
  }
  next[length] = count;
  const has = (event: number): boolean => event >= 0 && event < length && kept[event] === 1;
  /** The event that made each copy: its send, or its duplicate. */
  const made = new Int32Array(messages.length).fill(-1);
  for (let event = 0; event < length; event++) {
    const message = events.msg[event];
    if (message < 0 || message >= made.length) continue;
    if (events.kind[event] === KIND.send || events.kind[event] === KIND.duplicate) made[message] = event;
  }
  const messageRows = rowsWhere(messages.length, row => has(messages.send[row]) && has(made[row]));
  const opRows = rowsWhere(ops.length, row => has(ops.invoke[row]));
  return {
    has,
    count,
    first,
    last,
    at: event => (has(event) ? next[event] : -1),
    from: event => (event < 0 ? -1 : next[Math.min(event, length)]),
    messages: { rows: messageRows, at: renumbered(messages.length, messageRows) },
    ops: { rows: opRows, at: renumbered(ops.length, opRows) },
  };
}

/** Roles that hold, for a while, after the first kept event. */
function epochsOf(trace: Trace, cut: Cut, nodes: readonly number[] | undefined): Int32Array {
  const { node, from, to, length } = trace.epochs;
  return rowsWhere(length, row => {
    const begins = cut.from(from[row]);
    const ends = to[row] < 0 ? cut.count : cut.from(to[row]);
    return begins >= 0 && begins < ends && (nodes === undefined || nodes.includes(node[row]));
  });
}

function rowsOfKept(event: Int32Array, cut: Cut): Int32Array {
  return rowsWhere(event.length, row => cut.has(event[row]));
}

function pick<S extends Schema>(schema: S, table: Table<S>, rows: Int32Array): Table<S> {
  const picked = tableOfLength(schema, rows.length);
  for (const column of Object.keys(schema)) {
    const from = (table as AnyTable)[column] as Int32Array;
    const to = (picked as AnyTable)[column] as Int32Array;
    for (let row = 0; row < rows.length; row++) to[row] = from[rows[row]];
  }
  return picked;
}

/** Links within the picked rows get their new numbers; what lies at the border is made sound. */
function cutTables(tables: Pick<Trace, TableName>, cut: Cut, counted: Counted): void {
  const { events, messages, ops, epochs, deltas, details } = tables;
  for (let row = 0; row < events.length; row++) {
    const kind = events.kind[row];
    events.cause[row] = cut.at(events.cause[row]);
    const message = cut.messages.at[events.msg[row]] ?? -1;
    const op = cut.ops.at[events.op[row]] ?? -1;
    if (kind === KIND.deliver && message < 0) {
      events.kind[row] = KIND.local;
      counted.cutArrivals++;
    }
    if (kind >= KIND.ok && kind <= KIND.info && op < 0) {
      events.kind[row] = KIND.local;
      counted.cutEnds++;
    }
    events.msg[row] = message;
    events.op[row] = op;
  }
  for (let row = 0; row < messages.length; row++) {
    messages.send[row] = cut.at(messages.send[row]);
    if (messages.end[row] < 0) continue;
    messages.end[row] = cut.at(messages.end[row]);
    if (messages.end[row] >= 0) continue;
    messages.why[row] = WHY.none;
    counted.cutMessages++;
  }
  const endless = new Set<number>();
  for (let row = 0; row < ops.length; row++) {
    ops.invoke[row] = cut.at(ops.invoke[row]);
    ops.linearizedAt[row] = cut.at(ops.linearizedAt[row]);
    const complete = ops.complete[row];
    ops.complete[row] = cut.at(complete);
    if (ops.complete[row] >= 0) continue;
    if (complete >= 0) endless.add(row);
    ops.status[row] = STATUS.info;
    ops.result[row] = 0;
  }
  // A process whose operation lost its end may not go on as the same one.
  ops.process.set(retiringProcesses(ops, op => endless.has(op)));
  for (let row = 0; row < epochs.length; row++) {
    epochs.from[row] = cut.from(epochs.from[row]);
    const ends = cut.from(epochs.to[row]);
    epochs.to[row] = ends >= cut.count ? -1 : ends;
  }
  for (const table of [deltas, details]) {
    for (let row = 0; row < table.length; row++) table.event[row] = cut.at(table.event[row]);
  }
}

/** Takes out strings and values that no row refers to any more. */
function compact(trace: Trace): void {
  const strings = ['' as string];
  const stringAt = new Int32Array(trace.strings.length);
  const heap = createValueHeap();
  const { bytes, offsets } = trace.values;
  const valueAt = new Int32Array(valueCount(trace.values));
  for (const name of TABLE_NAMES) {
    for (const [column, reference] of Object.entries(REFERENCES[name])) {
      if (reference !== 'string' && reference !== 'value') continue;
      const ids = (trace[name] as AnyTable)[column] as Uint32Array;
      for (let row = 0; row < ids.length; row++) {
        const id = ids[row];
        if (id === 0) continue;
        if (reference === 'string') {
          if (stringAt[id] === 0) stringAt[id] = strings.push(trace.strings[id]) - 1;
          ids[row] = stringAt[id];
        } else {
          if (valueAt[id] === 0) {
            valueAt[id] = addBytes(heap, bytes.subarray(offsets[id], offsets[id + 1]), offsets[id + 1] - offsets[id]);
          }
          ids[row] = valueAt[id];
        }
      }
    }
  }
  trace.strings = strings;
  trace.values = textsOf(heap);
}
