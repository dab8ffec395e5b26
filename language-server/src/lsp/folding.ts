/** Blocks, comments and runs of imports that can be folded. */
import { CstUtils, type LangiumDocument, type LeafCstNode } from 'langium';
import type { FoldingRangeProvider } from 'langium/lsp';
import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver';
import { rootOf } from './tree.ts';

export const foldingRangeProvider = (): FoldingRangeProvider => ({ getFoldingRanges: foldsOf });

export function foldsOf(document: LangiumDocument): FoldingRange[] {
  const { $cstNode, imports } = rootOf(document);
  if (!$cstNode) return [];
  const leaves = CstUtils.flattenCst($cstNode).toArray();
  const folds = [...blocksIn(leaves), ...commentsIn(leaves)];
  const [first, last] = [imports[0]?.$cstNode, imports.at(-1)?.$cstNode];
  if (first && last && first !== last) {
    folds.push(foldOf(first.range.start.line, last.range.end.line, FoldingRangeKind.Imports));
  }
  return folds.filter(({ startLine, endLine }) => startLine < endLine).sort((a, b) => a.startLine - b.startLine);
}

const foldOf = (startLine: number, endLine: number, kind?: FoldingRangeKind): FoldingRange => ({
  startLine,
  endLine,
  ...(kind && { kind }),
});

/** The line of the closing brace stays in sight. */
function blocksIn(leaves: readonly LeafCstNode[]): FoldingRange[] {
  const open: LeafCstNode[] = [];
  const folds: FoldingRange[] = [];
  for (const leaf of leaves) {
    if (leaf.text === '{') open.push(leaf);
    if (leaf.text !== '}') continue;
    const start = open.pop();
    if (start) folds.push(foldOf(start.range.start.line, leaf.range.start.line - 1));
  }
  return folds;
}

function commentsIn(leaves: readonly LeafCstNode[]): FoldingRange[] {
  const folds: FoldingRange[] = [];
  let run: { start: number; end: number } | undefined;
  for (const leaf of leaves) {
    if (!leaf.hidden) continue;
    const { start, end } = leaf.range;
    const isLine = leaf.text.startsWith('//');
    if (isLine && run?.end === start.line - 1) {
      run.end = start.line;
      continue;
    }
    if (run) folds.push(foldOf(run.start, run.end, FoldingRangeKind.Comment));
    run = isLine ? { start: start.line, end: start.line } : undefined;
    if (!isLine) folds.push(foldOf(start.line, end.line, FoldingRangeKind.Comment));
  }
  if (run) folds.push(foldOf(run.start, run.end, FoldingRangeKind.Comment));
  return folds;
}
