/**
 * What must come before what, whatever the total order: some facts, and what follows from them because nothing may stand
 * between the operations that an answer shows next to each other. A contradiction refutes every order (it proves nothing if
 * there is none), and the facts that it rests on are its explanation. Gibbons & Korach 1997, §3, call the rule saturation.
 */
export interface OrderFacts {
  readonly nodes: number;
  /** Pairs `[before, after]` of a transitive relation (its closure is taken): explanations leave out what lies on the way. */
  readonly edges: readonly (readonly [number, number])[];
  readonly blocks: readonly Block[];
}

/** Nodes that follow each other with none of `others` between the first and the last of them. */
export interface Block {
  readonly members: readonly number[];
  /** What would destroy the block if it came between; members are skipped. */
  readonly others: readonly number[];
}

/** Nodes and blocks whose facts contradict each other. */
export interface Contradiction {
  readonly nodes: readonly number[];
  readonly blocks: readonly number[];
}

/** Beyond this the closure (nodes² bits) and its upkeep would take too long. */
export const MAX_ORDER_NODES = 3_000;

interface Edge {
  /** How many edges there were before it: it can rest on these alone. */
  age: number;
  readonly from: number;
  readonly to: number;
  /** Why: a fact, the order within a block, or a block that `path` runs into or out of. */
  readonly block: number;
  readonly path: readonly [number, number] | undefined;
}

/** `undefined`: nothing contradicts itself, or there are more than `MAX_ORDER_NODES` nodes. */
export function findContradiction(facts: OrderFacts): Contradiction | undefined {
  if (facts.nodes > MAX_ORDER_NODES) return undefined;
  const closure = closureOf(facts.nodes);
  for (const [from, to] of facts.edges) {
    if (closure.add({ age: 0, from, to, block: -1, path: undefined })) return explain(closure, from, to, undefined);
  }
  for (const [block, { members }] of facts.blocks.entries()) {
    for (let i = 1; i < members.length; i++) {
      const edge: Edge = { age: 0, from: members[i - 1], to: members[i], block, path: undefined };
      if (closure.add(edge)) return explain(closure, edge.from, edge.to, edge);
    }
  }
  const inBlock = facts.blocks.map(({ members }) => new Set(members));
  for (let grown = true; grown; ) {
    grown = false;
    for (const [block, { members, others }] of facts.blocks.entries()) {
      const first = members[0];
      const last = members[members.length - 1];
      for (const other of others) {
        if (inBlock[block].has(other)) continue;
        const derived: Edge[] = [];
        if (closure.has(other, last) && !closure.has(other, first))
          derived.push({ age: 0, from: other, to: first, block, path: [other, last] });
        if (closure.has(first, other) && !closure.has(last, other))
          derived.push({ age: 0, from: last, to: other, block, path: [first, other] });
        for (const edge of derived) {
          grown = true;
          if (closure.add(edge)) return explain(closure, edge.from, edge.to, edge);
        }
      }
    }
  }
  return undefined;
}

function closureOf(n: number) {
  const width = (n + 31) >> 5;
  const after = new Int32Array(n * width); // bit b of row a: a comes before b
  let count = 0;
  const edgesFrom: Edge[][] = Array.from({ length: n }, () => []);
  const has = (a: number, b: number) => (after[a * width + (b >> 5)] & (1 << (b & 31))) !== 0;
  return {
    n,
    has,
    edgesFrom,
    /** True if the edge closes a circle. */
    add(edge: Edge): boolean {
      const { from, to } = edge;
      edge.age = count++;
      edgesFrom[from].push(edge);
      if (from === to || has(to, from)) return true;
      if (has(from, to)) return false;
      for (let a = 0; a < n; a++) {
        if (a !== from && !has(a, from)) continue;
        after[a * width + (to >> 5)] |= 1 << (to & 31);
        for (let w = 0; w < width; w++) after[a * width + w] |= after[to * width + w];
      }
      return false;
    },
  };
}

/** What the circle through `from → to` rests on: its edges, and for derived ones the paths that they come from. */
function explain(
  closure: ReturnType<typeof closureOf>,
  from: number,
  to: number,
  edge: Edge | undefined,
): Contradiction {
  const nodes = new Set<number>([from, to]);
  const blocks = new Set<number>();
  const told = new Set<Edge>();
  const waiting: Edge[] = edge === undefined ? [] : [edge];
  if (from !== to) waiting.push(...shortestPath(closure.edgesFrom, to, from, Number.POSITIVE_INFINITY));
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    if (told.has(each)) continue;
    told.add(each);
    nodes.add(each.from).add(each.to);
    if (each.block >= 0) blocks.add(each.block);
    if (each.path !== undefined) waiting.push(...shortestPath(closure.edgesFrom, each.path[0], each.path[1], each.age));
  }
  return { nodes: [...nodes], blocks: [...blocks] };
}

/** A shortest path over edges that were there before `age`. */
function shortestPath(edgesFrom: readonly (readonly Edge[])[], start: number, end: number, age: number): Edge[] {
  const reached = new Map<number, Edge | undefined>([[start, undefined]]);
  for (let ends = [start]; ends.length > 0 && !reached.has(end); ) {
    const further: number[] = [];
    for (const node of ends) {
      for (const edge of edgesFrom[node]) {
        if (edge.age >= age || reached.has(edge.to)) continue;
        reached.set(edge.to, edge);
        further.push(edge.to);
      }
    }
    ends = further;
  }
  const path: Edge[] = [];
  for (let edge = reached.get(end); edge !== undefined; edge = reached.get(edge.from)) path.push(edge);
  // From the end to the start; steps of the given relation that follow each other are one.
  return path.reduce<Edge[]>((steps, edge) => {
    const last = steps[steps.length - 1];
    if (last !== undefined && last.block < 0 && edge.block < 0) steps[steps.length - 1] = { ...last, from: edge.from };
    else steps.push(edge);
    return steps;
  }, []);
}
