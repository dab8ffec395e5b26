import { sameValue, valueKey } from '../../model/value.ts';
import type { Value } from '../history.ts';
import type { Flaw } from './flaws.ts';
import { type ExternalRead, readsOf } from './reads.ts';
import type { Step, Transaction, Transactions } from './transactions.ts';

export const INITIAL = -1;

/** Versions `before` and `after` of a key, by place in `versions`, and the transaction that shows their order. */
export interface Precedence {
  readonly before: number;
  readonly after: number;
  readonly because: Reason;
}

/**
 * Why one version is older than another.
 *
 * - `list`: a list shows the elements in this order
 * - `traced`: `by` read the one and wrote the other
 * - `seen-together`: `by` read the newer version, and something else (`key`) that came with the older one
 * - `real-time`: the one was written before the other was begun
 * - `known-before`: `by` read the newer version although it began after the older one was written
 * - `assumed`: part of an order that is only tried
 */
export interface Reason {
  readonly kind: 'list' | 'traced' | 'seen-together' | 'real-time' | 'known-before' | 'assumed';
  readonly by?: number;
  readonly key?: string;
}

/** What is known of the versions that committed transactions left of a key. Transactions by position, `INITIAL` for none. */
export interface KeyVersions {
  readonly key: string;
  readonly list: boolean;
  /** Who made each version. The first is the initial one. */
  readonly versions: readonly number[];
  /** So many of the versions come in the order in which they stand, before all others. */
  readonly ordered: number;
  /** What is known of the others. */
  readonly precedences: readonly Precedence[];
  readonly reads: readonly VersionRead[];
}

export interface VersionRead {
  readonly reader: number;
  /** By place in `versions`. */
  readonly version: number;
  /** The reader had not written the key yet. */
  readonly first: boolean;
}

export interface Analysed {
  readonly transactions: readonly Transaction[];
  /** By transaction: took effect, for certain or since a committed one saw what it wrote. */
  readonly committed: readonly boolean[];
  readonly keys: readonly KeyVersions[];
  /** Of `read`s that no version explains, and of versions that cannot stand in one order. */
  readonly flaws: readonly Flaw[];
  readonly left: readonly string[];
}

interface Writer {
  readonly transaction: number;
  /** No later write or append of the transaction to the key follows. */
  readonly final: boolean;
}

/**
 * Finds out who made which version, and what is known about the order of a key's versions: of a list it is what reads of
 * it show (Kingsbury & Alvaro, "Elle", VLDB 2020, §4.2); of a register whose values were written once, what transactions
 * read before they wrote (§4.2.2 there). A transaction of unknown outcome counts as committed if it was
 * seen by one that is (where dirty reads are forbidden it must be), or is left out.
 */
export function analyse({ all, left }: Transactions, initial: Value, unknown: 'if-seen' | 'left-out'): Analysed {
  const keys = new Map<string, KeyParts>();
  const flaws: Flaw[] = [];
  for (const [transaction, { steps }] of all.entries()) collect(keys, transaction, steps);
  for (const [transaction, { operation, steps }] of all.entries())
    if (operation.outcome !== 'fail' && steps.some(({ kind }) => kind === 'read'))
      readsOf(
        transaction,
        steps,
        key => keys.get(key)!.list,
        initial,
        flaws,
        (key, read) => keys.get(key)!.reads.push(read),
      );
  const parts = [...keys.values()];
  const judged = parts.filter(({ mixed }) => !mixed);
  const notes = [...left];
  if (judged.length < parts.length) notes.push('some keys are written and appended to');
  const committed = all.map(({ operation }) => operation.outcome === 'ok');
  if (unknown === 'if-seen') addSeen(committed, all, judged, initial);
  // What a transaction of unknown outcome read is known only if it took effect (the expectation of a cas).
  for (const part of judged) part.reads = part.reads.filter(({ reader }) => committed[reader]);
  const known = flaws.filter(flaw => !('reader' in flaw) || committed[flaw.reader]);
  const context: Context = { all, committed, initial, flaws: known, notes };
  const result = judged.flatMap(part => (part.list ? listVersions(part, context) : registerVersions(part, context)));
  return { transactions: all, committed, keys: result, flaws: known, left: [...new Set(notes)] };
}

interface Context {
  readonly all: readonly Transaction[];
  readonly committed: readonly boolean[];
  readonly initial: Value;
  readonly flaws: Flaw[];
  readonly notes: string[];
}

interface KeyParts {
  readonly key: string;
  list: boolean;
  mixed: boolean;
  /** By `valueKey` of a value or an element: who wrote it. */
  readonly writers: Map<string, Writer[]>;
  /** By transaction: the last value or element that it wrote. */
  readonly last: Map<number, Value>;
  reads: ExternalRead[];
}

function collect(keys: Map<string, KeyParts>, transaction: number, steps: readonly Step[]): void {
  for (const [i, { kind, key, value }] of steps.entries()) {
    let part = keys.get(key);
    if (part === undefined) {
      part = { key, list: false, mixed: false, writers: new Map(), last: new Map(), reads: [] };
      keys.set(key, part);
    }
    if (kind === 'read') continue;
    if (part.writers.size > 0 && part.list !== (kind === 'append')) part.mixed = true;
    part.list = kind === 'append';
    const final = !steps.some((later, j) => j > i && later.key === key && later.kind !== 'read');
    const id = valueKey(value);
    const writers = part.writers.get(id);
    if (writers === undefined) part.writers.set(id, [{ transaction, final }]);
    else writers.push({ transaction, final });
    if (final) part.last.set(transaction, value);
  }
}

/** A transaction of unknown outcome that was seen by a committed one took effect. */
function addSeen(committed: boolean[], all: readonly Transaction[], parts: readonly KeyParts[], initial: Value): void {
  const isUnknown = (transaction: number) => all[transaction].operation.outcome === 'unknown';
  const initialId = valueKey(initial);
  const sees = new Map<number, number[]>();
  for (const { list, writers, reads } of parts) {
    const unknown = new Map<string, number>();
    for (const [id, authors] of writers)
      if (authors.length === 1 && isUnknown(authors[0].transaction) && (list || id !== initialId))
        unknown.set(id, authors[0].transaction);
    if (unknown.size === 0) continue;
    for (const { reader, value } of reads) {
      for (const element of list ? (value as readonly Value[]) : [value]) {
        const author = unknown.get(valueKey(element));
        if (author === undefined) continue;
        const seen = sees.get(reader);
        if (seen === undefined) sees.set(reader, [author]);
        else seen.push(author);
      }
    }
  }
  const waiting = committed.flatMap((ok, transaction) => (ok ? [transaction] : []));
  for (let reader = waiting.pop(); reader !== undefined; reader = waiting.pop())
    for (const seen of sees.get(reader) ?? [])
      if (!committed[seen]) {
        committed[seen] = true;
        waiting.push(seen);
      }
}

function listVersions(part: KeyParts, { all, committed, initial, flaws, notes }: Context): KeyVersions[] {
  const { key, reads, writers } = part;
  if (initial !== null && !Array.isArray(initial)) {
    notes.push(`what ${key} held before is no list`);
    return [];
  }
  const start = (initial ?? []) as readonly Value[];
  const startIds = new Set(start.map(valueKey));
  if ([...writers].some(([id, authors]) => authors.length > 1 || startIds.has(id))) {
    notes.push(`elements of ${key} were appended more than once`);
    // What a reader appends later may be there before, then.
    for (let i = flaws.length - 1; i >= 0; i--)
      if (flaws[i].key === key && flaws[i].kind === 'garbage') flaws.splice(i, 1);
    return [];
  }
  let longest: ExternalRead | undefined;
  for (const read of reads) if (longest === undefined || lengthOf(read) > lengthOf(longest)) longest = read;
  const elements = longest === undefined ? start : (longest.value as readonly Value[]);
  const before = flaws.length;
  if (!beginsWith(elements, start))
    flaws.push({
      kind: 'incompatible-order',
      key,
      reader: longest!.reader,
      other: undefined,
      lists: [elements, start],
    });
  const check = listChecker(part, start, all, flaws);
  const whole = check(elements);
  for (const read of reads) {
    const list = read.value as readonly Value[];
    if (beginsWith(elements, list)) whole(read.reader, list.length);
    else {
      flaws.push({
        kind: 'incompatible-order',
        key,
        reader: read.reader,
        other: longest!.reader,
        lists: [list, elements],
      });
      check(list)(read.reader, list.length);
    }
  }
  if (flaws.slice(before).some(({ kind }) => kind === 'incompatible-order' || kind === 'duplicate')) {
    notes.push(`the lists that were read of ${key} have no common order`);
    return [];
  }
  // Committed elements are versions; those of one transaction that stand side by side are one.
  const versions = [INITIAL];
  const versionAt = [0]; // by number of elements: the version that a list of so many is
  for (const element of elements) {
    const author = writers.get(valueKey(element))?.[0].transaction;
    if (author !== undefined && committed[author] && versions[versions.length - 1] !== author) versions.push(author);
    versionAt.push(versions.length - 1);
  }
  const ordered = versions.length;
  const shown = new Set(elements.map(valueKey));
  for (const [writer, element] of part.last)
    if (committed[writer] && !shown.has(valueKey(element))) versions.push(writer);
  return [
    {
      key,
      list: true,
      versions,
      ordered,
      precedences: [],
      reads: reads.map(read => ({ reader: read.reader, version: versionAt[lengthOf(read)], first: read.first })),
    },
  ];
}

const lengthOf = ({ value }: ExternalRead): number => (value as readonly Value[]).length;

const beginsWith = (list: readonly Value[], beginning: readonly Value[]): boolean =>
  beginning.length <= list.length && beginning.every((element, i) => sameValue(element, list[i]));

/** Looks at a list once, and tells then what is wrong with reads of its first elements. */
function listChecker(
  { key, writers }: KeyParts,
  start: readonly Value[],
  all: readonly Transaction[],
  flaws: Flaw[],
): (list: readonly Value[]) => (reader: number, length: number) => void {
  return list => {
    const authors: (Writer | undefined)[] = [];
    const seen = new Set<string>();
    const wrong: [at: number, flaw: (reader: number) => Flaw][] = [];
    for (const [i, element] of list.entries()) {
      const id = valueKey(element);
      const author = writers.get(id)?.[0];
      authors.push(author);
      if (seen.has(id)) wrong.push([i, reader => ({ kind: 'duplicate', key, reader, element })]);
      seen.add(id);
      if (i < start.length && sameValue(element, start[i])) continue;
      if (author === undefined) wrong.push([i, reader => ({ kind: 'garbage', key, reader, value: element })]);
      else if (all[author.transaction].operation.outcome === 'fail')
        wrong.push([i, reader => ({ kind: 'G1a', key, reader, writer: author.transaction, value: element })]);
    }
    return (reader, length) => {
      for (const [at, flaw] of wrong) {
        if (at >= length) break;
        flaws.push(flaw(reader));
      }
      const last = authors[length - 1];
      if (last !== undefined && last.transaction !== reader && !last.final)
        flaws.push({ kind: 'G1b', key, reader, writer: last.transaction, value: list[length - 1] });
    };
  };
}

function registerVersions(part: KeyParts, { all, committed, initial, flaws, notes }: Context): KeyVersions[] {
  const { key, writers } = part;
  const versions = [INITIAL];
  const versionOf = new Map<number, number>();
  for (const writer of part.last.keys()) {
    if (!committed[writer]) continue;
    versionOf.set(writer, versions.length);
    versions.push(writer);
  }
  const reads: VersionRead[] = [];
  const precedences: Precedence[] = [];
  const initialId = valueKey(initial);
  for (const { reader, value, first } of part.reads) {
    const id = valueKey(value);
    const authors = writers.get(id) ?? [];
    if (id === initialId && authors.length === 0) {
      reads.push({ reader, version: 0, first });
      continue;
    }
    if (authors.length === 0) {
      flaws.push({ kind: 'garbage', key, reader, value });
      continue;
    }
    const possible = authors.filter(
      ({ transaction, final }) => final && transaction !== reader && all[transaction].operation.outcome !== 'fail',
    );
    if (possible.length === 0 && id !== initialId) {
      flaws.push(flawOfRegister(key, reader, value, authors, all));
      // The transaction that it comes from is known all the same.
      if (authors.length > 1) continue;
    } else if (authors.length > 1 || id === initialId) {
      notes.push(`some values of ${key} were written more than once`);
      continue;
    }
    const version = versionOf.get(authors[0].transaction);
    if (version === undefined || authors[0].transaction === reader) continue;
    reads.push({ reader, version, first });
    const own = versionOf.get(reader);
    if (first && own !== undefined)
      precedences.push({ before: version, after: own, because: { kind: 'traced', by: reader } });
  }
  return [{ key, list: false, versions, ordered: 1, precedences, reads }];
}

function flawOfRegister(
  key: string,
  reader: number,
  value: Value,
  authors: readonly Writer[],
  all: readonly Transaction[],
): Flaw {
  const others = authors.filter(({ transaction }) => transaction !== reader);
  if (others.length === 0) return { kind: 'garbage', key, reader, value };
  const aborted = others.find(({ transaction }) => all[transaction].operation.outcome === 'fail');
  return aborted === undefined
    ? { kind: 'G1b', key, reader, writer: others[0].transaction, value }
    : { kind: 'G1a', key, reader, writer: aborted.transaction, value };
}
