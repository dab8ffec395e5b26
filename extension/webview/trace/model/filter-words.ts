/**
 * The words of the filter box. All must apply. A bare word looks for itself in an event's words; `node: kind: type: key:
 * status: op: message: src:` look in one place; `before: after: concurrent:` with `#` and an event's number ask what
 * happened before what; `time` and the names of watched fields take `: = < <= > >=`. `*` stands for anything, a leading `-`
 * for "not", and quotes hold a word with blanks. `A not-before B`: events of A that no event of B happened before.
 */

import { KIND_NAMES, STATUS_NAMES } from '@dsys/runtime/trace/kinds';
import { timeOf } from './times.ts';

export const TEXT_FIELDS = ['node', 'kind', 'type', 'key', 'status', 'src'] as const;
export const ROW_FIELDS = ['op', 'message'] as const;
export const CAUSAL_FIELDS = ['before', 'after', 'concurrent'] as const;

export type Comparison = '=' | '<' | '<=' | '>' | '>=';

export type Term = { readonly not: boolean } & (
  | { readonly field: (typeof TEXT_FIELDS)[number] | 'any'; readonly text: string }
  | { readonly field: (typeof ROW_FIELDS)[number] | (typeof CAUSAL_FIELDS)[number]; readonly row: number }
  /** Virtual ns from the run's origin. */
  | { readonly field: 'time'; readonly comparison: Comparison; readonly ns: number }
  /** A watched field by the last part of its path. */
  | { readonly field: 'watched'; readonly name: string; readonly comparison: Comparison; readonly text: string }
);

export interface Filter {
  readonly terms: readonly Term[];
  /** Of `A not-before B`: those of B; null without it. */
  readonly unless: readonly Term[] | null;
  /** Why it cannot be used, '' when it can. */
  readonly problem: string;
}

/** Longest filter; longer ones are cut, as nobody types them. */
const MAX_CHARACTERS = 500;

/** minus, field, comparison, quoted, word. */
const WORD = /(-?)(?:([a-z][\w-]*)(:|=|<=?|>=?))?(?:"([^"]*)"?|([^\s"]+))/gi;

/** @param watched names of watched fields: other names before a comparison are looked for as they stand */
export function parseFilter(text: string, watched: ReadonlySet<string> = new Set()): Filter {
  const terms: Term[] = [];
  let unless: Term[] | null = null;
  let problem = '';
  for (const [whole, minus, field, sign, quoted, word] of text.slice(0, MAX_CHARACTERS).matchAll(WORD)) {
    if (whole.toLowerCase() === 'not-before') {
      if (unless !== null) problem ||= 'not-before: once is enough';
      unless ??= [];
      continue;
    }
    const term = termOf(minus !== '', field?.toLowerCase(), sign, (quoted ?? word!).toLowerCase(), watched);
    if (typeof term === 'string') problem ||= term;
    else (unless ?? terms).push(term);
  }
  if (unless !== null && (terms.length === 0 || unless.length === 0)) {
    problem ||= 'not-before: stands between what is looked for and what should have come before it';
  }
  return { terms, unless, problem };
}

function termOf(
  not: boolean,
  field: string | undefined,
  sign: string | undefined,
  text: string,
  watched: ReadonlySet<string>,
): Term | string {
  const any: Term = { field: 'any', text: `${field ?? ''}${sign ?? ''}${text}`, not };
  if (field === undefined || sign === undefined) return any;
  const comparison = (sign === ':' ? '=' : sign) as Comparison;
  if (field === 'time') {
    const ns = timeOf(text);
    return ns === undefined ? 'time: wants a time like 12ms or 1.5s' : { field, comparison, ns, not };
  }
  const isText = TEXT_FIELDS.find(one => one === field);
  if (isText !== undefined && sign === ':') return problemOf(isText, text) || { field: isText, text, not };
  const ofRow = [...ROW_FIELDS, ...CAUSAL_FIELDS].find(one => one === field);
  if (ofRow !== undefined && sign === ':') {
    const row = /^#?(\d{1,9})$/.exec(text)?.[1];
    return row === undefined ? `${field}: wants a number like #31` : { field: ofRow, row: Number(row), not };
  }
  if (watched.has(field)) return { field: 'watched', name: field, comparison, text, not };
  // `10:30`, or a foreign word with a colon, is looked for as it stands; `term>3` of no field would never be found.
  if (sign === ':' || sign === '=') return any;
  const known = [...watched].sort();
  return `${field}: is no watched field; there are ${known.length === 0 ? 'none' : known.join(', ')}`;
}

/** Names of statuses as people say them, beside the file's. */
const STATUSES = [...STATUS_NAMES, 'unknown'];

function problemOf(field: string, text: string): string {
  const known: readonly string[] | undefined =
    field === 'kind' ? KIND_NAMES : field === 'status' ? STATUSES : undefined;
  if (known !== undefined && !known.some(name => matcher(text)(name.toLowerCase())))
    return `${field}: knows ${known.join(', ')}`;
  return field === 'src' && !/(?:^|:)\d+$/.test(text) ? 'src: wants a line, like src:12 or src:shop.dsys:12' : '';
}

/** Whether a text contains another, or matches it where that has a `*`. Linear in both: no regular expression of strangers. */
export function matcher(wanted: string): (text: string) => boolean {
  if (!wanted.includes('*')) return text => text.includes(wanted);
  const parts = wanted.split('*');
  return text => {
    let at = 0;
    for (const [index, part] of parts.entries()) {
      if (index === 0 && !text.startsWith(part)) return false;
      if (index === parts.length - 1) return text.length - part.length >= at && text.endsWith(part);
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return true;
  };
}
