import type { History, Value, Verdict } from '../history.ts';
import { historyProblem } from '../history-problem.ts';
import { DEFAULT_NAMES, listed, type Names, plural } from '../words.ts';
import { anyOf, findCycle } from './cycles.ts';
import { type DependencyGraph, dependencyGraph, WW } from './dependency-graph.ts';
import { transactionsOf } from './transactions.ts';
import { type Analysed, analyse, type KeyVersions, type Precedence } from './versions-of-keys.ts';
import { showKey, T, told } from './words.ts';

/** `reader` saw what `writer` left of one key, and of another what that writer has replaced. */
interface Fracture {
  readonly reader: number;
  readonly writer: number;
  /** Index of the key whose part of the writer was seen, and of the one whose part was not. */
  readonly seen: number;
  readonly missed: number;
}

/**
 * Whether any transaction saw a part of another one: it read one key as the other had left it, and a second key as it was
 * before (Bailis et al., "Scalable Atomic Visibility with RAMP Transactions", SIGMOD 2014, §3). A list shows a part of all
 * whose elements it has. Of a register, a version whose age is not known may be the newer one: then it is a violation only
 * if no order of the versions allows all that was seen.
 */
export function fracturedReads(history: History, names: Names = DEFAULT_NAMES): Verdict {
  const property = 'no fractured-reads';
  const unknown = (why: string): Verdict => ({ property, verdict: 'unknown', why, witness: null });
  const problem = historyProblem(history);
  if (problem !== undefined) return unknown(problem);
  const transactions = transactionsOf(history);
  if ('problem' in transactions) return unknown(transactions.problem);
  const analysed = analyse(transactions, history.initial, 'if-seen');
  const { found, pairs, checked } = fracturesOf(analysed);
  const violated = ({ why, operations }: { why: string; operations: readonly number[] }): Verdict => ({
    property,
    verdict: 'violated',
    why,
    witness: { operations, events: [] },
  });
  if (found !== undefined) return violated(tellFracture(found, analysed, names));
  // Key by key: no order of one key says anything about another's.
  for (const [k, key] of analysed.keys.entries()) {
    if (pairs[k].length === 0) continue;
    const needed: KeyVersions = { ...key, precedences: [...key.precedences, ...pairs[k]], reads: [] };
    const graph = dependencyGraph({ ...analysed, keys: [needed] }, 'any');
    const cycle = findCycle(graph, anyOf(WW));
    if (cycle !== undefined) return violated(tellCircle(cycle, graph, key.key, analysed, names));
  }
  if (checked === 0) return unknown('Nothing was checked: no transaction read two keys.');
  if (analysed.left.length > 0)
    return unknown(`No fractured read was found, but ${listed(analysed.left.slice(0, 4))}, so it is not proved.`);
  const why = `None of ${plural(checked, 'transaction')} that read several keys saw a part of another one.`;
  return { property, verdict: 'holds', why, witness: null };
}

/** The first certain fracture, and by key what must be older for the others not to be one. */
function fracturesOf({ keys }: Analysed): {
  readonly found: Fracture | undefined;
  readonly pairs: readonly Precedence[][];
  readonly checked: number;
} {
  const pairs: Precedence[][] = keys.map(() => []);
  /** By transaction and key: its newest version, by place. */
  const writes = new Map<number, Map<number, number>>();
  const reads = new Map<number, Map<number, number>>();
  const older = keys.map(olderOf);
  for (const [k, { versions, reads: of }] of keys.entries()) {
    for (let v = 1; v < versions.length; v++) set(writes, versions[v], k, v);
    // Of a key that is read twice, as it was seen first.
    for (const { reader, version } of of) if (reads.get(reader)?.has(k) !== true) set(reads, reader, k, version);
  }
  let checked = 0;
  for (const [reader, byKey] of reads) {
    if (byKey.size < 2) continue;
    checked++;
    for (const [seen, version] of byKey) {
      const { list, versions } = keys[seen];
      for (let part = list ? 1 : version; part <= version; part++) {
        const writer = versions[part];
        const written = part === 0 || writer === reader ? undefined : writes.get(writer);
        if (written === undefined || written.size < 2) continue;
        for (const [missed, place] of written) {
          const got = byKey.get(missed);
          if (missed === seen || got === undefined || got === place) continue;
          if (older[missed](got, place)) return { found: { reader, writer, seen, missed }, pairs, checked };
          if (!keys[missed].list && got > 0)
            pairs[missed].push({
              before: place,
              after: got,
              because: { kind: 'seen-together', by: reader, key: keys[seen].key },
            });
        }
      }
    }
  }
  return { found: undefined, pairs, checked };
}

function set(of: Map<number, Map<number, number>>, transaction: number, key: number, version: number): void {
  const byKey = of.get(transaction);
  if (byKey === undefined) of.set(transaction, new Map([[key, version]]));
  else byKey.set(key, version);
}

/** Whether version `a` is certainly older than `b`. */
function olderOf({ ordered }: KeyVersions): (a: number, b: number) => boolean {
  return (a, b) => a < ordered && a < b;
}

function tellFracture({ reader, writer, seen, missed }: Fracture, analysed: Analysed, names: Names) {
  const [of, without] = [showKey(analysed.keys[seen].key), showKey(analysed.keys[missed].key)];
  return told(
    [writer, reader],
    analysed,
    names,
    () =>
      `Fractured read: ${T(reader)} saw what ${T(writer)} did to ${of}, but ${without} as it was before ${T(writer)}`,
  );
}

/** The versions must come one before the other, in a circle. */
function tellCircle(
  cycle: readonly { readonly from: number; readonly to: number; readonly edge: number }[],
  { because }: DependencyGraph,
  key: Value,
  analysed: Analysed,
  names: Names,
) {
  const steps = cycle.map(({ from, to, edge }) => {
    const reason = because.get(edge);
    return reason?.kind === 'seen-together'
      ? `${T(reason.by!)} saw ${showKey(reason.key!)} from ${T(from)} and ${showKey(String(key))} from ${T(to)}`
      : `${T(to)} replaced what ${T(from)} had written`;
  });
  const involved = cycle.flatMap(({ from, edge }) => [from, because.get(edge)?.by ?? from]);
  return told(
    involved,
    analysed,
    names,
    () =>
      `Fractured reads: ${listed(steps)}, so whichever of them wrote ${showKey(String(key))} last, one saw a part only`,
  );
}
