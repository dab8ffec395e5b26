/** The written partitions of a store: key ranges, lists of values, groups of columns; no key has two owners. */
import { type Interval, type Partition as PartitionAst, type PartitionLevel, parseDate } from '@dsys/grammar';
import type { ColumnGroup, Field, KeyRange, ValueList } from '@dsys/runtime/design/store';
import { placeOf } from '../diagnostic.ts';
import { type Context, firstOfEachName, located, oneLine, pathsOf, report } from './context.ts';
import { askWords } from './questions.ts';
import { finite } from './values.ts';

export const writtenPartitions = (level: PartitionLevel): readonly PartitionAst[] =>
  firstOfEachName(level.body?.partitions ?? []);

const onOf = (context: Context, partition: PartitionAst): string => pathsOf(context, partition.clusters).join(', ');

type Unit = 'number' | 'date' | 'text';

interface Bound {
  readonly unit: Unit;
  /** Dates in ns since 1970. */
  readonly value: number | string;
  readonly text: string;
}

interface Range {
  readonly ast: PartitionAst;
  /** null: open. */
  readonly from: Bound | null;
  readonly to: Bound | null;
}

const nsPerDay = 86400e9;

export function rangesOf(context: Context, level: PartitionLevel): KeyRange[] {
  const written = writtenPartitions(level);
  const ranges = written.flatMap(partition => rangeOf(context, partition) ?? []);
  const kinds = new Set(ranges.flatMap(({ from, to }) => [from, to]).flatMap(bound => bound?.unit ?? []));
  if (kinds.size > 1) {
    const message = `The ranges of one partitioning are all of numbers, all of dates or all of texts; these are of ${[...kinds].sort().join('s and ')}s, which have no order among each other.`;
    report(context, 'option-value', placeOf(level, 'strategy'), message);
  } else if (ranges.length === written.length) checkRanges(context, ranges);
  return ranges.map(({ ast, from, to }) => ({
    ...located(context, ast),
    name: ast.name,
    from: from?.value ?? null,
    to: to?.value ?? null,
    on: onOf(context, ast),
  }));
}

/** Undefined if a bound cannot be understood; that is reported. */
function rangeOf(context: Context, ast: PartitionAst): Range | undefined {
  const [member, more] = ast.members;
  if (member?.$type !== 'Interval' || more !== undefined) {
    report(context, 'option-value', more ?? ast, `${ast.name} is one range, such as 2024-01-01.. or ..100.`);
    return undefined;
  }
  const from = boundOf(context, member.from);
  const to = boundOf(context, member.to);
  if (from === undefined || to === undefined) return undefined;
  if (from !== null && to !== null && from.unit === to.unit && from.value >= to.value) {
    const message = `${ast.name} holds nothing: it begins at ${from.text} and ends before ${to.text}.`;
    report(context, 'range-overlap', member, message);
    return undefined;
  }
  return { ast, from, to };
}

/** null: open; undefined: no bound that can be ordered, which is reported. */
function boundOf(context: Context, term: Interval['from']): Bound | null | undefined {
  if (term === undefined) return null;
  const text = oneLine(term);
  switch (term.$type) {
    case 'NumberLiteral': {
      const value = finite(term.value);
      return value === undefined ? undefined : { unit: 'number', value, text };
    }
    case 'DateLiteral': {
      const days = parseDate(term.value);
      return days === undefined ? undefined : { unit: 'date', value: days * nsPerDay, text };
    }
    case 'StringLiteral':
      return { unit: 'text', value: term.value, text };
    default:
      report(context, 'option-value', term, `A range is bounded by numbers, dates or texts, not by ${text}.`);
      return undefined;
  }
}

const less = (a: Bound, b: Bound): boolean => a.value < b.value;

/** Every key has one owner. Gaps are warnings: some keys may never come. */
function checkRanges(context: Context, ranges: readonly Range[]): void {
  const [lowest, ...rest] = [...ranges].sort((a, b) =>
    a.from === null ? -1 : b.from === null ? 1 : less(a.from, b.from) ? -1 : less(b.from, a.from) ? 1 : 0,
  );
  if (lowest === undefined) return;
  const gap = (at: PartitionAst, keys: string, way: string) =>
    report(context, 'range-gap', at, `No partition holds the keys ${keys}: ${way}.`, { severity: 'warning' });
  if (lowest.from !== null) {
    const { text } = lowest.from;
    gap(lowest.ast, `below ${text}`, `add a partition such as below: ..${text}`);
  }
  let last = lowest;
  for (const next of rest) {
    if (last.to === null || next.from === null || less(next.from, last.to)) {
      const ends = last.to === null ? 'has no end' : `ends at ${last.to.text}`;
      const begins = next.from === null ? 'has no beginning' : `begins at ${next.from.text}`;
      const message = `${next.ast.name} ${begins} and ${last.ast.name} ${ends}: the keys in both would have two owners.`;
      report(context, 'range-overlap', next.ast, message);
    } else if (less(last.to, next.from)) {
      gap(next.ast, `from ${last.to.text} to ${next.from.text}`, `let ${next.ast.name} begin at ${last.to.text}`);
    }
    if (last.to !== null && (next.to === null || less(last.to, next.to))) last = next;
  }
  if (last.to !== null) {
    const { text } = last.to;
    gap(last.ast, `from ${text} on`, `add a partition such as above: ${text}..`);
  }
}

export function listsOf(context: Context, level: PartitionLevel, field: Field | undefined): ValueList[] {
  const owners = new Map<string, string>();
  let rest: string | undefined;
  const lists = writtenPartitions(level).map(partition => {
    const values: string[] = [];
    let isRest = false;
    for (const member of partition.members) {
      askWords(context, member, ['rest']);
      if (member.$type === 'Name' && oneLine(member) === 'rest') {
        if (rest !== undefined) report(context, 'range-overlap', member, `${rest} already holds the rest.`);
        rest = partition.name;
        isRest = true;
        continue;
      }
      const value = listed(context, partition, member);
      if (value === undefined) continue;
      const owner = owners.get(value);
      if (owner !== undefined) {
        report(context, 'range-overlap', member, `"${value}" is already in ${owner}: it would have two owners.`);
      }
      owners.set(value, partition.name);
      values.push(value);
    }
    if (isRest && values.length > 0) {
      report(context, 'option-value', partition, `${partition.name} holds the rest: it lists nothing else.`);
    }
    return {
      ...located(context, partition),
      name: partition.name,
      values: isRest ? null : values,
      on: onOf(context, partition),
    };
  });
  const known = field?.values?.kind === 'listed' ? field.values.shares.map(([value]) => value) : undefined;
  const homeless = known?.filter(value => !owners.has(value));
  if (lists.length > 0 && rest === undefined && (homeless === undefined || homeless.length > 0)) {
    const which = homeless === undefined ? 'any other value' : homeless.map(value => `"${value}"`).join(', ');
    const message = `No partition holds ${which}: add one for the rest, for example others: rest.`;
    report(context, 'range-gap', level, message, { severity: 'warning' });
  }
  return lists;
}

function listed(
  context: Context,
  partition: PartitionAst,
  member: PartitionAst['members'][number],
): string | undefined {
  if (member.$type === 'StringLiteral') return member.value;
  if (member.$type === 'NumberLiteral') return finite(member.value)?.toString();
  const message = `${partition.name} lists texts such as "DE", numbers, or rest; not ${oneLine(member)}.`;
  report(context, 'option-value', member, message);
  return undefined;
}

export function columnsOf(context: Context, level: PartitionLevel): ColumnGroup[] {
  const owners = new Map<string, string>();
  return writtenPartitions(level).map(partition => {
    const columns = partition.members.flatMap(member => {
      if (member.$type !== 'Name') {
        report(context, 'option-value', member, `${partition.name} lists fields, not ${oneLine(member)}.`);
        return [];
      }
      const column = member.parts.at(-1) ?? '';
      const owner = owners.get(column);
      if (owner !== undefined) report(context, 'range-overlap', member, `Field ${column} is already in ${owner}.`);
      owners.set(column, partition.name);
      return [column];
    });
    return { ...located(context, partition), name: partition.name, columns, on: onOf(context, partition) };
  });
}
