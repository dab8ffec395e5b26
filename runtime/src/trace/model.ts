/**
 * `Trace`: what happened in a run, as columns, and what was said of it. The one contract between whatever ran and
 * whatever shows: viewer, reports and exports read only this.
 *
 * Row order of `events` is the simulator's total order; times do not decrease in it, and every link points backwards.
 * An index of -1 and an id of `NONE16` mean "none"; string 0 is '' and value 0 is "not recorded".
 */

import type { VerdictKind } from '../checkers/history.ts';
import type { Table } from './columns.ts';

export const TRACE_FORMAT = 'dsys-trace';
export const TRACE_VERSION = [1, 0] as const;

/** Most rows of each table. At 40 bytes an event this is a third of a gigabyte. */
export const MAX_EVENTS = 8_388_608;
/** What is said of a table with more rows. */
export const TOO_MANY = `more than the ${MAX_EVENTS} that fit`;
/** Most different strings (message types, timers, paths, roles); their ids are 16 bits. */
export const MAX_STRINGS = 65_535;
/** Most different values (payloads, states, keys), and the most bytes of their texts. */
export const MAX_VALUES = 8_388_608;
export const MAX_VALUE_BYTES = 268_435_456;
/** No node, no source range. */
export const NONE16 = 65_535;

export const EVENT_SCHEMA = {
  /** Virtual time in ns. */
  t: 'time',
  /** `KIND`. */
  kind: 'u8',
  /** Index into `header.nodes`: the lane. A drop or duplicate stands in the receiver's. */
  node: 'u16',
  /** Message copy that is sent, delivered, dropped or made here, or -1. */
  msg: 'i32',
  /** Operation on whose behalf this happens, or -1. */
  op: 'i32',
  /** String: message type, timer, role, fault kind, function. */
  name: 'u16',
  /** Index into `src`, or `NONE16`. */
  src: 'u16',
  /** Term, ballot, view … in which it happens; 0 for none. */
  epoch: 'u32',
  /** Earlier event that caused this one beyond what its lane and its message say (timer set, fault start), or -1. */
  cause: 'i32',
  /** `EVENT_FLAG` bits. */
  flags: 'u8',
} as const;

/** One row per copy. Its type and sender are those of the send event, which copies share: see `access.ts`. */
export const MESSAGE_SCHEMA = {
  /** Send event. */
  send: 'i32',
  /** Deliver or drop event, -1 while in flight. */
  end: 'i32',
  to: 'u16',
  /** `WHY`: `none` unless dropped. */
  why: 'u8',
  /** `MESSAGE_FLAG` bits. */
  flags: 'u8',
  /** Value: contents. */
  payload: 'u32',
  /** Size on the wire. */
  bytes: 'u32',
} as const;

/** Client operations, in the order of their invocation; ids are rows, and are those of the history's operations. */
export const OP_SCHEMA = {
  process: 'u32',
  /** String: the function (`read`, `write`, `cas` …). */
  f: 'u16',
  /** Values. */
  key: 'u32',
  value: 'u32',
  result: 'u32',
  /** Events. `complete` is -1 when the client was never told. */
  invoke: 'i32',
  complete: 'i32',
  /** `STATUS`. */
  status: 'u8',
  /** Event at which a checker placed its effect, or -1. */
  linearizedAt: 'i32',
} as const;

/** Who held which role in which epoch of which replica group, and from when to when. */
export const EPOCH_SCHEMA = {
  node: 'u16',
  /** Strings. `group` is '' where a node is in one only. */
  group: 'u16',
  role: 'u16',
  epoch: 'u32',
  /** 1 for the role that decides for its group (leader, primary, head, coordinator). */
  leads: 'u8',
  /** Events; `to` is the first one no longer in the role, or -1. */
  from: 'i32',
  to: 'i32',
} as const;

/** Changes of watched fields, ordered by event. The old value is kept, so that one can also step back. */
export const DELTA_SCHEMA = { event: 'i32', path: 'u16', old: 'u32', new: 'u32' } as const;

/** What an event carries besides: the text of a log line, the delay of a timer, the size of a write. Ordered by event. */
export const DETAIL_SCHEMA = { event: 'i32', value: 'u32' } as const;

export type EventTable = Table<typeof EVENT_SCHEMA>;
export type MessageTable = Table<typeof MESSAGE_SCHEMA>;
export type OpTable = Table<typeof OP_SCHEMA>;
export type EpochTable = Table<typeof EPOCH_SCHEMA>;
export type DeltaTable = Table<typeof DELTA_SCHEMA>;
export type DetailTable = Table<typeof DETAIL_SCHEMA>;

/** The column tables of a trace by section name. */
export const TABLE_SCHEMAS = {
  events: EVENT_SCHEMA,
  messages: MESSAGE_SCHEMA,
  ops: OP_SCHEMA,
  epochs: EPOCH_SCHEMA,
  deltas: DELTA_SCHEMA,
  details: DETAIL_SCHEMA,
} as const;
export type TableName = keyof typeof TABLE_SCHEMAS;
// Marked as without effects, so that a page that never asks for it has no schemas in it.
export const TABLE_NAMES = /* @__PURE__ */ Object.keys(TABLE_SCHEMAS) as readonly TableName[];

/** What a column's numbers point to. The columns not named here are plain numbers. */
export type Reference = TableName | 'string' | 'value' | 'node' | 'src';
export const REFERENCES: { readonly [Name in TableName]: Readonly<Record<string, Reference>> } = {
  events: { node: 'node', msg: 'messages', op: 'ops', name: 'string', src: 'src', cause: 'events' },
  messages: { send: 'events', end: 'events', to: 'node', payload: 'value' },
  ops: {
    f: 'string',
    key: 'value',
    value: 'value',
    result: 'value',
    invoke: 'events',
    complete: 'events',
    linearizedAt: 'events',
  },
  epochs: { node: 'node', group: 'string', role: 'string', from: 'events', to: 'events' },
  deltas: { event: 'events', path: 'string', old: 'value', new: 'value' },
  details: { event: 'events', value: 'value' },
};

/** What a reference says when it points to nothing. */
export const NO_REFERENCE: Readonly<Record<Reference, number>> = {
  events: -1,
  messages: -1,
  ops: -1,
  epochs: -1,
  deltas: -1,
  details: -1,
  string: 0,
  value: 0,
  node: NONE16,
  src: NONE16,
};

/** JSON as it is written into files. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export interface TraceNode {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'spec' | 'nemesis';
  /** Replica group, region or client class under which the viewer files it; '' for none. */
  readonly group: string;
  readonly role?: string;
}

export interface Header {
  readonly runId: string;
  /** Name and version of what recorded it. */
  readonly tool: string;
  readonly model: { readonly uri: string; readonly sha256: string; readonly name: string };
  readonly seed: number;
  readonly params: { readonly [name: string]: Json };
  readonly nodes: readonly TraceNode[];
  readonly outcome: 'pass' | 'fail' | 'unknown' | 'error' | 'cancelled';
  /** Recording stopped, or a file lost its rest, before event `after`; the run went on. */
  readonly truncated?: { readonly reason: string; readonly after: number };
  /** The run repeats for ever from this event. */
  readonly loop?: { readonly fromEvent: number };
  readonly slice?: SliceOf;
}

/** What a trace that is a part of another one says of that. Its rows are numbered anew; see `slice.ts`. */
export interface SliceOf {
  /** The part, in words: `events 10 to 200, causes of event 150`. */
  readonly what: string;
  /** Events of the trace that it was cut from, and the first and last of them that are kept. */
  readonly events: number;
  readonly first: number;
  readonly last: number;
  /** Arrivals and ends of operations whose beginning lies outside: they are local events here. */
  readonly cutArrivals: number;
  readonly cutEnds: number;
  /** Messages sent here whose end lies outside: they are in flight here. */
  readonly cutMessages: number;
}

export interface Source {
  readonly uri: string;
  readonly sha256: string;
}

export interface SourceRange {
  /** Index into `sources`. */
  readonly source: number;
  /** Line and column of start and end, from 1. */
  readonly range: readonly [line: number, column: number, endLine: number, endColumn: number];
  readonly decl: string;
  readonly handler: string;
}

export interface Fault {
  readonly kind: string;
  /** Nodes it strikes. */
  readonly nodes: readonly number[];
  /** Sides of a partition, as nodes. */
  readonly groups: readonly (readonly number[])[];
  /** Events; `end` is -1 when it lasts to the end. */
  readonly start: number;
  readonly end: number;
  readonly params: { readonly [name: string]: Json };
  readonly src: number;
}

export interface TraceWitness {
  readonly events: readonly number[];
  readonly ops: readonly number[];
  /** Longest partial linearizations, as operations in order. */
  readonly partials?: readonly (readonly number[])[];
  /** An order that proves or refutes, as operations. */
  readonly order?: readonly number[];
  /** Events from which, and up to which, the run repeats. */
  readonly lasso?: readonly [from: number, to: number];
}

export interface Check {
  readonly name: string;
  readonly kind: 'invariant' | 'linearizability' | 'serializability' | 'causal' | 'liveness' | 'custom';
  readonly verdict: VerdictKind;
  readonly message: string;
  readonly src: number;
  readonly witness: TraceWitness | null;
}

export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly agg: string;
  /** Virtual ns of the samples. */
  readonly x: readonly number[];
  /** As many numbers as `x`; `null` where there is none. */
  readonly series: { readonly [name: string]: readonly (number | null)[] };
}

export interface Note {
  /** An event, or the first and last of a range of events. */
  readonly event?: number;
  readonly range?: readonly [from: number, to: number];
  readonly text: string;
  readonly author: string;
  readonly story?: string;
}

/** Texts of values (ITF, see `values.ts`) in one buffer: value `id` is bytes `offsets[id] … offsets[id + 1]`. Value 0 is empty, and no two are the same. */
export interface ValueTexts {
  bytes: Uint8Array;
  offsets: Uint32Array;
}

export interface Trace {
  header: Header;
  sources: readonly Source[];
  src: readonly SourceRange[];
  faults: readonly Fault[];
  checks: readonly Check[];
  metrics: readonly Metric[];
  notes: readonly Note[];
  /** String 0 is '', and no two are the same. */
  strings: readonly string[];
  values: ValueTexts;
  events: EventTable;
  messages: MessageTable;
  ops: OpTable;
  epochs: EpochTable;
  deltas: DeltaTable;
  details: DetailTable;
}
