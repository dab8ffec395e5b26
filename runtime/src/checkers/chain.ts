import type { Operation, Value } from './history.ts';
import { completionOf } from './objects.ts';
import { hasTies } from './ties.ts';
import { ValueIds } from './value-ids.ts';

/**
 * Linearizability of sets and lists that only grow, in O(n log n + what was read), when every element that was read was
 * added once. Every answer then says which elements came before it and which after: the answers must form a chain (each
 * contains the one before it; in a list, as its beginning), every element belongs between the last answer without it and
 * the first one with it, and a linearization exists if and only if real time never runs against that order.
 */
export type ChainFinding =
  | { readonly kind: 'holds' }
  /** Not a history that a chain can judge. */
  | { readonly kind: 'not-applicable' }
  /** `element` was read, but nobody ever added it, or it was read twice although added once. */
  | { readonly kind: 'unwritten' | 'repeated'; readonly read: Operation; readonly element: Value }
  /** Neither of the two answers can have come first. */
  | { readonly kind: 'incomparable'; readonly reads: readonly [Operation, Operation] }
  /** `later` belongs after `earlier`, but had returned before `earlier` was invoked. `proof` is an answer that orders them, if they are no answers themselves. */
  | {
      readonly kind: 'backwards';
      readonly later: Operation;
      readonly earlier: Operation;
      readonly proof: Operation | undefined;
    };

interface Read {
  readonly operation: Operation;
  /** Element ids, in list order. */
  readonly elements: readonly number[];
}

export function checkChain(operations: readonly Operation[], initial: Value, isList: boolean): ChainFinding {
  if (operations.some(({ kind }) => kind !== 'read' && kind !== 'add' && kind !== 'append'))
    return { kind: 'not-applicable' };
  const ids = new ValueIds();
  const reads: Read[] = [];
  for (const operation of operations) {
    if (operation.kind === 'read') reads.push({ operation, elements: listOf(operation.output).map(e => ids.of(e)) });
  }
  // By size; equal sizes must be equal answers.
  reads.sort((a, b) => a.elements.length - b.elements.length || a.operation.id - b.operation.id);

  const adder = new Array<Operation | undefined>(ids.values.length).fill(undefined);
  const unread: Operation[] = [];
  for (const operation of operations) {
    if (operation.kind === 'read') continue;
    const element = ids.find(operation.input);
    if (element === undefined) {
      if (operation.outcome === 'ok') unread.push(operation);
    } else if (adder[element] !== undefined) return { kind: 'not-applicable' };
    else adder[element] = operation;
  }
  const start = listOf(initial).map(e => ids.of(e));
  if (start.some(e => adder[e] !== undefined) || new Set(start).size < start.length) return { kind: 'not-applicable' };

  const flaw = flawOf(reads, start, adder, ids, isList);
  if (flaw !== undefined) return flaw;
  const rank = ranksOf(reads, ids.values.length, isList);
  if (!(rank instanceof Float64Array)) return rank;

  const placed: Placed[] = unread.map(operation => ({ operation, rank: Number.POSITIVE_INFINITY }));
  for (const read of reads) placed.push({ operation: read.operation, rank: 2 * read.elements.length });
  for (const [element, operation] of adder.entries())
    if (operation !== undefined) placed.push({ operation, rank: rank[element] });
  placed.sort((a, b) => a.rank - b.rank || a.operation.id - b.operation.id);
  const backwards = findBackwards(placed, (returned, invoked) => returned < invoked);
  if (backwards !== undefined) return { kind: 'backwards', ...backwards, proof: proofOf(backwards, reads, ids) };
  if (!hasTies(operations)) return { kind: 'holds' };
  // As in zones.ts: the stricter reading of equal times can only confirm.
  const strict = findBackwards(placed, (returned, invoked) => returned <= invoked);
  return strict === undefined ? { kind: 'holds' } : { kind: 'not-applicable' };
}

const listOf = (value: Value) => (value === null ? [] : (value as readonly Value[]));

/** Answers that no order of the additions explains, whatever the time. */
function flawOf(
  reads: readonly Read[],
  start: readonly number[],
  adder: readonly (Operation | undefined)[],
  ids: ValueIds,
  isList: boolean,
): ChainFinding | undefined {
  const initial = new Set(start);
  for (const { operation, elements } of reads) {
    const unknown = elements.find(e => adder[e] === undefined && !initial.has(e));
    if (unknown !== undefined) return { kind: 'unwritten', read: operation, element: ids.values[unknown] };
    const seen = new Set<number>();
    for (const e of elements) {
      if (seen.has(e)) return { kind: 'repeated', read: operation, element: ids.values[e] };
      seen.add(e);
    }
    if (start.some((e, i) => (isList ? elements[i] !== e : !seen.has(e)))) return { kind: 'not-applicable' };
  }
  return undefined;
}

/** By element, what must come first has the lower rank: odd ones here, even ones (twice the size) for answers. */
function ranksOf(reads: readonly Read[], elements: number, isList: boolean): Float64Array | ChainFinding {
  const rank = new Float64Array(elements);
  for (const [r, read] of reads.entries()) {
    if (r > 0 && !contains(read.elements, reads[r - 1].elements, isList))
      return { kind: 'incomparable', reads: [reads[r - 1].operation, read.operation] };
    for (const [i, e] of read.elements.entries()) {
      if (rank[e] === 0) rank[e] = 2 * (isList ? i + 1 : read.elements.length) - 1;
    }
  }
  return rank;
}

/** Whether a later answer contains an earlier one: in a list, as its beginning. */
function contains(later: readonly number[], earlier: readonly number[], isList: boolean): boolean {
  if (isList) return earlier.every((e, i) => later[i] === e);
  const set = new Set(later);
  return earlier.every(e => set.has(e));
}

interface Placed {
  readonly operation: Operation;
  readonly rank: number;
}

function findBackwards(
  placed: readonly Placed[],
  before: (returned: number, invoked: number) => boolean,
): { later: Operation; earlier: Operation } | undefined {
  let latest: Operation | undefined; // the one invoked last among those of lower rank
  for (let i = 0; i < placed.length; ) {
    let end = i;
    for (; end < placed.length && placed[end].rank === placed[i].rank; end++) {
      const { operation } = placed[end];
      if (latest !== undefined && before(completionOf(operation), latest.invoke))
        return { later: operation, earlier: latest };
    }
    for (; i < end; i++)
      if (latest === undefined || placed[i].operation.invoke > latest.invoke) latest = placed[i].operation;
  }
  return undefined;
}

/** An answer that shows `earlier`'s element without, or ahead of, `later`'s. */
function proofOf(
  { later, earlier }: { later: Operation; earlier: Operation },
  reads: readonly Read[],
  ids: ValueIds,
): Operation | undefined {
  if (later.kind === 'read' || earlier.kind === 'read') return undefined;
  const element = ids.find(earlier.input)!;
  return reads.find(read => read.elements.includes(element))?.operation;
}
