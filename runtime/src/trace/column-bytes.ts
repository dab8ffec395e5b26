/**
 * Columns as bytes that compress well. Each value becomes a word by the column's coding, and then the lowest bytes of
 * all rows are stored, then the second lowest, and so on (byte shuffle). Words wrap at the column's width; the words of a
 * `time` are 64 bits, two's complement.
 *
 * - `plain`: the value;
 * - `delta`: the value less the one above, 0 above the first: for columns that grow;
 * - `back`: the row less the value, the lowest 32-bit integer for -1: for links, which are -1 or more, to rows shortly before.
 */

import { COLUMN_WIDTH, type ColumnArray, type ColumnType } from './columns.ts';

export const CODINGS = ['plain', 'delta', 'back'] as const;
export type Coding = (typeof CODINGS)[number];

const TWO_32 = 4294967296;
const NO_LINK = -2147483648;

/** Writes rows `first … first + rows - 1` into `out` at `start`, and returns where they end. */
export function packColumn(
  type: ColumnType,
  coding: Coding,
  column: ColumnArray[ColumnType],
  first: number,
  rows: number,
  out: Uint8Array,
  start: number,
): number {
  const width = COLUMN_WIDTH[type];
  if (type === 'time') {
    const [low, high] = timeWords(column as Float64Array, coding, first, rows);
    shuffle(low, 4, out, start);
    shuffle(high, 4, out, start + 4 * rows);
  } else {
    const words = new Int32Array(rows);
    words.set(column.subarray(first, first + rows));
    encode(words, coding, first);
    shuffle(words, width, out, start);
  }
  return start + width * rows;
}

/** Reads what `packColumn` wrote into rows `first …` of `column`, which wraps values to its own width. */
export function unpackColumn(
  type: ColumnType,
  coding: Coding,
  bytes: Uint8Array,
  start: number,
  rows: number,
  column: ColumnArray[ColumnType],
  first: number,
): void {
  const words = unshuffle(bytes, start, rows, Math.min(COLUMN_WIDTH[type], 4));
  if (type === 'time') {
    const high = unshuffle(bytes, start + 4 * rows, rows, 4);
    const times = column as Float64Array;
    let before = 0;
    for (let row = 0; row < rows; row++) {
      const value = high[row] * TWO_32 + (words[row] >>> 0);
      times[first + row] = coding === 'delta' ? (before += value) : value;
    }
    return;
  }
  decode(words, coding, first);
  column.set(words, first);
}

function timeWords(times: Float64Array, coding: Coding, first: number, rows: number): [Int32Array, Int32Array] {
  const low = new Int32Array(rows);
  const high = new Int32Array(rows);
  let before = 0;
  for (let row = 0; row < rows; row++) {
    const value = times[first + row];
    const word = coding === 'delta' ? value - before : value;
    before = value;
    low[row] = word;
    high[row] = Math.floor(word / TWO_32);
  }
  return [low, high];
}

function encode(words: Int32Array, coding: Coding, first: number): void {
  if (coding === 'delta') {
    for (let row = words.length - 1; row > 0; row--) words[row] -= words[row - 1];
  } else if (coding === 'back') {
    for (let row = 0; row < words.length; row++) words[row] = words[row] === -1 ? NO_LINK : first + row - words[row];
  }
}

function decode(words: Int32Array, coding: Coding, first: number): void {
  if (coding === 'delta') {
    for (let row = 1; row < words.length; row++) words[row] += words[row - 1];
  } else if (coding === 'back') {
    for (let row = 0; row < words.length; row++) words[row] = words[row] === NO_LINK ? -1 : first + row - words[row];
  }
}

function shuffle(words: Int32Array, width: number, out: Uint8Array, start: number): void {
  const rows = words.length;
  for (let byte = 0; byte < width; byte++) {
    const at = start + byte * rows;
    const shift = 8 * byte;
    for (let row = 0; row < rows; row++) out[at + row] = words[row] >> shift;
  }
}

/** All bytes of a row at once: a pass over the words for each byte would take three times as long. */
function unshuffle(bytes: Uint8Array, start: number, rows: number, width: number): Int32Array {
  const words = new Int32Array(rows);
  const [second, third, fourth] = [start + rows, start + 2 * rows, start + 3 * rows];
  if (width === 1) for (let row = 0; row < rows; row++) words[row] = bytes[start + row];
  else if (width === 2)
    for (let row = 0; row < rows; row++) words[row] = bytes[start + row] | (bytes[second + row] << 8);
  else
    for (let row = 0; row < rows; row++)
      words[row] =
        bytes[start + row] | (bytes[second + row] << 8) | (bytes[third + row] << 16) | (bytes[fourth + row] << 24);
  return words;
}

/** Tables of a byte and of a byte with one, two and three bytes of zeros behind it: four bytes are taken at once. */
const CRC_TABLES = crcTables();

function crcTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const first = new Int32Array(256).map((_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
  const longer = (table: Int32Array): Int32Array => table.map(crc => first[crc & 255] ^ (crc >>> 8));
  const second = longer(first);
  const third = longer(second);
  return [first, second, third, longer(third)];
}

/** CRC-32 as in gzip (RFC 1952 §8), a uint32. */
export function crc32(bytes: Uint8Array): number {
  const [one, two, three, four] = CRC_TABLES;
  const whole = bytes.length - (bytes.length % 4);
  let crc = -1;
  let at = 0;
  for (; at < whole; at += 4) {
    crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    crc = four[crc & 255] ^ three[(crc >>> 8) & 255] ^ two[(crc >>> 16) & 255] ^ one[crc >>> 24];
  }
  for (; at < bytes.length; at++) crc = one[(crc ^ bytes[at]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}
