/**
 * The filter box: words that must all apply. A bare word looks for itself in an event's words; `node: kind: type: key:
 * status:` look in one place. `*` stands for anything, a leading `-` for "not", and quotes hold a word with blanks.
 */

import { typeOf } from '@dsys/runtime/trace/access';
import { describeValue } from '@dsys/runtime/trace/describe';
import { KIND_NAMES, STATUS_NAMES } from '@dsys/runtime/trace/kinds';
import { NONE16, type Trace } from '@dsys/runtime/trace/model';
import { wordsTester } from './filter-words.ts';

export const FIELDS = ['node', 'kind', 'type', 'key', 'status'] as const;
export type Field = (typeof FIELDS)[number];

export interface Term {
  readonly field: Field | 'any';
  readonly text: string;
  readonly not: boolean;
}

export interface Filter {
  readonly terms: readonly Term[];
  /** Why it cannot be used, '' when it can. */
  readonly problem: string;
}

/** Longest filter; longer ones are cut, as nobody types them. */
const MAX_CHARACTERS = 500;

export function parseFilter(text: string): Filter {
  const terms: Term[] = [];
  let problem = '';
  for (const [, minus, field, quoted, word] of text
    .slice(0, MAX_CHARACTERS)
    .matchAll(/(-?)(?:([a-z]+):)?(?:"([^"]*)"?|([^\s"]+))/gi)) {
    const wanted = (quoted ?? word).toLowerCase();
    if (field !== undefined && !FIELDS.includes(field.toLowerCase() as Field)) {
      // `10:30` or a foreign word with a colon is looked for as it stands.
      terms.push({ field: 'any', text: `${field}:${wanted}`.toLowerCase(), not: minus !== '' });
      continue;
    }
    const term: Term = { field: (field?.toLowerCase() as Field | undefined) ?? 'any', text: wanted, not: minus !== '' };
    problem ||= problemOf(term);
    terms.push(term);
  }
  return { terms, problem };
}

function problemOf({ field, text }: Term): string {
  const known: readonly string[] | undefined =
    field === 'kind' ? KIND_NAMES : field === 'status' ? STATUSES : undefined;
  if (known === undefined || known.some(name => matcher(text)(name.toLowerCase()))) return '';
  return `${field}: knows ${known.join(', ')}`;
}

/** Names of statuses as people say them, beside the file's. */
const STATUSES = [...STATUS_NAMES, 'unknown'];

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

/** 1 for each event that all terms apply to; null for a filter without terms, which is every event. */
export function applyFilter(trace: Trace, filter: Filter): Uint8Array | null {
  if (filter.terms.length === 0) return null;
  const { length } = trace.events;
  const mask = new Uint8Array(length).fill(1);
  for (const term of filter.terms) {
    const test = tester(trace, term);
    for (let event = 0; event < length; event++) if (mask[event] === 1 && test(event) === term.not) mask[event] = 0;
  }
  return mask;
}

function tester(trace: Trace, { field, text }: Term): (event: number) => boolean {
  const { events, ops } = trace;
  const test = matcher(text);
  const exact = (candidate: string): boolean => (text.includes('*') ? test(candidate) : candidate === text);
  switch (field) {
    case 'node': {
      const known = trace.header.nodes.map(({ name }) => exact(name.toLowerCase()));
      return event => events.node[event] !== NONE16 && known[events.node[event]];
    }
    case 'kind': {
      const known = KIND_NAMES.map(name => exact(name.toLowerCase()));
      return event => known[events.kind[event]] ?? false;
    }
    case 'type': {
      const known = new Map<string, boolean>();
      return event => {
        const type =
          events.msg[event] >= 0 ? typeOf(trace, events.msg[event]) : (trace.strings[events.name[event]] ?? '');
        return remembered(known, type, () => exact(type.toLowerCase()));
      };
    }
    case 'key': {
      const known = new Map<number, boolean>();
      return event => {
        const op = events.op[event];
        return op >= 0 && remembered(known, ops.key[op], () => exact(describeValue(trace, ops.key[op]).toLowerCase()));
      };
    }
    case 'status': {
      const status = text === 'unknown' ? 'info' : text;
      return event => events.op[event] >= 0 && STATUS_NAMES[ops.status[events.op[event]]] === status;
    }
    case 'any':
      return wordsTester(trace, text, test);
  }
}

function remembered<Key>(known: Map<Key, boolean>, key: Key, look: () => boolean): boolean {
  let answer = known.get(key);
  if (answer === undefined) known.set(key, (answer = look()));
  return answer;
}

/** Rows that a mask lets through; null: all. */
export function rowsOfMask(mask: Uint8Array | null): Int32Array | null {
  if (mask === null) return null;
  let count = 0;
  for (const one of mask) count += one;
  const rows = new Int32Array(count);
  let filled = 0;
  for (let row = 0; row < mask.length; row++) if (mask[row] === 1) rows[filled++] = row;
  return rows;
}
