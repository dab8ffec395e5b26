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
  /** By operation: 1 for a read, and its times. */
  readonly isRead: Uint8Array;
  readonly invoked: Float64Array;
  readonly returned: Float64Array;
}

function clustersOf(operations: readonly Operation[], initial: Value): Clusters | undefined {
  const n = operations.length;
  const ids = new ValueIds();
  ids.of(initial);
  const of = new Int32Array(n);
  const isRead = new Uint8Array(n);
  const wasRead = new Uint8Array(n + 1); // by value
  const invoked = new Float64Array(n);
  const returned = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const operation = operations[i];
    invoked[i] = operation.invoke;
    returned[i] = completionOf(operation);
    if (operation.kind === 'read') {
      of[i] = ids.of(operation.output);
      isRead[i] = 1;
      wasRead[of[i]] = 1;
    } else if (operation.kind === 'write') of[i] = ids.of(operation.input);
    else return undefined;
  }
  let count = ids.values.length;
  const writer = new Int32Array(count + n).fill(-1);
  for (let i = 0; i < n; i++) {
    if (isRead[i] === 1) continue;
    const value = of[i];
    if (wasRead[value] === 0 && returned[i] === Number.POSITIVE_INFINITY) of[i] = -1;
    else if (writer[value] < 0 && value !== INITIAL) writer[value] = i;
    else if (wasRead[value] === 1) return undefined;
    else writer[(of[i] = count++)] = i; // never read: it does not matter that the value was written before
  }
  const first = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const last = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  first[INITIAL] = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const cluster = of[i];
    if (cluster < 0) continue;
    if (returned[i] < first[cluster]) first[cluster] = returned[i];
    if (invoked[i] > last[cluster]) last[cluster] = invoked[i];
  }
  return { of, count, writer, first, last, isRead, invoked, returned };
}

type Before = (returned: number, invoked: number) => boolean;

function findConflict(clusters: Clusters, operations: readonly Operation[], before: Before): ZoneFinding {
  const { of, count, writer, first, last, isRead, invoked, returned } = clusters;
  for (let i = 0; i < of.length; i++) {
    if (isRead[i] === 0 || of[i] === INITIAL) continue;
    const write = writer[of[i]];
    if (write >= 0 && !before(returned[i], invoked[write])) continue;
    return { kind: 'unwritten', read: operations[i], write: operations[write] };
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
  const writeFirst = (of: readonly Operation[]) =>
    [...of].sort((x, y) => Number(x.kind !== 'write') - Number(y.kind !== 'write'));
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
