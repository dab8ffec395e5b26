import { type DependencyGraph, ON, PROCESS, REAL_TIME, RW, WR, WW } from './dependency-graph.ts';

/** Which cycles are looked for. */
export type Shape =
  /** Any, over edges of these kinds. */
  | { readonly kind: 'any'; readonly edges: number }
  /** With exactly one anti-dependency. */
  | { readonly kind: 'single'; readonly edges: number }
  /** With no two anti-dependencies next to each other, as in no snapshot (Cerone & Gotsman, JACM 2018, Theorem 10). */
  | { readonly kind: 'nonadjacent'; readonly edges: number };

/** `from` comes before `to`, by edge `edge` of the graph; transactions by position. */
export interface Link {
  readonly from: number;
  readonly to: number;
  readonly edge: number;
}

/** Edges that a search for short cycles may look at; what was found by then is the answer. */
const MAX_VISITS = 3_000_000;

/**
 * The shapes as walks over states, two for each node: `2n` and `2n + 1`.
 *
 * - any: only `2n` is used
 * - single: `2n` before the anti-dependency, `2n + 1` after it
 * - nonadjacent: a transaction's start `2n` and its commit `2n + 1`. A dependency is on something committed at the start, an
 *   anti-dependency on something not committed then: commit → start, start → commit. In between, states go with their kind.
 */
export class Walk {
  readonly graph: DependencyGraph;
  readonly shape: Shape;
  readonly states: number;
  constructor(graph: DependencyGraph, shape: Shape) {
    this.graph = graph;
    this.shape = shape;
    this.states = 2 * graph.nodes;
  }

  /** Where edge `e` leads from a state of its node, -1 for nowhere. */
  target(state: number, e: number): number {
    const kind = this.graph.kind[e];
    const to = 2 * this.graph.to[e];
    const layer = state & 1;
    if (kind === ON) return to + layer;
    if ((kind & this.shape.edges) === 0) return -1;
    switch (this.shape.kind) {
      case 'any':
        return to;
      case 'single':
        return kind !== RW ? to + layer : layer === 0 ? to + 1 : -1;
      case 'nonadjacent':
        return kind === RW ? (layer === 0 ? to + 1 : -1) : layer === 1 ? to : -1;
    }
  }

  /** The step within a transaction, from its start to its commit. */
  within(state: number): number {
    return this.shape.kind === 'nonadjacent' && (state & 1) === 0 && state >> 1 < this.graph.transactions
      ? state + 1
      : -1;
  }
}

/** A shortest cycle of the shape, or `undefined` if there is none; of large components only a part is searched. */
export function findCycle(graph: DependencyGraph, shape: Shape): readonly Link[] | undefined {
  // A cycle with one anti-dependency lies in a component of those that may have any.
  const coarse = new Walk(graph, shape.kind === 'single' ? { ...shape, kind: 'nonadjacent' } : shape);
  const { component, sizes } = components(coarse);
  const walk = new Walk(graph, shape);
  const isWithin = (state: number, home: number) => {
    const at = shape.kind === 'single' ? component[state & ~1] : component[state];
    return at === home || (shape.kind === 'single' && component[state | 1] === home);
  };
  const starts: number[] = [];
  const step = shape.kind === 'any' ? 2 : 1;
  for (let state = 0; state < 2 * graph.transactions; state += step)
    if (sizes[component[state]] > 1) starts.push(state);
  // Small components first: their cycles are short.
  starts.sort((a, b) => sizes[component[a]] - sizes[component[b]] || a - b);
  let best: Link[] | undefined;
  const searched = { visits: 0 };
  for (const state of starts) {
    if (shape.kind === 'single' && (state & 1) === 1) continue;
    const goal = shape.kind === 'single' ? state + 1 : state;
    const found = shortest(
      walk,
      state,
      goal,
      at => isWithin(at, component[state]),
      (best?.length ?? Number.POSITIVE_INFINITY) - 2,
      searched,
    );
    if (found !== undefined && (best === undefined || found.length < best.length)) best = found;
    if (best?.length === 2 || (searched.visits > MAX_VISITS && best !== undefined)) break;
    if (searched.visits > 4 * MAX_VISITS) break;
  }
  return best;
}

export function hasCycle(graph: DependencyGraph, shape: Shape & { kind: 'any' | 'nonadjacent' }): boolean {
  const { component, sizes } = components(new Walk(graph, shape));
  for (let state = 0; state < 2 * graph.transactions; state++) if (sizes[component[state]] > 1) return true;
  return false;
}

/** Strongly connected components (Tarjan 1972), without recursion. */
function components(walk: Walk): { component: Int32Array; sizes: number[] } {
  const { start } = walk.graph;
  const n = walk.states;
  const index = new Int32Array(n).fill(-1);
  const low = new Int32Array(n);
  const next = new Int32Array(n); // edges done; the step within counts as the last
  const component = new Int32Array(n).fill(-1);
  const sizes: number[] = [];
  const open: number[] = [];
  const path: number[] = [];
  let count = 0;
  for (let root = 0; root < n; root++) {
    if (index[root] >= 0) continue;
    path.push(root);
    while (path.length > 0) {
      const state = path[path.length - 1];
      const node = state >> 1;
      const first = start[node];
      if (index[state] < 0) {
        index[state] = low[state] = count++;
        open.push(state);
        next[state] = first;
      }
      let deeper = false;
      while (next[state] <= start[node + 1]) {
        const e = next[state]++;
        const to = e < start[node + 1] ? walk.target(state, e) : walk.within(state);
        if (to < 0) continue;
        if (index[to] < 0) {
          path.push(to);
          deeper = true;
          break;
        }
        if (component[to] < 0 && index[to] < low[state]) low[state] = index[to];
      }
      if (deeper) continue;
      path.pop();
      const parent = path[path.length - 1];
      if (parent !== undefined && low[state] < low[parent]) low[parent] = low[state];
      if (low[state] < index[state]) continue;
      let size = 0;
      for (let member = -1; member !== state; size++) {
        member = open.pop()!;
        component[member] = sizes.length;
      }
      sizes.push(size);
    }
  }
  return { component, sizes };
}

/** A shortest way from `from` to `goal` in at most `limit` edges; a way through nodes in between counts as one. */
function shortest(
  walk: Walk,
  from: number,
  goal: number,
  isWithin: (state: number) => boolean,
  limit: number,
  searched: { visits: number },
): Link[] | undefined {
  const { graph } = walk;
  const came = new Map<number, readonly [state: number, edge: number]>();
  let ends = [from];
  for (let length = 0; ends.length > 0 && length <= limit; length++) {
    const further: number[] = [];
    // Steps that cost nothing lengthen the list while it is read.
    for (let i = 0; i < ends.length; i++) {
      const state = ends[i];
      const node = state >> 1;
      for (let e = graph.start[node]; e <= graph.start[node + 1]; e++) {
        searched.visits++;
        const isStep = e === graph.start[node + 1];
        const to = isStep ? walk.within(state) : walk.target(state, e);
        if (to < 0 || came.has(to) || (to === from && to !== goal) || !isWithin(to)) continue;
        came.set(to, [state, isStep ? -1 : e]);
        if (to === goal) return linksOf(walk, came, from, goal);
        if (isStep || graph.kind[e] === ON) ends.push(to);
        else further.push(to);
      }
    }
    ends = further;
  }
  return undefined;
}

function linksOf(
  { graph }: Walk,
  came: ReadonlyMap<number, readonly [number, number]>,
  from: number,
  goal: number,
): Link[] {
  const links: Link[] = [];
  let to = goal >> 1;
  let state = goal;
  do {
    const [before, edge] = came.get(state)!;
    state = before;
    if (edge < 0 || graph.kind[edge] === ON) continue;
    links.push({ from: before >> 1, to, edge });
    to = before >> 1;
  } while (state !== from);
  return links.reverse();
}

export const anyOf = (edges: number): Shape & { kind: 'any' } => ({ kind: 'any', edges });
export const DEPENDENCIES = WW | WR;
export const ITEMS = WW | WR | RW;
export const WITH_TIME = ITEMS | REAL_TIME | PROCESS;
