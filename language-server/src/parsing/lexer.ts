import { DefaultLexer, type LangiumCoreServices, type LexerResult, type TokenizeOptions } from 'langium';
import { type Correction, correctQuantity, spacedUnitLength } from './quantities.ts';
import { isSometimesStrict, isStrict } from './strict.ts';
import type { TokenType } from './tokens.ts';

type Token = LexerResult['tokens'][number];
type LexingError = LexerResult['errors'][number];

/** A lexing error that says what to write instead of the text that it covers. */
export interface CorrectableError extends LexingError {
  readonly replacement?: string;
}

/**
 * Reads on where the text is clearly meant: `5 ms`, `1m` and `1min30s` become the duration they mean, with an error
 * that says how to write it, so that one slip costs one message and the parser sees what was meant.
 */
export class DsysLexer extends DefaultLexer {
  /** By keyword: the token type of its uses as a name, for the keywords that are not always names. */
  private readonly asName = new Map<string, TokenType>();

  constructor(services: LangiumCoreServices) {
    super(services);
    const name = this.tokenTypes.NAME;
    for (const keyword of Object.values(this.tokenTypes).filter(type => isSometimesStrict(type.name))) {
      const type: TokenType = { name: `${keyword.name} as a name`, CATEGORIES: [keyword, name] };
      this.asName.set(keyword.name, type);
      // The parser takes its vocabulary from here; the text is still matched as the keyword.
      this.tokenTypes[type.name] = type;
    }
  }

  override tokenize(text: string, options?: TokenizeOptions): LexerResult {
    const end = openComment(text) ?? text.length;
    const result = withFewComments(super.tokenize(text.slice(0, end), options));
    const errors: CorrectableError[] = end < text.length ? [openCommentError(text, end)] : [];
    const tokens: Token[] = [];
    const corrections: Token[] = [];
    let covered = 0; // tokens and errors that begin before this offset are part of a corrected quantity
    let depth = 0;
    for (const token of result.tokens) {
      if (token.startOffset < covered) continue;
      depth += depthChange(token);
      if (depth > maxDepth) {
        errors.push(errorAt(token, `Blocks and brackets are nested deeper than ${maxDepth}: dsys reads no further.`));
        break;
      }
      const corrected = this.corrected(text, token, tokens.at(-1));
      if (corrected) {
        errors.push(corrected.error);
        corrections.push(corrected.token);
        covered = corrected.token.endOffset! + 1;
      }
      tokens.push(corrected?.token ?? this.nameOrKeyword(text, token, tokens.at(-1)));
      if (token.tokenType.name === 'STRING' && !/^"(\\.|[^"\\])*"$/.test(token.image)) {
        errors.push(errorAt(token, 'This string is not closed: it needs a " before the end of the line.'));
      }
    }
    const all = [...errors, ...result.errors.filter(error => !isInside(error, corrections))];
    return { ...result, tokens, errors: all.sort((a, b) => a.offset - b.offset) };
  }

  private corrected(text: string, token: Token, previous: Token | undefined) {
    const name = token.tokenType.name;
    if (name === 'NUMBER' && !takesCountAndName(previous)) {
      const length = spacedUnitLength(text, token.endOffset! + 1);
      if (length === 0) return undefined;
      const written = text.slice(token.startOffset, token.endOffset! + 1 + length);
      return this.replaced(token, written, correctQuantity(written));
    }
    return name === 'DIGIT_WORD' ? this.replaced(token, token.image, correctQuantity(token.image)) : undefined;
  }

  private nameOrKeyword(text: string, token: Token, before: Token | undefined): Token {
    const type = this.asName.get(token.tokenType.name);
    if (!type) return token;
    const previous = before && { word: before.image, onEarlierLine: before.endLine! < token.startLine! };
    if (isStrict(text, token.image, token.endOffset! + 1, previous)) return token;
    return { ...token, tokenType: type, tokenTypeIdx: type.tokenTypeIdx! };
  }

  private replaced(token: Token, written: string, correction: Correction | undefined) {
    if (!correction) return undefined;
    const tokenType = this.definition[correction.token];
    const added = written.length - token.image.length;
    const whole: Token = {
      ...token,
      image: written,
      endOffset: token.endOffset! + added,
      endColumn: token.endColumn! + added,
      tokenType,
      tokenTypeIdx: tokenType.tokenTypeIdx!,
    };
    return { token: whole, error: { ...errorAt(whole, correction.message), replacement: correction.text } };
  }
}

/** Where a comment begins that is not closed: it goes on to the end of the file. */
function openComment(text: string): number | undefined {
  for (const match of text.matchAll(/"(?:\\.|[^"\\\r\n])*"?|\/\/[^\r\n]*|\/\*(?:[\s\S]*?\*\/)?/g)) {
    if (match[0] === '/*') return match.index;
  }
  return undefined;
}

function openCommentError(text: string, offset: number): CorrectableError {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  const message = 'This comment is not closed: it needs a */.';
  return { offset, line: before.length, column: before.at(-1)!.length + 1, length: 2, message };
}

/** Langium cannot place many more comments than this between two tokens. */
const maxComments = 50_000;

function withFewComments(result: LexerResult): LexerResult {
  const tooMany = result.hidden[maxComments];
  if (!tooMany) return result;
  const message = `dsys reads at most ${maxComments} comments in a file: this one and those after it are too many.`;
  const hidden = result.hidden.slice(0, maxComments);
  return { ...result, hidden, errors: [...result.errors, errorAt(tooMany, message)] };
}

/** No design is nested as deep as this, and the parser calls itself for every level. */
const maxDepth = 100;

function depthChange({ image }: Token): number {
  return image === '{' || image === '(' ? 1 : image === '}' || image === ')' ? -1 : 0;
}

/** `update 2 s` counts accesses to store s. */
function takesCountAndName(token: Token | undefined): boolean {
  return token?.image === 'update' || token?.image === 'read';
}

function errorAt(token: Token, message: string, length = token.image.length): CorrectableError {
  return { offset: token.startOffset, line: token.startLine, column: token.startColumn, length, message };
}

/** The lexer complains about the `/` of `200 /s`, which is then read as one quantity. */
function isInside(error: CorrectableError, tokens: readonly Token[]): boolean {
  return tokens.some(token => token.startOffset < error.offset && error.offset <= token.endOffset!);
}
