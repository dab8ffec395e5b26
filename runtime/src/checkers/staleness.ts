import type { DataModel } from '../model/model.ts';
import { valueKey } from '../model/value.ts';
import { isAcknowledgedWrite } from './changes.ts';
import type { Window } from './figures.ts';
import type { History, Operation, Value } from './history.ts';
import { completionOf } from './objects.ts';
import { placesOf, type Version, type VersionOrder, versionsOf } from './versions.ts';

/** How old the answers of reads were. Both lists ascend and have one entry per read that could be judged. */
export interface Staleness {
  /** ns from the acknowledgement of the first newer write to the start of the read; 0 if there was none. */
  readonly ns: Float64Array;
  /** How many newer writes had been acknowledged when the read began. */
  readonly versions: Float64Array;
  /** Reads whose age cannot be told: nobody wrote what they saw, or the model does not show versions. */
  readonly unjudged: number;
}

/**
 * Staleness of the reads that began in the window. In registers and key-value entries, newer is what comes later in the
 * order of versions (`order`, by default real time: what was invoked after the version that was read had been
 * acknowledged); a value written more than once counts as its newest writer's. In sets and lists it is every acknowledged
 * addition that the answer lacks. Counters and texts do not show what they lack.
 */
export function staleness(
  history: History,
  model: DataModel,
  window: Window,
  order: Exclude<VersionOrder, 'sessions'> = 'real-time',
): Staleness {
  const reads = history.operations.filter(
    ({ kind, outcome, invoke }) =>
      kind === 'read' && outcome === 'ok' && invoke >= window.from && invoke < window.until,
  );
  const writesOf = Map.groupBy(history.operations.filter(isAcknowledgedWrite), ({ key }) => key);
  const texts = history.operations.some(({ kind }) => kind === 'append') && model.name === 'kv';
  let ages: (Age | undefined)[] = [];
  if (model.name === 'set' || model.name === 'list')
    ages = reads.map(read => ageBySight(read, writesOf.get(read.key) ?? []));
  else if ((model.name === 'register' || model.name === 'kv') && !texts)
    ages = agesByOrder(history, reads, writesOf, order);
  const judged = reads.flatMap((read, i) => (ages[i] === undefined ? [] : [{ invoke: read.invoke, ...ages[i] }]));
  return {
    ns: Float64Array.from(judged, ({ invoke, count, first }) => (count === 0 ? 0 : invoke - first)).sort(),
    versions: Float64Array.from(judged, ({ count }) => count).sort(),
    unjudged: reads.length - judged.length,
  };
}

/** Of the newer writes acknowledged before a read began: the first acknowledgement, and their number. */
interface Age {
  readonly first: number;
  readonly count: number;
}

function ageBySight(read: Operation, writes: readonly Operation[]): Age {
  const seen = new Set(((read.output ?? []) as readonly Value[]).map(valueKey));
  let first = Number.POSITIVE_INFINITY;
  let count = 0;
  for (const { kind, complete, input } of writes) {
    if (kind === 'delete' || complete >= read.invoke || seen.has(valueKey(input))) continue;
    count++;
    if (complete < first) first = complete;
  }
  return { first, count };
}

/** The writes of one key by rank: when they were invoked, or their place in the given order. */
interface Ranked {
  readonly ranks: Float64Array;
  /** First acknowledgement among the writes from this index on. */
  readonly firstFrom: Float64Array;
  /** Indices in order of acknowledgement. */
  readonly byAcknowledgement: readonly number[];
  readonly acknowledged: Float64Array;
  /** Counts what had been acknowledged by the time of the read at hand: a Fenwick tree over indices, and how far it has come. */
  readonly tree: Int32Array;
  counted: number;
}

function agesByOrder(
  history: History,
  reads: readonly Operation[],
  writesOf: ReadonlyMap<string, readonly Operation[]>,
  order: Exclude<VersionOrder, 'sessions'>,
): (Age | undefined)[] {
  const { seenBy, older, placed } = versionsOf(history, order);
  const places = order === 'real-time' ? undefined : placesOf(order);
  const rankOf = (write: Operation) => (places === undefined ? write.invoke : places.get(write.id)!);
  const rankedOf = new Map<string, Ranked>();
  for (const [key, writes] of writesOf) rankedOf.set(key, rank(writes.filter(placed), rankOf));
  // Reads come in order of invocation, so what had been acknowledged only grows.
  return reads.map(read => {
    const seen = (seenBy(read) ?? []).filter(placed);
    if (seen.length === 0) return undefined;
    const version = seen.reduce<Version>((newest, other) => (older(newest, other) ? other : newest), seen[0]);
    const ranked = rankedOf.get(read.key);
    if (ranked === undefined) return { first: Number.POSITIVE_INFINITY, count: 0 };
    // Newer in real time is what was invoked after the version had been acknowledged.
    const bound =
      version === undefined ? Number.NEGATIVE_INFINITY : places === undefined ? completionOf(version) : rankOf(version);
    return ageAfter(ranked, bound, read.invoke);
  });
}

function rank(writes: readonly Operation[], rankOf: (write: Operation) => number): Ranked {
  const sorted = [...writes].sort((a, b) => rankOf(a) - rankOf(b));
  const acknowledged = Float64Array.from(sorted, ({ complete }) => complete);
  const firstFrom = new Float64Array(sorted.length + 1).fill(Number.POSITIVE_INFINITY);
  for (let i = sorted.length - 1; i >= 0; i--) firstFrom[i] = Math.min(acknowledged[i], firstFrom[i + 1]);
  const byAcknowledgement = sorted.map((_, i) => i).sort((a, b) => acknowledged[a] - acknowledged[b]);
  const ranks = Float64Array.from(sorted, rankOf);
  return { ranks, firstFrom, byAcknowledgement, acknowledged, tree: new Int32Array(sorted.length + 1), counted: 0 };
}

function ageAfter(ranked: Ranked, bound: number, time: number): Age {
  const { ranks, firstFrom, byAcknowledgement, acknowledged, tree } = ranked;
  while (ranked.counted < byAcknowledgement.length && acknowledged[byAcknowledgement[ranked.counted]] < time) {
    for (let i = byAcknowledgement[ranked.counted++] + 1; i < tree.length; i += i & -i) tree[i]++;
  }
  let low = 0;
  let high = ranks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranks[middle] > bound) high = middle;
    else low = middle + 1;
  }
  let count = ranked.counted;
  for (let i = low; i > 0; i -= i & -i) count -= tree[i];
  return { first: firstFrom[low], count };
}
