/** Plain data as a flat list of named texts: what of a state can be shown, compared and sent, and no more than that. */

import type { Field } from '../trace/state.ts';

/** Most fields of one answer. */
export const FIELDS_MAX = 4000;
/** Most elements of one list, map or set: half of them from its beginning, half from its end. */
export const ELEMENTS_MAX = 200;
/** Deeper values are one field that says so. */
export const DEPTH_MAX = 16;
/** Most characters of one text. */
export const TEXT_MAX = 400;
/** Longest text of a list or set of plain values that is one field instead of a field for each. */
const INLINE_MAX = 60;

/** A number that is virtual ns. */
export class Nanoseconds {
  readonly ns: number;
  readonly unit: 'moment' | 'duration';
  constructor(ns: number, unit: 'moment' | 'duration') {
    this.ns = ns;
    this.unit = unit;
  }
}

/** All fields of a value, in its own order. */
export function fieldsOf(value: unknown): Field[] {
  const fields: Field[] = [];
  collect(fields, [], value);
  return fields;
}

/** What `fieldsOf` says of one field; undefined: there is no such field now. */
export function fieldAt(value: unknown, path: readonly string[]): string | undefined {
  let here = value;
  let depth = 0;
  for (const name of path) {
    if (plainText(here) !== undefined || inlineText(here) !== undefined || depth++ >= DEPTH_MAX) return undefined;
    const found = memberOf(here, name);
    if (found === undefined) return undefined;
    here = found.value;
  }
  const own: Field[] = [];
  collect(own, path, here);
  return own.length === 1 && own[0]!.path.length === path.length ? own[0]!.text : undefined;
}

/** Adds a value's fields; false when there is no more room. */
function collect(fields: Field[], path: readonly string[], value: unknown): boolean {
  if (value === undefined || typeof value === 'function') return true;
  if (fields.length >= FIELDS_MAX) {
    if (fields[FIELDS_MAX - 1]!.cut !== true)
      fields[FIELDS_MAX - 1] = { path: ['…'], text: `more than the ${FIELDS_MAX} fields that are shown`, cut: true };
    return false;
  }
  if (value instanceof Nanoseconds) {
    fields.push({ path, text: `${value.ns}`, unit: value.unit });
    return true;
  }
  const text = plainText(value) ?? inlineText(value);
  if (text !== undefined) {
    fields.push({ path, text: shortened(text) });
    return true;
  }
  if (path.length >= DEPTH_MAX) {
    fields.push({ path, text: `deeper than ${DEPTH_MAX}`, cut: true });
    return true;
  }
  const members = membersOf(value);
  const half = ELEMENTS_MAX / 2;
  const left = value instanceof Map || value instanceof Set || Array.isArray(value) ? members.length - ELEMENTS_MAX : 0;
  for (let index = 0; index < members.length; index++) {
    if (left > 0 && index === half) {
      fields.push({ path: [...path, '…'], text: `${left} more`, cut: true });
      index += left;
    }
    const { name, value: member } = members[index]!;
    if (!collect(fields, [...path, name], member)) return false;
  }
  return true;
}

interface MemberOfValue {
  readonly name: string;
  readonly value: unknown;
}

function membersOf(value: unknown): readonly MemberOfValue[] {
  if (Array.isArray(value)) return value.map((member, index) => ({ name: `${index}`, value: member }));
  if (value instanceof Map) return [...value].map(([key, member]) => ({ name: nameOf(key), value: member }));
  if (value instanceof Set) return [...value].map(member => ({ name: nameOf(member), value: member }));
  if (ArrayBuffer.isView(value)) return membersOf(Array.from(value as unknown as ArrayLike<unknown>));
  return Object.entries(value as Record<string, unknown>)
    .filter(([, member]) => member !== undefined && typeof member !== 'function')
    .map(([name, member]) => ({ name: shortened(name), value: member }));
}

/** Without a list of all of them: origins ask often. */
function memberOf(value: unknown, name: string): MemberOfValue | undefined {
  if (Array.isArray(value)) {
    const index = Number(name);
    return Number.isSafeInteger(index) && index in value ? { name, value: value[index] } : undefined;
  }
  if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value))
    return membersOf(value).find(one => one.name === name);
  const record = value as Record<string, unknown>;
  return Object.hasOwn(record, name) ? { name, value: record[name] } : undefined;
}

const nameOf = (key: unknown): string => shortened(typeof key === 'string' ? key : (plainText(key) ?? jsonText(key)));

/** The text of what has no parts; undefined for what has. */
function plainText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : `${value}`;
    case 'boolean':
      return `${value}`;
    case 'bigint':
      return `${value}n`;
    default:
      return value === null ? 'null' : undefined;
  }
}

/** Short lists and sets of plain values, and whatever is empty. */
function inlineText(value: unknown): string | undefined {
  if (value instanceof Nanoseconds) return undefined;
  if (value instanceof Map) return value.size === 0 ? '{}' : undefined;
  const isSet = value instanceof Set;
  if (!isSet && !Array.isArray(value) && !ArrayBuffer.isView(value)) {
    for (const name in value as object)
      if (typeof (value as Record<string, unknown>)[name] !== 'function') return undefined;
    return '{}';
  }
  const texts: string[] = [];
  let length = 2;
  for (const member of value as Iterable<unknown>) {
    const text = plainText(member);
    if (text === undefined) return undefined;
    length += text.length + 2;
    if (length > INLINE_MAX) return undefined;
    texts.push(text);
  }
  return isSet ? `{${texts.join(', ')}}` : `[${texts.join(', ')}]`;
}

function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (one instanceof Map || one instanceof Set ? [...one] : one)) ?? '';
}

const shortened = (text: string): string =>
  text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}… (${text.length} characters)`;
