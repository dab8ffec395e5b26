/** The container's directory: which chunk lies where. */

import { MAX_VALUE_BYTES } from './model.ts';
import { integer, list, optional, type Reader, record, text, tuple } from './shape.ts';

/** Bytes before the directory. */
export const PREFIX_BYTES = 16;
export const ROWS_PER_CHUNK = 65_536;
/** Most bytes of all chunks together once unpacked, so that a small file cannot ask for a large memory. */
export const MAX_UNPACKED_BYTES = 1_073_741_824;
/** Deflate cannot make less than one bit of 258 bytes: a chunk that claims to unpack to more than this is broken. */
const MAX_EXPANSION = 1032;

export interface ChunkEntry {
  readonly section: string;
  /** First row, and how many, of a table or of `values`; 0 for JSON. */
  readonly first: number;
  readonly rows: number;
  /** Name, type and coding of a table's columns, in the order in which they are stored. */
  readonly columns?: readonly (readonly [name: string, type: string, coding: string])[];
  /** Bytes from the end of the directory, and how many. */
  readonly offset: number;
  readonly length: number;
  /** Bytes once unpacked. */
  readonly rawLength: number;
}

const size = integer(0, 4_294_967_295);

export const readDirectory: Reader<{ readonly chunks: readonly ChunkEntry[] }> = record<{
  readonly chunks: readonly ChunkEntry[];
}>({
  chunks: list(
    record<ChunkEntry>({
      section: text,
      first: size,
      rows: size,
      columns: optional(list(tuple<readonly [string, string, string]>(text, text, text))),
      offset: size,
      length: size,
      rawLength: size,
    }),
  ),
});

/** Why a chunk cannot be what its entry says, judged before anything is allocated for it; `undefined` when it can. */
export function problemOfEntry(entry: ChunkEntry, available: number): string | undefined {
  if (entry.offset + entry.length > available) {
    return `it lies at bytes ${entry.offset} to ${entry.offset + entry.length} after the directory, but the file has only ${available} there`;
  }
  if (entry.rawLength > entry.length * MAX_EXPANSION) {
    return `it claims to unpack ${entry.length} bytes to ${entry.rawLength}, which no gzip does`;
  }
  if (entry.section === 'values' ? entry.rawLength > MAX_VALUE_BYTES : entry.rows > ROWS_PER_CHUNK) {
    return `it claims ${entry.rows} rows and ${entry.rawLength} bytes, more than one chunk may hold`;
  }
  return undefined;
}
