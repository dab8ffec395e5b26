/** What every part of elaboration shares: where things stand, what names mean, what was found wrong. */
import type { Name } from '@dsys/grammar';
import type { SourceRange } from '@dsys/runtime/design/source';
import type { NodeId, NodeSpec } from '@dsys/runtime/design/topology';
import type { AstNode } from 'langium';
import { type Diagnostic, type Place, placeOf, type Severity } from '../diagnostic.ts';
import type { Names } from '../names/resolve.ts';
import type { NameSymbol } from '../names/symbols.ts';

export interface Context {
  readonly names: Names;
  /** URI → index into `Design.files`. */
  readonly fileOf: ReadonlyMap<string, number>;
  readonly diagnostics: Diagnostic[];
  /** Filled by the topology, in declaration order. */
  readonly nodes: NodeSpec[];
  /** Node path (`eu.e1`) → id. */
  readonly nodeIds: Map<string, NodeId>;
  /** The doc comment of a declaration. */
  docOf(node: AstNode): string | null;
}

export function report(
  context: Context,
  rule: string,
  place: AstNode | Place,
  message: string,
  more: { readonly severity?: Severity; readonly related?: Diagnostic['related'] } = {},
): void {
  const at = 'uri' in place ? (place as Place) : placeOf(place as AstNode);
  const { severity = 'error', related } = more;
  context.diagnostics.push({ rule, severity, message, uri: at.uri, range: at.range, ...(related && { related }) });
}

export function rangeOf(context: Context, node: AstNode): SourceRange {
  const { uri, range } = placeOf(node);
  return { file: context.fileOf.get(uri) ?? 0, start: range.start, end: range.end };
}

export const located = (context: Context, node: AstNode): { readonly at: SourceRange } => ({
  at: rangeOf(context, node),
});

export const textOf = (name: Name): string => name.parts.join('.');

export const symbolOf = (context: Context, name: Name): NameSymbol | undefined => context.names.symbolOf(name);

/** The node that a name stands for; undefined: none, and name resolution has said so. */
export function nodeOf(context: Context, name: Name): NodeId | undefined {
  const symbol = symbolOf(context, name);
  return symbol?.kind === 'node' ? context.nodeIds.get(symbol.path) : undefined;
}

/** Source text of a node on one line, as messages and traces show it. */
export const oneLine = (node: AstNode): string =>
  (node.$cstNode?.text ?? '')
    .replace(/\/\/[^\n]*/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** `one`, `one or two`, `one, two or three`. */
export const orList = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
