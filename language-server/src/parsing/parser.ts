import { createParser, type LangiumCoreServices, LangiumParser } from 'langium';
import { isOpener } from './strict.ts';
import type { TokenType } from './tokens.ts';

interface Token {
  readonly tokenType: TokenType;
}

/** The part of Chevrotain's parser that decides about recovery; Langium wraps it. */
interface Recovery {
  LA(howFar: number): Token;
  SKIP_TOKEN(): Token;
  flattenFollowSet(): TokenType[];
  canTokenTypeBeInsertedInRecovery(type: TokenType): boolean;
  canRecoverWithSingleTokenDeletion(type: TokenType): boolean;
  findReSyncTokenType(): TokenType;
}

/**
 * Makes error recovery respect blocks. Since a plain word can follow almost anything (it may be an option), Chevrotain
 * takes any word for a point where an outer rule goes on: one bad line in a record would close the record, and the
 * next lines the store. Here
 * - a missing `}` is taken for granted only before a keyword or the end of the file (a block was left open),
 * - text is skipped up to a keyword, a label or a bracket, never to a plain word or a literal,
 * - a block in skipped text is skipped as a whole,
 * - and what begins a statement is never taken for a word too many.
 */
export function createDsysParser(services: LangiumCoreServices): LangiumParser {
  const parser = new LangiumParser(services);
  const recovery = (parser as unknown as { wrapper: Recovery }).wrapper;
  const { SKIP_TOKEN: skipOne, canRecoverWithSingleTokenDeletion: canDelete } = recovery;
  const typeAt = (ahead: number) => recovery.LA(ahead).tokenType.name;

  recovery.canTokenTypeBeInsertedInRecovery = type => type.name !== '}' || isLandmark(typeAt(1));
  recovery.canRecoverWithSingleTokenDeletion = type =>
    typeAt(1) !== '{' && !isOpener(typeAt(1)) && canDelete.call(recovery, type);
  recovery.SKIP_TOKEN = () => {
    for (let rest = lengthOfBlock(typeAt); rest > 1; rest--) skipOne.call(recovery);
    return skipOne.call(recovery);
  };
  recovery.findReSyncTokenType = () => {
    const follow = new Set(recovery.flattenFollowSet());
    // The end of the file is in every follow set, so this ends.
    for (let ahead = 1; ; ahead += lengthOfBlock(distance => typeAt(ahead - 1 + distance))) {
      const { tokenType } = recovery.LA(ahead);
      // A keyword that may be a name is of the category of the keyword.
      const found = [tokenType, ...(tokenType.CATEGORIES ?? [])].find(
        type => isLandmark(type.name) && follow.has(type),
      );
      if (found) return found;
    }
  };
  createParser(services.Grammar, parser, services.parser.Lexer.definition).finalize();
  return parser;
}

/** Keywords, punctuation, labels and the end of the file; not plain words, literals and keywords used as names. */
function isLandmark(type: string): boolean {
  return type === 'LABEL' || type === 'EOF' || /^[a-z-]+$|^[^A-Za-z]+$/.test(type);
}

/** Blocks in skipped text are skipped as a whole if they are shorter than this; else a file of `{` would take long. */
const longestSkipped = 2000;

/** The number of tokens of the block that begins at the first token, 1 if none does or if it is not closed soon. */
function lengthOfBlock(typeAt: (ahead: number) => string): number {
  if (typeAt(1) !== '{') return 1;
  let depth = 0;
  for (let ahead = 1; ahead <= longestSkipped; ahead++) {
    const type = typeAt(ahead);
    if (type === '{') depth++;
    else if (type === '}' && --depth === 0) return ahead;
    else if (type === 'EOF' || declarations.has(type)) return 1;
  }
  return 1;
}

const declarations = new Set([
  'region',
  'network',
  'cluster',
  'faults',
  'store',
  'workload',
  'scenario',
  'exploration',
]);
