import type { Diagnostic } from '../diagnostic.ts';
import { parseText } from '../module.ts';
import { syntaxDiagnostics } from '../parsing/syntax.ts';
import { type BlockPiece, type Item, itemsOf, type Leaf, type Piece } from './tree.ts';

/** One-line blocks stay on one line up to this column. */
export const lineWidth = 120;
const indentation = '  ';

/**
 * Lays a file out anew: two spaces per block, one statement per line unless several stood on one, two spaces between
 * options on a line (they have no separator), at most one blank line in a row. Tokens and comments stay what and in
 * which order they are. A file with syntax errors is left alone: its errors are returned.
 */
export function format(text: string): string | { readonly errors: readonly Diagnostic[] } {
  const document = parseText(text, 'file:///format.dsys');
  const errors = syntaxDiagnostics(document);
  if (errors.length > 0) return { errors };
  const out: Out = { lines: [], line: '' };
  writeItems(itemsOf(document.parseResult.value), 0, true, out);
  endLine(out);
  const lines = out.lines.join('\n').replace(/^\n+|\n+$/g, '');
  const formatted = lines === '' ? '' : `${lines}\n`;
  return text.includes('\r\n') ? formatted.replaceAll('\n', '\r\n') : formatted;
}

interface Out {
  readonly lines: string[];
  line: string;
}

function endLine(out: Out): void {
  out.lines.push(out.line.trimEnd());
  out.line = '';
}

function newLine(depth: number, out: Out): void {
  endLine(out);
  out.line = indentation.repeat(depth);
}

/** Writes items below each other; those that shared a line go on doing so if they fit and `eachOnItsLine` is false. */
function writeItems(items: readonly Item[], depth: number, eachOnItsLine: boolean, out: Out): void {
  let linesBefore = out.lines.length;
  for (const [i, item] of items.entries()) {
    const isFirst = i === 0;
    const previousIsLong = out.lines.length > linesBefore;
    const fits = out.line.length + 2 + widthToBreak(item.pieces) <= lineWidth;
    if (isFirst || eachOnItsLine || item.startsLine || previousIsLong || !fits) {
      newLine(depth, out);
      if (item.afterBlankLine && !isFirst) newLine(depth, out);
    } else {
      out.line += '  ';
    }
    linesBefore = out.lines.length;
    writePieces(item.pieces, depth, out);
    if (item.comment) writeComment(item.comment, depth, out);
    // Nothing can follow a line comment on its line.
    if (isLineComment(item.comment ?? item.pieces.at(-1))) linesBefore = -1;
  }
}

const isLineComment = (piece: Piece | undefined) => piece?.kind === 'line-comment';

function writeComment(comment: Leaf, depth: number, out: Out): void {
  out.line += `${comment.kind === 'line-comment' ? '  ' : ' '}`;
  writeText(comment, depth, out);
}

function writePieces(pieces: readonly Piece[], depth: number, out: Out): void {
  let previous: Piece | undefined;
  for (const [i, piece] of pieces.entries()) {
    if (piece.kind === 'block') {
      if (isLineComment(previous)) newLine(depth, out);
      writeBlock(piece, pieces.slice(i + 1), depth, out);
    } else {
      if (breaksBefore(piece, previous)) newLine(depth + 1, out);
      else out.line += separator(previous, piece);
      writeText(piece, depth, out);
    }
    previous = piece;
  }
}

/** Within an item lines are kept after commas and around comments that have their own lines. */
function breaksBefore(leaf: Leaf, previous: Piece | undefined): boolean {
  if (!previous || previous.kind === 'block') return false;
  if (isLineComment(previous)) return true;
  if (!leaf.startsLine) return false;
  return leaf.kind !== 'token' || previous.kind !== 'token' || previous.token === ',';
}

function writeBlock(block: BlockPiece, rest: readonly Piece[], depth: number, out: Out): void {
  const space = out.line.trim() === '' ? '' : ' ';
  const flat = flatBlock(block);
  if (flat !== undefined && out.line.length + 1 + flat.length + widthToBreak(rest) <= lineWidth) {
    out.line += space + flat;
    return;
  }
  out.line += `${space}{`;
  if (block.openComment) writeComment(block.openComment, depth, out);
  writeItems(block.items, depth + 1, block.inline, out);
  newLine(depth, out);
  out.line += '}';
}

/** A block on one line, or undefined if it has to have several. */
function flatBlock(block: BlockPiece): string | undefined {
  if (block.items.length === 0 && !block.openComment) return '{}';
  if (!block.inline || block.openComment) return undefined;
  const items: string[] = [];
  for (const item of block.items) {
    const text = flatPieces(item.comment ? [...item.pieces, item.comment] : item.pieces);
    if (text === undefined) return undefined;
    items.push(text);
  }
  return `{ ${items.join('  ')} }`;
}

function flatPieces(pieces: readonly Piece[]): string | undefined {
  let text = '';
  let previous: Piece | undefined;
  for (const piece of pieces) {
    if (piece.kind === 'block') {
      const block = flatBlock(piece);
      if (block === undefined) return undefined;
      text += ` ${block}`;
    } else {
      if (piece.kind === 'line-comment' || piece.text.includes('\n') || breaksBefore(piece, previous)) return undefined;
      text += separator(previous, piece) + piece.text;
    }
    previous = piece;
  }
  return text;
}

/** How wide pieces are up to the first place where the line ends in any case. */
function widthToBreak(pieces: readonly Piece[]): number {
  let width = 0;
  let previous: Piece | undefined;
  for (const piece of pieces) {
    if (piece.kind === 'block') {
      const flat = flatBlock(piece);
      if (flat === undefined) return width + 2;
      width += 1 + flat.length;
    } else {
      if (piece.kind === 'line-comment' || breaksBefore(piece, previous)) return width;
      width += separator(previous, piece).length + piece.text.length;
    }
    previous = piece;
  }
  return width;
}

/** Writes a token or comment; the further lines of a comment with a star on each are set below its first star. */
function writeText(leaf: Leaf, depth: number, out: Out): void {
  const [first, ...more] = leaf.text.split(/\r?\n/);
  out.line += first;
  const starred = more.every(line => /^\s*\*/.test(line));
  for (const line of more) {
    endLine(out);
    out.line = starred ? `${indentation.repeat(depth)} ${line.trim()}` : line;
  }
}

function separator(previous: Piece | undefined, leaf: Leaf): string {
  if (!previous) return '';
  if (previous.kind === 'block') return ' ';
  if (leaf.kind !== 'token' || previous.kind !== 'token') return leaf.kind === 'line-comment' ? '  ' : ' ';
  if ([',', ')', ':', '.'].includes(leaf.token) || ['(', '.'].includes(previous.token)) return '';
  if (leaf.token === '(') return ['FUNCTION', 'grid', 'sum'].includes(previous.token) ? '' : ' ';
  if (leaf.token === '..') return isBound(previous) ? '' : ' ';
  if (previous.token === '..') return isBound(leaf) ? '' : ' ';
  if (['+', '-'].includes(previous.token) && !previous.isSum) return '';
  return ' ';
}

/** A literal or the end of a distribution: what a range can begin or end with. */
function isBound(leaf: Leaf): boolean {
  return /^(DATE|DURATION|SIZE|BANDWIDTH|RATE|PERCENT|PPM|FACTOR|NUMBER|STRING|[+)-])$/.test(leaf.token);
}
