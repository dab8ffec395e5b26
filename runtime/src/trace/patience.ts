/**
 * Which elements of two sequences are the same ones: a patience diff (Bram Cohen's). What stands once in both is an
 * anchor; of the anchors the longest run that is in order in both is kept, and the gaps between are compared likewise.
 * Where nothing stands once, something does together with what follows it: runs of 2, 4 … `MAX_RUN` elements are tried.
 * In a gap without any anchor, as between heartbeats, the nth of a kind is taken for the nth of the same kind.
 *
 * Time grows as n log n, at most `MAX_DEPTH` times: each level of gaps looks at each element a few times.
 */

/** Gaps within gaps that are searched for anchors; deeper ones are compared by number. */
export const MAX_DEPTH = 24;

/** Longest run of elements that is looked for as one. */
const MAX_RUN = 16;

/**
 * For each element of `a` its partner in `b`, or -1. Partners are equal, no two have the same one, and they are in order.
 * @param a, b elements, equal exactly when they are the same number, from 0 to 2^26 - 1
 */
export function patience(a: Int32Array, b: Int32Array): Int32Array {
  const partner = new Int32Array(a.length).fill(-1);
  const gaps: Gap[] = [{ fromA: 0, toA: a.length, fromB: 0, toB: b.length, depth: 0 }];
  for (let gap = gaps.pop(); gap !== undefined; gap = gaps.pop()) {
    const inner = withoutEnds(a, b, gap, partner);
    if (inner.fromA === inner.toA || inner.fromB === inner.toB) continue;
    const anchors = inner.depth < MAX_DEPTH ? anchorsOf(a, b, inner) : [];
    if (anchors.length === 0) {
      for (const [atA, atB] of inOrder(numberedPairs(a, b, inner))) partner[atA] = atB;
      continue;
    }
    let { fromA, fromB } = inner;
    for (const [atA, atB] of [...anchors, [inner.toA, inner.toB] as const]) {
      gaps.push({ fromA, toA: atA, fromB, toB: atB, depth: inner.depth + 1 });
      if (atA < inner.toA) partner[atA] = atB;
      fromA = atA + 1;
      fromB = atB + 1;
    }
  }
  return partner;
}

/** Up to before the `to`s. */
interface Gap {
  readonly fromA: number;
  readonly toA: number;
  readonly fromB: number;
  readonly toB: number;
  readonly depth: number;
}

type Pair = readonly [atA: number, atB: number];

/** Pairs what is equal from both ends inwards; the gap that is left. */
function withoutEnds(a: Int32Array, b: Int32Array, gap: Gap, partner: Int32Array): Gap {
  let { fromA, toA, fromB, toB } = gap;
  while (fromA < toA && fromB < toB && a[fromA] === b[fromB]) partner[fromA++] = fromB++;
  while (fromA < toA && fromB < toB && a[toA - 1] === b[toB - 1]) partner[--toA] = --toB;
  return { fromA, toA, fromB, toB, depth: gap.depth };
}

/** What stands once in both, alone or with what follows it, as far as it is in order. */
function anchorsOf(a: Int32Array, b: Int32Array, { fromA, toA, fromB, toB }: Gap): readonly Pair[] {
  let [runsA, runsB] = [a.subarray(fromA, toA), b.subarray(fromB, toB)];
  for (let width = 1; runsA.length > 0 && runsB.length > 0; width *= 2) {
    const anchors = inOrder(uniquePairs(runsA, runsB));
    if (anchors.length > 0) return anchors.map(([atA, atB]) => [fromA + atA, fromB + atB]);
    if (width === MAX_RUN) break;
    const numbers = new Map<number, number>();
    [runsA, runsB] = [twiceAsLong(runsA, width, numbers), twiceAsLong(runsB, width, numbers)];
  }
  return [];
}

/** Two ids below this are one number without loss. */
const MAX_ID = 67_108_864;

/** Runs of `width` elements, by the place where they begin, as runs of twice as many. */
function twiceAsLong(runs: Int32Array, width: number, numbers: Map<number, number>): Int32Array {
  const longer = new Int32Array(Math.max(0, runs.length - width));
  for (let at = 0; at < longer.length; at++) {
    const both = runs[at] * MAX_ID + runs[at + width];
    const known = numbers.get(both);
    longer[at] = known ?? numbers.size;
    if (known === undefined) numbers.set(both, longer[at]);
  }
  return longer;
}

/** What stands once in both, in the order of `a`. */
function uniquePairs(a: Int32Array, b: Int32Array): Pair[] {
  const placeInB = placesOnce(b);
  const pairs: Pair[] = [];
  for (const [element, atA] of placesOnce(a)) {
    const atB = placeInB.get(element) ?? -1;
    if (atA >= 0 && atB >= 0) pairs.push([atA, atB]);
  }
  return pairs;
}

/** Where each element stands, -1 for those that stand there more than once; in the order in which they are first met. */
function placesOnce(sequence: Int32Array): Map<number, number> {
  const places = new Map<number, number>();
  for (let at = 0; at < sequence.length; at++) places.set(sequence[at], places.has(sequence[at]) ? -1 : at);
  return places;
}

/** The nth of a kind with the nth of the same kind, in the order of `a`. */
function numberedPairs(a: Int32Array, b: Int32Array, { fromA, toA, fromB, toB }: Gap): Pair[] {
  const places = new Map<number, { readonly at: number[]; used: number }>();
  for (let at = fromB; at < toB; at++) {
    const known = places.get(b[at]);
    if (known === undefined) places.set(b[at], { at: [at], used: 0 });
    else known.at.push(at);
  }
  const pairs: Pair[] = [];
  for (let at = fromA; at < toA; at++) {
    const known = places.get(a[at]);
    if (known !== undefined && known.used < known.at.length) pairs.push([at, known.at[known.used++]]);
  }
  return pairs;
}

/** The most of the pairs, which are in the order of `a`, that are in the order of `b` too (longest increasing subsequence). */
function inOrder(pairs: readonly Pair[]): Pair[] {
  /** By length less one: the pair that ends a run of that length with the least place in `b`. */
  const ends: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  for (let pair = 0; pair < pairs.length; pair++) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (pairs[ends[middle]][1] < pairs[pair][1]) low = middle + 1;
      else high = middle;
    }
    if (low > 0) before[pair] = ends[low - 1];
    ends[low] = pair;
  }
  const kept: Pair[] = [];
  for (let pair = ends.at(-1) ?? -1; pair >= 0; pair = before[pair]) kept.push(pairs[pair]);
  return kept.reverse();
}
