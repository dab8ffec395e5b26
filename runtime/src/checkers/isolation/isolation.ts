import type { IsolationLevel } from '../../design/property.ts';
import type { History, Verdict } from '../history.ts';
import { historyProblem } from '../history-problem.ts';
import { DEFAULT_NAMES, listed, type Names, plural } from '../words.ts';
import { anyOf, DEPENDENCIES, findCycle, hasCycle, ITEMS, type Link, type Shape, WITH_TIME } from './cycles.ts';
import { type DependencyGraph, dependencyGraph, RW, WR, WW } from './dependency-graph.ts';
import type { Flaw } from './flaws.ts';
import { canBeOrdered, inferOrders, isOpen, smallestContradiction } from './orders.ts';
import { transactionsOf } from './transactions.ts';
import { type Analysed, analyse } from './versions-of-keys.ts';
import { tellContradiction, tellCycle, tellFlaw, tellLostUpdate } from './words.ts';

/** Two transactions that read the same version of a key and both replaced it. */
export interface LostUpdate {
  readonly kind: 'lost-update';
  readonly key: string;
  readonly transactions: readonly [number, number];
  /** Who made the version that both read, `INITIAL` for nobody. */
  readonly version: number;
}

export type CycleKind = 'G0' | 'G1c' | 'G-single' | 'G-nonadjacent' | 'G2-item';

export interface AnomalousCycle {
  readonly kind: CycleKind;
  readonly links: readonly Link[];
}

interface Level {
  readonly flaws: readonly Flaw['kind'][];
  readonly lostUpdates: boolean;
  /** What no cycle may look like. */
  readonly shape: Shape & { readonly kind: 'any' | 'nonadjacent' };
  readonly order: 'any' | 'real-time';
}

/** No history of Adya's has these, whatever the level. */
const impossible = ['garbage', 'duplicate'] as const;
const committedReads = [...impossible, 'G1a', 'G1b', 'incompatible-order'] as const;
const whole = { flaws: [...committedReads, 'internal'], lostUpdates: true, order: 'any' } as const;

/**
 * What each level forbids (Adya, Liskov & O'Neil, ICDE 2000, §5; Elle's table). As transactions name the keys that they
 * read, there are no predicates, and repeatable read (no G2-item) is the same as serializable (no G2).
 */
const LEVELS: Readonly<Record<IsolationLevel, Level>> = {
  'read-uncommitted': { flaws: impossible, lostUpdates: false, shape: anyOf(WW), order: 'any' },
  'read-committed': { flaws: committedReads, lostUpdates: false, shape: anyOf(DEPENDENCIES), order: 'any' },
  snapshot: { ...whole, shape: { kind: 'nonadjacent', edges: ITEMS } },
  'repeatable-read': { ...whole, shape: anyOf(ITEMS) },
  serializable: { ...whole, shape: anyOf(ITEMS) },
  'strict-serializable': { ...whole, shape: anyOf(WITH_TIME), order: 'real-time' },
};

/**
 * Checks the isolation of a history of transactions: its operations of kind `transaction`, and those on single objects,
 * which count as transactions of one step. Registers, and lists that are appended to. The level holds if there is an order
 * of each key's versions that forbids nothing of what was seen, is violated if there is none, and is `unknown` if neither
 * was found out. The witness is a shortest cycle that was found, or the reads that no order explains.
 */
export function isolationOf(history: History, level: IsolationLevel, names: Names = DEFAULT_NAMES): Verdict {
  const property = `isolation ${level}`;
  const unknown = (why: string): Verdict => ({ property, verdict: 'unknown', why, witness: null });
  const problem = historyProblem(history);
  if (problem !== undefined) return unknown(problem);
  const transactions = transactionsOf(history);
  if ('problem' in transactions) return unknown(transactions.problem);
  const { flaws, lostUpdates, shape, order } = LEVELS[level];
  const dirty = level === 'read-uncommitted';
  let analysed = analyse(transactions, history.initial, dirty ? 'left-out' : 'if-seen');
  // Where a transaction may read what comes after it, what it read and then wrote says nothing.
  if (dirty) analysed = { ...analysed, keys: analysed.keys.map(key => ({ ...key, precedences: [] })) };
  const violated = ({ why, operations }: { why: string; operations: readonly number[] }): Verdict => ({
    property,
    verdict: 'violated',
    why,
    witness: { operations, events: [] },
  });
  for (const kind of flaws) {
    const flaw = analysed.flaws.find(each => each.kind === kind);
    if (flaw !== undefined) return violated(tellFlaw(flaw, analysed, names));
  }
  const known = dependencyGraph(analysed, order);
  if (hasCycle(known, shape)) {
    const lost = lostUpdates ? findLostUpdate(analysed) : undefined;
    const cycle = worstCycle(known, shape);
    if (lost !== undefined && cycle.kind !== 'G0' && cycle.kind !== 'G1c')
      return violated(tellLostUpdate(lost, analysed, names));
    return violated(tellCycle(cycle, known, analysed, names));
  }
  const lost = lostUpdates ? findLostUpdate(analysed) : undefined;
  if (lost !== undefined) return violated(tellLostUpdate(lost, analysed, names));
  if (lostUpdates) {
    analysed = inferOrders(analysed, order);
    const inferred = dependencyGraph(analysed, order);
    if (hasCycle(inferred, shape)) return violated(tellCycle(worstCycle(inferred, shape), inferred, analysed, names));
  }
  const ordered = canBeOrdered(analysed, shape, order);
  if (ordered === 'impossible')
    return violated(tellContradiction(smallestContradiction(analysed, shape, order), analysed, names));
  const committed = analysed.committed.filter(is => is).length;
  if (committed === 0) return unknown('Nothing was checked: no transaction is known to have committed.');
  if (ordered === 'too-many') {
    const open = analysed.keys.filter(isOpen).map(({ key }) => key || 'the register');
    const shown = open.length > 4 ? [...open.slice(0, 3), `${open.length - 3} other keys`] : open;
    return unknown(
      `Nothing contradicts it, but in which order the versions of ${listed(shown)} were written is not known.`,
    );
  }
  if (analysed.left.length > 0)
    return unknown(`Nothing contradicts it, but ${listed(analysed.left.slice(0, 4))}, so it is not proved.`);
  const how = analysed.keys.some(isOpen) ? 'there is an order of versions in which no' : 'no';
  return {
    property,
    verdict: 'holds',
    why: `Of ${plural(committed, 'transaction')}, ${how} cycle is one that ${level} forbids.`,
    witness: null,
  };
}

/** Two that read the same version and replaced it: whichever came first, the other has not seen it. */
function findLostUpdate({ keys }: Analysed): LostUpdate | undefined {
  for (const { key, versions, reads } of keys) {
    const writers = new Set(versions);
    const replacing = new Map<number, number>();
    for (const { reader, version, first } of reads) {
      if (!first || !writers.has(reader)) continue;
      const other = replacing.get(version);
      if (other !== undefined && other !== reader)
        return { kind: 'lost-update', key, transactions: [other, reader], version: versions[version] };
      replacing.set(version, reader);
    }
  }
  return undefined;
}

/** The cycle that the weakest level forbids; a shortest one of its kind. There must be one of the shape. */
function worstCycle(graph: DependencyGraph, shape: Level['shape']): AnomalousCycle {
  const found =
    findCycle(graph, anyOf(WW)) ??
    findCycle(graph, anyOf(shape.edges & DEPENDENCIES)) ??
    findCycle(graph, { kind: 'single', edges: shape.edges & ITEMS }) ??
    findCycle(graph, shape.kind === 'any' ? anyOf(shape.edges & ITEMS) : shape) ??
    // Only with real time: with as few anti-dependencies as can be.
    findCycle(graph, anyOf(shape.edges & ~RW)) ??
    findCycle(graph, { kind: 'single', edges: shape.edges }) ??
    findCycle(graph, shape)!;
  return { kind: kindOf(graph, found), links: found };
}

function kindOf({ kind, because }: DependencyGraph, links: readonly Link[]): CycleKind {
  const anti = links.map(({ edge }) => kind[edge] === RW);
  const count = anti.filter(is => is).length;
  // That one version is older because a transaction read it and wrote the other is a matter of reads, too.
  if (count === 0) return links.some(({ edge }) => kind[edge] === WR || because.has(edge)) ? 'G1c' : 'G0';
  if (count === 1) return 'G-single';
  return anti.some((is, i) => is && anti[(i + 1) % anti.length]) ? 'G2-item' : 'G-nonadjacent';
}
