import { type Shape, Walk } from './cycles.ts';
import type { DependencyGraph } from './dependency-graph.ts';
import type { Analysed } from './versions-of-keys.ts';

export type Searched = Shape & { readonly kind: 'any' | 'nonadjacent' };

/**
 * Puts transactions one after the other, as a store that keeps the level would: one is taken when all that must come before
 * it has been, and of those that could be, the one that `prefer`s to be early. Of a register a version is replaced only when
 * those who read it are done (`gated`). Those that wait for each other in the end are left out: other choices might go on.
 */
export function serialOrder(
  analysed: Analysed,
  graph: DependencyGraph,
  shape: Searched,
  prefer: readonly number[],
  gated: boolean,
): number[] {
  const walk = new Walk(graph, shape);
  const { start, transactions } = graph;
  const waiting = new Int32Array(walk.states);
  const each = (state: number, visit: (to: number) => void) => {
    for (let e = start[state >> 1]; e < start[(state >> 1) + 1]; e++) {
      const to = walk.target(state, e);
      if (to >= 0) visit(to);
    }
    if (walk.within(state) >= 0) visit(state + 1);
  };
  const step = shape.kind === 'any' ? 2 : 1;
  for (let state = 0; state < walk.states; state += step) each(state, to => waiting[to]++);
  // Nodes in between are passed through at once.
  const heap = new Heap(state => (state >> 1 < transactions ? prefer[state >> 1] : Number.NEGATIVE_INFINITY));
  for (let state = 0; state < walk.states; state += step) if (waiting[state] === 0) heap.push(state);
  const gates = gated ? new Gates(analysed, shape.kind) : undefined;
  const last = shape.kind === 'nonadjacent' ? 1 : 0;
  const order: number[] = [];
  for (let state = heap.pop(); state !== undefined; state = heap.pop()) {
    if (state >> 1 < transactions) {
      if (gates?.holdsBack(state) === true) continue;
      for (const freed of gates?.pass(state) ?? []) heap.push(freed);
      if ((state & 1) === last) order.push(state >> 1);
    }
    each(state, to => {
      if (--waiting[to] === 0) heap.push(to);
    });
  }
  return order;
}

interface Place {
  readonly key: number;
  readonly version: number;
}

/** Which versions are the present ones, who has yet to read them, and who waits for that. States as in `Walk`. */
class Gates {
  readonly #kind: Searched['kind'];
  readonly #writes = new Map<number, Place[]>();
  readonly #reads = new Map<number, Place[]>();
  readonly #readers: Int32Array[];
  readonly #present: Int32Array;
  /** Between a writer's start and its commit: that writer. */
  readonly #taken: Int32Array;
  readonly #parked = new Map<number, number[]>();

  constructor({ keys }: Analysed, kind: Searched['kind']) {
    this.#kind = kind;
    this.#present = new Int32Array(keys.length);
    this.#taken = new Int32Array(keys.length).fill(-1);
    this.#readers = keys.map(({ versions }) => new Int32Array(versions.length));
    for (const [key, { list, versions, reads }] of keys.entries()) {
      if (list) continue;
      for (let version = 1; version < versions.length; version++)
        add(this.#writes, versions[version], { key, version });
      for (const { reader, version } of reads) {
        this.#readers[key][version]++;
        add(this.#reads, reader, { key, version });
      }
    }
  }

  /** Whether the state has to wait for a key; then it will be among those that are freed. */
  holdsBack(state: number): boolean {
    const transaction = state >> 1;
    const isStart = this.#kind === 'nonadjacent' && (state & 1) === 0;
    for (const { key } of this.#writes.get(transaction) ?? []) {
      const own = this.#kind === 'any' && this.#readsPresent(transaction, key) ? 1 : 0;
      if (isStart ? this.#taken[key] < 0 : this.#readers[key][this.#present[key]] <= own) continue;
      const parked = this.#parked.get(key);
      if (parked === undefined) this.#parked.set(key, [state]);
      else parked.push(state);
      return true;
    }
    return false;
  }

  #readsPresent(transaction: number, key: number): boolean {
    const present = this.#present[key];
    return this.#reads.get(transaction)?.some(each => each.key === key && each.version === present) === true;
  }

  /** The state takes its turn; returns those that may try again. */
  pass(state: number): number[] {
    const transaction = state >> 1;
    const isCommit = this.#kind === 'any' || (state & 1) === 1;
    const isStart = this.#kind === 'any' || (state & 1) === 0;
    const touched: number[] = [];
    if (isStart)
      for (const { key, version } of this.#reads.get(transaction) ?? []) {
        this.#readers[key][version]--;
        if (version === this.#present[key]) touched.push(key);
      }
    for (const { key, version } of this.#writes.get(transaction) ?? []) {
      this.#taken[key] = isCommit ? -1 : transaction;
      if (!isCommit) continue;
      this.#present[key] = version;
      touched.push(key);
    }
    return touched.flatMap(key => {
      const parked = this.#parked.get(key) ?? [];
      this.#parked.delete(key);
      return parked;
    });
  }
}

function add(to: Map<number, Place[]>, transaction: number, place: Place): void {
  const list = to.get(transaction);
  if (list === undefined) to.set(transaction, [place]);
  else list.push(place);
}

class Heap {
  readonly #items: number[] = [];
  readonly #rank: (item: number) => number;
  constructor(rank: (item: number) => number) {
    this.#rank = rank;
  }

  push(item: number): void {
    const items = this.#items;
    const rank = this.#rank(item);
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#rank(items[parent]) <= rank) break;
      items[at] = items[parent];
      at = parent;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const top = items[0];
    const item = items.pop();
    if (item === undefined || items.length === 0) return item;
    const rank = this.#rank(item);
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#rank(items[child + 1]) < this.#rank(items[child])) child++;
      if (this.#rank(items[child]) >= rank) break;
      items[at] = items[child];
      at = child;
    }
    items[at] = item;
    return top;
  }
}
