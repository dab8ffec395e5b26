/**
 * A trace for Perfetto (ui.perfetto.dev, `.pftrace`): a process for each group of nodes, with a thread for each lane on
 * which handlers are slices and what they did is nested in them; messages are flows from slice to slice.
 *
 * Perfetto binds flows only to slices that last, so an event lasts one ns, and what happens at one moment stands side by
 * side, in order of cause and effect: an event can be some ns later than it was, and then says when it was (`t`). Each copy
 * of a message has a flow of its own, because flows cannot fork; a lost one has no end, and what the network did stands on
 * tracks of its own. Operations, faults and roles have tracks of their own too, several where they overlap, because slices
 * on a track must nest. Metrics are counters.
 */

import { isNetworkKind, nodeName } from '../access.ts';
import { type Causality, causalityOf } from '../causality.ts';
import { describeFault, describeOp } from '../describe.ts';
import { KIND, STATUS_NAMES } from '../kinds.ts';
import { NONE16, type Trace } from '../model.ts';
import { flowsFrom, flowsInto, sliceOf, sourceText } from './event-notes.ts';
import { refuseMoreThan } from './export-error.ts';
import {
  addCounter,
  addTrack,
  beginSlice,
  bytesOf,
  createPackets,
  endSlice,
  type Packets,
  type Slice,
} from './perfetto-packets.ts';

/** Twice as many packets; beyond, the viewer in a browser hardly opens. */
export const MAX_PERFETTO_EVENTS = 1_000_000;
/** Tracks beside each other for operations, faults or roles that overlap. */
export const MAX_PERFETTO_OVERLAPS = 1000;

interface Writer {
  readonly trace: Trace;
  readonly packets: Packets;
  readonly causality: Causality;
  /** When each event is shown, ns. */
  readonly shown: Float64Array;
  /** Of a node, the id of its process's track; for all that is of no node, `NONE16`. */
  readonly processOf: (node: number) => number;
  /** End of everything, ns. */
  readonly end: number;
}

/** @throws ExportError for a trace that is too long */
export function encodePerfetto(trace: Trace): Uint8Array {
  refuseMoreThan(MAX_PERFETTO_EVENTS, trace.events.length, 'A Perfetto trace', 'events');
  const packets = createPackets();
  const causality = causalityOf(trace);
  const shown = shownTimes(trace, causality);
  const end = shown.reduce((last, time) => Math.max(last, time), 0) + 1;
  const lanes = addLanes(trace, packets);
  const writer = { trace, packets, causality, shown, processOf: lanes.processOf, end };
  addEvents(writer, lanes.threadOf);
  addNetwork(writer);
  addOperations(writer);
  addRoles(writer);
  addFaults(writer);
  addMetrics(writer);
  return bytesOf(packets);
}

/** The times of the events, moved by as few ns as keep each after what it follows. */
function shownTimes(trace: Trace, { previous, send, cause }: Causality): Float64Array {
  const shown = new Float64Array(trace.events.length);
  for (let event = 0; event < shown.length; event++) {
    let time = trace.events.t[event];
    for (const link of [previous[event], send[event], cause[event]]) {
      if (link >= 0 && shown[link] >= time) time = shown[link] + 1;
    }
    shown[event] = time;
  }
  return shown;
}

interface Lanes {
  readonly threadOf: readonly number[];
  readonly processOf: (node: number) => number;
}

const KIND_GROUPS = {
  server: 'servers',
  client: 'clients',
  spec: 'specifications',
  nemesis: 'operator and faults',
} as const;

/** One process for each group, by its name; nodes without a group are together by kind. */
function addLanes({ header }: Trace, packets: Packets): Lanes {
  const processes = new Map<string, { readonly track: number; readonly pid: number }>();
  const process = (name: string): { readonly track: number; readonly pid: number } => {
    const known = processes.get(name);
    if (known !== undefined) return known;
    const pid = processes.size + 1;
    const added = { pid, track: addTrack(packets, { name, process: { pid } }) };
    processes.set(name, added);
    return added;
  };
  const of = header.nodes.map(({ group, kind }) => process(group === '' ? KIND_GROUPS[kind] : group));
  const threadOf = header.nodes.map(({ name }, node) =>
    // Ids of threads are unique among all, as in an operating system, and none is that of its process.
    addTrack(packets, { name, thread: { pid: of[node].pid, tid: 100_000 + node } }),
  );
  return { threadOf, processOf: node => (of[node] ?? process('run')).track };
}

/** Events that are brought about from outside; those after them, at the same moment in the same lane, are what they did. */
const HANDLERS: ReadonlySet<number> = new Set([KIND.init, KIND.deliver, KIND.timerFire, KIND.crash, KIND.restart]);
const INSIDE: ReadonlySet<number> = new Set([
  ...[KIND.local, KIND.timerSet, KIND.timerCancel, KIND.send, KIND.role, KIND.epoch, KIND.storage, KIND.log],
  ...[KIND.violation, KIND.linearize, KIND.annotate],
]);

function addEvents({ trace, packets, causality, shown }: Writer, threadOf: readonly number[]): void {
  const { kind, t, length } = trace.events;
  const flows = flowsFrom(trace);
  /** Of each lane the handler that is open, and its last event. */
  const open = new Map<number, { readonly event: number; last: number }>();
  const close = (lane: number): void => {
    const handler = open.get(lane);
    if (handler !== undefined) endSlice(packets, threadOf[lane], shown[handler.last] + 1);
    open.delete(lane);
  };
  for (let event = 0; event < length; event++) {
    const lane = causality.lane[event];
    if (lane === NONE16) continue;
    const track = threadOf[lane];
    const handler = open.get(lane);
    const inside = handler !== undefined && INSIDE.has(kind[event]) && t[event] === t[handler.event];
    if (inside) handler.last = event;
    else close(lane);
    const slice = sliceOf(trace, event, shown[event]);
    beginSlice(packets, track, shown[event], {
      ...slice,
      flows: flows(event),
      endingFlows: flowsInto(trace, event),
    });
    if (HANDLERS.has(kind[event])) open.set(lane, { event, last: event });
    else endSlice(packets, track, shown[event] + 1);
  }
  for (const lane of [...open.keys()]) close(lane);
}

/** What the network did to messages for a node, one after the other on a track beside it; and what is of no lane. */
function addNetwork({ trace, packets, causality, shown, processOf }: Writer): void {
  const tracks = new Map<number, { readonly id: number; free: number }>();
  for (let event = 0; event < trace.events.length; event++) {
    if (causality.lane[event] !== NONE16) continue;
    const kind = trace.events.kind[event];
    const node = trace.events.node[event];
    let track = tracks.get(node);
    if (track === undefined) {
      const name =
        isNetworkKind(kind) || node < trace.header.nodes.length ? `network to ${nodeName(trace, node)}` : 'no lane';
      track = { id: addTrack(packets, { name, parent: processOf(node) }), free: 0 };
      tracks.set(node, track);
    }
    const time = Math.max(shown[event], track.free);
    track.free = time + 1;
    const slice = sliceOf(trace, event, time);
    const drop = kind === KIND.drop;
    beginSlice(packets, track.id, time, {
      ...slice,
      name: drop ? `\u2715 drop ${slice.name}` : slice.name,
      ...(kind === KIND.duplicate && { flows: [trace.events.msg[event] + 1] }),
    });
    endSlice(packets, track.id, track.free);
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly slice: Slice;
}

/** Spans on as few tracks as keep those of one track apart. `spans` are in the order of their starts. */
function addSpans({ packets }: Writer, name: string, parent: number, spans: readonly Span[]): void {
  const tracks: { readonly id: number; free: number }[] = [];
  for (const { start, end, slice } of spans) {
    let track = tracks.find(one => one.free <= start);
    if (track === undefined) {
      refuseMoreThan(MAX_PERFETTO_OVERLAPS, tracks.length + 1, 'A Perfetto trace', `${name} at one time`);
      const number = tracks.length === 0 ? '' : ` (${tracks.length + 1})`;
      track = { id: addTrack(packets, { name: `${name}${number}`, parent }), free: 0 };
      tracks.push(track);
    }
    track.free = Math.max(end, start + 1);
    beginSlice(packets, track.id, start, slice);
    endSlice(packets, track.id, track.free);
  }
}

/** Spans of each node on tracks of its own. */
function addSpansOfNodes(writer: Writer, what: string, spans: ReadonlyMap<number, Span[]>): void {
  for (const [node, list] of spans) {
    list.sort((a, b) => a.start - b.start);
    addSpans(writer, `${nodeName(writer.trace, node)} ${what}`, writer.processOf(node), list);
  }
}

function push<T>(to: Map<number, T[]>, key: number, one: T): void {
  const known = to.get(key);
  if (known === undefined) to.set(key, [one]);
  else known.push(one);
}

function addOperations(writer: Writer): void {
  const { trace, shown, end } = writer;
  const { ops, events } = trace;
  const spans = new Map<number, Span[]>();
  for (let op = 0; op < ops.length; op++) {
    const invoke = ops.invoke[op];
    if (invoke < 0) continue;
    const complete = ops.complete[op];
    const status = STATUS_NAMES[ops.status[op]] ?? 'info';
    const ended = complete < 0 ? 'open' : status;
    push(spans, events.node[invoke], {
      start: shown[invoke],
      end: complete < 0 ? end : shown[complete] + 1,
      slice: {
        name: `${describeOp(trace, op, true)}${ended === 'ok' ? '' : ` (${ended})`}`,
        category: 'operation',
        annotations: { op, process: ops.process[op], status: ended, src: sourceText(trace, events.src[invoke]) },
      },
    });
  }
  addSpansOfNodes(writer, 'operations', spans);
}

function addRoles(writer: Writer): void {
  const { trace, shown, end } = writer;
  const { epochs, strings } = trace;
  const spans = new Map<number, Span[]>();
  for (let row = 0; row < epochs.length; row++) {
    const { from, to } = epochs;
    if (from[row] < 0) continue;
    const role = strings[epochs.role[row]];
    push(spans, epochs.node[row], {
      start: shown[from[row]],
      end: to[row] < 0 ? end : shown[to[row]],
      slice: {
        name: `${role} in epoch ${epochs.epoch[row]}`,
        category: 'role',
        annotations: {
          role,
          epoch: epochs.epoch[row],
          group: strings[epochs.group[row]] || undefined,
          leads: epochs.leads[row] === 1,
        },
      },
    });
  }
  addSpansOfNodes(writer, 'roles', spans);
}

function addFaults(writer: Writer): void {
  const { trace, shown, end, packets } = writer;
  const spans = trace.faults
    .filter(fault => fault.start >= 0)
    .map(fault => ({
      start: shown[fault.start],
      end: fault.end < 0 ? end : shown[fault.end] + 1,
      slice: {
        name: describeFault(trace, fault),
        category: 'fault',
        annotations: {
          kind: fault.kind,
          nodes: fault.nodes.map(node => nodeName(trace, node)).join(', '),
          src: sourceText(trace, fault.src),
        },
      },
    }))
    .sort((a, b) => a.start - b.start);
  if (spans.length === 0) return;
  // Beside the processes, as they are of no group.
  const parent = addTrack(packets, { name: 'faults of the run' });
  addSpans(writer, 'faults', parent, spans);
}

function addMetrics({ trace, packets }: Writer): void {
  if (trace.metrics.length === 0) return;
  const parent = addTrack(packets, { name: 'metrics' });
  for (const { name, unit, agg, x, series } of trace.metrics) {
    for (const [one, values] of Object.entries(series)) {
      const track = addTrack(packets, { name: `${name} ${agg} ${one}`, parent, counter: { unit } });
      x.forEach((time, at) => {
        const value = values[at];
        // Before the beginning of time Perfetto has none.
        if (value !== null && value !== undefined && time >= 0) addCounter(packets, track, time, value);
      });
    }
  }
}
