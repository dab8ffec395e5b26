/**
 * A value of extensible data notation (github.com/edn-format/edn), as far as histories use it: keywords become strings
 * that begin with a colon, lists and sets arrays, tags are dropped. Characters, ratios and instants are not read.
 */
export type Edn = null | boolean | number | string | Edn[] | Map<Edn, Edn>;

/** All top-level values of a text. Throws an Error that names the line. */
export function readEdn(text: string): Edn[] {
  const reader = { text, at: 0 };
  const values: Edn[] = [];
  for (skipBlank(reader); reader.at < text.length; skipBlank(reader)) {
    const value = readValue(reader);
    if (value !== DISCARDED) values.push(value);
  }
  return values;
}

interface Reader {
  readonly text: string;
  at: number;
}

const DISCARDED = Symbol('discarded');
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
const DELIMITER = /[\s,;"()[\]{}]/;

function fail(reader: Reader, problem: string): never {
  const line = reader.text.slice(0, reader.at).split('\n').length;
  throw new Error(`line ${line}: ${problem}`);
}

function skipBlank(reader: Reader): void {
  for (;;) {
    const c = reader.text[reader.at];
    if (c === ';') {
      const end = reader.text.indexOf('\n', reader.at);
      reader.at = end < 0 ? reader.text.length : end;
    } else if (c !== undefined && /[\s,]/.test(c)) reader.at++;
    else return;
  }
}

function readValue(reader: Reader): Edn | typeof DISCARDED {
  skipBlank(reader);
  const c = reader.text[reader.at];
  if (c === undefined) fail(reader, 'the text ends in the middle of a value');
  if (c === '"') return readString(reader);
  if (c === '{') return toMap(reader, readUntil(reader, '{'));
  if (c === '[' || c === '(') return readUntil(reader, c);
  if (c in { ']': 0, ')': 0, '}': 0 }) fail(reader, `"${c}" closes nothing`);
  if (c === '#') return readDispatch(reader);
  return readAtom(reader);
}

function readDispatch(reader: Reader): Edn | typeof DISCARDED {
  const following = reader.text[++reader.at];
  if (following === '{') return readUntil(reader, '{');
  if (following === '_') {
    reader.at++;
    readValue(reader);
    return DISCARDED;
  }
  readAtom(reader); // a tag: the value that follows is read as it stands
  return readValue(reader);
}

function readUntil(reader: Reader, opening: string): Edn[] {
  const closing = CLOSING[opening];
  const values: Edn[] = [];
  reader.at++;
  for (skipBlank(reader); reader.text[reader.at] !== closing; skipBlank(reader)) {
    const value = readValue(reader);
    if (value !== DISCARDED) values.push(value);
  }
  reader.at++;
  return values;
}

function toMap(reader: Reader, values: readonly Edn[]): Map<Edn, Edn> {
  if (values.length % 2 !== 0) fail(reader, 'a map needs a value for every key');
  const map = new Map<Edn, Edn>();
  for (let i = 0; i < values.length; i += 2) map.set(values[i], values[i + 1]);
  return map;
}

function readString(reader: Reader): string {
  const start = reader.at;
  for (reader.at++; reader.text[reader.at] !== '"'; reader.at++) {
    if (reader.at >= reader.text.length) fail(reader, 'a string is not closed');
    if (reader.text[reader.at] === '\\') reader.at++;
  }
  reader.at++;
  // JSON has the same escapes, but no line breaks in strings.
  return JSON.parse(
    reader.text.slice(start, reader.at).replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r'),
  );
}

function readAtom(reader: Reader): Edn {
  const start = reader.at;
  while (reader.at < reader.text.length && !DELIMITER.test(reader.text[reader.at])) reader.at++;
  const atom = reader.text.slice(start, reader.at);
  if (atom === '') fail(reader, `"${reader.text[reader.at]}" is not expected here`);
  if (atom === 'nil') return null;
  if (atom === 'true' || atom === 'false') return atom === 'true';
  if (/^[+-]?\d/.test(atom)) {
    const number = Number(atom.replace(/[NM]$/, ''));
    if (Number.isNaN(number)) fail(reader, `"${atom}" is not a number that is understood here`);
    return number;
  }
  return atom;
}
