/** Small questions to the trees of a document. */
import type { Specification } from '@dsys/grammar';
import { GrammarAST, type LangiumDocument } from 'langium';

export const rootOf = (document: LangiumDocument): Specification => document.parseResult.value as Specification;

/** The rule of the grammar that an element of it stands in. */
export function ruleOf(element: GrammarAST.AbstractElement | undefined): string | undefined {
  for (let at: { $container?: unknown } | undefined = element; at; at = at.$container as typeof at) {
    if (GrammarAST.isParserRule(at)) return at.name;
  }
  return undefined;
}
