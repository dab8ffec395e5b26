/** What stands before a place: the declaration around it, what the grammar allows there, which word is being written. */
import type { LangiumDocument, Lexer } from 'langium';
import type { State, Token, Walk } from './walk.ts';

export interface Place {
  readonly offset: number;
  /** The word or quantity that the place is in or at the end of; empty if it is in none. */
  readonly word: { readonly start: number; readonly end: number; readonly prefix: string };
  /** The declaration around it: what lies outside of it is not looked at. */
  readonly slice: { readonly start: number; readonly end: number };
  /** A statement before the place that lacks something, and that a new line has left behind. */
  readonly abandoned: { readonly start: number; readonly end: number } | undefined;
  readonly state: State;
  /** Whether a statement, option or property may begin here. */
  readonly atStart: boolean;
  readonly before: Token | undefined;
}

/** Undefined within comments and texts. */
export function placeAt(document: LangiumDocument, offset: number, lexer: Lexer, walk: Walk): Place | undefined {
  const text = document.textDocument.getText();
  const { tokens, hidden } = lexer.tokenize(text) as unknown as { tokens: Token[]; hidden: Token[] };
  if (isInside(hidden, text, offset) || tokens.some(token => isInText(token, offset))) return undefined;
  const word = wordAt(text, offset);
  const all = tokens.filter(token => token.tokenType.name !== 'EOF');
  const slice = sliceAround(all, word.start, text.length, walk);
  const before = all.filter(token => token.startOffset >= slice.start && endOf(token) <= word.start);
  const line = lineOf(text, word.start);
  return { offset, word, slice, before: before.at(-1), ...follow(before, line, walk) };
}

const endOf = (token: Token): number => (token.endOffset ?? token.startOffset) + 1;

function isInside(comments: readonly Token[], text: string, offset: number): boolean {
  const at = comments.findLast(comment => comment.startOffset < offset && /^\/[/*]/.test(comment.image));
  if (at === undefined) return isOpenComment(text, offset, 0);
  const isLine = at.image.startsWith('//');
  return isLine ? offset <= endOf(at) : offset < endOf(at) || isOpenComment(text, offset, endOf(at));
}

/** A comment that is never closed is no token. */
function isOpenComment(text: string, offset: number, from: number): boolean {
  const open = text
    .slice(from, offset)
    .replace(/"(?:\\.|[^"\\\r\n])*"?/g, '')
    .lastIndexOf('/*');
  return open >= 0 && !text.slice(from, offset).includes('*/', open);
}

const isInText = (token: Token, offset: number): boolean =>
  token.tokenType.name === 'STRING' &&
  token.startOffset < offset &&
  (offset < endOf(token) || (offset === endOf(token) && !/^"(\\.|[^"\\])*"$/.test(token.image)));

/** Names with dots, and quantities: `frankfurt.a`, `10`, `10ms`, `99.9%`. */
function wordAt(text: string, offset: number): Place['word'] {
  let start = offset;
  while (start > 0 && /[A-Za-z0-9_.%/-]/.test(text[start - 1]!)) start--;
  // `..` is no part of a word, and neither is a division sign, a minus or a dot at its beginning.
  const written = text.slice(start, offset);
  start += /^(?:.*\.\.|[./-]*)?/.exec(written)![0].length;
  const rest = /^[A-Za-z0-9_%-]*/.exec(text.slice(offset))![0];
  return { start, end: offset + rest.length, prefix: text.slice(start, offset) };
}

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

function sliceAround(tokens: readonly Token[], offset: number, end: number, walk: Walk): Place['slice'] {
  const declarations = new Set(
    walk
      .leaves(walk.start)
      .filter(leaf => leaf.isKeyword)
      .map(leaf => leaf.token),
  );
  let depth = 0;
  let start = 0;
  for (const [i, token] of tokens.entries()) {
    const previous = tokens[i - 1];
    const startsLine = previous === undefined || previous.endLine !== token.startLine;
    const certain = token.tokenType.name === token.image && startsLine;
    const likely = depth === 0 && (startsLine || previous?.image === '}');
    if (declarations.has(token.image) && (certain || likely)) {
      if (token.startOffset >= offset) {
        // The word that is being written is no declaration yet.
        if (token.startOffset > offset) return { start, end: token.startOffset };
        continue;
      }
      start = token.startOffset;
      depth = 0;
    }
    if (token.image === '{') depth++;
    else if (token.image === '}') depth = Math.max(0, depth - 1);
  }
  return { start, end };
}

/** Tokens after which a statement goes on, on whichever line. */
const goesOn = /^(?:,|->|\(|=|\.|:|\+|\.\.|<=?|>=?)$/;

function follow(tokens: readonly Token[], line: number, walk: Walk): Pick<Place, 'state' | 'abandoned' | 'atStart'> {
  // What may stand at the beginning of each open block, outermost first.
  const blocks: State[] = [walk.start];
  let state: State = walk.start;
  let begin = 0; // where the statement began that is being read
  for (const [i, token] of tokens.entries()) {
    const startsLine = i === 0 || tokens[i - 1]!.endLine !== token.startLine;
    const isWhole = canEnd(state, blocks.at(-1)!, walk);
    if (isWhole && walk.advance(blocks.at(-1)!, token).size > 0) begin = token.startOffset;
    let next = walk.advance(state, token);
    if (next.size === 0 && (token.image === '}' || startsLine)) {
      const from = blocks.findLastIndex(block => walk.advance(block, token).size > 0);
      if (from >= 0) {
        next = walk.advance(blocks[from]!, token);
        blocks.length = from + 1;
        begin = token.startOffset;
      }
    }
    if (token.image === '{') blocks.push(next.size > 0 ? next : new Set());
    else if (token.image === '}' && blocks.length > 1) {
      blocks.pop();
      // After a block that made no sense its surroundings go on.
      if (next.size === 0) next = blocks.at(-1)!;
    }
    state = next;
  }
  const last = tokens.at(-1);
  const block = blocks.at(-1)!;
  const isNewLine = last !== undefined && (last.endLine ?? 0) < line;
  const isWhole = canEnd(state, block, walk);
  const isLeft = isNewLine && last.image !== '{' && !isWhole && !goesOn.test(last.image);
  if (!isLeft) return { state, abandoned: undefined, atStart: isWhole };
  return { state: block, abandoned: { start: begin, end: (last.endOffset ?? last.startOffset) + 1 }, atStart: true };
}

/** Whether a statement may end here: what may begin its block may come next. */
function canEnd(state: State, block: State, walk: Walk): boolean {
  if (state.size === 0) return false;
  const possible = new Set(walk.leaves(state));
  const first = walk.leaves(block);
  return first.length > 0 && first.every(leaf => possible.has(leaf));
}
