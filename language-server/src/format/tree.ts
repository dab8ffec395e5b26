import type { Block, Specification } from '@dsys/grammar';
import { type AstNode, AstUtils, CstUtils, GrammarAST, type LeafCstNode } from 'langium';
import { refinements } from '../elaborate/mechanisms/conflicts.ts';

/** A token or comment with what the formatter keeps of its surroundings. */
export interface Leaf {
  readonly kind: 'token' | 'line-comment' | 'block-comment';
  readonly text: string;
  /** The token's name in the grammar: `STRING`, `{`, `store`. */
  readonly token: string;
  /** A `+` between the terms of a sum, not a sign. */
  readonly isSum: boolean;
  /** First on its line. */
  readonly startsLine: boolean;
  readonly afterBlankLine: boolean;
}

export interface BlockPiece {
  readonly kind: 'block';
  /** On one line in the source. */
  readonly inline: boolean;
  /** A comment after the `{` on its line. */
  openComment: Leaf | undefined;
  readonly items: Item[];
}

export type Piece = Leaf | BlockPiece;

/** A declaration, statement, option, field ... or a comment between two of them. */
export interface Item {
  readonly pieces: Piece[];
  readonly startsLine: boolean;
  readonly afterBlankLine: boolean;
  /** A comment after it on its line. */
  comment?: Leaf;
}

/** List properties whose elements are items of a block (or of the file). */
const itemProperties = new Set([
  ...['imports', 'rules', 'declarations', 'settings', 'options', 'links', 'members', 'records', 'fields'],
  ...['partitionings', 'partitions', 'replications', 'consensus', 'claims', 'accesses', 'commits', 'operations'],
  ...['runs', 'schedule', 'chaos', 'expectations', 'faults', 'bounds', 'assignments'],
]);
/** Lists of the same names that stand within one item. */
const notItems = new Set([
  'AnyOf.members',
  'AllOf.members',
  'Weighted.members',
  'Partition.members',
  'PartitionLevel.fields',
]);

/** The items of a file without syntax errors, comments included, in the order of the text. */
export function itemsOf(root: Specification): Item[] {
  const starts = itemStarts(root);
  const leaves = root.$cstNode ? CstUtils.flattenCst(root.$cstNode).toArray() : [];
  leaves.sort((a, b) => a.offset - b.offset);
  const top: Item[] = [];
  const blocks: { items: Item[]; block?: BlockPiece }[] = [{ items: top }];
  let current: Item | undefined;
  const parents: (Item | undefined)[] = [];

  for (const [i, cst] of leaves.entries()) {
    const leaf = leafOf(cst, leaves[i - 1]);
    const { items, block } = blocks.at(-1)!;
    if (leaf.kind !== 'token') {
      const next = nextToken(leaves, i + 1);
      const isBetween = !current || !next || next.text === '}' || starts.has(next.offset);
      if (!isBetween) current!.pieces.push(leaf);
      else if (!leaf.startsLine && block && items.length === 0 && leaf.kind === 'line-comment')
        block.openComment = leaf;
      else if (!leaf.startsLine && items.length > 0 && !items.at(-1)!.comment) items.at(-1)!.comment = leaf;
      else items.push({ pieces: [leaf], startsLine: leaf.startsLine, afterBlankLine: leaf.afterBlankLine });
    } else if (leaf.token === '{') {
      const opened: BlockPiece = { kind: 'block', inline: isInline(leaves, i), openComment: undefined, items: [] };
      current?.pieces.push(opened);
      parents.push(current);
      blocks.push({ items: opened.items, block: opened });
      current = undefined;
    } else if (leaf.token === '}') {
      blocks.pop();
      current = parents.pop();
    } else if (!current || starts.has(cst.offset)) {
      current = { pieces: [leaf], startsLine: leaf.startsLine, afterBlankLine: leaf.afterBlankLine };
      items.push(current);
    } else {
      current.pieces.push(leaf);
    }
  }
  return top;
}

function nextToken(leaves: readonly LeafCstNode[], from: number): LeafCstNode | undefined {
  let i = from;
  while (leaves[i]?.hidden) i++;
  return leaves[i];
}

function itemStarts(root: AstNode): Set<number> {
  const starts = new Set<number>();
  for (const node of AstUtils.streamAst(root)) {
    const property = node.$containerProperty ?? '';
    const isItem = itemProperties.has(property) && !notItems.has(`${node.$container?.$type}.${property}`);
    if (isItem && node.$cstNode && !belongsToPolicy(node)) starts.add(node.$cstNode.offset);
    if (node.$type === 'Region' && node.$cstNode) {
      for (const leaf of CstUtils.flattenCst(node.$cstNode)) if (isKeyword(leaf, 'zones')) starts.add(leaf.offset);
    }
  }
  return starts;
}

/** `version-check home` behind `conflicts optimistic-lock`, on its line: an option to the parser, but part of the other. */
function belongsToPolicy({ $type, $container, $containerIndex, $cstNode }: AstNode): boolean {
  if ($type !== 'Option') return false;
  const { options } = $container as Block;
  const name = (at: number) => options[at]?.name ?? '';
  let at = $containerIndex!;
  if (!refinements.includes(name(at))) return false;
  const before = options[at - 1]?.$cstNode;
  if (before?.range.end.line !== $cstNode?.range.start.line) return false;
  while (refinements.includes(name(at - 1))) at--;
  return name(at - 1) === 'conflicts';
}

const isKeyword = (leaf: LeafCstNode, keyword: string) =>
  GrammarAST.isKeyword(leaf.grammarSource) && leaf.grammarSource.value === keyword;

function leafOf(cst: LeafCstNode, previous: LeafCstNode | undefined): Leaf {
  const text = cst.text;
  const kind = cst.hidden ? (text.startsWith('//') ? 'line-comment' : 'block-comment') : 'token';
  const linesBefore = cst.range.start.line - (previous?.range.end.line ?? -1);
  return {
    kind,
    text: kind === 'line-comment' ? text.trimEnd() : text,
    token: cst.tokenType.name,
    isSum: cst.astNode.$type === 'Sum',
    startsLine: linesBefore > 0,
    afterBlankLine: previous !== undefined && linesBefore > 1,
  };
}

function isInline(leaves: readonly LeafCstNode[], open: number): boolean {
  let depth = 0;
  for (let i = open; i < leaves.length; i++) {
    if (leaves[i].hidden) continue;
    if (leaves[i].text === '{') depth++;
    if (leaves[i].text === '}' && --depth === 0) return leaves[i].range.end.line === leaves[open].range.start.line;
  }
  return false;
}
