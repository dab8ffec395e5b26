import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { fateOf, isNetworkKind, nodeName } from '../access.ts';
import { KIND } from '../kinds.ts';
import type { Trace } from '../model.ts';
import { slice } from '../slice.ts';
import { randomTrace } from '../testing/random-trace.ts';
import { encodePerfetto, MAX_PERFETTO_EVENTS } from './perfetto.ts';
import { hostileTrace } from './testing/hostile.ts';

/** The fields that are used, with the numbers and types of Perfetto's published schema. */
const SCHEMA = `
syntax = "proto2";
message Trace { repeated TracePacket packet = 1; }
message TracePacket {
  optional uint64 timestamp = 8;
  optional uint32 trusted_packet_sequence_id = 10;
  optional TrackEvent track_event = 11;
  optional uint32 sequence_flags = 13;
  optional TrackDescriptor track_descriptor = 60;
}
message TrackDescriptor {
  optional uint64 uuid = 1;
  optional string name = 2;
  optional ProcessDescriptor process = 3;
  optional ThreadDescriptor thread = 4;
  optional uint64 parent_uuid = 5;
  optional CounterDescriptor counter = 8;
}
message ProcessDescriptor { optional int32 pid = 1; optional string process_name = 6; }
message ThreadDescriptor { optional int32 pid = 1; optional int32 tid = 2; optional string thread_name = 5; }
message CounterDescriptor { optional string unit_name = 6; }
message TrackEvent {
  enum Type { TYPE_UNSPECIFIED = 0; TYPE_SLICE_BEGIN = 1; TYPE_SLICE_END = 2; TYPE_INSTANT = 3; TYPE_COUNTER = 4; }
  repeated DebugAnnotation debug_annotations = 4;
  optional Type type = 9;
  optional uint64 track_uuid = 11;
  repeated string categories = 22;
  optional string name = 23;
  optional int64 counter_value = 30;
  optional double double_counter_value = 44;
  repeated fixed64 flow_ids = 47 [packed = false];
  repeated fixed64 terminating_flow_ids = 48 [packed = false];
}
message DebugAnnotation {
  optional bool bool_value = 2;
  optional uint64 uint_value = 3;
  optional int64 int_value = 4;
  optional double double_value = 5;
  optional string string_value = 6;
  optional string name = 10;
}
`;

interface Descriptor {
  uuid: number;
  name: string;
  parentUuid?: number;
  process?: { pid: number; processName: string };
  thread?: { pid: number; tid: number; threadName: string };
  counter?: { unitName: string };
}
interface TrackEvent {
  type: string;
  trackUuid: number;
  name?: string;
  categories?: string[];
  flowIds?: number[];
  terminatingFlowIds?: number[];
  doubleCounterValue?: number;
  debugAnnotations?: Record<string, string | number | boolean>[];
}
interface Packet {
  timestamp?: number;
  trackEvent?: TrackEvent;
  trackDescriptor?: Descriptor;
  sequenceFlags?: number;
}

function decode(bytes: Uint8Array): Packet[] {
  const type = protobuf.parse(SCHEMA).root.lookupType('Trace');
  const message = type.decode(bytes);
  // Nothing is in the file that the schema does not have: it would be gone after this.
  expect(type.encode(message).finish().length).toBe(bytes.length);
  return type.toObject(message, { longs: Number, enums: String }).packet as Packet[];
}

interface Shown {
  readonly track: number;
  readonly name: string;
  readonly category: string;
  readonly start: number;
  end: number;
  readonly depth: number;
  readonly args: Record<string, string | number | boolean>;
}
interface Flow {
  from?: Shown;
  readonly steps: Shown[];
  to?: Shown;
}

/** As Perfetto's importer does: slices are a stack on each track, and a flow is bound to the slice that is open. */
function importTrace(bytes: Uint8Array) {
  const packets = decode(bytes);
  const tracks = new Map<number, Descriptor>();
  const slices: Shown[] = [];
  const open = new Map<number, Shown[]>();
  const flows = new Map<number, Flow>();
  const counters: { track: number; time: number; value: number }[] = [];
  let now = 0;
  expect(packets[0].sequenceFlags).toBe(1);
  for (const { timestamp, trackEvent, trackDescriptor } of packets) {
    if (trackDescriptor !== undefined) {
      expect(tracks.has(trackDescriptor.uuid)).toBe(false);
      tracks.set(trackDescriptor.uuid, trackDescriptor);
      continue;
    }
    const { type, trackUuid, name, categories, debugAnnotations, flowIds, terminatingFlowIds } = trackEvent!;
    expect(tracks.has(trackUuid)).toBe(true);
    expect(timestamp).toBeGreaterThanOrEqual(now);
    now = timestamp!;
    const stack = open.get(trackUuid) ?? [];
    open.set(trackUuid, stack);
    if (type === 'TYPE_COUNTER') {
      expect(tracks.get(trackUuid)!.counter).toBeDefined();
      counters.push({ track: trackUuid, time: now, value: trackEvent!.doubleCounterValue! });
    } else if (type === 'TYPE_SLICE_BEGIN') {
      const args = Object.fromEntries(
        (debugAnnotations ?? []).map(({ name: key, ...value }) => [key as string, Object.values(value)[0]]),
      );
      const begun = {
        track: trackUuid,
        name: name!,
        category: categories![0],
        start: now,
        end: -1,
        depth: stack.length,
        args,
      };
      stack.push(begun);
      slices.push(begun);
      for (const id of flowIds ?? []) {
        const flow = flows.get(id) ?? { steps: [] };
        if (flow.from === undefined) flow.from = begun;
        else flow.steps.push(begun);
        expect(flow.to).toBeUndefined();
        flows.set(id, flow);
      }
      for (const id of terminatingFlowIds ?? []) {
        const flow = flows.get(id);
        expect(flow?.from, `flow ${id} ends where it never began`).toBeDefined();
        expect(flow!.to).toBeUndefined();
        flow!.to = begun;
      }
    } else {
      expect(type).toBe('TYPE_SLICE_END');
      const ended = stack.pop();
      expect(ended, 'a slice ends that never began').toBeDefined();
      expect(now).toBeGreaterThan(ended!.start);
      ended!.end = now;
    }
  }
  for (const stack of open.values()) expect(stack).toEqual([]);
  return { tracks, slices, flows, counters };
}

/** Slices on lanes and in the network, by event. */
const byEvent = (slices: readonly Shown[]): Map<number, Shown> =>
  new Map(slices.filter(one => one.args.event !== undefined).map(one => [one.args.event as number, one]));

/** Flows and slices are what the messages and events of the trace are. */
function compareWithTrace(trace: Trace): ReturnType<typeof importTrace> {
  const imported = importTrace(encodePerfetto(trace));
  const { tracks, slices, flows } = imported;
  const shown = byEvent(slices);
  expect(shown.size).toBe(trace.events.length);
  for (const [event, one] of shown) {
    const { t, node, kind } = trace.events;
    const network = isNetworkKind(kind[event]);
    const track = tracks.get(one.track)!;
    if (network) expect(track.name).toBe(`network to ${nodeName(trace, node[event])}`);
    else expect(track.thread).toMatchObject({ threadName: nodeName(trace, node[event]), tid: 100_000 + node[event] });
    // Moved by no more than there are events, and it says from where.
    expect(one.start).toBeGreaterThanOrEqual(t[event]);
    expect(one.start - t[event]).toBeLessThan(trace.events.length);
    expect(one.args.t ?? one.start).toBe(t[event]);
    if (kind[event] === KIND.drop) expect(one.name).toMatch(/^\u2715 drop /);
    const cause = trace.events.cause[event];
    if (cause >= 0) expect(one.start).toBeGreaterThan(shown.get(cause)!.start);
  }
  for (let message = 0; message < trace.messages.length; message++) {
    const flow = flows.get(message + 1)!;
    const { send, end } = trace.messages;
    expect(flow.from).toBe(shown.get(send[message]));
    expect(flow.to).toBe(fateOf(trace, message) === 'delivered' ? shown.get(end[message]) : undefined);
  }
  expect(flows.size).toBe(trace.messages.length);
  return imported;
}

const seeds = [1, 2, 3, 4, 5, 6];

describe('a Perfetto trace', () => {
  test.each(seeds)('of random trace %i, or a part of it, has its events as slices and its messages as flows', seed => {
    const trace = randomTrace(seed, { steps: 900 }).trace;
    compareWithTrace(trace);
    compareWithTrace(slice(trace, { events: [200, 500] }));
    compareWithTrace(slice(trace, { before: 600 }));
  });

  test.each(seeds)('of random trace %i has operations, roles and faults that last as long as they did', seed => {
    const trace = randomTrace(seed, { steps: 900, clients: 4 }).trace;
    const { tracks, slices } = importTrace(encodePerfetto(trace));
    const shown = byEvent(slices);
    const of = (category: string): Shown[] => slices.filter(one => one.category === category && !('event' in one.args));
    expect(of('operation').length).toBe(trace.ops.length);
    for (const one of of('operation')) {
      const op = one.args.op as number;
      const { invoke, complete, process } = trace.ops;
      expect(one.start).toBe(shown.get(invoke[op])!.start);
      if (complete[op] >= 0) expect(one.end).toBe(shown.get(complete[op])!.start + 1);
      else expect(one.args.status).toBe('open');
      expect(one.args.process).toBe(process[op]);
      expect(one.depth).toBe(0);
      expect(tracks.get(one.track)!.name).toMatch(/^c\d operations/);
    }
    expect(of('role').length).toBe(trace.epochs.length);
    expect(of('fault').length).toBe(trace.faults.length);
    of('fault').forEach((one, at) => {
      expect(one.start).toBe(shown.get(trace.faults[at].start)!.start);
      expect(one.depth).toBe(0);
    });
    for (const one of of('role')) expect(one.depth).toBe(0);
  });

  test('nests in a handler what it did, and gives each group a process', () => {
    const trace = randomTrace(1, { steps: 400 }).trace;
    const deliver = trace.events.kind.indexOf(KIND.deliver);
    const lane = trace.events.node[deliver];
    const later = [...trace.events.node.keys()].filter(
      row => row > deliver && trace.events.node[row] === lane && trace.events.kind[row] === KIND.send,
    );
    // Everything in between at one moment: what is sent there is sent by the handler.
    trace.events.t.fill(trace.events.t[deliver], deliver, later[0] + 1);
    trace.header = {
      ...trace.header,
      nodes: trace.header.nodes.map((node, at) => ({ ...node, group: at < 2 ? 'db' : '' })),
    };
    const { slices, tracks } = compareWithTrace(trace);
    const names = [...tracks.values()].flatMap(({ process }) => process?.processName ?? []);
    expect(names).toEqual(['db', 'servers', 'clients', 'operator and faults']);
    const pids = [...tracks.values()].flatMap(({ thread }) => thread?.pid ?? []);
    expect(pids).toEqual([1, 1, 2, 3, 3, 4]);
    const shown = byEvent(slices);
    const between = [...trace.events.node.keys()].filter(row => row > deliver && row < later[0]);
    const handlers = between.filter(row => trace.events.node[row] === lane && trace.events.kind[row] === KIND.deliver);
    expect(shown.get(later[0])!.depth).toBe(1);
    const handler = shown.get(handlers.at(-1) ?? deliver)!;
    expect(handler.end).toBeGreaterThanOrEqual(shown.get(later[0])!.end);
  });

  test('has metrics as counters, without the samples that were not taken', () => {
    const { counters, tracks } = importTrace(encodePerfetto(randomTrace(1, { steps: 20 }).trace));
    expect(counters.map(({ track, time, value }) => [tracks.get(track)!.name, time, value])).toEqual([
      ['latency p99 write', 0, 1.5],
      ['latency p99 read', 0, 3],
      ['latency p99 read', 1e6, 4],
    ]);
    expect([...tracks.values()].find(track => track.counter)!.counter!.unitName).toBe('ns');
  });

  test('says where things are written, and what messages carry', () => {
    const trace = randomTrace(2, { steps: 900 }).trace;
    const { slices } = importTrace(encodePerfetto(trace));
    const crash = slices.find(one => one.args.kind === 'crash')!;
    expect(crash.args.src).toBe('random.dsys:5:1 scenario');
    const message = slices.find(one => one.args.kind === 'deliver')!;
    expect(JSON.parse(message.args.payload as string)).toHaveProperty('term');
    expect(slices.some(one => /^\d+ \u2192 \d+$/.test(String(one.args['state commitIndex'])))).toBe(true);
  });

  test.each(seeds)('of names that are meant to break it has them as they are (%i)', seed => {
    const trace = hostileTrace(seed, 700);
    const { tracks } = compareWithTrace(trace);
    const threads = [...tracks.values()].flatMap(({ thread }) => thread?.threadName ?? []);
    expect(threads).toEqual(trace.header.nodes.map(node => node.name));
  });

  test('bears an event without a lane and an empty trace, and refuses one that is too long', () => {
    const trace = randomTrace(3, { steps: 50 }).trace;
    trace.events.node[trace.events.kind.indexOf(KIND.timerSet)] = 65_535;
    const { tracks } = importTrace(encodePerfetto(trace));
    expect([...tracks.values()].map(track => track.name)).toContain('no lane');
    expect(importTrace(encodePerfetto(slice(trace, { nodes: [] }))).slices).toEqual([]);
    const events = { ...trace.events, length: MAX_PERFETTO_EVENTS + 1 };
    expect(() => encodePerfetto({ ...trace, events })).toThrow('takes at most 1000000 events');
  });
});
