/** Claims and expectations: from words to properties. */
import type { FigureProperty, Property as PropertyAst, Quantity } from '@dsys/grammar';
import {
  type Comparison,
  type ConsistencyModel,
  consistencyModels,
  type IsolationLevel,
  type Property,
  type PropertyKind,
} from '@dsys/runtime/design/property';
import type { NodeId } from '@dsys/runtime/design/topology';
import { type Context, located, nodeOf, oneLine, orList, report, symbolOf, textOf } from './context.ts';

const anomalies = ['lost-writes', 'lost-updates', 'split-brain', 'divergence', 'blocking', 'fractured-reads'] as const;
const levels: readonly IsolationLevel[] = [
  'serializable',
  'strict-serializable',
  'snapshot',
  'repeatable-read',
  'read-committed',
  'read-uncommitted',
];

/** One property per consistency model of a list, else one; none when it was reported. */
export function elaborateProperty(context: Context, ast: PropertyAst): Property[] {
  const make = (kind: PropertyKind, text = oneLine(ast)): Property[] => [{ ...kind, ...located(context, ast), text }];
  switch (ast.$type) {
    case 'ConsistencyProperty':
      return ast.levels.flatMap(level => {
        if ((consistencyModels as readonly string[]).includes(level))
          return make({ kind: 'consistency', model: level as ConsistencyModel }, `consistency ${level}`);
        report(
          context,
          'unknown-property',
          ast,
          `There is no consistency model "${level}": there are ${orList(consistencyModels)}.`,
        );
        return [];
      });
    case 'CapProperty':
      if (ast.class === 'CP' || ast.class === 'AP' || ast.class === 'CA')
        return make({ kind: 'cap', label: ast.class });
      report(context, 'unknown-property', ast, `cap is CP, AP or CA, not "${ast.class}".`);
      return [];
    case 'SurvivesProperty':
      return survives(context, ast, make);
    case 'NoProperty':
      if ((anomalies as readonly string[]).includes(ast.anomaly))
        return make({ kind: `no-${ast.anomaly}` as 'no-lost-writes' });
      report(
        context,
        'unknown-property',
        ast,
        `There is no property "no ${ast.anomaly}": there are ${orList(anomalies.map(one => `no ${one}`))}.`,
      );
      return [];
    case 'IsolationProperty':
      if ((levels as readonly string[]).includes(ast.level))
        return make({ kind: 'isolation', level: ast.level as IsolationLevel });
      report(
        context,
        'unknown-property',
        ast,
        `There is no isolation level "${ast.level}": there are ${orList(levels)}.`,
      );
      return [];
    case 'KeepsProperty': {
      const field = textOf(ast.field);
      if (ast.constraint === 'unique') return make({ kind: 'keeps-unique', field });
      if (ast.constraint === 'sum') return make({ kind: 'keeps-sum', field });
      const bound = numberOf(ast.bound);
      if (ast.comparison === undefined || bound === undefined) return incomplete(context, ast, 'keeps balance >= 0');
      return make({ kind: 'keeps-bound', field, comparison: comparison(ast.comparison), bound });
    }
    case 'ResidencyProperty':
      return make({
        kind: 'residency',
        of: typeof ast.partition === 'object' ? textOf(ast.partition) : (ast.partition ?? ''),
        within: ast.places.map(textOf),
        nodes: ast.places.flatMap(place =>
          nodesAt(context, symbolOf(context, place)?.path ?? '', symbolOf(context, place)?.kind ?? ''),
        ),
      });
    case 'ApartProperty':
      return ast.stores.flatMap(store =>
        make({ kind: 'apart-from', store: textOf(store) }, `apart-from ${textOf(store)}`),
      );
    case 'InvariantProperty':
      return make({ kind: 'invariant', name: ast.invariant });
    case 'FigureProperty':
      return figure(context, ast, make);
  }
}

type Make = (kind: PropertyKind, text?: string) => Property[];

function survives(context: Context, ast: Extract<PropertyAst, { $type: 'SurvivesProperty' }>, make: Make): Property[] {
  if (ast.place !== undefined) {
    const symbol = symbolOf(context, ast.place);
    if (symbol === undefined) return [];
    const node = nodeOf(context, ast.place);
    return make({
      kind: 'survives-place',
      place: textOf(ast.place),
      nodes: node !== undefined ? [node] : nodesAt(context, symbol.path, symbol.kind),
    });
  }
  const count = ast.count?.value ?? 0;
  const unit = (ast.unit ?? '').replace(/s$/, '');
  if (!Number.isInteger(count) || count < 0) return incomplete(context, ast, 'survives 2 nodes');
  if (unit === 'node' || unit === 'zone' || unit === 'region') return make({ kind: 'survives', count, level: unit });
  report(context, 'unknown-property', ast, `A design survives nodes, zones or regions, not "${ast.unit}".`);
  return [];
}

/** All nodes in a region, zone or cluster. */
export function nodesAt(context: Context, path: string, kind: string): NodeId[] {
  const inside = context.nodes.filter(node =>
    kind === 'region'
      ? node.region === path
      : kind === 'zone'
        ? node.zone === path
        : kind === 'cluster'
          ? node.cluster === path
          : false,
  );
  return inside.map(node => node.id);
}

const comparison = (text: string): Comparison => (text === '=' ? '<=' : (text as Comparison));

function numberOf(quantity: Quantity | undefined): number | undefined {
  if (quantity === undefined) return undefined;
  const value = Number(quantity.value);
  return Number.isNaN(value) ? undefined : value;
}

function incomplete(context: Context, ast: PropertyAst, example: string): [] {
  report(context, 'unknown-property', ast, `"${oneLine(ast)}" is not a whole property; write for example ${example}.`);
  return [];
}

/** `availability >= 99.95%`, `write availability …`, `read p99 < 20ms`, `staleness …`, `recovery …`, `throughput …`. */
function figure(context: Context, ast: FigureProperty, make: Make): Property[] {
  const [word, second] = ast.words;
  const bound = numberOf(ast.bound);
  if (ast.comparison === undefined || bound === undefined || ast.bound === undefined)
    return incomplete(context, ast, 'read p99 < 20ms');
  if (ast.comparison === '=')
    report(context, 'unknown-property', ast, 'A measured figure is compared with <, <=, > or >=.');
  const compare = comparison(ast.comparison);
  const unit = ast.bound.$type;
  const fits = (wanted: Quantity['$type'], example: string): boolean => {
    if (unit === wanted) return true;
    report(
      context,
      'unknown-property',
      ast.bound!,
      `${ast.words.join(' ')} cannot be compared with ${oneLine(ast.bound!)}; write for example ${example}.`,
    );
    return false;
  };
  const percentile = ast.percentile === undefined ? 'max' : ast.percentile / 100;
  if (word === 'availability' || second === 'availability') {
    if (!fits('Percent', 'availability >= 99.95%')) return [];
    const of = word === 'availability' ? 'all' : word === 'read' || word === 'write' ? word : undefined;
    return of === undefined
      ? incomplete(context, ast, 'write availability >= 99.95%')
      : make({ kind: 'availability', of, comparison: compare, bound });
  }
  switch (word) {
    case 'read':
    case 'write':
    case 'transaction':
      return fits('Duration', `${word} p99 < 20ms`)
        ? make({ kind: 'latency', of: word, percentile, comparison: compare, boundNs: bound })
        : [];
    case 'staleness':
      if (ast.unit === 'versions') return make({ kind: 'staleness-versions', comparison: compare, bound });
      return fits('Duration', 'staleness p99 < 500ms')
        ? make({ kind: 'staleness', percentile, comparison: compare, boundNs: bound })
        : [];
    case 'recovery':
      return fits('Duration', 'recovery < 2s') ? make({ kind: 'recovery', comparison: compare, boundNs: bound }) : [];
    case 'throughput':
      return fits('Rate', 'throughput > 500/s')
        ? make({ kind: 'throughput', comparison: compare, boundPerSecond: bound })
        : [];
    case 'loss-window':
      return fits('Duration', 'loss-window < 250ms')
        ? make({ kind: 'loss-window', comparison: compare, boundNs: bound })
        : [];
    case 'durability':
      return fits('Percent', 'durability >= 99.9999%') ? make({ kind: 'durability', comparison: compare, bound }) : [];
    default:
      report(context, 'unknown-property', ast, `There is no property "${ast.words.join(' ')}".`);
      return [];
  }
}
