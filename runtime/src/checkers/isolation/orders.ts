import { completionOf } from '../objects.ts';
import { anyOf, hasCycle, WITH_TIME } from './cycles.ts';
import { dependencyGraph, RW } from './dependency-graph.ts';
import { type Searched, serialOrder } from './serial-order.ts';
import type { Analysed, KeyVersions, Precedence } from './versions-of-keys.ts';

/**
 * Adds what must be true of the order of versions if no cycle has exactly one anti-dependency: had the reader of a version
 * seen something that came with another one of the same key, or begun after that was written, then that one is older.
 */
export function inferOrders(analysed: Analysed, order: 'any' | 'real-time'): Analysed {
  const writes = new Map<number, [key: number, version: number][]>();
  const reads = new Map<number, Map<number, number[]>>();
  for (const [k, { list, versions, reads: of }] of analysed.keys.entries()) {
    if (!list)
      for (let v = 1; v < versions.length; v++) {
        const own = writes.get(versions[v]);
        if (own === undefined) writes.set(versions[v], [[k, v]]);
        else own.push([k, v]);
      }
    for (const { reader, version } of of) {
      const own = reads.get(reader) ?? new Map<number, number[]>();
      reads.set(reader, own);
      own.set(k, [...(own.get(k) ?? []), version]);
    }
  }
  const found = analysed.keys.map(({ versions, precedences }) => new Pairs(versions.length, precedences));
  for (const [reader, byKey] of reads)
    for (const [k, versions] of byKey)
      for (const version of versions)
        for (const [other, older] of writes.get(analysed.keys[k].versions[version]) ?? [])
          if (other !== k)
            for (const newer of byKey.get(other) ?? [])
              found[other].add(older, newer, { kind: 'seen-together', by: reader, key: analysed.keys[k].key });
  if (order === 'real-time')
    for (const [k, key] of analysed.keys.entries()) if (!key.list) addTimes(analysed, key, found[k]);
  return { ...analysed, keys: analysed.keys.map((key, k) => ({ ...key, precedences: found[k].all })) };
}

class Pairs {
  readonly all: Precedence[];
  readonly #known = new Set<number>();
  readonly #size: number;
  constructor(size: number, known: readonly Precedence[]) {
    this.#size = size;
    this.all = [...known];
    for (const { before, after } of known) this.#known.add(before * size + after);
  }

  /** The initial version is the oldest anyway. */
  add(before: number, after: number, because: Precedence['because']): void {
    const pair = before * this.#size + after;
    if (before === after || before === 0 || after === 0 || this.#known.has(pair)) return;
    this.#known.add(pair);
    this.all.push({ before, after, because });
  }
}

/** Only next ones in real time: the others follow. */
function addTimes({ transactions }: Analysed, { versions, reads }: KeyVersions, pairs: Pairs): void {
  const of = (version: number) => transactions[versions[version]].operation;
  const places = versions.flatMap((_, v) => (v === 0 ? [] : [v]));
  const begun = [...places].sort((a, b) => of(a).invoke - of(b).invoke);
  const ended = [...places].sort((a, b) => completionOf(of(a)) - completionOf(of(b)));
  for (const before of places) {
    const from = firstAbove(begun, completionOf(of(before)), v => of(v).invoke);
    let limit = Number.POSITIVE_INFINITY;
    for (let i = from; i < begun.length && of(begun[i]).invoke <= limit; i++) {
      pairs.add(before, begun[i], { kind: 'real-time' });
      limit = Math.min(limit, completionOf(of(begun[i])));
    }
  }
  for (const { reader, version } of reads) {
    const { invoke } = transactions[reader].operation;
    let limit = Number.NEGATIVE_INFINITY;
    for (let i = firstBelow(ended, invoke, v => completionOf(of(v))); i >= 0; i--) {
      const { invoke: began } = of(ended[i]);
      if (completionOf(of(ended[i])) < limit) break;
      limit = Math.max(limit, began);
      pairs.add(ended[i], version, { kind: 'known-before', by: reader });
    }
  }
}

function firstAbove(sorted: readonly number[], bound: number, at: (v: number) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(sorted[middle]) > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The last that is below the bound, -1 for none. */
function firstBelow(sorted: readonly number[], bound: number, at: (v: number) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(sorted[middle]) < bound) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Graph nodes and edges that a search for orders may go over. */
const MAX_SEARCH = 3_000_000;

/**
 * Whether the versions of all keys can be put into orders without a cycle of the shape, when what is known of them has
 * none: first into the order that comes first to mind, then, as far as the limit allows, into all.
 */
export function canBeOrdered(
  analysed: Analysed,
  shape: Searched,
  order: 'any' | 'real-time',
): 'ordered' | 'impossible' | 'too-many' {
  const open = analysed.keys.filter(isOpen);
  if (open.length === 0 || triedOrder(analysed, shape, order)) return 'ordered';
  const pairs = analysed.keys.reduce((sum, { versions, ordered }) => sum + count(versions.length - ordered), 0);
  if (pairs > 2_000) return 'too-many';
  return search(analysed, shape, order, { left: MAX_SEARCH });
}

/** The known order is not total. */
export const isOpen = ({ versions, ordered }: KeyVersions): boolean => versions.length > ordered + 1;

const count = (n: number) => (n * (n - 1)) / 2;

function triedOrder(analysed: Analysed, shape: Searched, order: 'any' | 'real-time'): boolean {
  // Most stores order writes by when they committed, which is not long before they answer.
  const prefer = analysed.transactions.map(({ operation: { outcome, invoke, complete } }) =>
    outcome === 'ok' ? complete : invoke,
  );
  const gated = (shape.edges & RW) !== 0;
  // Most stores keep the order of real time, too, which leaves less to choose; and what is serializable is a snapshot.
  const timed = gated ? inferOrders(analysed, 'real-time') : analysed;
  const attempts: readonly (() => number[])[] = [
    () => serialOrder(timed, dependencyGraph(timed, 'real-time'), anyOf(shape.edges | WITH_TIME), prefer, gated),
    () => serialOrder(analysed, dependencyGraph(analysed, order), shape, prefer, gated),
  ];
  return attempts.some(attempt => isOrder(analysed, shape, order, attempt()));
}

function isOrder(analysed: Analysed, shape: Searched, order: 'any' | 'real-time', serial: readonly number[]): boolean {
  const rank = new Int32Array(analysed.transactions.length).fill(serial.length);
  for (const [i, transaction] of serial.entries()) rank[transaction] = i;
  const keys = analysed.keys.map(key => {
    if (!isOpen(key)) return key;
    const places = key.versions.map((_, v) => v);
    const sorted = [
      ...places.slice(0, key.ordered),
      ...places.slice(key.ordered).sort((a, b) => rank[key.versions[a]] - rank[key.versions[b]]),
    ];
    const placeOf = new Int32Array(sorted.length);
    for (const [place, v] of sorted.entries()) placeOf[v] = place;
    return {
      ...key,
      versions: sorted.map(v => key.versions[v]),
      ordered: sorted.length,
      precedences: [],
      reads: key.reads.map(read => ({ ...read, version: placeOf[read.version] })),
    };
  });
  return !hasCycle(dependencyGraph({ ...analysed, keys }, order), shape);
}

interface Pair {
  readonly key: number;
  readonly a: number;
  readonly b: number;
}

function search(
  analysed: Analysed,
  shape: Searched,
  order: 'any' | 'real-time',
  budget: { left: number },
): 'ordered' | 'impossible' | 'too-many' {
  let open: Pair[] = [];
  for (const [key, { versions, ordered, precedences }] of analysed.keys.entries())
    for (let a = ordered; a < versions.length; a++)
      for (let b = a + 1; b < versions.length; b++)
        if (!precedences.some(({ before, after }) => (before === a && after === b) || (before === b && after === a)))
          open.push({ key, a, b });
  let known = analysed;
  const fits = (pair: Pair, turned: boolean): Analysed | undefined => {
    const tried = withPair(known, pair, turned);
    const graph = dependencyGraph(tried, order);
    budget.left -= graph.nodes + graph.to.length;
    return hasCycle(graph, shape) ? undefined : tried;
  };
  for (let grown = true; grown; ) {
    grown = false;
    const still: Pair[] = [];
    for (const pair of open) {
      if (budget.left < 0) return 'too-many';
      const straight = fits(pair, false);
      const turned = fits(pair, true);
      if (straight === undefined && turned === undefined) return 'impossible';
      if (straight !== undefined && turned !== undefined) still.push(pair);
      else {
        known = (straight ?? turned)!;
        grown = true;
      }
    }
    open = still;
  }
  if (open.length === 0 || triedOrder(known, shape, order)) return 'ordered';
  for (const turned of [false, true]) {
    const result = search(withPair(known, open[0], turned), shape, order, budget);
    if (result !== 'impossible') return result;
  }
  return 'impossible';
}

function withPair(analysed: Analysed, { key, a, b }: Pair, turned: boolean): Analysed {
  const pair: Precedence = { before: turned ? b : a, after: turned ? a : b, because: { kind: 'assumed' } };
  return {
    ...analysed,
    keys: analysed.keys.map((each, k) => (k === key ? { ...each, precedences: [...each.precedences, pair] } : each)),
  };
}

/** What is left of a history without one of its transactions: fewer facts, and none that was not there. */
export function without(analysed: Analysed, transaction: number): Analysed {
  return {
    ...analysed,
    committed: analysed.committed.map((is, i) => is && i !== transaction),
    keys: analysed.keys.map(({ versions, ordered, precedences, reads, ...key }) => {
      const placeOf: number[] = [];
      let place = 0;
      for (const writer of versions) placeOf.push(writer === transaction ? -1 : place++);
      return {
        ...key,
        versions: versions.filter(writer => writer !== transaction),
        ordered: ordered - versions.slice(0, ordered).filter(writer => writer === transaction).length,
        precedences: precedences
          .filter(
            ({ before, after, because }) => placeOf[before] >= 0 && placeOf[after] >= 0 && because.by !== transaction,
          )
          .map(each => ({ ...each, before: placeOf[each.before], after: placeOf[each.after] })),
        reads: reads
          .filter(({ reader, version }) => reader !== transaction && placeOf[version] >= 0)
          .map(read => ({ ...read, version: placeOf[read.version] })),
      };
    }),
  };
}

/** Transactions, none of which can be left out, that no order of versions keeps from the shape. */
export function smallestContradiction(analysed: Analysed, shape: Searched, order: 'any' | 'real-time'): number[] {
  let rest = analysed;
  for (const [transaction, is] of analysed.committed.entries()) {
    if (!is) continue;
    const fewer = without(rest, transaction);
    const contradicts =
      hasCycle(dependencyGraph(fewer, order), shape) || canBeOrdered(fewer, shape, order) === 'impossible';
    if (contradicts) rest = fewer;
  }
  return rest.committed.flatMap((is, transaction) => (is ? [transaction] : []));
}
