/** Claims and expectations: from words to properties. */
import type { Claims, KeepsProperty, Property as PropertyAst, SurvivesProperty } from '@dsys/grammar';
import {
  type Anomaly,
  anomalies,
  type Comparison,
  type ConsistencyModel,
  consistencyModels,
  type IsolationLevel,
  isolationLevels,
  type Property,
  type PropertyKind,
} from '@dsys/runtime/design/property';
import type { NodeId } from '@dsys/runtime/design/topology';
import { placeOf } from '../diagnostic.ts';
import { closest } from '../names/suggest.ts';
import {
  type Context,
  located,
  nodeOf,
  oneLine,
  orList,
  pathsOf,
  report,
  sourceOf,
  symbolOf,
  textOf,
} from './context.ts';
import { figureOf } from './figures.ts';
import { askWords } from './questions.ts';
import { finite } from './values.ts';

export const elaborateClaims = (context: Context, blocks: readonly Claims[]): Property[] =>
  blocks.flatMap(block => block.claims.flatMap(claim => elaborateProperty(context, claim)));

/** One property per consistency model or store of a list, else one; none when something is wrong and reported. */
export function elaborateProperty(context: Context, ast: PropertyAst | undefined): Property[] {
  if (ast === undefined) return [];
  const at = located(context, ast);
  const list = (one: string): string => `${oneLine(ast).split(' ')[0]} ${one}`;
  switch (ast.$type) {
    case 'ConsistencyProperty': {
      return ast.levels.flatMap((level, index) => {
        const model = wordIn<ConsistencyModel>(context, ast, level, consistencyModels, 'consistency ');
        if (model === undefined) return [];
        // In a list each model stands for itself.
        const own = ast.levels.length === 1 ? at : { at: sourceOf(context, placeOf(ast, 'levels', index)) };
        return [{ kind: 'consistency', model, ...own, text: list(model) }];
      });
    }
    case 'ApartProperty':
      return pathsOf(context, ast.stores).map(store => ({ kind: 'apart-from', store, ...at, text: list(store) }));
    default: {
      const kind = kindOf(context, ast);
      return kind === undefined ? [] : [{ ...kind, ...at, text: oneLine(ast) }];
    }
  }
}

function kindOf(
  context: Context,
  ast: Exclude<PropertyAst, { $type: 'ConsistencyProperty' | 'ApartProperty' }>,
): PropertyKind | undefined {
  switch (ast.$type) {
    case 'CapProperty': {
      const label = wordIn<'CP' | 'AP' | 'CA'>(context, ast, ast.class, ['CP', 'AP', 'CA'], 'cap ');
      return label && { kind: 'cap', label };
    }
    case 'SurvivesProperty':
      return survives(context, ast);
    case 'NoProperty': {
      const anomaly = wordIn<Anomaly>(context, ast, ast.anomaly, anomalies, 'no ');
      return anomaly && { kind: `no-${anomaly}` };
    }
    case 'IsolationProperty': {
      const level = wordIn<IsolationLevel>(context, ast, ast.level, isolationLevels, 'isolation ');
      return level && { kind: 'isolation', level };
    }
    case 'KeepsProperty':
      return keeps(context, ast);
    case 'ResidencyProperty': {
      const within = pathsOf(context, ast.places);
      if (within.length === 0) return undefined;
      const of = ast.partition === undefined ? '' : (symbolOf(context, ast.partition)?.path ?? textOf(ast.partition));
      const nodes = new Set(ast.places.flatMap(place => nodesIn(context, place)));
      return { kind: 'residency', of, within, nodes: [...nodes] };
    }
    case 'InvariantProperty':
      return ast.invariant ? { kind: 'invariant', name: ast.invariant } : undefined;
    case 'FigureProperty':
      return figureOf(context, ast);
  }
}

/** A word of a closed set; undefined if it is none, which is reported with what there is. */
function wordIn<W extends string>(
  context: Context,
  ast: PropertyAst,
  word: string | undefined,
  words: readonly W[],
  before: string,
): W | undefined {
  askWords(context, ast, words);
  if (!word) return undefined;
  const found = words.find(each => each === word);
  if (found !== undefined) return found;
  const near = closest(word, words);
  const hint =
    near === undefined ? `There are ${orList(words.map(each => before + each))}.` : `Did you mean ${before}${near}?`;
  report(context, 'unknown-property', ast, `There is no property "${before}${word}". ${hint}`);
  return undefined;
}

const failureUnits: Readonly<Record<string, 'node' | 'zone' | 'region'>> = {
  node: 'node',
  nodes: 'node',
  zone: 'zone',
  zones: 'zone',
  region: 'region',
  regions: 'region',
};

function survives(context: Context, ast: SurvivesProperty): PropertyKind | undefined {
  if (ast.place !== undefined) {
    const place = symbolOf(context, ast.place)?.path;
    return place === undefined ? undefined : { kind: 'survives-place', place, nodes: nodesIn(context, ast.place) };
  }
  askWords(context, ast, Object.keys(failureUnits), 'unit');
  const count = finite(ast.count?.value);
  // What is not a number to count with is reported by the parser.
  if (count === undefined || !Number.isInteger(count) || count < 1 || !ast.unit) return undefined;
  if (Object.hasOwn(failureUnits, ast.unit)) return { kind: 'survives', count, level: failureUnits[ast.unit]! };
  const message = `A design survives nodes, zones or regions, not "${ast.unit}": survives ${count} nodes.`;
  report(context, 'unknown-property', ast, message);
  return undefined;
}

function keeps(context: Context, ast: KeepsProperty): PropertyKind | undefined {
  if (ast.field === undefined) return undefined;
  const field = textOf(ast.field);
  if (ast.constraint === 'unique') return { kind: 'keeps-unique', field };
  if (ast.constraint === 'sum') return { kind: 'keeps-sum', field };
  const { comparison } = ast;
  if (comparison === undefined || ast.bound === undefined) return undefined;
  const bound = finite(ast.bound.value);
  if (bound !== undefined && ast.bound.$type === 'NumberLiteral' && comparison !== '=') {
    return { kind: 'keeps-bound', field, comparison: comparison as Comparison, bound };
  }
  if (bound === undefined && ast.bound.$type !== 'DateLiteral') return undefined;
  const message = `What is kept is a bound by a number: keeps ${field} >= 0, not "${oneLine(ast)}".`;
  report(context, 'unknown-property', ast, message);
  return undefined;
}

/** The nodes that a name stands for: a node, or all in a region, zone or cluster. */
export function nodesIn(context: Context, name: PropertyPlace): NodeId[] {
  const node = nodeOf(context, name);
  if (node !== undefined) return [node];
  const symbol = symbolOf(context, name);
  if (symbol?.kind !== 'region' && symbol?.kind !== 'zone' && symbol?.kind !== 'cluster') return [];
  const { kind, path } = symbol;
  return context.nodes.filter(each => each[kind] === path).map(each => each.id);
}

type PropertyPlace = Parameters<typeof textOf>[0];
