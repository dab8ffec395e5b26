import { createParser, type LangiumCoreServices, LangiumParser } from 'langium';
import type { TokenType } from './tokens.ts';

/** The part of Chevrotain's parser that decides about recovery; Langium wraps it. */
interface Recovery {
  LA(howFar: number): { tokenType: TokenType };
  flattenFollowSet(): TokenType[];
  tokenMatcher(token: { tokenType: TokenType }, type: TokenType): boolean;
  canTokenTypeBeInsertedInRecovery(type: TokenType): boolean;
  findReSyncTokenType(): TokenType;
}

/**
 * Makes error recovery respect blocks. Since a plain word can follow almost anything (it may be an option), Chevrotain
 * takes any word for a point where an outer rule goes on: one bad line in a record would close the record, and the
 * next lines the store. Here
 * - a missing `}` is taken for granted only before a keyword or the end of the file (a block was left open),
 * - and text is skipped up to a keyword, a label or a bracket, never to a plain word or a literal.
 */
export function createDsysParser(services: LangiumCoreServices): LangiumParser {
  const parser = new LangiumParser(services);
  const recovery = (parser as unknown as { wrapper: Recovery }).wrapper;
  recovery.canTokenTypeBeInsertedInRecovery = type => type.name !== '}' || isLandmark(recovery.LA(1).tokenType);
  recovery.findReSyncTokenType = () => {
    const follow = recovery.flattenFollowSet();
    for (let ahead = 1; ; ahead++) {
      // The end of the file is in every follow set, so this ends.
      const token = recovery.LA(ahead);
      if (isLandmark(token.tokenType) && follow.some(type => recovery.tokenMatcher(token, type)))
        return token.tokenType;
    }
  };
  createParser(services.Grammar, parser, services.parser.Lexer.definition).finalize();
  return parser;
}

/** Keywords, punctuation, labels and the end of the file; not plain words, literals and keywords used as names. */
function isLandmark(type: TokenType): boolean {
  return type.name === 'LABEL' || type.name === 'EOF' || /^[a-z-]+$|^[^A-Za-z]+$/.test(type.name);
}
