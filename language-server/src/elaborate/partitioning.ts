/** How a store is split: the strategy, its levels, and which partitions come out of it. */
import type { Partition as PartitionAst, PartitionLevel, Store as StoreAst } from '@dsys/grammar';
import type { Field, Partition, Partitioning, Store } from '@dsys/runtime/design/store';
import type { NodeId } from '@dsys/runtime/design/topology';
import { placeOf } from '../diagnostic.ts';
import { closest } from '../names/suggest.ts';
import { type Context, oneLine, orList, pathsOf, report, symbolOf } from './context.ts';
import { defaults } from './defaults.ts';
import { columnsOf, listsOf, rangesOf, writtenPartitions } from './key-ranges.ts';
import { askWords } from './questions.ts';
import { count } from './values.ts';

/** Most partitions of one store. */
export const maxPartitions = 4096;
const maxVirtualNodes = 10_000;

/** A partition before it is placed. */
export interface Shape {
  /** Its name within the store; empty: the store is not split. */
  readonly path: string;
  /** The clusters that it must stand on; empty: the store's. */
  readonly clusters: readonly string[];
  /** Where its copies stand, if that is given: beside those of another store. */
  readonly replicas?: readonly NodeId[];
  readonly at: PartitionAst | StoreAst;
}

export interface Split {
  readonly partitioning: Partitioning;
  readonly shapes: readonly Shape[];
}

/** The stores and partitions that are placed already: `partition with` looks among them. */
export interface Placed {
  readonly stores: readonly Store[];
  readonly partitions: readonly Partition[];
}

export function elaboratePartitioning(
  context: Context,
  store: StoreAst,
  fields: readonly Field[],
  nodeCount: number,
  placed: Placed,
): Split {
  const [written, ...others] = store.partitionings;
  for (const other of others) {
    const message = `${store.name} is already partitioned; further levels are written with "then by".`;
    report(context, 'duplicate-option', other, message);
  }
  const whole: Split = { partitioning: { kind: 'none' }, shapes: [{ path: '', clusters: [], at: store }] };
  if (written === undefined) return whole;
  if (written.with !== undefined) return besides(symbolOf(context, written.with)?.path, store, placed) ?? whole;
  const levels = written.levels.map(level => elaborateLevel(context, level, store, fields, nodeCount));
  if (levels.length === 0 || !levels.every(level => level !== undefined)) return whole;
  const inner = levels.findIndex((_, i) => i + 1 < levels.length && !isOuter(levels[i]!.partitioning));
  if (inner >= 0) {
    const message = `"then by" follows a range or a list; ${written.levels[inner]!.strategy} is the last level.`;
    report(context, 'option-not-applicable', written.levels[inner + 1]!, message);
    return whole;
  }
  const total = levels.reduce((product, { shapes }) => product * shapes.length, 1);
  if (total > maxPartitions || levels.some(level => level.shapes.length > maxPartitions)) {
    const counts = written.levels.map((level, i) => level.count?.value ?? levels[i]!.shapes.length);
    const product = counts.reduce((all, each) => all * each, 1);
    const message = `${store.name} would have ${product} partitions; dsys runs at most ${maxPartitions} of a store.`;
    report(context, 'option-value', written, message);
    return whole;
  }
  if (total === 0) return whole;
  return levels.reduceRight((below, level) => nest(level, below));
}

const isOuter = ({ kind }: Partitioning): boolean => kind === 'range' || kind === 'list';

function nest(outer: Split, inner: Split): Split {
  const shapes = outer.shapes.flatMap(above =>
    inner.shapes.map(below => ({
      path: `${above.path}.${below.path}`,
      clusters: below.clusters.length > 0 ? below.clusters : above.clusters,
      // A counted partition is written where the one that it divides is.
      at: below.at.$type === 'Store' ? above.at : below.at,
    })),
  );
  const { partitioning } = outer;
  const isSplit = partitioning.kind === 'range' || partitioning.kind === 'list';
  // biome-ignore lint/suspicious/noThenProperty: the word of the language; nobody awaits a partitioning.
  return { partitioning: isSplit ? { ...partitioning, then: inner.partitioning } : partitioning, shapes };
}

/** As many partitions as the other store has, each beside its counterpart. */
function besides(other: string | undefined, at: StoreAst, { stores, partitions }: Placed): Split | undefined {
  const store = stores.find(({ name }) => name === other);
  if (store === undefined) return undefined;
  const shapes = store.partitions.map(id => {
    const { name, replicas } = partitions[id]!;
    return { path: name.slice(store.name.length + 1), clusters: store.clusters, replicas, at };
  });
  return { partitioning: { kind: 'with', store: store.name }, shapes };
}

const strategies = ['hash', 'jump-hash', 'consistent-hash', 'range', 'list', 'directory', 'columns'] as const;

function elaborateLevel(
  context: Context,
  level: PartitionLevel,
  store: StoreAst,
  fields: readonly Field[],
  nodeCount: number,
): Split | undefined {
  askWords(context, level, strategies, 'strategy');
  askWords(context, level, ['nodes'], 'modulo');
  const [name, ...more] = level.fields;
  const field = name?.parts.at(-1) ?? fields[0]?.name ?? 'id';
  const numbered = (number: number): Shape[] =>
    Array.from({ length: Math.min(number, maxPartitions + 1) }, (_, i) => ({ path: `p${i}`, clusters: [], at: store }));
  const strategy = strategies.find(each => each === level.strategy);
  if (!level.strategy) return undefined;
  if (strategy === undefined) {
    const near = closest(level.strategy, strategies);
    const hint = near === undefined ? `It can be ${orList(strategies)}.` : `Did you mean ${near}?`;
    report(
      context,
      'unknown-mechanism',
      placeOf(level, 'strategy'),
      `There is no partitioning "${level.strategy}". ${hint}`,
    );
    return undefined;
  }
  if (more.length > 0) {
    const way = 'a compound key is written in levels: by list(a) { … } then by hash(b) into 4';
    report(context, 'option-value', placeOf(level, 'fields', 1), `${strategy} takes one field; ${way}.`);
  }
  if (!checkClauses(context, level, strategy)) return undefined;
  switch (strategy) {
    case 'hash':
    case 'jump-hash': {
      if (level.modulo !== undefined) {
        const partitioning = { kind: 'hash', field, into: nodeCount, scheme: 'modulo-nodes' } as const;
        return { partitioning, shapes: numbered(nodeCount) };
      }
      const into = count(context, level.count, `${strategy}(${field}) into`, level);
      if (into === undefined) return undefined;
      const scheme = strategy === 'hash' ? 'slots' : 'jump';
      return { partitioning: { kind: 'hash', field, into, scheme }, shapes: numbered(into) };
    }
    case 'consistent-hash': {
      const limits = { most: maxVirtualNodes };
      const written = level.virtualNodes && count(context, level.virtualNodes, 'virtual-nodes', level, limits);
      const virtualNodes = written ?? defaults.virtualNodes;
      return { partitioning: { kind: 'consistent-hash', field, virtualNodes }, shapes: numbered(nodeCount) };
    }
    case 'range':
      return {
        partitioning: { kind: 'range', field, ranges: rangesOf(context, level), ...lastLevel },
        shapes: named(context, level),
      };
    case 'list': {
      const lists = listsOf(
        context,
        level,
        fields.find(each => each.name === field),
      );
      return { partitioning: { kind: 'list', field, lists, ...lastLevel }, shapes: named(context, level) };
    }
    case 'columns':
      return { partitioning: { kind: 'columns', groups: columnsOf(context, level) }, shapes: named(context, level) };
    case 'directory': {
      const directory = symbolOf(context, level.directory)?.path;
      if (directory === undefined) return undefined;
      return { partitioning: { kind: 'directory', field, store: directory }, shapes: numbered(nodeCount) };
    }
  }
}

// biome-ignore lint/suspicious/noThenProperty: the word of the language; nobody awaits a partitioning.
const lastLevel = { then: null };

const named = (context: Context, level: PartitionLevel): Shape[] =>
  writtenPartitions(level).map(at => ({ path: at.name, clusters: pathsOf(context, at.clusters), at }));

/** What follows each strategy; the first is what it needs. */
const clauses: Readonly<Record<(typeof strategies)[number], readonly string[]>> = {
  hash: ['into', 'modulo'],
  'jump-hash': ['into'],
  'consistent-hash': ['', 'virtual-nodes'],
  range: ['partitions'],
  list: ['partitions'],
  columns: ['partitions'],
  directory: ['at'],
};

/** A whole use of each strategy. */
export const examples: Readonly<Record<(typeof strategies)[number], string>> = {
  hash: 'hash(user) into 16',
  'jump-hash': 'jump-hash(user) into 16',
  'consistent-hash': 'consistent-hash(user) virtual-nodes 64',
  range: 'range(placed) { old: ..2024-01-01  new: 2024-01-01.. }',
  list: 'list(country) { europe: "DE", "FR"  others: rest }',
  columns: 'columns { public: name  private: dob }',
  directory: 'directory(user) at routes',
};

/** Whether a strategy is followed by what belongs to it and by nothing else; reported if not. */
function checkClauses(context: Context, level: PartitionLevel, strategy: (typeof strategies)[number]): boolean {
  const written = [
    ...(level.count === undefined ? [] : ['into']),
    ...(level.modulo === undefined ? [] : ['modulo']),
    ...(level.virtualNodes === undefined ? [] : ['virtual-nodes']),
    ...(level.directory === undefined ? [] : ['at']),
    ...(level.body?.partitions.length ? ['partitions'] : []),
  ];
  const allowed = clauses[strategy];
  const example = `partition by ${examples[strategy]}`;
  const wrong = written.find(clause => !allowed.includes(clause));
  if (wrong !== undefined) {
    const what = wrong === 'partitions' ? 'has no written partitions' : `has no "${wrong}"`;
    report(context, 'option-not-applicable', level, `${strategy} ${what}: ${example}.`);
    return false;
  }
  if (written.length === 0 && !allowed.includes('')) {
    report(context, 'option-value', level, `"${oneLine(level)}" does not say how to split: ${example}.`);
    return false;
  }
  if (level.modulo === undefined || level.modulo === 'nodes') return true;
  const message = `The naive scheme is hash(user) modulo nodes; "modulo ${level.modulo}" has no meaning.`;
  report(context, 'option-value', placeOf(level, 'modulo'), message);
  return false;
}
