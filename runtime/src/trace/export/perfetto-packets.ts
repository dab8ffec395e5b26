/**
 * Packets of a Perfetto trace (perfetto.dev, `protos/perfetto/trace/trace.proto`): tracks, slices on them, flows between
 * slices, counters. Packets may be added in any order of time, but on one track in the order in which they nest.
 */

import { type ByteBuffer, createByteBuffer } from '../byte-buffer.ts';
import { refuseMoreThan } from './export-error.ts';
import { putDouble, putFixed64, putMessage, putString, putUint } from './protobuf.ts';

/** Most bytes of a file. Perfetto's own viewer, in a browser, takes about twice as much. */
export const MAX_PERFETTO_BYTES = 1_073_741_824;

/** All packets are of one writer. */
const SEQUENCE = 1;
/** `SEQ_INCREMENTAL_STATE_CLEARED`: nothing before the first packet is missing. */
const FIRST = 1;

const TYPE = { begin: 1, end: 2, counter: 4 } as const;

/** What a slice says of itself: shown as its arguments. */
export type Annotations = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Slice {
  readonly name: string;
  readonly category: string;
  readonly annotations: Annotations;
  /** Flows that begin, or pass, here. */
  readonly flows?: readonly number[];
  /** Flows that end here. */
  readonly endingFlows?: readonly number[];
}

export interface Packets {
  readonly bytes: ByteBuffer;
  /** Where each packet begins, and its time, -1 for descriptors: they come first. */
  readonly starts: number[];
  readonly times: number[];
  tracks: number;
}

export function createPackets(): Packets {
  return { bytes: createByteBuffer(), starts: [], times: [], tracks: 0 };
}

const packet = createByteBuffer();
const body = createByteBuffer();
const inner = createByteBuffer();

function begin(...buffers: ByteBuffer[]): void {
  for (const buffer of buffers) buffer.length = 0;
}

function addPacket(to: Packets, time: number): void {
  putUint(packet, 10, SEQUENCE);
  if (to.starts.length === 0) putUint(packet, 13, FIRST);
  to.starts.push(to.bytes.length);
  to.times.push(time);
  putMessage(to.bytes, 1, packet);
  refuseMoreThan(MAX_PERFETTO_BYTES, to.bytes.length, 'A Perfetto trace', 'bytes');
}

export interface TrackOptions {
  readonly name: string;
  /** Id of the track of a process, below which this one is shown. */
  readonly parent?: number;
  /** Makes it the track of a process. */
  readonly process?: { readonly pid: number };
  /** Makes it the track of a thread. */
  readonly thread?: { readonly pid: number; readonly tid: number };
  /** Makes it a counter. */
  readonly counter?: { readonly unit: string };
}

/** Describes a track; returns its id. */
export function addTrack(to: Packets, { name, parent, process, thread, counter }: TrackOptions): number {
  begin(packet, body, inner);
  const uuid = ++to.tracks;
  putUint(body, 1, uuid);
  putString(body, 2, name);
  if (process !== undefined) {
    putUint(inner, 1, process.pid);
    putString(inner, 6, name);
    putMessage(body, 3, inner);
  }
  if (thread !== undefined) {
    putUint(inner, 1, thread.pid);
    putUint(inner, 2, thread.tid);
    putString(inner, 5, name);
    putMessage(body, 4, inner);
  }
  if (parent !== undefined) putUint(body, 5, parent);
  if (counter !== undefined) {
    putString(inner, 6, counter.unit);
    putMessage(body, 8, inner);
  }
  putMessage(packet, 60, body);
  addPacket(to, -1);
  return uuid;
}

export function beginSlice(to: Packets, track: number, time: number, slice: Slice): void {
  begin(packet, body);
  putUint(body, 9, TYPE.begin);
  putUint(body, 11, track);
  putString(body, 22, slice.category);
  putString(body, 23, slice.name);
  for (const [name, value] of Object.entries(slice.annotations)) if (value !== undefined) annotate(name, value);
  for (const flow of slice.flows ?? []) putFixed64(body, 47, flow);
  for (const flow of slice.endingFlows ?? []) putFixed64(body, 48, flow);
  addEvent(to, time);
}

function annotate(name: string, value: string | number | boolean): void {
  begin(inner);
  if (typeof value === 'boolean') putUint(inner, 2, value ? 1 : 0);
  else if (typeof value === 'string') putString(inner, 6, value);
  else if (Number.isSafeInteger(value) && value >= 0) putUint(inner, 4, value);
  else putDouble(inner, 5, value);
  putString(inner, 10, name);
  putMessage(body, 4, inner);
}

export function endSlice(to: Packets, track: number, time: number): void {
  begin(packet, body);
  putUint(body, 9, TYPE.end);
  putUint(body, 11, track);
  addEvent(to, time);
}

export function addCounter(to: Packets, track: number, time: number, value: number): void {
  begin(packet, body);
  putUint(body, 9, TYPE.counter);
  putUint(body, 11, track);
  putDouble(body, 44, value);
  addEvent(to, time);
}

function addEvent(to: Packets, time: number): void {
  putUint(packet, 8, time);
  putMessage(packet, 11, body);
  addPacket(to, time);
}

/** The packets in the order of time; of one time, in the order in which they were added. */
export function bytesOf({ bytes, starts, times }: Packets): Uint8Array {
  const order = Array.from(starts.keys()).sort((a, b) => times[a] - times[b] || a - b);
  const result = new Uint8Array(bytes.length);
  let length = 0;
  for (const at of order) {
    const piece = bytes.bytes.subarray(starts[at], starts[at + 1] ?? bytes.length);
    result.set(piece, length);
    length += piece.length;
  }
  return result;
}
