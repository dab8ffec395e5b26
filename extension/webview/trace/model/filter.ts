/** What a filter lets through (its words: see `filter-words.ts`). Nothing is allocated per event: there may be millions. */

import { typeOf } from '@dsys/runtime/trace/access';
import { type Causality, futureCone, pastCone } from '@dsys/runtime/trace/causality';
import { describeValue } from '@dsys/runtime/trace/describe';
import { KIND_NAMES, STATUS_NAMES } from '@dsys/runtime/trace/kinds';
import { NONE16, type Trace } from '@dsys/runtime/trace/model';
import { wordsTester } from './event-words.ts';
import { type Comparison, type Filter, matcher, type Term } from './filter-words.ts';

export interface Filtered {
  readonly trace: Trace;
  readonly causality: Causality;
  /** Virtual ns from which times are told. */
  readonly origin: number;
}

/** 1 for each event that all terms apply to; null for a filter without terms, which is every event. */
export function applyFilter(opened: Filtered, { terms, unless, problem }: Filter): Uint8Array | null {
  if (terms.length === 0) return null;
  const mask = allOf(opened, terms);
  if (unless === null || problem !== '') return mask;
  const before = afterAny(opened.causality, allOf(opened, unless));
  for (let event = 0; event < mask.length; event++) if (before[event] === 1) mask[event] = 0;
  return mask;
}

function allOf(opened: Filtered, terms: readonly Term[]): Uint8Array {
  const { length } = opened.trace.events;
  const mask = new Uint8Array(length).fill(1);
  for (const term of terms) {
    const test = tester(opened, term);
    for (let event = 0; event < length; event++) if (mask[event] === 1 && test(event) === term.not) mask[event] = 0;
  }
  return mask;
}

/** 1 for each event that some other event of a set happened before. */
function afterAny({ previous, send, cause }: Causality, set: Uint8Array): Uint8Array {
  const after = new Uint8Array(set.length);
  const has = (event: number): boolean => event >= 0 && (set[event] === 1 || after[event] === 1);
  for (let event = 0; event < set.length; event++)
    if (has(previous[event]) || has(send[event]) || has(cause[event])) after[event] = 1;
  return after;
}

type Test = (event: number) => boolean;

function tester(opened: Filtered, term: Term): Test {
  const { trace, origin } = opened;
  const { events, ops } = trace;
  switch (term.field) {
    case 'node': {
      const test = exactly(term.text);
      const known = trace.header.nodes.map(({ name }) => test(name.toLowerCase()));
      return event => events.node[event] !== NONE16 && known[events.node[event]] === true;
    }
    case 'kind': {
      const test = exactly(term.text);
      const known = KIND_NAMES.map(name => test(name.toLowerCase()));
      return event => known[events.kind[event]] ?? false;
    }
    case 'type': {
      const test = exactly(term.text);
      const known = new Map<string, boolean>();
      return event => {
        const type =
          events.msg[event] >= 0 ? typeOf(trace, events.msg[event]) : (trace.strings[events.name[event]] ?? '');
        return remembered(known, type, () => test(type.toLowerCase()));
      };
    }
    case 'key': {
      const test = exactly(term.text);
      const known = new Map<number, boolean>();
      return event => {
        const op = events.op[event];
        return op >= 0 && remembered(known, ops.key[op], () => test(describeValue(trace, ops.key[op]).toLowerCase()));
      };
    }
    case 'status': {
      const status = term.text === 'unknown' ? 'info' : term.text;
      return event => events.op[event] >= 0 && STATUS_NAMES[ops.status[events.op[event]]] === status;
    }
    case 'src':
      return ofLine(trace, term.text);
    case 'op':
      return event => events.op[event] === term.row;
    case 'message':
      return event => events.msg[event] === term.row;
    case 'time': {
      const test = compare(term.comparison, term.ns);
      return event => test(events.t[event] - origin);
    }
    case 'watched':
      return watchedTest(trace, term.name, term.comparison, term.text);
    case 'before':
    case 'after':
    case 'concurrent':
      return causalTest(opened.causality, term.field, term.row);
    case 'any':
      return wordsTester(trace, term.text, matcher(term.text));
  }
}

const exactly = (text: string): ((candidate: string) => boolean) =>
  text.includes('*') ? matcher(text) : candidate => candidate === text;

function compare(comparison: Comparison, wanted: number): (value: number) => boolean {
  switch (comparison) {
    case '=':
      return value => value === wanted;
    case '<':
      return value => value < wanted;
    case '<=':
      return value => value <= wanted;
    case '>':
      return value => value > wanted;
    case '>=':
      return value => value >= wanted;
  }
}

function ofLine(trace: Trace, text: string): Test {
  const cut = text.lastIndexOf(':');
  const [file, line] = [text.slice(0, Math.max(0, cut)), Number(text.slice(cut + 1))];
  const known = trace.src.map(
    ({ source, range }) =>
      range[0] <= line && line <= range[2] && (trace.sources[source]?.uri ?? '').toLowerCase().endsWith(file),
  );
  return event => known[trace.events.src[event]] === true;
}

/** What a field is in an event's node after it, in any of the node's groups. */
function watchedTest(trace: Trace, name: string, comparison: Comparison, text: string): Test {
  const { events, deltas, strings } = trace;
  const paths = strings.map(path => path.slice(path.lastIndexOf('.') + 1).toLowerCase() === name);
  const number = Number(text);
  const numeric = text !== '' && Number.isFinite(number);
  const asNumber = compare(comparison, number);
  const asText = exactly(text);
  const known = new Map<number, boolean>();
  const holds = (value: number): boolean =>
    remembered(known, value, () => {
      const described = describeValue(trace, value);
      if (described === '') return false;
      return numeric ? asNumber(Number(described)) : comparison === '=' && asText(described.toLowerCase());
    });
  // Per node, how many of its groups have such a value now; by group and node, whether it has.
  const count = new Int32Array(trace.header.nodes.length);
  const current = new Map<number, boolean>();
  const mask = new Uint8Array(events.length);
  let delta = 0;
  for (let event = 0; event < events.length; event++) {
    const node = events.node[event];
    for (; delta < deltas.length && deltas.event[delta] <= event; delta++) {
      if (deltas.event[delta] !== event || paths[deltas.path[delta]] !== true || node >= count.length) continue;
      const place = deltas.path[delta] * 65_536 + node;
      const [before, now] = [current.get(place) ?? false, holds(deltas.new[delta])];
      if (before !== now) count[node] += now ? 1 : -1;
      current.set(place, now);
    }
    if (node < count.length && count[node] > 0) mask[event] = 1;
  }
  return event => mask[event] === 1;
}

function causalTest(causality: Causality, field: 'before' | 'after' | 'concurrent', row: number): Test {
  if (row >= causality.previous.length) return () => false;
  const past = field === 'after' ? null : pastCone(causality, row);
  const future = field === 'before' ? null : futureCone(causality, row);
  if (field === 'before') return event => event !== row && past![event] === 1;
  if (field === 'after') return event => event !== row && future![event] === 1;
  return event => past![event] === 0 && future![event] === 0;
}

function remembered<Key>(known: Map<Key, boolean>, key: Key, look: () => boolean): boolean {
  let answer = known.get(key);
  if (answer === undefined) known.set(key, (answer = look()));
  return answer;
}

/** Names of the fields that a trace watches: the last parts of their paths. */
export function watchedNames({ deltas, strings }: Trace): Set<string> {
  const paths = new Set(deltas.path.subarray(0, deltas.length));
  return new Set(
    [...paths].map(path => {
      const text = strings[path] ?? '';
      return text.slice(text.lastIndexOf('.') + 1).toLowerCase();
    }),
  );
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
