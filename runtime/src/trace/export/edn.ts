/** Values as extensible data notation (github.com/edn-format/edn). */

import type { TraceValue } from '../itf.ts';

/** What every reader of EDN takes for a symbol. */
const SYMBOL = /^[A-Za-z][\w*!?<>=+-]*$/;

export function ednText(text: string): string {
  // JSON's escapes are EDN's, but for two.
  return JSON.stringify(text).replace(/\\[\\"nrtu]|\\b|\\f/g, one =>
    one === '\\b' ? '\\u0008' : one === '\\f' ? '\\u000c' : one,
  );
}

/** A keyword, or the text itself where that is no name of one. */
export function ednKeyword(name: string): string {
  return SYMBOL.test(name) ? `:${name}` : ednText(name);
}

/** Numbers that EDN lacks are texts with their JavaScript names; of equal elements of a set, or keys of a map, the first is kept. */
export function edn(value: TraceValue | undefined): string {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? `${Object.is(value, -0) ? '-0.0' : value}` : ednText(`${value}`);
    case 'bigint':
      return `${value}N`;
    case 'string':
      return ednText(value);
    case 'boolean':
      return `${value}`;
    case 'object':
      return value === null ? 'nil' : collection(value);
    default:
      return 'nil';
  }
}

function collection(value: TraceValue & object): string {
  if (Array.isArray(value)) return `[${value.map(edn).join(' ')}]`;
  if (value instanceof Set) return `#{${[...new Set(Array.from(value, edn))].join(' ')}}`;
  const pairs =
    value instanceof Map
      ? Array.from(value, ([key, one]) => [edn(key), edn(one)] as const)
      : Object.entries(value).map(([name, one]) => [ednKeyword(name), edn(one)] as const);
  const first = new Map([...pairs].reverse());
  return `{${[...new Set(pairs.map(([key]) => key))].map(key => `${key} ${first.get(key)}`).join(', ')}}`;
}
