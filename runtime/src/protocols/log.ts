/**
 * A replicated log whose prefix may have been replaced by a snapshot. Indices start at 1; index `base` is the last one
 * that the snapshot covers, so `entries[i]` has index `base + 1 + i`. An entry's term (or epoch) and index name it.
 */
import type { SessionTokens } from './contract.ts';

export interface Entered {
  readonly term: number;
}

export interface Log<E extends Entered> {
  base: number;
  baseTerm: number;
  entries: E[];
  /** How often entries were cut off: for monitors. */
  truncations: number;
}

export const emptyLog = <E extends Entered>(base = 0, baseTerm = 0): Log<E> => ({
  base,
  baseTerm,
  entries: [],
  truncations: 0,
});

export const cloneLog = <E extends Entered>(log: Log<E>): Log<E> => ({ ...log, entries: log.entries.slice() });

export const lastIndex = (log: Log<Entered>): number => log.base + log.entries.length;

export const lastTerm = (log: Log<Entered>): number =>
  log.entries.length > 0 ? log.entries[log.entries.length - 1]!.term : log.baseTerm;

/** Term of the entry at `index`; -1 where the log has none (beyond its end, or inside the snapshot). */
export function termAt(log: Log<Entered>, index: number): number {
  if (index === log.base) return log.baseTerm;
  const entry = log.entries[index - log.base - 1];
  return entry === undefined ? -1 : entry.term;
}

export const entryAt = <E extends Entered>(log: Log<E>, index: number): E | undefined =>
  log.entries[index - log.base - 1];

/** At most `limit` entries from `from` on. */
export const entriesFrom = <E extends Entered>(log: Log<E>, from: number, limit: number): readonly E[] =>
  log.entries.slice(from - log.base - 1, from - log.base - 1 + limit);

/** Replaces everything from `from` on; entries that the snapshot already covers are left out. */
export function writeEntries<E extends Entered>(log: Log<E>, from: number, entries: readonly E[]): void {
  const skip = Math.max(0, log.base + 1 - from);
  const position = from + skip - log.base - 1;
  if (position < log.entries.length) {
    log.entries.length = position;
    log.truncations++;
  }
  for (let i = skip; i < entries.length; i++) log.entries.push(entries[i]!);
}

/** Forgets everything up to `index`, which a snapshot now covers. */
export function compactLog<E extends Entered>(log: Log<E>, index: number, term: number): void {
  if (index <= log.base) return;
  if (index >= lastIndex(log)) log.entries = [];
  else log.entries = log.entries.slice(index - log.base);
  log.base = index;
  log.baseTerm = term;
}

/** First index of the run of entries with the term that stands at `index`: lets a leader skip a whole term (§5.3). */
export function firstOfTerm(log: Log<Entered>, index: number): number {
  const term = termAt(log, index);
  let first = index;
  while (first - 1 > log.base && termAt(log, first - 1) === term) first--;
  return first;
}

/** Raft's "at least as up-to-date" (§3.6.1): is a log ending in (otherTerm, otherIndex) no worse than this one? */
export const isUpToDate = (log: Log<Entered>, otherTerm: number, otherIndex: number): boolean =>
  otherTerm > lastTerm(log) || (otherTerm === lastTerm(log) && otherIndex >= lastIndex(log));

/** How far a log has been applied: a position, and the term or epoch in which what stands there was written. */
export interface Position {
  readonly term: number;
  readonly index: number;
}

/** Session tokens of those who apply a log: positions. After a change of leader its entries count as later than any before. */
export const positionTokens = <S>(positionOf: (state: S) => Position): SessionTokens<S> => ({
  of: positionOf,
  covers: (state, token) => !isBefore(positionOf(state), token as Position),
  join: (one, other) => (isBefore(one as Position, other as Position) ? other : one),
});

const isBefore = (one: Position, other: Position): boolean =>
  one.term < other.term || (one.term === other.term && one.index < other.index);
