import type { Operation, Value } from './history.ts';
import { completionOf } from './objects.ts';
import { hasTies } from './ties.ts';
import { ValueIds } from './value-ids.ts';

/**
 * Linearizability of a read/write register in O(n log n), when every value that was read was written once
 * (Gibbons & Korach, "Testing Shared Memories", SIAM J. Comput. 26(4), 1997, §4; Golab, Li & Shah, PODC 2011, §3).
 *
 * The write of a value and its reads form a cluster: nothing else may stand between them. `first` is when the first of
 * them had returned, `last` when the last of them was invoked. If `first < last`, the value must have been the
 * register's all that while (a forward zone); otherwise some moment between them is enough (a backward zone). The
 * history is linearizable if and only if no read returns before its write is invoked, no two forward zones overlap and
 * no backward zone lies inside a forward one: each time, two clusters would have to come one before the other.
 *
 * A write of unknown outcome took place if its value was read, and then may have returned at any time; if it was not
 * read, it is left out.
 */
export type ZoneFinding =
  | { readonly kind: 'holds' }
  /** Not a history that zones can judge. */
  | { readonly kind: 'not-applicable' }
  /** `read` returned a value that nobody had begun to write; `write` is its later writer, if there is one. */
  | { readonly kind: 'unwritten'; readonly read: Operation; readonly write: Operation | undefined }
  /** `early` had returned before `other` was invoked, and `otherEarly` before `late`: yet early, late and other, otherEarly are of one value each. */
  | {
      readonly kind: 'crossing';
      /** `undefined`: the initial value, older than everything. */
      readonly early: Operation | undefined;
      readonly late: Operation;
      readonly other: Operation;
      readonly otherEarly: Operation;
      /** The writes of the two values, where there are any. */
      readonly writes: readonly Operation[];
    };

const INITIAL = 0;

export function checkZones(operations: readonly Operation[], initial: Value): ZoneFinding {
  const clusters = clustersOf(operations, initial);
  if (clusters === undefined) return { kind: 'not-applicable' };
  const finding = findConflict(clusters, operations, (returned, invoked) => returned < invoked);
  if (finding.kind !== 'holds' || !hasTies(operations)) return finding;
  // A client that was answered and asked again within one instant did so in that order, which times cannot say. Taking
  // every answer of an instant to come before every question is stricter than that, so it can only confirm.
  if (operations.some(operation => operation.invoke === completionOf(operation))) return { kind: 'not-applicable' };
  const strict = findConflict(clusters, operations, (returned, invoked) => returned <= invoked);
  return strict.kind === 'holds' ? strict : { kind: 'not-applicable' };
}

interface Clusters {
  /** Cluster of each operation; -1: left out. */
  readonly of: Int32Array;
  readonly count: number;
  /** Position of a cluster's write; -1: there is none. */
  readonly writer: Int32Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
}

function clustersOf(operations: readonly Operation[], initial: Value): Clusters | undefined {
  const ids = new ValueIds();
  ids.of(initial);
  const of = new Int32Array(operations.length);
  for (let i = 0; i < operations.length; i++) {
    const { kind, input, output } = operations[i];
    if (kind !== 'read' && kind !== 'write') return undefined;
    of[i] = ids.of(kind === 'read' ? output : input);
  }
  let count = ids.values.length;
  const isRead = new Uint8Array(count);
  for (let i = 0; i < operations.length; i++) if (operations[i].kind === 'read') isRead[of[i]] = 1;
  const writer = new Int32Array(count + operations.length).fill(-1);
  for (let i = 0; i < operations.length; i++) {
    if (operations[i].kind !== 'write') continue;
    const value = of[i];
    if (isRead[value] === 0 && operations[i].outcome === 'unknown') of[i] = -1;
    else if (writer[value] < 0 && value !== INITIAL) writer[value] = i;
    else if (isRead[value] === 1) return undefined;
    else writer[(of[i] = count++)] = i; // never read: it does not matter that the value was written before
  }
  const first = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const last = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  first[INITIAL] = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < operations.length; i++) {
    const cluster = of[i];
    if (cluster < 0) continue;
    const returned = completionOf(operations[i]);
    if (returned < first[cluster]) first[cluster] = returned;
    if (operations[i].invoke > last[cluster]) last[cluster] = operations[i].invoke;
  }
  return { of, count, writer, first, last };
}

type Before = (returned: number, invoked: number) => boolean;

function findConflict(clusters: Clusters, operations: readonly Operation[], before: Before): ZoneFinding {
  const { of, count, writer, first, last } = clusters;
  for (let i = 0; i < operations.length; i++) {
    const cluster = of[i];
    if (cluster <= INITIAL || operations[i].kind !== 'read') continue;
    const write = writer[cluster] < 0 ? undefined : operations[writer[cluster]];
    if (write === undefined || before(operations[i].complete, write.invoke))
      return { kind: 'unwritten', read: operations[i], write };
  }

  const forward: number[] = [];
  for (let c = 0; c < count; c++) if (before(first[c], last[c])) forward.push(c);
  forward.sort((a, b) => first[a] - first[b]);
  for (let i = 1; i < forward.length; i++) {
    // Zones before this pair do not overlap, so the one that reaches furthest is the neighbour.
    if (before(first[forward[i]], last[forward[i - 1]]))
      return crossing(clusters, operations, forward[i - 1], forward[i], before);
  }
  for (let c = 0; c < count; c++) {
    if (before(first[c], last[c]) || last[c] === Number.NEGATIVE_INFINITY) continue;
    let low = 0;
    let high = forward.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(first[forward[middle]], last[c])) low = middle + 1;
      else high = middle;
    }
    if (low > 0 && before(first[c], last[forward[low - 1]]))
      return crossing(clusters, operations, forward[low - 1], c, before);
  }
  return { kind: 'holds' };
}

/** Chooses the fewest operations that show the two clusters to cross, a stale read last where there is one. */
function crossing(
  clusters: Clusters,
  operations: readonly Operation[],
  a: number,
  b: number,
  before: Before,
): ZoneFinding {
  const members = (cluster: number) => operations.filter((_, i) => clusters.of[i] === cluster);
  const inA = members(a);
  const inB = members(b);
  const latest = (of: readonly Operation[]) => of.reduce((x, y) => (y.invoke > x.invoke ? y : x));
  const swap = b === INITIAL || (a !== INITIAL && latest(inA).kind === 'write');
  const [stale, newer] = swap ? [inB, inA] : [inA, inB];
  const late = latest(stale);
  // Writes say more than reads, so they are preferred wherever they prove the same.
  const writeFirst = (of: readonly Operation[]) => [...of].sort((x, y) => Number(x.kind !== 'write') - Number(y.kind !== 'write'));
  const start = swap ? clusters.first[b] : clusters.first[a];
  const both = writeFirst(newer).find(o => before(start, o.invoke) && before(completionOf(o), late.invoke));
  const otherEarly = both ?? writeFirst(newer).find(o => before(completionOf(o), late.invoke))!;
  const other = both ?? latest(newer);
  return {
    kind: 'crossing',
    early: (swap ? b : a) === INITIAL ? undefined : writeFirst(stale).find(o => before(completionOf(o), other.invoke))!,
    late,
    other,
    otherEarly,
    writes: [a, b].filter(c => clusters.writer[c] >= 0).map(c => operations[clusters.writer[c]]),
  };
}
