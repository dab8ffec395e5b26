import { sameValue } from '../../model/value.ts';
import type { History, Operation, Value } from '../history.ts';
import type { SessionGuarantee } from '../sessions.ts';
import type { VersionOrder } from '../versions.ts';

type Version = Operation | 'initial';

/**
 * Session guarantees of registers by trying every order of a key's versions that agrees with what is known, and every
 * write that a read may have come from. `ambiguous`: a read has no source, or several.
 */
export function registerGuarantee(
  history: History,
  guarantee: SessionGuarantee,
  order: VersionOrder,
): { holds: boolean; ambiguous: boolean } {
  const operations = history.operations.filter(operation => operation.outcome !== 'fail');
  const reads = operations.filter(operation => readOf(operation) !== undefined);
  const ambiguous = reads.some(read => sourcesOf(read, history).length !== 1);
  const judged = reads.filter(read => sourcesOf(read, history).length > 0);
  const orders = (key: string) =>
    ordersOf(
      operations.filter(o => o.key === key && writtenOf(o) !== undefined),
      order,
      key,
    );
  const before = (a: Operation, b: Operation) => a.process === b.process && a.id < b.id;

  if (guarantee === 'read-your-writes') {
    const holds = judged.every(read => {
      const own = operations.filter(
        w => w.outcome === 'ok' && w.key === read.key && writtenOf(w) !== undefined && before(w, read),
      );
      return orders(read.key).some(place =>
        sourcesOf(read, history).some(source => own.every(w => place(source) >= place(w))),
      );
    });
    return { holds, ambiguous };
  }
  if (guarantee === 'monotonic-reads') {
    const groups = Map.groupBy(judged, read => `${read.process} ${read.key}`);
    const holds = [...groups.values()].every(group =>
      orders(group[0].key).some(place => monotone(group, place, history)),
    );
    return { holds, ambiguous };
  }
  const pairs = operations.flatMap(write =>
    writtenOf(write) === undefined
      ? []
      : operations
          .filter(
            earlier =>
              earlier.key === write.key &&
              (before(earlier, write) || (guarantee === 'writes-follow-reads' && earlier === write)),
          )
          .flatMap(earlier => dependencyOf(earlier, guarantee, history))
          .map(dependency => [dependency, write] as const),
  );
  return { holds: pairs.every(([a, b]) => orders(b.key).some(place => place(a) <= place(b))), ambiguous };
}

function dependencyOf(earlier: Operation, guarantee: SessionGuarantee, history: History): Version[] {
  if (guarantee === 'monotonic-writes')
    return earlier.outcome === 'ok' && writtenOf(earlier) !== undefined ? [earlier] : [];
  const sources = sourcesOf(earlier, history);
  return sources.length === 1 ? sources : [];
}

function monotone(reads: readonly Operation[], place: (version: Version) => number, history: History): boolean {
  let possible = [-2];
  for (const read of reads) {
    const places = sourcesOf(read, history).map(place);
    possible = places.filter(p => possible.some(earlier => earlier <= p));
  }
  return possible.length > 0;
}

function ordersOf(writes: readonly Operation[], order: VersionOrder, key: string): ((version: Version) => number)[] {
  const ranked = (ids: readonly number[]) => (version: Version) =>
    version === 'initial' ? -1 : ids.indexOf(version.id);
  if (typeof order !== 'string') return [ranked(order.get(key) ?? [])];
  const older = (a: Operation, b: Operation) =>
    a.outcome === 'ok' &&
    ((a.process === b.process && a.id < b.id) || (order === 'real-time' && a.complete < b.invoke));
  return permutations(writes)
    .filter(list => list.every((b, i) => list.slice(0, i).every(a => !older(b, a))))
    .map(list => ranked(list.map(({ id }) => id)));
}

export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map(rest => [item, ...rest]));
}

function sourcesOf(read: Operation, history: History): Version[] {
  const value = readOf(read);
  if (value === undefined) return [];
  const writes: Version[] = history.operations.filter(write => {
    const written = writtenOf(write);
    const later = write.invoke > read.complete || (write.process === read.process && write.id >= read.id);
    return !later && write.key === read.key && written !== undefined && sameValue(written, value);
  });
  return sameValue(value, history.initial) ? [...writes, 'initial'] : writes;
}

function readOf({ kind, outcome, output, input }: Operation): Value | undefined {
  if (outcome !== 'ok') return undefined;
  return kind === 'read' ? output : kind === 'cas' && output === true ? (input as Value[])[0] : undefined;
}

function writtenOf({ kind, outcome, output, input }: Operation): Value | undefined {
  if (outcome === 'fail') return undefined;
  if (kind === 'write') return input;
  return kind === 'cas' && (outcome === 'unknown' || output === true) ? (input as Value[])[1] : undefined;
}

/** Session guarantees of sets and lists, word for word, where every element was added once. */
export function elementGuarantee({ operations }: History, guarantee: SessionGuarantee): boolean {
  const reads = operations.filter(({ kind, outcome }) => kind === 'read' && outcome === 'ok');
  const additions = operations.filter(({ kind, outcome }) => kind !== 'read' && outcome !== 'fail');
  const sessionOrder = (a: Operation, b: Operation) =>
    a.outcome === 'ok' && a.process === b.process && a.id < b.id && a.key === b.key;
  const elements = (read: Operation) => (read.output ?? []) as readonly Value[];
  const sees = (read: Operation, addition: Operation) =>
    addition.key === read.key && elements(read).includes(addition.input);
  const ahead = (read: Operation, a: Operation, b: Operation) =>
    a.kind === 'add' || elements(read).indexOf(a.input) < elements(read).indexOf(b.input);
  const follows = (a: Operation, b: Operation) =>
    reads.every(read => !sees(read, b) || (read.key === a.key && sees(read, a) && ahead(read, a, b)));
  switch (guarantee) {
    case 'read-your-writes':
      return additions.every(w => reads.every(r => !sessionOrder(w, r) || sees(r, w)));
    case 'monotonic-reads':
      return reads.every(a => reads.every(b => !sessionOrder(a, b) || additions.every(w => !sees(a, w) || sees(b, w))));
    case 'monotonic-writes':
      return additions.every(a => additions.every(b => !sessionOrder(a, b) || follows(a, b)));
    case 'writes-follow-reads':
      return reads.every(r =>
        additions.every(b => !sessionOrder(r, b) || additions.every(a => a === b || !sees(r, a) || follows(a, b))),
      );
  }
}
