import { DefaultTokenBuilder, type GrammarAST, type TokenBuilderOptions } from 'langium';
import { isSometimesStrict } from './strict.ts';

type TokenTypes = ReturnType<DefaultTokenBuilder['buildTerminalTokens']>;
export type TokenType = TokenTypes[number];

/**
 * Makes every word of the language a name wherever a name is expected: keywords, plain identifiers and percentiles
 * (`p50`) are of the category NAME, so a grammar rule that asks for NAME takes any of them. NAME is itself never
 * matched, since ID has the same pattern and comes first. (Listing all keywords in a grammar rule instead does not
 * scale: Chevrotain fails at 256 alternatives.) A word before a colon is a LABEL and one before a bracket a FUNCTION,
 * keyword or not. Words that are sometimes never names (see strict.ts) get their category in the lexer.
 */
export class DsysTokenBuilder extends DefaultTokenBuilder {
  override buildTokens(grammar: GrammarAST.Grammar, options?: TokenBuilderOptions) {
    const tokens = super.buildTokens(grammar, options) as TokenTypes;
    const name = named(tokens, 'NAME');
    for (const token of tokens) {
      if (isWord(token) && !isSometimesStrict(token.name)) token.CATEGORIES = [name];
    }
    const first = [named(tokens, 'LABEL'), named(tokens, 'FUNCTION')];
    return [...first, ...tokens.filter(token => !first.includes(token))];
  }
}

function named(tokens: TokenTypes, name: string): TokenType {
  const token = tokens.find(each => each.name === name);
  if (!token) throw new Error(`dsys.langium has no terminal ${name}`);
  return token;
}

function isWord(token: TokenType): boolean {
  if (token.name === 'ID' || token.name === 'PERCENTILE') return true;
  return typeof token.PATTERN === 'string' && /^[A-Za-z]/.test(token.PATTERN);
}
