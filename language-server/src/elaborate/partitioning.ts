/** How a store is split: the strategy, its levels, and which partitions come out of it. */
import type { Partition as PartitionAst, PartitionLevel, Store } from '@dsys/grammar';
import type { ColumnGroup, Field, KeyRange, Partitioning, ValueList } from '@dsys/runtime/design/store';
import { type Context, located, oneLine, report, symbolOf, textOf } from './context.ts';
import { defaults } from './defaults.ts';
import { count } from './values.ts';

/** Most partitions of one store. */
export const maxPartitions = 4096;

/** A partition before it is placed: its name within the store, and the clusters it must stand on (empty: the store's). */
export interface Shape {
  readonly path: string;
  readonly clusters: readonly string[];
  readonly at: PartitionAst | Store;
}

export interface Split {
  readonly partitioning: Partitioning;
  readonly shapes: readonly Shape[];
}

export function elaboratePartitioning(
  context: Context,
  store: Store,
  fields: readonly Field[],
  nodeCount: number,
): Split {
  const [partitioning, ...others] = store.partitionings;
  for (const other of others)
    report(
      context,
      'duplicate-option',
      other,
      `${store.name} is already partitioned; further levels are written with "then by".`,
    );
  const whole: Shape[] = [{ path: '', clusters: [], at: store }];
  if (partitioning === undefined) return { partitioning: { kind: 'none' }, shapes: whole };
  if (partitioning.with !== undefined)
    return { partitioning: { kind: 'with', store: textOf(partitioning.with) }, shapes: whole };
  let shapes: readonly Shape[] = whole;
  let made: Partitioning | undefined;
  const levels = partitioning.levels.map(level => elaborateLevel(context, store, level, fields, nodeCount));
  for (const level of [...levels].reverse()) {
    if (level === undefined) continue;
    made =
      made === undefined || (level.partitioning.kind !== 'range' && level.partitioning.kind !== 'list')
        ? level.partitioning
        : { ...level.partitioning, then: made };
  }
  for (const level of levels) {
    if (level === undefined) continue;
    const next = shapes.flatMap(outer =>
      level.shapes.map(inner => ({
        path: outer.path === '' ? inner.path : `${outer.path}.${inner.path}`,
        clusters: inner.clusters.length > 0 ? inner.clusters : outer.clusters,
        at: inner.at,
      })),
    );
    if (next.length > maxPartitions) {
      report(
        context,
        'option-value',
        store,
        `${store.name} would have ${next.length} partitions; a store may have ${maxPartitions}.`,
      );
      break;
    }
    shapes = next;
  }
  return { partitioning: made ?? { kind: 'none' }, shapes };
}

function elaborateLevel(
  context: Context,
  store: Store,
  level: PartitionLevel,
  fields: readonly Field[],
  nodeCount: number,
): Split | undefined {
  const field = level.fields[0] === undefined ? 'id' : level.fields[0].parts.at(-1)!;
  const counted = (number: number): Shape[] =>
    Array.from({ length: Math.min(number, maxPartitions + 1) }, (_, i) => ({ path: `p${i}`, clusters: [], at: store }));
  if (level.fields.length > 1)
    report(
      context,
      'option-value',
      level,
      `${level.strategy} takes one field; a compound key is written in levels: by list(a) { … } then by hash(b) into 4.`,
    );
  if (
    fields.length > 0 &&
    level.fields[0] !== undefined &&
    !fields.some(one => one.name === field) &&
    symbolOf(context, level.fields[0]) === undefined
  )
    return undefined;
  switch (level.strategy) {
    case 'hash':
    case 'jump-hash': {
      if (level.modulo !== undefined) {
        if (level.modulo !== 'nodes')
          report(
            context,
            'option-value',
            level,
            `hash(${field}) modulo nodes is the naive scheme; "modulo ${level.modulo}" is not known.`,
          );
        return {
          partitioning: { kind: 'hash', field, into: nodeCount, scheme: 'modulo-nodes' },
          shapes: counted(nodeCount),
        };
      }
      const into = count(context, level.count, `${level.strategy}(${field}) into`, level);
      if (into === undefined) return undefined;
      return {
        partitioning: { kind: 'hash', field, into, scheme: level.strategy === 'hash' ? 'slots' : 'jump' },
        shapes: counted(into),
      };
    }
    case 'consistent-hash': {
      const virtualNodes =
        level.virtualNodes === undefined
          ? defaults.virtualNodes
          : (count(context, level.virtualNodes, 'virtual-nodes', level) ?? defaults.virtualNodes);
      return { partitioning: { kind: 'consistent-hash', field, virtualNodes }, shapes: counted(nodeCount) };
    }
    case 'range': {
      const ranges = rangesOf(context, level);
      return { partitioning: { kind: 'range', field, ranges, then: null }, shapes: shapesOf(level) };
    }
    case 'list': {
      const lists = listsOf(context, level);
      return { partitioning: { kind: 'list', field, lists, then: null }, shapes: shapesOf(level) };
    }
    case 'columns':
      return { partitioning: { kind: 'columns', groups: columnsOf(context, level) }, shapes: shapesOf(level) };
    case 'directory': {
      if (level.directory === undefined) {
        report(
          context,
          'option-value',
          level,
          'A directory is kept by a store: partition by directory(user) at routes.',
        );
        return undefined;
      }
      return { partitioning: { kind: 'directory', field, store: textOf(level.directory) }, shapes: counted(nodeCount) };
    }
    default:
      report(
        context,
        'unknown-mechanism',
        level,
        `There is no partitioning "${level.strategy}": it can be hash, consistent-hash, jump-hash, range, list, directory or columns.`,
      );
      return undefined;
  }
}

const written = (level: PartitionLevel): readonly PartitionAst[] =>
  (level.body?.partitions ?? []).filter(partition => partition.name);

const shapesOf = (level: PartitionLevel): Shape[] =>
  written(level).map(partition => ({ path: partition.name, clusters: partition.clusters.map(textOf), at: partition }));

const onOf = (partition: PartitionAst): string => partition.clusters.map(textOf).join(', ');

function boundOf(context: Context, term: unknown): number | string | null | undefined {
  if (term === undefined || term === null) return null;
  const node = term as { readonly $type: string; readonly value?: unknown };
  if (node.$type === 'NumberLiteral' || node.$type === 'DateLiteral' || node.$type === 'StringLiteral')
    return node.value as number | string;
  report(context, 'option-value', term as never, 'A range is bounded by a number, a date or a text.');
  return undefined;
}

const compare = (a: number | string, b: number | string): number =>
  typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a < typeof b ? -1 : 1;

function rangesOf(context: Context, level: PartitionLevel): KeyRange[] {
  const ranges: (KeyRange & { readonly ast: PartitionAst })[] = [];
  for (const partition of written(level)) {
    const [member] = partition.members;
    if (member?.$type !== 'Interval') {
      report(context, 'option-value', partition, `${partition.name} needs a range such as 2024-01-01.. or ..100.`);
      continue;
    }
    const from = boundOf(context, member.from);
    const to = boundOf(context, member.to);
    if (from === undefined || to === undefined) continue;
    if (from !== null && to !== null && compare(from, to) >= 0) {
      report(
        context,
        'range-overlap',
        member,
        `The range of ${partition.name} is empty: it begins at ${oneLine(member.from!)} and ends before ${oneLine(member.to!)}.`,
      );
      continue;
    }
    ranges.push({
      ...located(context, partition),
      name: partition.name,
      from,
      to,
      on: onOf(partition),
      ast: partition,
    });
  }
  const sorted = [...ranges].sort((a, b) => (a.from === null ? -1 : b.from === null ? 1 : compare(a.from, b.from)));
  const first = sorted[0];
  if (first !== undefined && first.from !== null)
    report(context, 'range-gap', first.ast, `No range holds what is below ${show(first.from)}: begin one with "..".`, {
      severity: 'warning',
    });
  sorted.forEach((range, i) => {
    const next = sorted[i + 1];
    if (next === undefined) {
      if (range.to !== null)
        report(context, 'range-gap', range.ast, `No range holds ${show(range.to)} and above: end one with "..".`, {
          severity: 'warning',
        });
      return;
    }
    if (range.to === null || next.from === null || compare(next.from, range.to) < 0) {
      report(
        context,
        'range-overlap',
        next.ast,
        `${next.name} begins at ${show(next.from)}, inside ${range.name}, which ends at ${show(range.to)}: a key in both would have two owners.`,
      );
    } else if (compare(next.from, range.to) > 0) {
      report(context, 'range-gap', next.ast, `No range holds the keys from ${show(range.to)} to ${show(next.from)}.`, {
        severity: 'warning',
      });
    }
  });
  return ranges.map(({ ast: _ast, ...range }) => range);
}

/** Dates are kept as ns since 1970: far beyond what numbers of a key range usually are. */
function show(bound: number | string | null): string {
  if (bound === null) return 'the end';
  if (typeof bound === 'number' && bound > 1e15) return new Date(bound / 1e6).toISOString().slice(0, 10);
  return String(bound);
}

function listsOf(context: Context, level: PartitionLevel): ValueList[] {
  const owners = new Map<string, string>();
  return written(level).map(partition => {
    const rest = partition.members.some(member => member.$type === 'Name' && textOf(member) === 'rest');
    const values: string[] = [];
    for (const member of partition.members) {
      if (member.$type === 'Name' && textOf(member) === 'rest') continue;
      const value =
        member.$type === 'StringLiteral' || member.$type === 'NumberLiteral' ? String(member.value) : undefined;
      if (value === undefined) {
        report(
          context,
          'option-value',
          member,
          `${partition.name} lists values such as "DE", or rest; not ${oneLine(member)}.`,
        );
        continue;
      }
      const owner = owners.get(value);
      if (owner !== undefined)
        report(context, 'range-overlap', member, `"${value}" is already in ${owner}: it would have two owners.`);
      owners.set(value, partition.name);
      values.push(value);
    }
    return { ...located(context, partition), name: partition.name, values: rest ? null : values, on: onOf(partition) };
  });
}

function columnsOf(context: Context, level: PartitionLevel): ColumnGroup[] {
  const owners = new Map<string, string>();
  return written(level).map(partition => {
    const columns = partition.members.flatMap(member => (member.$type === 'Name' ? [textOf(member)] : []));
    for (const column of columns) {
      const owner = owners.get(column);
      if (owner !== undefined) report(context, 'range-overlap', partition, `Column ${column} is already in ${owner}.`);
      owners.set(column, partition.name);
    }
    return { ...located(context, partition), name: partition.name, columns, on: onOf(partition) };
  });
}
