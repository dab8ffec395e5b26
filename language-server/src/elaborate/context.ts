/** What every part of elaboration shares: where things stand, what names mean, what was found wrong. */
import type { Name, Specification } from '@dsys/grammar';
import type { SourceRange } from '@dsys/runtime/design/source';
import type { NodeId, NodeSpec } from '@dsys/runtime/design/topology';
import { type AstNode, AstUtils } from 'langium';
import { type Diagnostic, type Place, placeOf, type Severity } from '../diagnostic.ts';
import type { Names } from '../names/resolve.ts';
import type { NameSymbol } from '../names/symbols.ts';
import type { Ask } from './questions.ts';

export interface Context {
  readonly names: Names;
  /** URI → index into `Design.files`. */
  readonly fileOf: ReadonlyMap<string, number>;
  readonly diagnostics: Diagnostic[];
  /** Filled by the topology, in declaration order. */
  readonly nodes: NodeSpec[];
  /** Node path (`eu.e1`) → id. */
  readonly nodeIds: Map<string, NodeId>;
  /** Whether there are as many nodes as a design may have, and that has been said. */
  readonly isFull: { now: boolean };
  /** Values and blocks that some reader has asked for; what remains of an option means nothing and is reported. */
  readonly understood: WeakSet<AstNode>;
  /** Told what is looked for where; for completion. */
  readonly ask?: Ask | undefined;
}

export function report(
  context: Context,
  rule: string,
  place: AstNode | Place,
  message: string,
  more: { readonly severity?: Severity } & Pick<Diagnostic, 'related' | 'fixes'> = {},
): void {
  const at = 'uri' in place ? (place as Place) : placeOf(place as AstNode);
  context.diagnostics.push({ rule, severity: 'error', message, uri: at.uri, range: at.range, ...more });
}

/** Reports what a declaration lacks at its name, unless the declaration could not be read as a whole. */
export function reportMissing(
  context: Context,
  rule: string,
  declaration: AstNode & { readonly name?: string },
  message: string,
): void {
  if (!isBroken(declaration)) report(context, rule, nameOrWhole(declaration), message);
}

/** Where a declaration is named. */
export const nameOrWhole = (declaration: AstNode): Place => placeOf(declaration, 'name' as never);

/** Whether there are syntax errors inside of a node: then something that was written may be missing from it. */
function isBroken(node: AstNode): boolean {
  const { $cstNode: cst } = node;
  if (cst === undefined) return true;
  const { lexerErrors, parserErrors } = AstUtils.getDocument(node).parseResult;
  const inside = (offset: number) => !(offset < cst.offset || offset > cst.end);
  return (
    lexerErrors.some(error => inside(error.offset)) ||
    parserErrors.some(error => Number.isNaN(error.token.startOffset) || inside(error.token.startOffset))
  );
}

/** The declarations of one kind: of each name the first (name resolution has reported the others), all that have none. */
export function declarationsOf<K extends Specification['declarations'][number]['$type']>(
  files: readonly Specification[],
  kind: K,
): Extract<Specification['declarations'][number], { $type: K }>[] {
  type Found = Extract<Specification['declarations'][number], { $type: K }>;
  const all = files.flatMap(file => file.declarations.filter((one): one is Found => one.$type === kind));
  return kind === 'Network' || kind === 'Faults' ? all : firstOfEachName(all);
}

/** Of things with the same name the first: the others are reported by name resolution. Half-written ones have no name. */
export function firstOfEachName<T extends object>(all: readonly T[]): T[] {
  const seen = new Set<string>();
  return all.filter(one => {
    const name = 'name' in one ? one.name : undefined;
    if (typeof name !== 'string' || name === '' || seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

export const sourceOf = (context: Context, { uri, range }: Place): SourceRange => ({
  file: context.fileOf.get(uri) ?? 0,
  start: range.start,
  end: range.end,
});

export const rangeOf = (context: Context, node: AstNode): SourceRange => sourceOf(context, placeOf(node));

export const located = (context: Context, node: AstNode): { readonly at: SourceRange } => ({
  at: rangeOf(context, node),
});

export const textOf = (name: Name): string => name.parts.join('.');

export const symbolOf = (context: Context, name: Name | undefined): NameSymbol | undefined =>
  name && context.names.symbolOf(name);

/** The full names of what the names stand for, without those that stand for nothing. */
export const pathsOf = (context: Context, names: readonly Name[]): string[] =>
  names.flatMap(name => symbolOf(context, name)?.path ?? []);

/** The node that a name stands for; undefined: none, and name resolution has said so. */
export function nodeOf(context: Context, name: Name): NodeId | undefined {
  const symbol = symbolOf(context, name);
  return symbol?.kind === 'node' ? context.nodeIds.get(symbol.path) : undefined;
}

/** Source text of a node on one line, as messages and traces show it. */
export const oneLine = (node: AstNode | undefined): string =>
  (node?.$cstNode?.text ?? '')
    .replace(/"(?:\\.|[^"\\\n])*"?|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, text => (text.startsWith('"') ? text : ' '))
    .replace(/\s+/g, ' ')
    .trim();

/** `one`, `one or two`, `one, two or three`. */
export const orList = (words: readonly string[]): string => joined(words, 'or');

/** `one`, `one and two`, `one, two and three`. */
export const andList = (words: readonly string[]): string => joined(words, 'and');

const joined = (words: readonly string[], last: string): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;

/** `1 node`, `3 nodes`. */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;

/** Names of nodes, as people read them; the first few of many. */
export function nodeNames(context: Context, nodes: readonly NodeId[]): string {
  const names = nodes.map(node => context.nodes[node]!.name);
  return names.length > 8 ? `${names.slice(0, 7).join(', ')} and ${names.length - 7} more` : andList(names);
}
