/** Reads containers, whole or damaged. The format is described in `container.ts`. */

import { gunzipSync } from 'fflate';
import { CODINGS, type Coding, crc32, unpackColumn } from './column-bytes.ts';
import { type AnyTable, COLUMN_WIDTH, type ColumnArray, type ColumnType, shorten, tableOfLength } from './columns.ts';
import {
  type ChunkEntry,
  MAX_UNPACKED_BYTES,
  PREFIX_BYTES,
  problemOfEntry,
  readDirectory,
} from './container-directory.ts';
import { mend } from './mend.ts';
import {
  MAX_EVENTS,
  MAX_STRINGS,
  MAX_VALUE_BYTES,
  MAX_VALUES,
  NO_REFERENCE,
  REFERENCES,
  TABLE_NAMES,
  TABLE_SCHEMAS,
  type TableName,
  TOO_MANY,
  type Trace,
  type ValueTexts,
} from './model.ts';
import {
  checkVersion,
  type Decoded,
  readHeader,
  SECTION_NAMES,
  SECTION_READERS,
  type SectionName,
  TraceFormatError,
} from './sections.ts';
import { list, type Reader, ShapeError, text } from './shape.ts';

interface File {
  /** All that comes after the directory. */
  readonly body: Uint8Array;
  readonly chunks: readonly ChunkEntry[];
  readonly problems: string[];
  /** Told how many bytes have been unpacked, of all. */
  readonly unpacked: (bytes: number) => void;
  readonly inflated: Inflated;
}

/**
 * Chunks that somebody has unpacked before, and checked against gzip's checksum, by their offset: a browser does so faster
 * than a script can. Taken out when they are used.
 */
export type Inflated = Map<number, Uint8Array>;

/** Says what is wrong with one chunk. */
class ChunkError extends Error {}

/** Whether a file begins like a container. */
export function isContainer(bytes: Uint8Array): boolean {
  return bytes[0] === 0x44 && bytes[1] === 0x53 && bytes[2] === 0x59 && bytes[3] === 0x54;
}

/**
 * The trace in a container. Chunks that cannot be read are named in `problems` and the rest is kept: without all events
 * or messages, the trace ends before the first one missing.
 * @param progress is told the share that has been unpacked, from 0 to 1
 * @param inflated chunks that need not be unpacked any more
 * @throws TraceFormatError when it is no container, of another major version, or its directory or header is broken
 */
export function decodeContainer(
  bytes: Uint8Array,
  progress: (share: number) => void = () => {},
  inflated: Inflated = new Map(),
): Decoded {
  const file = openFile(bytes, progress, inflated);
  const { problems } = file;
  let head: ReturnType<typeof readHeader>;
  try {
    head = readHeader(readJson(file, 'header'), 'header');
  } catch (error) {
    if (error instanceof ChunkError || error instanceof ShapeError) {
      throw new TraceFormatError(`the header of the trace cannot be read: ${error.message}`);
    }
    throw error;
  }
  const lost = new Map<TableName, string>();
  const section = <Name extends SectionName>(name: Name): Trace[Name] =>
    readList(file, name, SECTION_READERS[name] as Reader<Trace[Name][number]>) as Trace[Name];
  const table = <Name extends TableName>(name: Name): Trace[Name] => {
    const { rows, problem } = readTable(file, name, head.counts[name]);
    if (problem !== undefined) {
      problems.push(problem);
      lost.set(name, problem);
    }
    return rows;
  };
  const trace: Trace = {
    header: head.header,
    sources: section('sources'),
    src: section('src'),
    faults: section('faults'),
    checks: section('checks'),
    metrics: section('metrics'),
    notes: section('notes'),
    strings: readStrings(file),
    values: readValues(file),
    events: table('events'),
    messages: table('messages'),
    ops: table('ops'),
    epochs: table('epochs'),
    deltas: table('deltas'),
    details: table('details'),
  };
  return { trace, problems: [...problems, ...mend(trace, lost)] };
}

/** Gzip members of the container with their offsets and the bytes that each unpacks to; those that cannot be sound are left out. */
export function gzipMembers(
  bytes: Uint8Array,
): { readonly offset: number; readonly packed: Uint8Array; readonly rawLength: number }[] {
  const { body, chunks } = openFile(bytes, () => {}, new Map());
  return chunks
    .filter(entry => SECTIONS_KNOWN.has(entry.section) && problemOfEntry(entry, body.length) === undefined)
    .map(({ offset, length, rawLength }) => ({ offset, packed: body.subarray(offset, offset + length), rawLength }));
}

function openFile(bytes: Uint8Array, progress: (share: number) => void, inflated: Inflated): File {
  if (!isContainer(bytes)) throw new TraceFormatError('this is no dsys trace: it does not begin with DSYT');
  if (bytes.length < PREFIX_BYTES) throw new TraceFormatError(`the trace ends after ${bytes.length} bytes`);
  const prefix = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkVersion(prefix.getUint16(4, true), prefix.getUint16(6, true));
  const end = PREFIX_BYTES + prefix.getUint32(8, true);
  if (end > bytes.length) {
    throw new TraceFormatError(`the directory of the trace ends at byte ${end}, but the file has only ${bytes.length}`);
  }
  const directory = bytes.subarray(PREFIX_BYTES, end);
  if (crc32(directory) !== prefix.getUint32(12, true)) {
    throw new TraceFormatError('the directory of the trace is damaged: its checksum differs');
  }
  const body = bytes.subarray(end);
  const problems: string[] = [];
  let chunks: readonly ChunkEntry[];
  try {
    chunks = readDirectory(JSON.parse(new TextDecoder().decode(directory)), 'directory').chunks;
  } catch (error) {
    throw new TraceFormatError(`the directory of the trace cannot be read: ${(error as Error).message}`);
  }
  const unpacked = chunks.reduce((total, entry) => total + entry.rawLength, 0);
  if (unpacked > MAX_UNPACKED_BYTES) {
    throw new TraceFormatError(
      `the trace would unpack to ${unpacked} bytes, more than the ${MAX_UNPACKED_BYTES} allowed`,
    );
  }
  let done = 0;
  const told = (more: number): void => {
    done += more;
    progress(Math.min(1, done / Math.max(1, unpacked)));
  };
  return { body, chunks, problems, unpacked: told, inflated };
}

const SECTIONS_KNOWN: ReadonlySet<string> = new Set(['header', 'strings', 'values', ...SECTION_NAMES, ...TABLE_NAMES]);

/** Chunks of a section, in the order of their rows. */
function chunksOf(file: File, section: string): ChunkEntry[] {
  if (!SECTIONS_KNOWN.has(section)) return [];
  return file.chunks.filter(entry => entry.section === section).sort((left, right) => left.first - right.first);
}

/** A chunk's bytes. @throws ChunkError */
function unpack(file: File, entry: ChunkEntry): Uint8Array {
  const problem = problemOfEntry(entry, file.body.length);
  if (problem !== undefined) throw new ChunkError(problem);
  const ready = file.inflated.get(entry.offset);
  if (ready?.length === entry.rawLength) {
    file.inflated.delete(entry.offset);
    file.unpacked(ready.length);
    return ready;
  }
  const packed = file.body.subarray(entry.offset, entry.offset + entry.length);
  let raw: Uint8Array;
  try {
    raw = gunzipSync(packed, { out: new Uint8Array(entry.rawLength) });
  } catch (error) {
    throw new ChunkError(`it cannot be unpacked (${(error as Error).message})`);
  }
  if (raw.length !== entry.rawLength) {
    throw new ChunkError(`it unpacks to ${raw.length} bytes instead of ${entry.rawLength}`);
  }
  // fflate does not look at gzip's own checksum, which stands before the last four bytes.
  const trailer = new DataView(packed.buffer, packed.byteOffset + packed.length - 8, 8);
  if (crc32(raw) !== trailer.getUint32(0, true)) throw new ChunkError('its checksum differs');
  file.unpacked(raw.length);
  return raw;
}

/** @throws ChunkError */
function readJson(file: File, section: string): unknown {
  const [entry] = chunksOf(file, section);
  if (entry === undefined) throw new ChunkError('it is missing');
  const raw = unpack(file, entry);
  try {
    return JSON.parse(new TextDecoder().decode(raw));
  } catch (error) {
    throw new ChunkError(`it is no JSON (${(error as Error).message})`);
  }
}

function readList<T>(file: File, section: string, element: Reader<T>): T[] {
  try {
    return list(element)(readJson(file, section), section);
  } catch (error) {
    if (!(error instanceof ChunkError || error instanceof ShapeError)) throw error;
    file.problems.push(`the chunk of ${section} is left out: ${error.message}`);
    return [];
  }
}

function readStrings(file: File): string[] {
  const strings = readList(file, 'strings', text);
  if (strings.length > MAX_STRINGS) {
    file.problems.push(`only the first ${MAX_STRINGS} of ${strings.length} strings are kept`);
    strings.length = MAX_STRINGS;
  }
  if (strings.length === 0) strings.push('');
  return strings;
}

interface TableRead<Name extends TableName> {
  rows: Trace[Name];
  /** What is missing from the table, and why. */
  problem: string | undefined;
}

function readTable<Name extends TableName>(file: File, name: Name, expected: number): TableRead<Name> {
  const all = chunksOf(file, name);
  const schema = TABLE_SCHEMAS[name];
  const chunks = fitting(all);
  const tooMany =
    chunks.length < all.length
      ? `the trace has ${all.reduce((total, entry) => total + entry.rows, 0)} ${name}, ${TOO_MANY}`
      : undefined;
  // Every chunk's claim is checked against its bytes before the sum of them is allocated.
  const broken = chunks.findIndex(entry => rowsProblem(entry, file) !== undefined);
  const sound = broken < 0 ? chunks : chunks.slice(0, broken);
  const rows = tableOfLength(
    schema,
    sound.reduce((total, entry) => total + entry.rows, 0),
  );
  let read = 0;
  let problem: string | undefined;
  for (const entry of chunks) {
    try {
      const wrong = rowsProblem(entry, file);
      if (wrong !== undefined) throw new ChunkError(wrong);
      if (entry.first !== read) throw new ChunkError(`it begins with row ${entry.first} instead of ${read}`);
      readRows(unpack(file, entry), entry, rows as AnyTable, name, file.problems);
      read += entry.rows;
    } catch (error) {
      if (!(error instanceof ChunkError)) throw error;
      problem = `the chunk of ${name} from row ${entry.first} on is broken: ${error.message}`;
      break;
    }
  }
  shorten(schema, rows, read);
  problem ??= tooMany;
  if (problem === undefined && read !== expected)
    problem = `the trace has ${read} ${name}, but its header says ${expected}`;
  return { rows: rows as unknown as Trace[Name], problem };
}

/** The first chunks, as long as there is room for their rows. */
function fitting(chunks: readonly ChunkEntry[]): ChunkEntry[] {
  let rows = 0;
  return chunks.filter(entry => (rows += entry.rows) <= MAX_EVENTS);
}

/** Why a table's chunk cannot hold the rows it claims. */
function rowsProblem(entry: ChunkEntry, file: File): string | undefined {
  let rowBytes = 0;
  for (const [column, type, coding] of entry.columns ?? []) {
    if (!Object.hasOwn(COLUMN_WIDTH, type)) return `its column ${column} is of the unknown type ${type}`;
    if (!CODINGS.includes(coding as Coding)) return `its column ${column} is coded as ${coding}, which is unknown`;
    rowBytes += COLUMN_WIDTH[type as ColumnType];
  }
  if (rowBytes * entry.rows !== entry.rawLength || rowBytes === 0) {
    return `${entry.rows} rows of ${rowBytes} bytes are not the ${entry.rawLength} bytes that it claims`;
  }
  return problemOfEntry(entry, file.body.length);
}

function readRows(raw: Uint8Array, entry: ChunkEntry, table: AnyTable, name: TableName, problems: string[]): void {
  const schema: Readonly<Record<string, ColumnType>> = TABLE_SCHEMAS[name];
  const missing = new Set(Object.keys(schema));
  let at = 0;
  for (const [column, type, coding] of entry.columns!) {
    if (schema[column] === type) {
      unpackColumn(type, coding as Coding, raw, at, entry.rows, table[column] as ColumnArray[ColumnType], entry.first);
      missing.delete(column);
    }
    at += COLUMN_WIDTH[type as ColumnType] * entry.rows;
  }
  for (const column of missing) {
    problems.push(`the chunk of ${name} from row ${entry.first} on has no column ${column}`);
    const reference = REFERENCES[name][column];
    if (reference === undefined) continue;
    const array = table[column] as ColumnArray[ColumnType];
    array.fill(NO_REFERENCE[reference], entry.first, entry.first + entry.rows);
  }
}

function readValues(file: File): ValueTexts {
  const chunks = chunksOf(file, 'values');
  const pieces: Uint8Array[] = [];
  const lengths: number[] = [0];
  let bytes = 0;
  for (const entry of chunks) {
    try {
      if (entry.first !== lengths.length) {
        throw new ChunkError(`it begins with value ${entry.first} instead of ${lengths.length}`);
      }
      if (4 * entry.rows > entry.rawLength) throw new ChunkError(`it is too short for ${entry.rows} values`);
      if (entry.first + entry.rows > MAX_VALUES || bytes + entry.rawLength - 4 * entry.rows > MAX_VALUE_BYTES) {
        throw new ChunkError('the trace claims more values than allowed');
      }
      const raw = unpack(file, entry);
      const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
      const own = Array.from({ length: entry.rows }, (_, row) => view.getUint32(4 * row, true));
      const total = own.reduce((all, length) => all + length, 0);
      if (total !== raw.length - 4 * entry.rows) throw new ChunkError('the lengths of its values are wrong');
      for (const length of own) lengths.push(length);
      pieces.push(raw.subarray(4 * entry.rows));
      bytes += total;
    } catch (error) {
      if (!(error instanceof ChunkError)) throw error;
      file.problems.push(`payloads and states from value ${entry.first} on are left out: ${error.message}`);
      break;
    }
  }
  const values: ValueTexts = { bytes: new Uint8Array(bytes), offsets: new Uint32Array(lengths.length + 1) };
  let at = 0;
  for (const piece of pieces) {
    values.bytes.set(piece, at);
    at += piece.length;
  }
  for (let id = 0; id < lengths.length; id++) values.offsets[id + 1] = values.offsets[id] + lengths[id];
  return values;
}
