/**
 * Reads a changed text anew only around the change: the grammar's top level is a list of declarations, and one that
 * neither changed nor stands beside a change is what it was, some lines further down. Its tree is moved into the new one,
 * so the old one is used up. (The idea is that of Wagner and Graham, "Efficient and Flexible Incremental Parsing",
 * TOPLAS 1998, at the grain of whole declarations.)
 *
 * Only for texts without syntax errors, before and after: how far a parser's recovery reaches is not known beforehand.
 */
import type { Specification } from '@dsys/grammar';
import type { AstNode, CstNode, ParseResult } from 'langium';
import { CompositeCstNodeImpl, type LeafCstNodeImpl, RootCstNodeImpl } from 'langium';

type Item = Specification['declarations' | 'imports' | 'rules'][number];
const properties = ['imports', 'rules', 'declarations'] as const;

interface Position {
  readonly offset: number;
  readonly line: number;
  readonly character: number;
}

/** So many children of the root around the change are read again: their ends may depend on what follows them. */
const margin = 2;

/**
 * @param parse reads a text from its beginning
 * @returns undefined where the whole text has to be read; then nothing of `before` has changed
 */
export function reparse(
  before: ParseResult<Specification>,
  text: string,
  parse: (text: string) => ParseResult<Specification>,
): ParseResult<Specification> | undefined {
  const oldRoot = before.value.$cstNode;
  if (!(oldRoot instanceof RootCstNodeImpl) || !isClean(before)) return undefined;
  const oldText = oldRoot.fullText;
  const { content } = oldRoot;
  const [from, to] = childrenAround(content, changeOf(oldText, text));
  // Most of the text is read again: then all of it may be.
  if (content.length - (to - from) < margin) return undefined;
  const start = from === 0 ? 0 : content[from - 1]!.end;
  const end = to === content.length ? oldText.length : content[to - 1]!.end;
  const newEnd = end + text.length - oldText.length;
  const part = parse(text.slice(start, newEnd));
  const partRoot = part.value.$cstNode;
  if (!(partRoot instanceof RootCstNodeImpl) || !isClean(part)) return undefined;
  const [head, tail] = [content.slice(0, from), content.slice(to)];
  if (!isSameAtEnds(content.slice(from, to), partRoot.content, { from, to, count: content.length })) return undefined;

  // From here on the old tree is taken apart.
  const kept = (item: Item, isKept: (top: CstNode) => boolean) => isKept(topOf(item));
  const heads = new Set<CstNode>(head);
  const tails = new Set<CstNode>(tail);
  const merged = properties.map(property => {
    const old = before.value[property] as Item[];
    const items = [
      ...old.filter(item => kept(item, top => heads.has(top))),
      ...(part.value[property] as Item[]),
      ...old.filter(item => kept(item, top => tails.has(top))),
    ];
    return { property, items };
  });
  const startAt = positionAt(text, start);
  for (const child of partRoot.content) move(child, { offset: 0, line: 0, character: 0 }, startAt);
  const oldEnd = positionAt(oldText, end);
  const endAt = positionAt(text, newEnd);
  for (const child of tail) move(child, oldEnd, endAt);

  // Properties in the order in which the parser would have come by them.
  merged.sort((a, b) => offsetOf(a.items) - offsetOf(b.items));
  const value = { $type: before.value.$type } as Specification;
  for (const { property, items } of merged) Object.assign(value, { [property]: items });
  const root = new RootCstNodeImpl(text);
  root.grammarSource = oldRoot.grammarSource;
  root.content = [...head, ...partRoot.content, ...tail];
  for (const child of root.content) (child as { container?: CompositeCstNodeImpl }).container = root;
  root.astNode = value;
  (value as { $cstNode?: CstNode }).$cstNode = root;
  for (const property of properties)
    (value[property] as Item[]).forEach((item, index) => {
      const node = item as { $container?: AstNode; $containerProperty?: string; $containerIndex?: number };
      node.$container = value;
      node.$containerProperty = property;
      node.$containerIndex = index;
    });
  return { ...part, value };
}

const isClean = ({ lexerErrors, parserErrors }: ParseResult): boolean =>
  lexerErrors.length === 0 && parserErrors.length === 0;

/** The part of the old text that differs: from the first to behind the last character that is not the same. */
function changeOf(before: string, after: string): readonly [from: number, to: number] {
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before.charCodeAt(from) === after.charCodeAt(from)) from++;
  let same = 0;
  while (
    same < most - from &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  )
    same++;
  return [from, before.length - same];
}

/** Children of the root that the change touches, and those beside them. */
function childrenAround(content: readonly CstNode[], [from, to]: readonly [number, number]): readonly [number, number] {
  let first = content.findIndex(child => child.end >= from);
  if (first < 0) first = content.length;
  let last = first;
  while (last < content.length && content[last]!.offset <= to) last++;
  return [Math.max(0, first - margin), Math.min(content.length, last + margin)];
}

/**
 * Whether the outermost children that were read again are what they were: then those beyond them, which were not, are
 * so too. Where the file begins or ends there is nothing beyond.
 */
function isSameAtEnds(
  old: readonly CstNode[],
  now: readonly CstNode[],
  { from, to, count }: { readonly from: number; readonly to: number; readonly count: number },
): boolean {
  const isSame = (a: CstNode | undefined, b: CstNode | undefined) =>
    a !== undefined && b !== undefined && a.hidden === b.hidden && typeOf(a) === typeOf(b) && a.text === b.text;
  return (from === 0 || isSame(old[0], now[0])) && (to === count || isSame(old.at(-1), now.at(-1)));
}

const typeOf = (child: CstNode): string | undefined => (child.hidden ? undefined : child.astNode.$type);

const offsetOf = ([first]: readonly Item[]): number => first?.$cstNode?.offset ?? Number.POSITIVE_INFINITY;

/** The child of the root that an item of the top level stands in. */
function topOf(item: Item): CstNode {
  let node: CstNode = item.$cstNode!;
  while (node.container?.container) node = node.container;
  return node;
}

/** Moves everything in a child of the root as far as `from` moves to get to `to`. */
function move(node: CstNode, from: Position, to: Position): void {
  const [offset, lines, characters] = [to.offset - from.offset, to.line - from.line, to.character - from.character];
  if (offset === 0 && lines === 0 && characters === 0) return;
  const visit = (one: CstNode): void => {
    if (one instanceof CompositeCstNodeImpl) {
      // What has been computed from the old places.
      (one as unknown as { _rangeCache: undefined })._rangeCache = undefined;
      for (const child of one.content) visit(child);
      return;
    }
    const leaf = one as unknown as Places;
    leaf._offset += offset;
    // What stands on the same line as the change moves sideways too.
    if (leaf._startLine === from.line) leaf._startColumn += characters;
    if (leaf._endLine === from.line) leaf._endColumn += characters;
    leaf._startLine += lines;
    leaf._endLine += lines;
  };
  visit(node);
}

/** Fields of a leaf that Langium keeps to itself; `reparse.test.ts` holds them against a text read as a whole. */
interface Places {
  _offset: LeafCstNodeImpl['offset'];
  _startLine: number;
  _startColumn: number;
  _endLine: number;
  _endColumn: number;
}

/** Line and column as the lexer counts them. */
function positionAt(text: string, offset: number): Position {
  let line = 0;
  let lineStart = 0;
  for (let at = 0; at < offset; at++) {
    const code = text.charCodeAt(at);
    if (code !== 10 && !(code === 13 && text.charCodeAt(at + 1) !== 10)) continue;
    line++;
    lineStart = at + 1;
  }
  return { offset, line, character: offset - lineStart };
}
