import { showValue } from '../../model/value.ts';
import { type Explanation, explanation } from '../explain.ts';
import type { Value } from '../history.ts';
import { listed, type Names, type Words } from '../words.ts';
import { type DependencyGraph, PROCESS, REAL_TIME, RW, WR, WW } from './dependency-graph.ts';
import type { Flaw } from './flaws.ts';
import type { AnomalousCycle, CycleKind, LostUpdate } from './isolation.ts';
import { type Analysed, INITIAL, type Reason } from './versions-of-keys.ts';

const CALLED: Readonly<Record<CycleKind, string>> = {
  G0: 'dirty write',
  G1c: 'circular information flow',
  'G-single': 'read skew',
  'G-nonadjacent': 'non-adjacent anti-dependencies',
  'G2-item': 'write skew',
};

/** Beyond this, what the transactions of a cycle did is left to the witness. */
const MAX_TOLD = 4;

export const T = (transaction: number): string => `T${transaction}`;
export const showKey = (key: string): string => (key === '' ? 'the register' : key);

/** `T3 read x before T5 overwrote it, T5 …, and …`, and what these did. */
export function tellCycle(
  { kind, links }: AnomalousCycle,
  graph: DependencyGraph,
  analysed: Analysed,
  names: Names,
): Explanation {
  const timed = links.some(({ edge }) => graph.kind[edge] === REAL_TIME || graph.kind[edge] === PROCESS);
  const involved = links.flatMap(({ from, edge }) => {
    const by = graph.because.get(edge)?.by;
    return by === undefined ? [from] : [from, by];
  });
  return told(involved, analysed, names, words => {
    const steps = links.map(({ from, to, edge }) => {
      const key = showKey(graph.keys[graph.key[edge]] ?? '');
      switch (graph.kind[edge]) {
        case WW:
          return `${T(from)} wrote ${key} before ${T(to)} did (ww${reasonOf(graph.because.get(edge), key)})`;
        case WR:
          return `${T(to)} read ${key} from ${T(from)} (wr)`;
        case RW:
          return `${T(from)} read ${key} before ${T(to)} overwrote it (rw)`;
        case PROCESS:
          return `${words.who(analysed.transactions[to].operation)} ran ${T(from)} before ${T(to)} (session)`;
        default:
          return `${T(from)} had returned at ${words.at(analysed.transactions[from].operation.complete)}, before ${T(to)} began at ${words.at(analysed.transactions[to].operation.invoke)} (real time)`;
      }
    });
    // What follows from "else there would be a read skew" is not to be called by another anomaly's name.
    const inferred = links.some(({ edge }) => {
      const because = graph.because.get(edge);
      return because !== undefined && because.kind !== 'traced';
    });
    if (inferred) return `No order of versions is without a forbidden cycle: ${listed(steps)}`;
    const name = timed ? `${kind} with the order of time` : `${kind} (${CALLED[kind]})`;
    return `${name}: ${listed(steps)}`;
  });
}

function reasonOf(because: Reason | undefined, key: string): string {
  switch (because?.kind) {
    case 'traced':
      return `: ${T(because.by!)} read the one and wrote the other`;
    case 'seen-together':
      return `: ${T(because.by!)} read the newer ${key}, and ${showKey(because.key!)} from the same as the older`;
    case 'real-time':
      return ': in real time';
    case 'known-before':
      return `: ${T(because.by!)} read the newer one after both`;
    default:
      return '';
  }
}

export function tellLostUpdate(
  { key, transactions, version }: LostUpdate,
  analysed: Analysed,
  names: Names,
): Explanation {
  const [a, b] = transactions;
  const involved = version === INITIAL ? [a, b] : [version, a, b];
  const seen = version === INITIAL ? 'as it was at first' : `from ${T(version)}`;
  return told(
    involved,
    analysed,
    names,
    () =>
      `Lost update: ${T(a)} and ${T(b)} both read ${showKey(key)} ${seen} and both overwrote it, so one has not seen the other`,
  );
}

export function tellContradiction(transactions: readonly number[], analysed: Analysed, names: Names): Explanation {
  return told(transactions, analysed, names, () => {
    const all = listed(transactions.map(T));
    return `In whatever order ${all} wrote, what they read goes round in a circle that is forbidden`;
  });
}

export function tellFlaw(flaw: Flaw, analysed: Analysed, names: Names): Explanation {
  const { kind, reader } = flaw;
  const key = showKey(flaw.key);
  switch (kind) {
    case 'garbage':
      return told(
        [reader],
        analysed,
        names,
        () => `${T(reader)} read ${show(flaw.value)} in ${key}, which nobody had written`,
      );
    case 'duplicate':
      return told(
        [reader],
        analysed,
        names,
        () => `${T(reader)} read ${key} with ${show(flaw.element)} twice, which was appended once`,
      );
    case 'G1a':
      return told(
        [flaw.writer, reader],
        analysed,
        names,
        () =>
          `G1a (aborted read): ${T(reader)} read ${show(flaw.value)} in ${key}, which ${T(flaw.writer)} wrote, and ${T(flaw.writer)} was aborted`,
      );
    case 'G1b':
      return told(
        [flaw.writer, reader],
        analysed,
        names,
        () =>
          `G1b (intermediate read): ${T(reader)} read ${show(flaw.value)} in ${key}, which ${T(flaw.writer)} replaced before it committed`,
      );
    case 'incompatible-order': {
      const [list, other] = flaw.lists;
      const rival =
        flaw.other === undefined ? `at first it was ${show(other)}` : `${T(flaw.other)} read ${show(other)}`;
      return told(
        flaw.other === undefined ? [reader] : [flaw.other, reader],
        analysed,
        names,
        () =>
          `Incompatible orders: ${T(reader)} read ${key} as ${show(list)}, but ${rival}: neither begins with the other`,
      );
    }
    case 'internal':
      return told([reader], analysed, names, () =>
        flaw.own
          ? `Internal inconsistency: ${T(reader)} wrote ${show(flaw.expected)} to ${key} and then read ${show(flaw.value)}, without it`
          : `Internal inconsistency: ${T(reader)} read ${key} as ${show(flaw.expected)} and then as ${show(flaw.value)}`,
      );
  }
}

const show = (value: Value): string => showValue(value);

/** A sentence, and what the transactions in it are. */
export function told(
  transactions: readonly number[],
  analysed: Analysed,
  names: Names,
  tell: (words: Words) => string,
): Explanation {
  const involved = [...new Set(transactions)].sort((a, b) => a - b);
  return explanation(
    involved.map(transaction => analysed.transactions[transaction].operation),
    names,
    words => {
      if (involved.length > MAX_TOLD) return `${tell(words)}.`;
      const what = involved.map(transaction => {
        const { operation, steps } = analysed.transactions[transaction];
        const did = steps.map(({ kind, key, value }) => `${VERBS[kind]} ${showKey(key)} ${show(value)}`).join(', ');
        return `${T(transaction)}: ${words.who(operation)}, ${did}`;
      });
      return `${tell(words)}. ${what.join('; ')}.`;
    },
  );
}

const VERBS = { read: 'r', write: 'w', append: 'a' } as const;
