import type { Operation } from '../history.ts';
import { completionOf } from '../objects.ts';
import type { Analysed, KeyVersions, Reason } from './versions-of-keys.ts';

/** Bits, so that searches can be told which edges to use. */
export const WW = 1;
export const WR = 2;
export const RW = 4;
export const REAL_TIME = 8;
export const PROCESS = 16;
/** Goes on from a node in between: the edge into it says what the way is. */
export const ON = 32;

/**
 * Direct serialization graph (Adya, Liskov & O'Neil, ICDE 2000, §4): an edge says that one transaction must come before
 * another. Nodes up to `transactions` are transactions by position; those after stand in between, so that "each of these
 * comes before each of those" takes a linear number of edges; no way through them leads from a transaction to itself.
 */
export interface DependencyGraph {
  readonly transactions: number;
  readonly nodes: number;
  /** Edges of node n: `start[n]` up to, not with, `start[n + 1]`. */
  readonly start: Int32Array;
  readonly to: Int32Array;
  readonly kind: Uint8Array;
  /** By edge: index into `keys`, -1 for none. */
  readonly key: Int32Array;
  readonly keys: readonly string[];
  /** By edge: why a version counts as older, where no answer shows it directly. */
  readonly because: ReadonlyMap<number, Reason>;
}

/** With fewer pairs, an edge for each is no more than nodes in between would take. */
const FEW_PAIRS = 12;

export function dependencyGraph(analysed: Analysed, order: 'any' | 'real-time'): DependencyGraph {
  const edges = new Edges(analysed.transactions.length);
  for (const [i, key] of analysed.keys.entries()) addKey(edges, key, i);
  if (order === 'real-time') {
    const committed = analysed.transactions.flatMap(({ operation }, i) => (analysed.committed[i] ? [operation] : []));
    addRealTime(edges, committed);
    addProcesses(edges, committed);
  }
  return edges.finish(analysed.keys.map(({ key }) => key));
}

class Edges {
  readonly transactions: number;
  nodes: number;
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #kind: number[] = [];
  readonly #key: number[] = [];
  readonly #because = new Map<number, Reason>();

  constructor(transactions: number) {
    this.transactions = transactions;
    this.nodes = transactions;
  }

  add(from: number, to: number, kind: number, key = -1, because?: Reason): void {
    if (from === to) return;
    if (because !== undefined) this.#because.set(this.#from.length, because);
    this.#from.push(from);
    this.#to.push(to);
    this.#kind.push(kind);
    this.#key.push(key);
  }

  /** From each of `froms` to each other one of `tos`. */
  addAll(froms: readonly number[], tos: readonly number[], kind: number, key: number): void {
    if (froms.length === 0 || tos.length === 0) return;
    if (froms.length * tos.length <= FEW_PAIRS || froms.length === 1 || tos.length === 1) {
      for (const from of froms) for (const to of tos) this.add(from, to, kind, key);
      return;
    }
    // Node `suffix + i` leads to tos[i] and all after it, `prefix + i` to tos[i] and all before it.
    const suffix = this.nodes;
    const prefix = suffix + tos.length;
    this.nodes += 2 * tos.length;
    const places = new Map<number, number>();
    for (const [i, to] of tos.entries()) {
      places.set(to, i);
      this.add(suffix + i, to, ON);
      this.add(prefix + i, to, ON);
      if (i > 0) {
        this.add(suffix + i - 1, suffix + i, ON);
        this.add(prefix + i, prefix + i - 1, ON);
      }
    }
    for (const from of froms) {
      const place = places.get(from);
      if (place === undefined) this.add(from, suffix, kind, key);
      else {
        if (place + 1 < tos.length) this.add(from, suffix + place + 1, kind, key);
        if (place > 0) this.add(from, prefix + place - 1, kind, key);
      }
    }
  }

  finish(keys: readonly string[]): DependencyGraph {
    const count = this.#from.length;
    const start = new Int32Array(this.nodes + 1);
    for (const from of this.#from) start[from + 1]++;
    for (let node = 0; node < this.nodes; node++) start[node + 1] += start[node];
    const fill = start.slice();
    const to = new Int32Array(count);
    const kind = new Uint8Array(count);
    const key = new Int32Array(count);
    const because = new Map<number, Reason>();
    for (let e = 0; e < count; e++) {
      const at = fill[this.#from[e]]++;
      to[at] = this.#to[e];
      kind[at] = this.#kind[e];
      key[at] = this.#key[e];
      const reason = this.#because.get(e);
      if (reason !== undefined) because.set(at, reason);
    }
    return { transactions: this.transactions, nodes: this.nodes, start, to, kind, key, keys, because };
  }
}

function addKey(edges: Edges, { versions, ordered, precedences, reads }: KeyVersions, key: number): void {
  const rest = versions.slice(ordered);
  for (let v = 2; v < ordered; v++) edges.add(versions[v - 1], versions[v], WW, key);
  if (ordered > 1) edges.addAll([versions[ordered - 1]], rest, WW, key);
  const newer = new Map<number, number[]>();
  for (const { before, after, because } of precedences) {
    if (before === 0) continue;
    edges.add(versions[before], versions[after], WW, key, because);
    const list = newer.get(before);
    if (list === undefined) newer.set(before, [versions[after]]);
    else list.push(versions[after]);
  }
  const readers = new Map<number, number[]>();
  for (const { reader, version } of reads) {
    if (version > 0) edges.add(versions[version], reader, WR, key);
    const list = readers.get(version);
    if (list === undefined) readers.set(version, [reader]);
    else list.push(reader);
  }
  for (const [version, list] of readers) {
    const next =
      version + 1 < ordered ? [versions[version + 1]] : version < ordered ? rest : (newer.get(version) ?? []);
    edges.addAll([...new Set(list)], [...new Set(next)], RW, key);
  }
}

/**
 * A transaction that had returned before another was begun comes before it: n nodes stand for the moments of return, each
 * before the next, so that n log n steps and O(n) edges give the whole relation (Elle builds its transitive reduction).
 */
function addRealTime(edges: Edges, committed: readonly Operation[]): void {
  const returned = committed
    .filter(operation => Number.isFinite(completionOf(operation)))
    .sort((a, b) => a.complete - b.complete);
  const first = edges.nodes;
  edges.nodes += returned.length;
  for (const [i, { id }] of returned.entries()) {
    edges.add(id, first + i, REAL_TIME);
    if (i > 0) edges.add(first + i - 1, first + i, ON);
  }
  let done = 0;
  for (const { id, invoke } of committed) {
    while (done < returned.length && returned[done].complete < invoke) done++;
    if (done > 0) edges.add(first + done - 1, id, ON);
  }
}

/** Only the last one before it: the others follow. One of unknown outcome may still take effect later than the next. */
function addProcesses(edges: Edges, committed: readonly Operation[]): void {
  const lastOf = new Map<number, number>();
  for (const { id, process, outcome } of committed) {
    const last = lastOf.get(process);
    if (last !== undefined) edges.add(last, id, PROCESS);
    if (outcome === 'ok') lastOf.set(process, id);
  }
}
