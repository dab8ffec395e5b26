import type { Operation, Value } from './history.ts';
import { completionOf } from './objects.ts';
import { type Block, findContradiction, MAX_ORDER_NODES, type OrderFacts } from './order-graph.ts';

/** What refutes the history of a text that is written and appended to. */
export type TextFlaw =
  /** No sequence of writes and appends makes the text that was read. */
  | { readonly kind: 'unwritten'; readonly read: Operation }
  /** Real time and the answers contradict each other about these. */
  | { readonly kind: 'order'; readonly operations: readonly Operation[] };

/**
 * Finds operations on a text that contradict each other about their order: every answer shows which write came last and
 * which appends followed it, in their order and with nothing in between. Of a part that several operations may have added
 * only this is known. `undefined` proves nothing.
 */
export function findTextFlaw(operations: readonly Operation[], initial: Value): TextFlaw | undefined {
  if (operations.some(({ kind }) => kind === 'cas') || (initial !== null && typeof initial !== 'string'))
    return undefined;
  if (operations.length >= MAX_ORDER_NODES) return undefined;
  const parse = parserOf(operations, initial ?? '');
  const shown = new Map<Operation, Shown>();
  for (const read of operations) {
    if (read.kind !== 'read') continue;
    const parsed = parse(read.output);
    if (parsed === 'impossible') return { kind: 'unwritten', read };
    if (parsed !== 'unclear') shown.set(read, parsed);
  }
  const wasShown = new Set([...shown.values()].flatMap(({ members, candidates }) => [...members, ...candidates]));
  // A change of unknown outcome took place if it was seen; otherwise it is left out.
  const nodes = operations.filter(operation => operation.outcome === 'ok' || wasShown.has(operation));
  let core = contradiction(nodes, shown);
  if (core === undefined) return undefined;
  // Leave out what the contradiction does not need.
  for (const operation of core) {
    const smaller = contradiction(
      core.filter(other => other !== operation),
      shown,
    );
    if (smaller !== undefined) core = smaller;
  }
  return { kind: 'order', operations: core };
}

/** What an answer shows: whose changes, in their order, and among which operations its other parts come from. */
interface Shown {
  readonly members: readonly (Operation | 'start')[];
  readonly candidates: readonly Operation[];
}

/** Those of `nodes` that contradict each other. What a read shows of others is left out of account. */
function contradiction(nodes: readonly Operation[], shown: ReadonlyMap<Operation, Shown>): Operation[] | undefined {
  const indexOf = new Map<Operation | 'start', number>(nodes.map((operation, i) => [operation, i + 1]));
  indexOf.set('start', 0);
  const changes = nodes.filter(({ kind }) => kind !== 'read');
  const blocks: Block[] = [];
  for (const read of nodes) {
    const all = shown.get(read);
    if (all === undefined) continue;
    const inside = new Set([...all.members, ...all.candidates]);
    const members = [...all.members, read].flatMap(each => indexOf.get(each) ?? []);
    const others = changes.filter(change => !inside.has(change)).map(change => indexOf.get(change)!);
    blocks.push({ members, others });
  }
  const found = findContradiction({ nodes: nodes.length + 1, edges: realTime(nodes), blocks });
  if (found === undefined) return undefined;
  const involved = new Set([...found.nodes, ...found.blocks.map(block => blocks[block].members.at(-1)!)]);
  return nodes.filter((_, i) => involved.has(i + 1));
}

/** Pairs of operations of which one had returned before the other began, with nothing in between; 0 precedes all. */
function realTime(nodes: readonly Operation[]): OrderFacts['edges'] {
  const edges: [number, number][] = nodes.map((_, i) => [0, i + 1]);
  const starts = nodes.map((_, i) => i).sort((a, b) => nodes[a].invoke - nodes[b].invoke);
  for (const [i, operation] of nodes.entries()) {
    const returned = completionOf(operation);
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (nodes[starts[middle]].invoke > returned) high = middle;
      else low = middle + 1;
    }
    // What began after one of the next had returned follows from that.
    let limit = Number.POSITIVE_INFINITY;
    for (let s = low; s < starts.length && nodes[starts[s]].invoke <= limit; s++) {
      edges.push([i + 1, starts[s] + 1]);
      limit = Math.min(limit, completionOf(nodes[starts[s]]));
    }
  }
  return edges;
}

/** Reads a text as what it begins with and what was appended; `unclear` if there are several ways. */
function parserOf(operations: readonly Operation[], initial: string) {
  const writes = new Map<string, (Operation | 'start')[]>([[initial, ['start']]]);
  const appends = new Map<string, Operation[]>();
  for (const operation of operations) {
    if (operation.kind === 'read') continue;
    const text = operation.kind === 'delete' ? '' : textOf(operation.input);
    const into: Map<string, (Operation | 'start')[]> = operation.kind === 'append' ? appends : writes;
    into.set(text, [...(into.get(text) ?? []), operation]);
  }
  const lengths = [...new Set([...appends.keys()].map(text => text.length))].filter(length => length > 0);

  /** Ways to read the rest of the text as appends, at most two. */
  function rest(text: string, from: number): string[][] {
    const ways: { at: number; parts: string[] }[] = [{ at: from, parts: [] }];
    const found: string[][] = [];
    for (let steps = 0; ways.length > 0 && found.length < 2 && steps <= 4 * text.length; steps++) {
      const { at, parts } = ways.pop()!;
      if (at === text.length) found.push(parts);
      for (const length of lengths) {
        const part = text.slice(at, at + length);
        if (part.length === length && appends.has(part)) ways.push({ at: at + length, parts: [...parts, part] });
      }
    }
    return ways.length > 0 && found.length < 2 ? [[], []] : found;
  }

  return (value: Value): Shown | 'impossible' | 'unclear' => {
    const text = textOf(value);
    const ways = [...writes.keys()]
      .filter(beginning => text.startsWith(beginning))
      .flatMap(beginning => rest(text, beginning.length).map(parts => ({ beginning, parts })));
    if (ways.length !== 1) return ways.length === 0 ? 'impossible' : 'unclear';
    const [{ beginning, parts }] = ways;
    const authors = [writes.get(beginning)!, ...parts.map(part => appends.get(part)!)];
    const members = authors.filter(({ length }) => length === 1).flat();
    if (new Set(members).size < members.length) return 'impossible';
    const candidates = authors.filter(({ length }) => length > 1).flat();
    return { members, candidates: candidates.filter(author => author !== 'start') };
  };
}

function textOf(value: Value): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
