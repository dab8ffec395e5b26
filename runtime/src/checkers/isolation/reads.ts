import { sameValue } from '../../model/value.ts';
import type { Value } from '../history.ts';
import type { Flaw } from './flaws.ts';
import type { Step } from './transactions.ts';

/** What a transaction saw of a key, without its own part. */
export interface ExternalRead {
  readonly reader: number;
  /** A list without what the reader had appended itself. */
  readonly value: Value;
  /** The reader had not written the key yet. */
  readonly first: boolean;
}

interface Known {
  readonly own: Value[];
  seen: ExternalRead | undefined;
}

/**
 * Goes through a transaction's steps: what it must have seen of others is given to `found`, and where it does not see what
 * it wrote itself, or sees two different things, that is a flaw.
 */
export function readsOf(
  reader: number,
  steps: readonly Step[],
  isList: (key: string) => boolean,
  initial: Value,
  flaws: Flaw[],
  found: (key: string, read: ExternalRead) => void,
): void {
  const keys = new Map<string, Known>();
  for (const [i, { kind, key, value }] of steps.entries()) {
    let known = keys.get(key);
    if (known === undefined) {
      known = { own: [], seen: undefined };
      keys.set(key, known);
    }
    if (kind !== 'read') {
      known.own.push(value);
      continue;
    }
    const { seen, own } = known;
    const list = isList(key);
    const read = list ? listRead(own, value) : registerRead(own, value, initial);
    if (read === 'own') continue;
    const later = list ? steps.slice(i + 1).filter(step => step.kind === 'append' && step.key === key) : [];
    if (read === 'not-list' || later.some(step => includes(value, step.value))) {
      flaws.push({ kind: 'garbage', key, reader, value });
      continue;
    }
    if (read.own !== 'there')
      flaws.push({ kind: 'internal', key, reader, expected: own[own.length - 1], value, own: true });
    else if (seen !== undefined && !sameValue(seen.value, read.value))
      flaws.push({ kind: 'internal', key, reader, expected: seen.value, value: read.value, own: false });
    if (read.own === 'replaced' || (seen !== undefined && sameValue(seen.value, read.value))) continue;
    const external: ExternalRead = { reader, value: read.value, first: own.length === 0 };
    known.seen ??= external;
    found(key, external);
  }
}

interface Read {
  readonly value: Value;
  /** What the reader wrote itself is in it, is not, or only what it had replaced itself. */
  readonly own: 'there' | 'missing' | 'replaced';
}

function registerRead(own: readonly Value[], value: Value, initial: Value): Read | 'own' {
  // A key that is only read may be an empty list.
  const seen = initial === null && Array.isArray(value) && value.length === 0 ? null : value;
  if (own.length === 0) return { value: seen, own: 'there' };
  if (sameValue(own[own.length - 1], value)) return 'own';
  return { value: seen, own: includes(own, value) ? 'replaced' : 'missing' };
}

function listRead(own: readonly Value[], value: Value): Read | 'not-list' {
  const list = value ?? [];
  if (!Array.isArray(list)) return 'not-list';
  if (own.length === 0) return { value: list, own: 'there' };
  const from = list.length - own.length;
  const ends = from >= 0 && own.every((element, i) => sameValue(element, list[from + i]));
  return ends ? { value: list.slice(0, from), own: 'there' } : { value: list, own: 'missing' };
}

const includes = (list: Value, value: Value): boolean =>
  Array.isArray(list) && list.some(element => sameValue(element, value));
