/**
 * Values in files: the Informal Trace Format's encodings (ITF, Apalache ADR-015), which are JSON in which every value has
 * one reading. Lists, records, strings and booleans are themselves; integers beyond 2^53 are `{"#bigint":"…"}`, sets
 * `{"#set":[…]}`, maps `{"#map":[[k,v],…]}`, and what has no value of its own is `{"#unserializable":"…"}`.
 *
 * ITF has no null: it is written as the empty tuple, `{"#tup":[]}`. Numbers that JSON lacks (NaN, the infinities, -0) are
 * `#unserializable` with their JavaScript name. A record's own keys that begin with `#` get another `#`. Longer tuples,
 * which only foreign files have, are read as lists.
 */

import { type ByteBuffer, createByteBuffer, putAscii, putByte, putJsonString, putNumber } from './byte-buffer.ts';

/** What state, payloads, keys and results are made of: plain data. */
export type TraceValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly TraceValue[]
  | ReadonlySet<TraceValue>
  | ReadonlyMap<TraceValue, TraceValue>
  | { readonly [name: string]: TraceValue | undefined };

/** Deeper values are cut, so that a cyclic one ends. */
export const MAX_VALUE_DEPTH = 64;

/** Writes the ITF text of a value. Record members that are `undefined` are left out, as in JSON. */
export function writeItf(out: ByteBuffer, value: unknown): void {
  write(out, value, 0);
}

/** The ITF text of a value. */
export function toItf(value: unknown): string {
  const out = createByteBuffer();
  write(out, value, 0);
  return new TextDecoder().decode(out.bytes.subarray(0, out.length));
}

/** Stands for what could not be written: `why` says what it was. */
export function writeUnserializable(out: ByteBuffer, why: string): void {
  putAscii(out, '{"#unserializable":');
  putJsonString(out, why);
  putByte(out, CLOSE_BRACE);
}

const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

function write(out: ByteBuffer, value: unknown, depth: number): void {
  switch (typeof value) {
    case 'number':
      if (Number.isFinite(value) && !(value === 0 && 1 / value < 0)) putNumber(out, value);
      else writeUnserializable(out, Object.is(value, -0) ? '-0' : `${value}`);
      break;
    case 'string':
      putJsonString(out, value);
      break;
    case 'boolean':
      putAscii(out, value ? 'true' : 'false');
      break;
    case 'bigint':
      putAscii(out, `{"#bigint":"${value}"}`);
      break;
    case 'object':
      if (value === null) putAscii(out, '{"#tup":[]}');
      else if (depth >= MAX_VALUE_DEPTH) writeUnserializable(out, `deeper than ${MAX_VALUE_DEPTH}`);
      else if (Array.isArray(value)) writeList(out, value, depth + 1);
      else if (value instanceof Set) writeTagged(out, '{"#set":', [...value], depth + 1);
      else if (value instanceof Map) writeTagged(out, '{"#map":', [...value], depth + 1);
      else writeRecord(out, value as Record<string, unknown>, depth + 1);
      break;
    default:
      writeUnserializable(out, typeof value);
  }
}

function writeRecord(out: ByteBuffer, record: Readonly<Record<string, unknown>>, depth: number): void {
  putByte(out, OPEN_BRACE);
  let first = true;
  for (const key of Object.keys(record)) {
    const member = record[key];
    if (member === undefined) continue;
    if (!first) putByte(out, COMMA);
    first = false;
    putJsonString(out, key.charCodeAt(0) === 35 ? `#${key}` : key);
    putByte(out, COLON);
    write(out, member, depth);
  }
  putByte(out, CLOSE_BRACE);
}

function writeList(out: ByteBuffer, values: readonly unknown[], depth: number): void {
  putByte(out, OPEN_BRACKET);
  for (let index = 0; index < values.length; index++) {
    if (index > 0) putByte(out, COMMA);
    write(out, values[index], depth);
  }
  putByte(out, CLOSE_BRACKET);
}

function writeTagged(out: ByteBuffer, opening: string, values: readonly unknown[], depth: number): void {
  putAscii(out, opening);
  writeList(out, values, depth);
  putByte(out, CLOSE_BRACE);
}

/**
 * The value of an ITF text; whatever it does not know (`#unserializable`, foreign `#` keys) stays the record that it is written as.
 * @throws SyntaxError when the text is no JSON
 */
export function fromItf(text: string): TraceValue {
  return read(JSON.parse(text) as unknown, 0);
}

const NAMED_NUMBERS: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity, '-0': -0 };

function read(json: unknown, depth: number): TraceValue {
  if (json === null || typeof json !== 'object') return json as TraceValue;
  if (depth > 2 * MAX_VALUE_DEPTH) return `deeper than ${2 * MAX_VALUE_DEPTH}`;
  if (Array.isArray(json)) return json.map(element => read(element, depth + 1));
  const keys = Object.keys(json);
  if (keys.length === 1 && keys[0].startsWith('#')) {
    const special = readSpecial(keys[0], (json as Record<string, unknown>)[keys[0]], depth);
    if (special !== undefined) return special;
  }
  const record: Record<string, TraceValue> = {};
  for (const key of keys) {
    const value = read((json as Record<string, unknown>)[key], depth + 1);
    const name = key.startsWith('##') ? key.slice(1) : key;
    // Plain assignment to `__proto__` would change the prototype.
    Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return record;
}

function readSpecial(key: string, inner: unknown, depth: number): TraceValue | undefined {
  if (key === '#unserializable') return typeof inner === 'string' ? NAMED_NUMBERS[inner] : undefined;
  if (key === '#bigint') return typeof inner === 'string' && /^-?\d{1,4096}$/.test(inner) ? BigInt(inner) : undefined;
  if (!Array.isArray(inner)) return undefined;
  if (key === '#tup') return inner.length === 0 ? null : inner.map(element => read(element, depth + 1));
  if (key === '#set') return new Set(inner.map(element => read(element, depth + 1)));
  if (key === '#map' && inner.every(pair => Array.isArray(pair) && pair.length === 2)) {
    return new Map(
      inner.map(([name, value]) => [read(name, depth + 1), read(value, depth + 1)] as [TraceValue, TraceValue]),
    );
  }
  return undefined;
}
