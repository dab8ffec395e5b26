/**
 * The columnar container, `.dsystrace`: small, quick to read, and readable in part.
 *
 * | bytes | |
 * |---|---|
 * | 4 | `DSYT` |
 * | 2, 2 | major and minor version, u16 |
 * | 4 | length of the directory in bytes, u32 |
 * | 4 | CRC-32 of the directory, u32 |
 * | … | directory: JSON text, `{"chunks":[…]}`, see `container-directory.ts` |
 * | … | chunks, each one gzip member; their offsets count from the end of the directory |
 *
 * All integers are little-endian. The sections `header sources src faults checks metrics notes strings` are one chunk of
 * JSON text each. A table's chunk holds up to 65,536 rows, column after column as in `column-bytes.ts`. A chunk of
 * `values` holds the lengths of its texts (u32 each) and then their bytes; its first row is value 1 or later.
 * Readers skip sections and columns that they do not know.
 */

import { gzipSync } from 'fflate';
import { type Coding, crc32, packColumn } from './column-bytes.ts';
import { type AnyTable, COLUMN_WIDTH, type ColumnArray, type ColumnType } from './columns.ts';
import type { ChunkEntry } from './container-directory.ts';
import { PREFIX_BYTES, ROWS_PER_CHUNK } from './container-directory.ts';
import { TABLE_NAMES, TABLE_SCHEMAS, type TableName, TRACE_VERSION, type Trace } from './model.ts';
import { headerJson, SECTION_NAMES } from './sections.ts';
import { valueCount } from './values.ts';

/** Longest run of texts in one chunk of values, unless one text alone is longer. */
const VALUE_BYTES_PER_CHUNK = 4_194_304;

/** Codings that pay; the other columns are `plain`. */
const CODING: Readonly<Record<string, Coding>> = {
  'events.t': 'delta',
  'events.msg': 'back',
  'events.op': 'back',
  'events.cause': 'back',
  'messages.send': 'delta',
  'ops.invoke': 'delta',
  'epochs.from': 'delta',
  'deltas.event': 'delta',
  'details.event': 'delta',
};

interface Writer {
  readonly entries: ChunkEntry[];
  readonly chunks: Uint8Array[];
  length: number;
}

/** The container's bytes. @throws RangeError when a time is no integer of virtual ns */
export function encodeContainer(trace: Trace): Uint8Array {
  checkTimes(trace);
  const writer: Writer = { entries: [], chunks: [], length: 0 };
  addJson(writer, 'header', headerJson(trace));
  for (const name of SECTION_NAMES) addJson(writer, name, trace[name]);
  addJson(writer, 'strings', trace.strings);
  for (const name of TABLE_NAMES) addTable(writer, trace, name);
  addValues(writer, trace);

  const directory = new TextEncoder().encode(JSON.stringify({ chunks: writer.entries }));
  const file = new Uint8Array(PREFIX_BYTES + directory.length + writer.length);
  const prefix = new DataView(file.buffer);
  file.set([0x44, 0x53, 0x59, 0x54]);
  prefix.setUint16(4, TRACE_VERSION[0], true);
  prefix.setUint16(6, TRACE_VERSION[1], true);
  prefix.setUint32(8, directory.length, true);
  prefix.setUint32(12, crc32(directory), true);
  file.set(directory, PREFIX_BYTES);
  let at = PREFIX_BYTES + directory.length;
  for (const chunk of writer.chunks) {
    file.set(chunk, at);
    at += chunk.length;
  }
  return file;
}

function checkTimes(trace: Trace): void {
  const { t } = trace.events;
  for (let event = 0; event < t.length; event++) {
    if (Number.isSafeInteger(t[event]) && t[event] >= 0) continue;
    throw new RangeError(`event ${event} has the time ${t[event]}, which is no integer of ns from 0 to 2^53 - 1`);
  }
}

function addJson(writer: Writer, section: string, json: unknown): void {
  addChunk(writer, { section, first: 0, rows: 0 }, new TextEncoder().encode(JSON.stringify(json)));
}

function addTable(writer: Writer, trace: Trace, name: TableName): void {
  const table = trace[name] as AnyTable;
  const columns = (Object.entries(TABLE_SCHEMAS[name]) as [string, ColumnType][]).map(
    ([column, type]) => [column, type, CODING[`${name}.${column}`] ?? 'plain'] as const,
  );
  const rowBytes = columns.reduce((total, [, type]) => total + COLUMN_WIDTH[type], 0);
  for (let first = 0; first < table.length; first += ROWS_PER_CHUNK) {
    const rows = Math.min(ROWS_PER_CHUNK, table.length - first);
    const raw = new Uint8Array(rowBytes * rows);
    let at = 0;
    for (const [column, type, coding] of columns) {
      at = packColumn(type, coding, table[column] as ColumnArray[ColumnType], first, rows, raw, at);
    }
    addChunk(writer, { section: name, first, rows, columns }, raw);
  }
}

function addValues(writer: Writer, trace: Trace): void {
  const { bytes, offsets } = trace.values;
  const count = valueCount(trace.values);
  for (let first = 1; first < count; ) {
    let end = first + 1;
    while (end < count && end - first < ROWS_PER_CHUNK && offsets[end + 1] - offsets[first] <= VALUE_BYTES_PER_CHUNK) {
      end++;
    }
    const rows = end - first;
    const raw = new Uint8Array(4 * rows + offsets[end] - offsets[first]);
    const lengths = new DataView(raw.buffer);
    for (let row = 0; row < rows; row++) {
      lengths.setUint32(4 * row, offsets[first + row + 1] - offsets[first + row], true);
    }
    raw.set(bytes.subarray(offsets[first], offsets[end]), 4 * rows);
    addChunk(writer, { section: 'values', first, rows }, raw);
    first = end;
  }
}

function addChunk(
  writer: Writer,
  entry: Pick<ChunkEntry, 'section' | 'first' | 'rows' | 'columns'>,
  raw: Uint8Array,
): void {
  const packed = gzipSync(raw, { level: 2, mtime: 0 });
  writer.entries.push({ ...entry, offset: writer.length, length: packed.length, rawLength: raw.length });
  writer.chunks.push(packed);
  writer.length += packed.length;
}
