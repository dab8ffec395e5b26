/**
 * What the recorder's functions share: its state, and the one place where events, names and values are written.
 * Simulators use `recorder.ts`.
 */

import { makeRoom } from './columns.ts';
import {
  type DeltaTable,
  type DetailTable,
  type EpochTable,
  EVENT_SCHEMA,
  type EventTable,
  type Fault,
  type Header,
  MAX_STRINGS,
  type MessageTable,
  NONE16,
  type OpTable,
  type Source,
  type SourceRange,
} from './model.ts';
import type { RollingHash } from './rolling-hash.ts';
import { addLimitedValue, addValue, type ValueHeap } from './values.ts';

/** What is known of a run before it starts. */
export interface RunDescription extends Omit<Header, 'outcome' | 'truncated' | 'loop'> {
  readonly sources: readonly Source[];
  readonly src: readonly SourceRange[];
}

export interface Recorder {
  readonly run: RunDescription;
  readonly full: boolean;
  readonly payloadLimitBytes: number;
  readonly maximumEvents: number;
  readonly hash: RollingHash;
  /** Columns are being filled. */
  recording: boolean;
  truncated: { readonly reason: string; readonly after: number } | undefined;
  /** Rows given out, recorded or not. */
  eventCount: number;
  messageCount: number;
  opCount: number;
  faultCount: number;

  readonly events: EventTable;
  readonly messages: MessageTable;
  readonly ops: OpTable;
  readonly epochs: EpochTable;
  readonly deltas: DeltaTable;
  readonly details: DetailTable;
  readonly faults: Fault[];
  readonly strings: string[];
  readonly stringIds: Map<string, number>;
  readonly values: ValueHeap;
  /** Open row of `epochs` by group and node. */
  readonly openEpochs: Map<number, number>;
}

/** Id of a name (message type, timer, path, role, function). Ask once and keep it where it is used often. */
export function nameId(recorder: Recorder, name: string): number {
  const known = recorder.stringIds.get(name);
  if (known !== undefined) return known;
  const id = recorder.strings.length;
  if (id >= MAX_STRINGS) {
    const reason = `the run has more than ${MAX_STRINGS} different names of messages, timers, fields and roles`;
    stop(recorder, reason, recorder.events.length);
    return 0;
  }
  recorder.strings.push(name);
  recorder.stringIds.set(name, id);
  return id;
}

/**
 * Writes an event into the columns, if they are being filled. Takes nothing into the rolling hash: its callers do.
 * @param src range that was written for it; `NONE16`: that of whatever brought it about
 */
export function writeEvent(
  recorder: Recorder,
  timeNs: number,
  kind: number,
  node: number,
  name: number,
  msg: number,
  op: number,
  epoch: number,
  cause: number,
  src: number,
  flags: number,
): number {
  const row = recorder.eventCount++;
  if (!recorder.recording) return row;
  const { events } = recorder;
  if (row === events.t.length && !makeRoom(EVENT_SCHEMA, events, recorder.maximumEvents)) {
    stop(recorder, `the trace holds its maximum of ${recorder.maximumEvents} events`, row);
    return row;
  }
  events.t[row] = timeNs;
  events.kind[row] = kind;
  events.node[row] = node;
  events.msg[row] = msg;
  events.op[row] = op;
  events.name[row] = name;
  events.src[row] = src === NONE16 ? inheritedSource(recorder, msg, op, cause) : src;
  events.epoch[row] = epoch;
  events.cause[row] = cause;
  events.flags[row] = flags;
  events.length = row + 1;
  return row;
}

/** An event without a range of its own was written where its operation, its cause or its message's sending was. */
function inheritedSource(recorder: Recorder, msg: number, op: number, cause: number): number {
  const { events, messages, ops } = recorder;
  // An operation that is just being invoked is not in its table yet.
  if (op >= 0 && op < ops.length) return events.src[ops.invoke[op]];
  if (cause >= 0) return events.src[cause];
  return msg >= 0 ? events.src[messages.send[msg]] : NONE16;
}

/** The value id of a message's contents, or of a note of their size when they are longer than what is kept. */
export function payloadId(recorder: Recorder, payload: unknown): number {
  const limit = recorder.payloadLimitBytes;
  return limit === 0 ? 0 : idOrStop(recorder, addLimitedValue(recorder.values, payload, limit));
}

/** The value id of plain data; 0 for `undefined`. */
export function valueId(recorder: Recorder, value: unknown): number {
  return idOrStop(recorder, addValue(recorder.values, value));
}

function idOrStop(recorder: Recorder, id: number): number {
  if (id >= 0) return id;
  // The event being described is left out, with what it would have carried.
  const last = Math.max(0, recorder.events.length - 1);
  stop(recorder, 'the payloads and states of the run are more than a trace holds', last);
  return 0;
}

/** Stops recording: the trace will be that of the events before `after`. */
export function stop(recorder: Recorder, reason: string, after: number): void {
  if (!recorder.recording) return;
  recorder.recording = false;
  recorder.truncated = { reason, after };
}
