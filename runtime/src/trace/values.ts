/**
 * The texts of values in one growing UTF-8 buffer, each stored once. Repeats are found by a hash table over the bytes
 * themselves, so no JavaScript string is kept alive.
 */

import { type ByteBuffer, createByteBuffer, putText } from './byte-buffer.ts';
import { fromItf, type TraceValue, writeItf, writeUnserializable } from './itf.ts';
import { MAX_VALUE_BYTES, MAX_VALUES, type ValueTexts } from './model.ts';

const utf8Decoder = new TextDecoder();

export interface ValueHeap {
  bytes: Uint8Array;
  /** `offsets[id]` for each id, and the end of the last. */
  offsets: Uint32Array;
  count: number;
  /** Open addressing by hash of the bytes: an id, or 0 for free. Its length is a power of two and at least twice `count`. */
  slots: Int32Array;
  /** Hash of each id's bytes: spares most comparisons, and rehashing. */
  hashes: Int32Array;
  /** Where a text is written before it is known whether it is new. */
  readonly scratch: ByteBuffer;
}

export function createValueHeap(): ValueHeap {
  return {
    bytes: new Uint8Array(4096),
    offsets: new Uint32Array(256),
    count: 1,
    slots: new Int32Array(512),
    hashes: new Int32Array(256),
    scratch: createByteBuffer(),
  };
}

/** Adds a value's ITF text, or finds it: its id, from 1; -1 when the heap is full. `undefined` is value 0, "not recorded". */
export function addValue(heap: ValueHeap, value: unknown): number {
  if (value === undefined) return 0;
  const { scratch } = heap;
  scratch.length = 0;
  writeItf(scratch, value);
  return addBytes(heap, scratch.bytes, scratch.length);
}

/** As `addValue`, but when the text is longer than `limitBytes`, a note of its length takes its place. */
export function addLimitedValue(heap: ValueHeap, value: unknown, limitBytes: number): number {
  if (value === undefined) return 0;
  const { scratch } = heap;
  scratch.length = 0;
  writeItf(scratch, value);
  const { length } = scratch;
  if (length > limitBytes) {
    scratch.length = 0;
    writeUnserializable(scratch, `${length} bytes, more than the ${limitBytes} that are kept`);
  }
  return addBytes(heap, scratch.bytes, scratch.length);
}

/** Adds an ITF text, or finds it; the empty text is value 0. */
export function addText(heap: ValueHeap, text: string): number {
  const { scratch } = heap;
  scratch.length = 0;
  putText(scratch, text);
  return addBytes(heap, scratch.bytes, scratch.length);
}

/** Adds the first `length` of `text`'s bytes, or finds them. */
export function addBytes(heap: ValueHeap, text: Uint8Array, length: number): number {
  if (length === 0) return 0;
  const { offsets, slots, hashes } = heap;
  const mask = slots.length - 1;
  const hash = hashBytes(text, length);
  let slot = hash & mask;
  for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
    const id = slots[slot];
    if (hashes[id] !== hash) continue;
    if (offsets[id + 1] - offsets[id] === length && sameBytes(heap.bytes, offsets[id], text, length)) return id;
  }
  const start = offsets[heap.count];
  if (heap.count >= MAX_VALUES || !ensureBytes(heap, start + length)) return -1;
  for (let index = 0; index < length; index++) heap.bytes[start + index] = text[index];
  const id = heap.count++;
  slots[slot] = id;
  hashes[id] = hash;
  if (heap.count === offsets.length) growIds(heap);
  heap.offsets[heap.count] = start + length;
  if (heap.count * 2 > slots.length) growSlots(heap);
  return id;
}

function ensureBytes(heap: ValueHeap, needed: number): boolean {
  const capacity = heap.bytes.length;
  if (needed <= capacity) return true;
  if (needed > MAX_VALUE_BYTES) return false;
  const larger = new Uint8Array(Math.min(MAX_VALUE_BYTES, Math.max(needed, capacity * 2)));
  larger.set(heap.bytes);
  heap.bytes = larger;
  return true;
}

function growIds(heap: ValueHeap): void {
  const offsets = new Uint32Array(heap.offsets.length * 2);
  offsets.set(heap.offsets);
  heap.offsets = offsets;
  const hashes = new Int32Array(offsets.length);
  hashes.set(heap.hashes);
  heap.hashes = hashes;
}

function growSlots(heap: ValueHeap): void {
  const slots = new Int32Array(heap.slots.length * 2);
  const mask = slots.length - 1;
  for (let id = 1; id < heap.count; id++) {
    let slot = heap.hashes[id] & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = id;
  }
  heap.slots = slots;
}

/** FNV-1a over words of four bytes, with MurmurHash3's mix at the end because its low bits alone spread badly. */
function hashBytes(bytes: Uint8Array, length: number): number {
  let hash = 0x811c9dc5 ^ length;
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    const word = bytes[index] | (bytes[index + 1] << 8) | (bytes[index + 2] << 16) | (bytes[index + 3] << 24);
    hash = Math.imul(hash ^ word, 0x01000193);
    hash ^= hash >>> 15;
  }
  for (; index < length; index++) hash = Math.imul(hash ^ bytes[index], 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function sameBytes(bytes: Uint8Array, start: number, text: Uint8Array, length: number): boolean {
  for (let index = 0; index < length; index++) if (bytes[start + index] !== text[index]) return false;
  return true;
}

/** The heap's texts, exactly sized and detached from it. */
export function textsOf(heap: ValueHeap): ValueTexts {
  return {
    bytes: heap.bytes.slice(0, heap.offsets[heap.count]),
    offsets: heap.offsets.slice(0, heap.count + 1),
  };
}

export const NO_VALUES = (): ValueTexts => ({ bytes: new Uint8Array(0), offsets: new Uint32Array(2) });

/** How many values there are, with value 0. */
export function valueCount(values: ValueTexts): number {
  return values.offsets.length - 1;
}

/** The ITF text of a value; '' for value 0, "not recorded". */
export function valueText(values: ValueTexts, id: number): string {
  return utf8Decoder.decode(values.bytes.subarray(values.offsets[id], values.offsets[id + 1]));
}

/** The value itself; `undefined` for value 0, and when its text (of a foreign file) is no JSON. */
export function valueAt(values: ValueTexts, id: number): TraceValue | undefined {
  if (id === 0) return undefined;
  try {
    return fromItf(valueText(values, id));
  } catch {
    return undefined;
  }
}
