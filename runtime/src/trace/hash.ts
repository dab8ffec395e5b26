/**
 * `traceSha256`: the identity of an execution. Two traces have the same one exactly when the same things happened in
 * them, however their tables of strings and values are numbered and whichever file they came through.
 *
 * SHA-256 of these bytes, integers little-endian, a text being its length in UTF-8 bytes (u32) and then those:
 *
 * 1. the text `dsys-trace-sha256 1`;
 * 2. the number of nodes (u32), and of each the texts name, kind, group;
 * 3. for each of `events messages ops epochs deltas details`: that name as a text, the number of rows (u32), then column
 *    by column, in the order of the schemas in `model.ts`, the column's values, each as wide as the column (`time`: IEEE
 *    binary64). Columns of string and value ids hold u32 ordinals instead: 0 for id 0, else the order (from 1) in which
 *    the string, or value, is first met on this way. `ops.linearizedAt` is left out;
 * 4. the number of faults (u32), and of each the JSON text of `[kind, nodes, groups, start, end, params, src]`;
 * 5. the number of strings met (u32) and they, then the number of values met (u32) and their ITF texts, by ordinal.
 *
 * Left out is what is said of a run and not what happened in it: header but for the nodes, sources and ranges (an edit
 * above a handler moves them), checks, metrics, notes.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { AnyTable } from './columns.ts';
import { REFERENCES, TABLE_NAMES, TABLE_SCHEMAS, type Trace } from './model.ts';

/** Bytes handed to SHA-256 at once. */
const PIECE = 1 << 20;

type Hash = ReturnType<typeof sha256.create>;

/** Gives ids ordinals in the order in which they are met. */
interface Ordinals {
  readonly of: Uint32Array;
  readonly met: number[];
}

/** 64 hexadecimal digits; see the top of the file. */
export function traceSha256(trace: Trace): string {
  const hash = sha256.create();
  const strings = ordinals(trace.strings.length);
  const values = ordinals(trace.values.offsets.length - 1);
  text(hash, 'dsys-trace-sha256 1');
  count(hash, trace.header.nodes.length);
  for (const node of trace.header.nodes) {
    text(hash, node.name);
    text(hash, node.kind);
    text(hash, node.group);
  }
  for (const name of TABLE_NAMES) {
    const table = trace[name] as AnyTable;
    text(hash, name);
    count(hash, table.length);
    for (const column of Object.keys(TABLE_SCHEMAS[name])) {
      if (name === 'ops' && column === 'linearizedAt') continue;
      const array = table[column] as Uint8Array;
      const reference = REFERENCES[name][column];
      if (reference === 'string') feed(hash, renumber(array, strings));
      else if (reference === 'value') feed(hash, renumber(array, values));
      else feed(hash, array);
    }
  }
  count(hash, trace.faults.length);
  for (const { kind, nodes, groups, start, end, params, src } of trace.faults) {
    text(hash, JSON.stringify([kind, nodes, groups, start, end, params, src]));
  }
  count(hash, strings.met.length);
  for (const id of strings.met) text(hash, trace.strings[id]);
  count(hash, values.met.length);
  const { bytes, offsets } = trace.values;
  for (const id of values.met) {
    count(hash, offsets[id + 1] - offsets[id]);
    hash.update(bytes.subarray(offsets[id], offsets[id + 1]));
  }
  return bytesToHex(hash.digest());
}

function ordinals(ids: number): Ordinals {
  return { of: new Uint32Array(ids), met: [] };
}

function renumber(ids: ArrayLike<number>, known: Ordinals): Uint32Array {
  const renumbered = new Uint32Array(ids.length);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row];
    if (id === 0) continue;
    if (known.of[id] === 0) known.of[id] = known.met.push(id);
    renumbered[row] = known.of[id];
  }
  return renumbered;
}

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function feed(hash: Hash, array: Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array): void {
  let bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  if (!HOST_IS_LITTLE_ENDIAN) bytes = swapped(bytes, array.BYTES_PER_ELEMENT);
  for (let start = 0; start < bytes.length; start += PIECE) hash.update(bytes.subarray(start, start + PIECE));
}

function swapped(bytes: Uint8Array, width: number): Uint8Array<ArrayBuffer> {
  const other = new Uint8Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) other[index] = bytes[index - (index % width) * 2 + width - 1];
  return other;
}

function count(hash: Hash, value: number): void {
  hash.update(new Uint8Array([value, value >>> 8, value >>> 16, value >>> 24]));
}

function text(hash: Hash, value: string): void {
  const bytes = new TextEncoder().encode(value);
  count(hash, bytes.length);
  hash.update(bytes);
}
