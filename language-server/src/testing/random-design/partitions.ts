/** Every way to split a store, with the partitions that come out of it. */
import type { Choices } from './choices.ts';
import { block, someOf } from './layout.ts';
import { onOff } from './values.ts';

export interface Shape {
  readonly path: string;
  /** The clusters that it stands on; none: those of the store. */
  readonly clusters: readonly string[];
}

export interface SplitSketch {
  /** `partition by …`, without replicas. */
  readonly text: string;
  readonly shapes: readonly Shape[];
}

export interface Splitting {
  readonly fields: readonly string[];
  /** As many partitions as there are nodes. */
  readonly nodeCount: number;
  /** On which partitions may stand. */
  readonly clusters: readonly string[];
  /** Whether each partition must say on which. */
  readonly mustSay: boolean;
  /** Other stores, which may keep the map. */
  readonly directories: readonly string[];
}

interface Level extends SplitSketch {
  /** Whether there may be another level below. */
  readonly isOuter: boolean;
}

const numbered = (count: number): Shape[] => Array.from({ length: count }, (_, i) => ({ path: `p${i}`, clusters: [] }));

export const partitionOptions = (c: Choices): string[] =>
  someOf(c, [
    () => `rebalance ${onOff(c)}`,
    () => `stale-map ${c.pick(['reject', 'accept'])}`,
    () => 'handoff within region',
    () => `placement ${c.pick(['spread', 'random', 'copysets'])}`,
  ]);

/** @param options what stands in braces behind the last level, where there is room for it */
export function randomSplit(c: Choices, splitting: Splitting, options: readonly string[]): SplitSketch {
  const first = level(c, splitting, []);
  const nested = first.isOuter && c.chance(40);
  if (!nested) {
    const again = options.length > 0 ? withOptions(c, first, options) : first.text;
    return { text: `partition by ${again}`, shapes: first.shapes };
  }
  const inner = level(c, { ...splitting, mustSay: false }, options, false);
  const shapes = first.shapes.flatMap(above =>
    inner.shapes.map(below => ({ path: `${above.path}.${below.path}`, clusters: above.clusters })),
  );
  return { text: `partition by ${first.text} then by ${inner.text}`, shapes };
}

const withOptions = (c: Choices, { text }: Level, options: readonly string[]): string =>
  text.endsWith('}') ? `${text.slice(0, -1)} ${options.join('  ')} }` : block(c, text, options);

function level(c: Choices, splitting: Splitting, options: readonly string[], mayBeNamed = true): Level {
  const { fields, nodeCount, directories, mustSay } = splitting;
  const field = c.pick(fields.length > 0 ? fields : ['id']);
  const plain = (text: string, count: number): Level => ({
    text: options.length > 0 ? block(c, text, options) : text,
    shapes: numbered(count),
    isOuter: false,
  });
  const named = mustSay || (mayBeNamed && c.chance(45));
  if (named) return c.pick([range, list, columns])(c, splitting, field);
  switch (c.below(directories.length > 0 ? 6 : 5)) {
    case 1:
      return plain(`hash(${field}) modulo nodes`, nodeCount);
    case 2: {
      const into = c.between(1, 9);
      return plain(`jump-hash(${field}) into ${into}`, into);
    }
    case 3:
      return plain(`consistent-hash(${field})`, nodeCount);
    case 4:
      return plain(`consistent-hash(${field}) virtual-nodes ${c.between(1, 128)}`, nodeCount);
    case 5:
      return plain(`directory(${field}) at ${c.pick(directories)}`, nodeCount);
    default: {
      const into = c.between(1, 9);
      return plain(`hash(${field}) into ${into}`, into);
    }
  }
}

function written(
  c: Choices,
  { clusters, mustSay }: Splitting,
  head: string,
  parts: readonly (readonly [name: string, members: string])[],
  isOuter: boolean,
): Level {
  const shapes = parts.map(
    ([path]): Shape => ({ path, clusters: mustSay || c.chance(30) ? c.some(clusters, 1, 2) : [] }),
  );
  const lines = parts.map(([name, members], i) => {
    const on = shapes[i]!.clusters;
    return `${name}: ${members}${on.length > 0 ? ` on ${on.join(', ')}` : ''}`;
  });
  return { text: block(c, head, lines), shapes, isOuter };
}

const bounds = [
  ['10', '20.5', '300'],
  ['2023-01-01', '2024-02-29', '2025-12-31'],
  ['"d"', '"m"', '"x"'],
];

function range(c: Choices, splitting: Splitting, field: string): Level {
  const edges = c.pick(bounds).slice(0, c.between(1, 3));
  const parts = ['', ...edges].map(
    (from, i) => [c.pick([`r${i}`, `y${2020 + i}`]), `${from}..${edges[i] ?? ''}`] as const,
  );
  return written(c, splitting, `range(${field})`, parts, true);
}

function list(c: Choices, splitting: Splitting, field: string): Level {
  const groups = [['"DE"', '"FR"'], ['"US"'], ['7', '8.5'], ['"a, b"']].slice(0, c.between(1, 4));
  const parts = groups.map((values, i) => [['europe', 'us', 'read', 'on'][i]!, values.join(', ')] as const);
  return written(c, splitting, `list(${field})`, [...parts, ['others', 'rest']], true);
}

function columns(c: Choices, splitting: Splitting): Level {
  const { fields } = splitting;
  const all = fields.length > 0 ? fields : ['name', 'dob'];
  const first = c.between(1, all.length);
  const groups = [all.slice(0, first), all.slice(first)].filter(group => group.length > 0);
  return written(
    c,
    splitting,
    'columns',
    groups.map((group, i) => [['public', 'private'][i]!, group.join(', ')] as const),
    false,
  );
}
