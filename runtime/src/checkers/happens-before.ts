import { type CausalGraph, INITIAL, UNSOURCED } from './causal-graph.ts';

/** An order that a model adds: `before` comes before `after`, because `read` got the value of `after` although it knew `before`. */
export interface DerivedEdge {
  readonly before: number;
  readonly after: number;
  readonly read: number;
}

/** Which events come before which: the transitive closure of session order, reads-from and derived edges. */
export interface Order {
  /** For each event and chain, how many events of the chain come before it or are it. */
  readonly clocks: Int32Array;
}

export interface Cycle {
  readonly cycle: readonly number[];
}

/**
 * Orders the events, in O(events × chains + edges). `readsFrom` says whether the source of a read comes before it.
 * Events on a cycle have no clocks; then the cycle is returned, each event before the next, the last before the first.
 */
export function orderEvents(
  graph: CausalGraph,
  derived: readonly DerivedEdge[],
  readsFrom: (read: number) => boolean,
): Order | Cycle {
  const { events, chain, chains, position, previous } = graph;
  const n = events.length;
  const extra = derivedBefore(derived, n);
  const waiting = new Int32Array(n);
  const after = successors(graph, derived, readsFrom, waiting);
  const clocks = new Int32Array(n * chains);
  const ready: number[] = [];
  for (let event = n - 1; event >= 0; event--) if (waiting[event] === 0) ready.push(event);
  let done = 0;
  const join = (event: number, other: number) => {
    const to = event * chains;
    const from = other * chains;
    for (let c = 0; c < chains; c++) if (clocks[from + c] > clocks[to + c]) clocks[to + c] = clocks[from + c];
  };
  while (ready.length > 0) {
    const event = ready.pop()!;
    done++;
    if (previous[event] >= 0) join(event, previous[event]);
    const source = graph.source[event];
    if (source >= 0 && readsFrom(event)) join(event, source);
    for (let e = extra.start[event]; e < extra.start[event + 1]; e++) join(event, extra.before[e]);
    clocks[event * chains + chain[event]] = position[event];
    for (let e = after.start[event]; e < after.start[event + 1]; e++)
      if (--waiting[after.to[e]] === 0) ready.push(after.to[e]);
  }
  if (done === n) return { clocks };
  return { cycle: findCycle(waiting, event => predecessors(graph, event, extra, readsFrom)) };
}

/** Whether `a` comes before `b` or is it. */
export function comesBefore(graph: CausalGraph, { clocks }: Order, a: number, b: number): boolean {
  return clocks[b * graph.chains + graph.chain[a]] >= graph.position[a];
}

/** By chain, the last write of the read's key that comes before the read (`-1`: none). Writes into `into`. */
export function lastWritesBefore(graph: CausalGraph, { clocks }: Order, read: number, into: Int32Array): void {
  into.fill(-1);
  for (const [chain, writes] of graph.writes[graph.events[read].key]) {
    // A cas is a read and then a write: its own write never comes before its read, being later in the chain.
    const known = clocks[read * graph.chains + chain] - (graph.chain[read] === chain ? 1 : 0);
    let low = 0;
    let high = writes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (graph.position[writes[middle]] <= known) low = middle + 1;
      else high = middle;
    }
    if (low > 0) into[chain] = writes[low - 1];
  }
}

export function isSourced(graph: CausalGraph, event: number): boolean {
  return graph.source[event] !== UNSOURCED;
}

export function readsInitial(graph: CausalGraph, event: number): boolean {
  return graph.source[event] === INITIAL;
}

function derivedBefore(derived: readonly DerivedEdge[], n: number) {
  const start = new Int32Array(n + 1);
  for (const { after } of derived) start[after + 1]++;
  for (let event = 0; event < n; event++) start[event + 1] += start[event];
  const before = new Int32Array(derived.length);
  const fill = start.slice();
  for (const edge of derived) before[fill[edge.after]++] = edge.before;
  return { start, before };
}

function successors(
  graph: CausalGraph,
  derived: readonly DerivedEdge[],
  readsFrom: (read: number) => boolean,
  waiting: Int32Array,
) {
  const n = graph.events.length;
  const start = new Int32Array(n + 1);
  const each = (visit: (from: number, to: number) => void) => {
    for (let event = 0; event < n; event++) {
      if (graph.previous[event] >= 0) visit(graph.previous[event], event);
      if (graph.source[event] >= 0 && readsFrom(event)) visit(graph.source[event], event);
    }
    for (const { before, after } of derived) visit(before, after);
  };
  each((from, to) => {
    start[from + 1]++;
    waiting[to]++;
  });
  for (let event = 0; event < n; event++) start[event + 1] += start[event];
  const to = new Int32Array(start[n]);
  const fill = start.slice();
  each((from, target) => {
    to[fill[from]++] = target;
  });
  return { start, to };
}

function predecessors(
  graph: CausalGraph,
  event: number,
  extra: ReturnType<typeof derivedBefore>,
  readsFrom: (read: number) => boolean,
): number[] {
  const found = [...extra.before.subarray(extra.start[event], extra.start[event + 1])];
  if (graph.previous[event] >= 0) found.push(graph.previous[event]);
  if (graph.source[event] >= 0 && readsFrom(event)) found.push(graph.source[event]);
  return found;
}

/** A shortest cycle through some event that is still waiting. */
function findCycle(waiting: Int32Array, predecessorsOf: (event: number) => readonly number[]): number[] {
  // Every waiting event has a waiting predecessor, so going back leads into a cycle.
  const seen = new Set<number>();
  let event = waiting.findIndex(count => count > 0);
  while (!seen.has(event)) {
    seen.add(event);
    event = predecessorsOf(event).find(other => waiting[other] > 0)!;
  }
  const next = new Map<number, number>();
  let ends = [event];
  for (;;) {
    const further: number[] = [];
    for (const end of ends) {
      for (const other of predecessorsOf(end)) {
        if (waiting[other] === 0 || next.has(other)) continue;
        next.set(other, end);
        if (other === event) {
          const cycle = [event];
          for (let at = next.get(event)!; at !== event; at = next.get(at)!) cycle.push(at);
          return cycle;
        }
        further.push(other);
      }
    }
    ends = further;
  }
}
