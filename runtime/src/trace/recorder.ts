/**
 * The write side of a trace: what a simulator calls while it runs.
 *
 * Every function returns the row that it wrote, and rows count on alike in both modes and after recording stopped, so a
 * simulator never asks which it is. `full` fills columns; `hash` keeps nothing but the rolling hash and the counts.
 *
 * When a table is full the recorder stops recording (the run goes on, and its rolling hash with it), and the header's
 * `truncated` says where and why. The kept part is a consistent trace of everything before that event.
 */

import { clip } from './clip.ts';
import { createTable, trim } from './columns.ts';
import {
  type Check,
  DELTA_SCHEMA,
  DETAIL_SCHEMA,
  EPOCH_SCHEMA,
  EVENT_SCHEMA,
  type Header,
  MAX_EVENTS,
  MESSAGE_SCHEMA,
  type Metric,
  type Note,
  OP_SCHEMA,
  TABLE_NAMES,
  TABLE_SCHEMAS,
  type Trace,
} from './model.ts';
import type { Recorder, RunDescription } from './recorder-core.ts';
import { createRollingHash, rollingHashText } from './rolling-hash.ts';
import { createValueHeap, textsOf } from './values.ts';

export { nameId, type Recorder, type RunDescription } from './recorder-core.ts';
export * from './recorder-events.ts';
export * from './recorder-messages.ts';
export * from './recorder-ops.ts';

export interface RecorderOptions {
  readonly mode: 'full' | 'hash';
  /** Longest text of a payload that is kept; 0 keeps none. A longer one leaves a note of its size. Default 4096. */
  readonly payloadLimitBytes?: number;
  /** Events after which recording stops; at most, and by default, `MAX_EVENTS`. */
  readonly maximumEvents?: number;
}

export function createRecorder(run: RunDescription, options: RecorderOptions): Recorder {
  const maximumEvents = Math.min(options.maximumEvents ?? MAX_EVENTS, MAX_EVENTS);
  const capacity = options.mode === 'full' ? Math.min(1024, maximumEvents) : 0;
  return {
    run,
    full: options.mode === 'full',
    payloadLimitBytes: options.payloadLimitBytes ?? 4096,
    maximumEvents,
    hash: createRollingHash(),
    recording: options.mode === 'full',
    truncated: undefined,
    eventCount: 0,
    messageCount: 0,
    opCount: 0,
    faultCount: 0,
    events: createTable(EVENT_SCHEMA, capacity),
    messages: createTable(MESSAGE_SCHEMA, capacity),
    ops: createTable(OP_SCHEMA, capacity),
    epochs: createTable(EPOCH_SCHEMA, 0),
    deltas: createTable(DELTA_SCHEMA, capacity),
    details: createTable(DETAIL_SCHEMA, 0),
    faults: [],
    strings: [''],
    stringIds: new Map([['', 0]]),
    values: createValueHeap(),
    openEpochs: new Map(),
  };
}

/** The rolling hash of everything so far, recorded or not: 16 hexadecimal digits. */
export function fingerprint(recorder: Recorder): string {
  return rollingHashText(recorder.hash);
}

export interface RunResult {
  readonly outcome: Header['outcome'];
  readonly loop?: Header['loop'];
  readonly checks: readonly Check[];
  readonly metrics: readonly Metric[];
  readonly notes: readonly Note[];
}

/**
 * The recorded trace, its columns exactly sized. The recorder has given its columns away: it is done.
 * @throws Error for a recorder in `hash` mode
 */
export function finish(recorder: Recorder, result: RunResult): Trace {
  if (!recorder.full) throw new Error('a recorder in hash mode keeps no trace: run the seed again in full mode');
  recorder.recording = false;
  const { sources, src, ...run } = recorder.run;
  for (const name of TABLE_NAMES) trim(TABLE_SCHEMAS[name], recorder[name]);
  const { outcome, loop, checks, metrics, notes } = result;
  const { events, messages, ops, epochs, deltas, details, faults, strings } = recorder;
  const trace: Trace = {
    header: { ...run, outcome, ...(loop && { loop }) },
    sources,
    src,
    faults,
    checks,
    metrics,
    notes,
    strings,
    values: textsOf(recorder.values),
    events,
    messages,
    ops,
    epochs,
    deltas,
    details,
  };
  if (recorder.truncated !== undefined) clip(trace, recorder.truncated.after, recorder.truncated.reason);
  return trace;
}
