/** A tracer that records into the trace's columns: the kernel's words in the trace's. */

import type { Design } from '../design/design.ts';
import type { SourceRange as DesignRange } from '../design/source.ts';
import { noCounts, type Tracer } from '../kernel/tracer.ts';
import { KIND, MESSAGE_FLAG } from '../trace/kinds.ts';
import type { Check, Header, Metric, Source, SourceRange, Trace, TraceNode } from '../trace/model.ts';
import { NONE16 } from '../trace/model.ts';
import * as write from '../trace/recorder.ts';
import { sha256Hex } from '../trace/sha256.ts';
import type { Executed } from './execute.ts';

export interface Recording {
  readonly tracer: Tracer;
  readonly recorder: write.Recorder;
  /** Filled while the run goes: lanes appear as clients do. */
  readonly lanes: TraceNode[];
  readonly params: Record<string, number>;
}

export interface RecordOptions {
  readonly tool: string;
  readonly scenario: string;
  readonly seed: number;
  /** Most bytes of one payload that are kept; 0: none. */
  readonly payloadLimitBytes?: number;
}

/** Identifies a run: what was run, as what, under which seed. */
const runId = (design: Design, options: RecordOptions): string =>
  sha256Hex(
    `${options.tool}\n${options.scenario}\n${options.seed}\n${design.files.map(file => file.text).join('\n')}`,
  ).slice(0, 16);

export function record(design: Design, options: RecordOptions): Recording {
  const lanes: TraceNode[] = [];
  const params: Record<string, number> = {};
  const sources: Source[] = design.files.map(file => ({ uri: file.path, sha256: sha256Hex(file.text) }));
  const src: SourceRange[] = [];
  const [main] = design.files;
  const recorder = write.createRecorder(
    {
      runId: runId(design, options),
      tool: options.tool,
      model: { uri: main?.path ?? '', sha256: sources[0]?.sha256 ?? '', name: options.scenario },
      seed: options.seed,
      params,
      nodes: lanes,
      sources,
      src,
    },
    { mode: 'full', payloadLimitBytes: options.payloadLimitBytes ?? 2048 },
  );
  return { tracer: tracerOn(recorder, rangeTable(src)), recorder, lanes, params };
}

/** Each written range once, from 1 as the trace counts. */
function rangeTable(src: SourceRange[]): (at: DesignRange | null, decl: string) => number {
  const known = new Map<string, number>();
  return (at, decl) => {
    if (at === null || src.length >= NONE16) return NONE16;
    const { start, end } = at;
    const key = `${at.file}:${start.line}:${start.character}:${end.line}:${end.character}`;
    let index = known.get(key);
    if (index === undefined) {
      index =
        src.push({
          source: at.file,
          range: [start.line + 1, start.character + 1, end.line + 1, end.character + 1],
          decl,
          handler: '',
        }) - 1;
      known.set(key, index);
    }
    return index;
  };
}

function tracerOn(recorder: write.Recorder, rangeOf: (at: DesignRange | null, decl: string) => number): Tracer {
  const counts = noCounts();
  const id = (name: string) => write.nameId(recorder, name);
  const counted = (row: number) => {
    counts.events++;
    return row;
  };
  return {
    detailed: true,
    counts,
    event(timeNs, kind, lane, name, cause, operation = -1, text) {
      const row = counted(write.beginEvent(recorder, timeNs, KIND[kind], lane, id(name), operation, 0, cause));
      if (text !== undefined) write.detail(recorder, row, text);
      return row;
    },
    message(sendRow, to, bytes, payload, delayed, reordered) {
      counts.sent++;
      const flags = (delayed ? MESSAGE_FLAG.delayed : 0) | (reordered ? MESSAGE_FLAG.reordered : 0);
      return write.messageSent(recorder, sendRow, to, bytes, payload, flags);
    },
    duplicated(timeNs, message) {
      counts.duplicated++;
      counts.events++;
      return write.messageDuplicated(recorder, timeNs, message);
    },
    delivered(timeNs, message) {
      counts.delivered++;
      return counted(write.messageDelivered(recorder, timeNs, message));
    },
    dropped(timeNs, message, why) {
      counts.lost++;
      return counted(write.messageDropped(recorder, timeNs, message, why));
    },
    invoked(timeNs, lane, process, kind, key, input) {
      const row = recorder.eventCount;
      write.opInvoked(recorder, timeNs, lane, process, id(kind), key, input ?? undefined);
      return counted(row);
    },
    completed: (timeNs, lane, operation, status, result) =>
      counted(write.opCompleted(recorder, timeNs, lane, operation, status, result)),
    faultStart(timeNs, lane, kind, nodes, groups, text, at) {
      const row = recorder.eventCount;
      const fault = write.faultStart(recorder, timeNs, lane, {
        kind,
        nodes,
        groups,
        params: { text },
        src: rangeOf(at, text),
      });
      return { fault, row: counted(row) };
    },
    faultEnd: (timeNs, lane, fault) => counted(write.faultEnd(recorder, timeNs, lane, fault)),
    state: (row, group, path, before, after) => write.stateDelta(recorder, row, id(`${group}.${path}`), before, after),
    epoch: (row, group, role, epoch, leads) => write.epochChanged(recorder, row, id(group), id(role), epoch, leads),
  };
}

/** Closes the recording. Times stay those of the kernel; `params.originNs` is the scenario's time 0. */
export function finishRecording(
  recording: Recording,
  executed: Executed,
  outcome: Header['outcome'],
  checks: readonly Check[],
  metrics: readonly Metric[],
): Trace {
  for (const lane of executed.lanes) recording.lanes.push({ name: lane.name, kind: lane.kind, group: lane.group });
  recording.params.originNs = executed.originNs;
  return write.finish(recording.recorder, { outcome, checks, metrics, notes: [] });
}
