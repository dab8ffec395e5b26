/** Measured figures among properties: `availability >= 99.95%`, `read p99 < 20ms`, `staleness <= 2 versions`. */
import type { FigureProperty, Quantity } from '@dsys/grammar';
import type { Comparison, PropertyKind } from '@dsys/runtime/design/property';
import { closest } from '../names/suggest.ts';
import { type Context, oneLine, orList, report } from './context.ts';
import { askWords } from './questions.ts';
import { finite } from './values.ts';

interface Measured {
  readonly percentile: number | 'max';
  readonly comparison: Comparison;
  readonly bound: number;
}

interface Figure {
  readonly unit: Exclude<Quantity['$type'], 'DateLiteral'>;
  readonly example: string;
  /** Whether a percentile or `versions` may be said. */
  readonly percentile?: true;
  readonly versions?: true;
  readonly make: (measured: Measured) => PropertyKind;
}

const latency = (of: 'read' | 'write' | 'transaction'): Figure => ({
  unit: 'Duration',
  example: `${of} p99 < 20ms`,
  percentile: true,
  make: ({ percentile, comparison, bound }) => ({ kind: 'latency', of, percentile, comparison, boundNs: bound }),
});

const availability = (of: 'all' | 'read' | 'write', example: string): Figure => ({
  unit: 'Percent',
  example,
  make: ({ comparison, bound }) => ({ kind: 'availability', of, comparison, bound }),
});

/** Every figure by its words. */
const figures: Readonly<Record<string, Figure>> = {
  availability: availability('all', 'availability >= 99.95%'),
  'read availability': availability('read', 'read availability >= 99.95%'),
  'write availability': availability('write', 'write availability >= 99.95%'),
  read: latency('read'),
  write: latency('write'),
  transaction: latency('transaction'),
  staleness: {
    unit: 'Duration',
    example: 'staleness p99 < 500ms, or staleness <= 2 versions',
    percentile: true,
    versions: true,
    make: ({ percentile, comparison, bound }) => ({ kind: 'staleness', percentile, comparison, boundNs: bound }),
  },
  recovery: {
    unit: 'Duration',
    example: 'recovery < 2s',
    make: ({ comparison, bound }) => ({ kind: 'recovery', comparison, boundNs: bound }),
  },
  throughput: {
    unit: 'Rate',
    example: 'throughput > 500/s',
    make: ({ comparison, bound }) => ({ kind: 'throughput', comparison, boundPerSecond: bound }),
  },
  'loss-window': {
    unit: 'Duration',
    example: 'loss-window < 250ms',
    make: ({ comparison, bound }) => ({ kind: 'loss-window', comparison, boundNs: bound }),
  },
  durability: {
    unit: 'Percent',
    example: 'durability >= 99.9999%',
    make: ({ comparison, bound }) => ({ kind: 'durability', comparison, bound }),
  },
};

export const figureExamples: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(figures).map(([words, { example }]) => [words, example]),
);

/** Properties that do not begin like figures, for suggestions. */
const otherProperties = [
  'consistency',
  'cap',
  'survives',
  'no',
  'isolation',
  'keeps',
  'residency',
  'apart-from',
  'invariant',
];

/** Undefined if the property is none or makes no sense, which is reported. */
export function figureOf(context: Context, ast: FigureProperty): PropertyKind | undefined {
  const words = ast.words.join(' ');
  const wrong = (message: string, place: FigureProperty | Quantity = ast): undefined => {
    report(context, 'unknown-property', place, message);
    return undefined;
  };
  askWords(context, ast, Object.keys(figures), 'words');
  const figure = Object.hasOwn(figures, words) ? figures[words]! : undefined;
  if (figure === undefined) {
    const known = [...Object.keys(figures), ...otherProperties];
    const near = closest(words, known) ?? closest(ast.words[0] ?? '', known);
    return wrong(
      `There is no property "${words}". ${near === undefined ? `There are ${orList(known)}.` : `Did you mean ${near}?`}`,
    );
  }
  if (ast.bound !== undefined) context.ask?.(ast.bound, { kind: 'quantity', type: figure.unit });
  const write = `write for example ${figure.example}`;
  const { comparison, bound: quantity } = ast;
  if (comparison === undefined || quantity === undefined)
    return wrong(`"${oneLine(ast)}" is not a whole property; ${write}.`);
  if (comparison === '=') return wrong(`A measured figure is compared with <, <=, > or >=; ${write}.`);
  const percentile = percentileOf(context, ast, figure, words);
  const bound = finite(quantity.value);
  if (percentile === undefined || (bound === undefined && quantity.$type !== 'DateLiteral')) return undefined;
  const inVersions = ast.unit === 'versions' && figure.versions === true;
  const unit = inVersions ? 'NumberLiteral' : figure.unit;
  const misplaced = ast.unit === 'versions' && !inVersions;
  if (bound === undefined || quantity.$type !== unit || misplaced) {
    return wrong(
      `${words} cannot be compared with ${oneLine(quantity)}${misplaced ? ' versions' : ''}; ${write}.`,
      quantity,
    );
  }
  if (unit === 'Percent' && (bound < 0 || bound > 1)) {
    return wrong(`${words} is a share from 0% to 100%, not ${oneLine(quantity)}.`, quantity);
  }
  const operator = comparison as Comparison;
  if (!inVersions) return figure.make({ percentile, comparison: operator, bound });
  if (percentile !== 'max') return wrong('staleness in versions has no percentile: staleness <= 2 versions.');
  return { kind: 'staleness-versions', comparison: operator, bound };
}

/** As a fraction; undefined if it is none of this figure, which is reported. */
function percentileOf(
  context: Context,
  ast: FigureProperty,
  figure: Figure,
  words: string,
): number | 'max' | undefined {
  if (ast.percentile === undefined) return 'max';
  const percent = finite(ast.percentile);
  if (percent !== undefined && figure.percentile) return percent / 100;
  const message = figure.percentile
    ? `A percentile lies between p0 and p100; "${oneLine(ast)}" has another.`
    : `${words} has no percentiles; write for example ${figure.example}.`;
  report(context, 'unknown-property', ast, message);
  return undefined;
}
