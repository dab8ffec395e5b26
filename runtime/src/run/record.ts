/** A tracer that records into the trace's columns: the kernel's words in the trace's. */

import type { Design } from '../design/design.ts';
import { noCounts, noSource, type Tracer } from '../kernel/tracer.ts';
import { type Change, writeChanges } from '../trace/changes.ts';
import { KIND, MESSAGE_FLAG } from '../trace/kinds.ts';
import type { Check, Header, Json, Source, SourceRange, Trace, TraceNode } from '../trace/model.ts';
import { NONE16 } from '../trace/model.ts';
import * as write from '../trace/recorder.ts';
import { sha256Hex } from '../trace/sha256.ts';
import type { Executed } from './execute.ts';
import type { Judged } from './judge.ts';
import { placeLinearizationPoints } from './linearization.ts';
import { seriesOf } from './metrics.ts';

export interface Recording {
  readonly tracer: Tracer;
  readonly recorder: write.Recorder;
  /** Filled while the run goes: lanes appear as clients do. */
  readonly lanes: TraceNode[];
  readonly params: Record<string, Json>;
}

export interface RecordOptions {
  readonly tool: string;
  readonly scenario: string;
  readonly seed: number;
  readonly changes?: readonly Change[];
  /** Most bytes of one payload that are kept; 0: none. */
  readonly payloadLimitBytes?: number;
}

/** Identifies a run: what was run, as what, under which seed. */
const runId = (design: Design, options: RecordOptions): string =>
  sha256Hex(
    [
      options.tool,
      options.scenario,
      options.seed,
      ...(options.changes ?? []).map(change => JSON.stringify(change)),
      ...design.files.map(file => file.text),
    ].join('\n'),
  ).slice(0, 16);

/** The texts of a design, as a trace names them. */
export const sourcesOf = (design: Design): Source[] =>
  design.files.map(file => ({ uri: file.path, sha256: sha256Hex(file.text) }));

export function record(design: Design, options: RecordOptions): Recording {
  const lanes: TraceNode[] = [];
  const params: Record<string, Json> = {};
  if (options.changes !== undefined && options.changes.length > 0) params.changes = writeChanges(options.changes);
  const sources = sourcesOf(design);
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

/** Each written range once per handler; lines and columns from 1, as the trace counts. */
function rangeTable(src: SourceRange[]): Tracer['source'] {
  const known = new Map<string, number>();
  return ({ file, start, end }, decl, handler) => {
    const range = [start.line + 1, start.character + 1, end.line + 1, end.character + 1] as const;
    const key = [file, ...range, handler].join(':');
    let index = known.get(key);
    if (index === undefined) {
      if (src.length >= NONE16) return noSource;
      index = src.push({ source: file, range, decl, handler }) - 1;
      known.set(key, index);
    }
    return index;
  };
}

const sourceId = (source: number): number => (source === noSource ? NONE16 : source);

function tracerOn(recorder: write.Recorder, source: Tracer['source']): Tracer {
  const counts = noCounts();
  const id = (name: string) => write.nameId(recorder, name);
  const counted = (row: number) => {
    counts.events++;
    return row;
  };
  return {
    detailed: true,
    counts,
    source,
    event(timeNs, kind, lane, name, cause, operation = -1, text, source = noSource) {
      const src = sourceId(source);
      const row = counted(write.beginEvent(recorder, timeNs, KIND[kind], lane, id(name), operation, 0, cause, src));
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
    delivered(timeNs, message, source = noSource) {
      counts.delivered++;
      return counted(write.messageDelivered(recorder, timeNs, message, 0, sourceId(source)));
    },
    dropped(timeNs, message, why) {
      counts.lost++;
      return counted(write.messageDropped(recorder, timeNs, message, why));
    },
    invoked(timeNs, lane, process, kind, key, input, source) {
      const row = recorder.eventCount;
      write.opInvoked(recorder, timeNs, lane, process, id(kind), key, input ?? undefined, sourceId(source));
      return counted(row);
    },
    completed: (timeNs, lane, operation, status, result) =>
      counted(write.opCompleted(recorder, timeNs, lane, operation, status, result)),
    faultStart(timeNs, lane, kind, nodes, groups, text, source) {
      const row = recorder.eventCount;
      const fault = write.faultStart(recorder, timeNs, lane, {
        kind,
        nodes,
        groups,
        params: { text },
        src: sourceId(source),
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
  properties: readonly Judged[],
): Trace {
  for (const lane of executed.lanes) recording.lanes.push({ name: lane.name, kind: lane.kind, group: lane.group });
  recording.params.originNs = executed.originNs;
  const partials = placeLinearizationPoints(executed, properties, recording.recorder.ops);
  const checks = properties.map(one => checkOf(recording.tracer, one, partials));
  return write.finish(recording.recorder, { outcome, checks, metrics: seriesOf(executed), notes: [] });
}

/** What a check is called in traces. */
export const checkName = ({ property, of }: Pick<Judged, 'property' | 'of'>): string => `${property} of ${of}`;

/** Most partial linearizations that a check keeps. */
const partialsMax = 64;

function checkOf(
  tracer: Tracer,
  { property, kind, of, verdict, why, at, witness }: Judged,
  partials: ReturnType<typeof placeLinearizationPoints>,
): Check {
  const linearizability = property === 'consistency linearizable' ? 'linearizability' : 'custom';
  const longest = linearizability === 'linearizability' ? partials.get(of)?.slice(0, partialsMax) : undefined;
  return {
    name: checkName({ property, of }),
    kind: kind === 'invariant' ? 'invariant' : linearizability,
    verdict,
    message: why,
    src: at === null ? NONE16 : sourceId(tracer.source(at, `store ${of}`, '')),
    witness:
      witness === null
        ? null
        : { events: [...witness.events], ops: [...witness.operations], ...(longest && { partials: longest }) },
  };
}
