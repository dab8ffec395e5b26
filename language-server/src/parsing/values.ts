import { parseQuantity } from '@dsys/grammar';
import { type CstNode, DefaultValueConverter, type GrammarAST } from 'langium';
import { correctQuantity, kindOfToken } from './quantities.ts';

/**
 * Turns quantity tokens into numbers in base units (see units.ts). A quantity out of range becomes NaN, which
 * `formProblems` reports where it stands: a converter cannot report anything itself.
 */
export class DsysValueConverter extends DefaultValueConverter {
  protected override runConverter(rule: GrammarAST.AbstractRule, input: string, cstNode: CstNode) {
    const kind = kindOfToken[rule.name];
    if (kind === undefined) return super.runConverter(rule, input, cstNode);
    const written = parseQuantity(kind, input);
    if ('value' in written) return written.value;
    const meant = parseQuantity(kind, correctQuantity(input)?.text ?? input);
    return 'value' in meant ? meant.value : Number.NaN;
  }
}
