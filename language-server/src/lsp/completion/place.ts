/** What stands before a place: the declaration around it, what the grammar allows there, which word is being written. */
import type { LangiumDocument, Lexer } from 'langium';
import type { State, Token, Walk } from './walk.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Place {
  readonly offset: number;
  /** The word or quantity that the place is in or at the end of; empty if it is in none. */
  readonly word: Span & { readonly prefix: string };
  /** The declaration around it: what lies outside of it is not looked at. */
  readonly slice: Span;
  /** What is not looked at: a statement that lacks something and that a new line has left behind, what is far away. */
  readonly leftOut: readonly Span[];
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

interface Block {
  /** What may stand at its beginning. */
  readonly state: State;
  /** Where its statements begin, as far as they were understood; the last is the one that is being read. */
  readonly statements: number[];
}

function follow(tokens: readonly Token[], line: number, walk: Walk): Pick<Place, 'state' | 'leftOut' | 'atStart'> {
  // The open blocks, outermost first.
  const blocks: Block[] = [{ state: walk.start, statements: [] }];
  let state: State = walk.start;
  for (const [i, token] of tokens.entries()) {
    const block = blocks.at(-1)!;
    const startsLine = i === 0 || tokens[i - 1]!.endLine !== token.startLine;
    const begins = walk.includes(state, block.state) && walk.advance(block.state, token).size > 0;
    if (begins) block.statements.push(token.startOffset);
    let next = walk.advance(state, token);
    if (next.size === 0 && (token.image === '}' || startsLine)) {
      const from = blocks.findLastIndex(each => walk.advance(each.state, token).size > 0);
      if (from >= 0) {
        next = walk.advance(blocks[from]!.state, token);
        blocks.length = from + 1;
        blocks[from]!.statements.push(token.startOffset);
      }
    }
    if (token.image === '{') blocks.push({ state: next, statements: [] });
    else if (token.image === '}' && blocks.length > 1) {
      blocks.pop();
      // After a block that made no sense its surroundings go on.
      if (next.size === 0) next = blocks.at(-1)!.state;
    }
    state = next;
  }
  const last = tokens.at(-1);
  const block = blocks.at(-1)!;
  const isNewLine = last !== undefined && (last.endLine ?? 0) < line;
  const isWhole = walk.includes(state, block.state);
  const isLeft = isNewLine && last.image !== '{' && !isWhole && !goesOn.test(last.image);
  const leftOut = blocks.flatMap(({ statements }) => longAgo(statements));
  if (!isLeft) return { state, leftOut, atStart: isWhole };
  const start = block.statements.at(-1) ?? last.startOffset;
  return { state: block.state, leftOut: [...leftOut, { start, end: endOf(last) }], atStart: true };
}

/** So many characters at the beginning of a block, and as many before its last statement, are looked at. */
const near = 400;

/** Statements in the middle of a long block, which say nothing about the place. */
function longAgo(statements: readonly number[]): Span[] {
  const [first, last] = [statements[0] ?? 0, statements.at(-1) ?? 0];
  const start = statements.find(each => each > first + near);
  const end = statements.find(each => each > last - near);
  return start !== undefined && end !== undefined && start < end ? [{ start, end }] : [];
}
