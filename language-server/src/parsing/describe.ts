import { examples } from '@dsys/grammar';
import { GrammarAST } from 'langium';
import { kindOfToken } from './quantities.ts';

/** What tokens and rules of the grammar are called in messages. */

const terminals: Readonly<Record<string, string>> = {
  DATE: 'a date such as 2024-01-31',
  DIGIT_WORD: 'a rule id',
  ID: 'a name',
  NAME: 'a name',
  LABEL: "a name and ':'",
  FUNCTION: 'a distribution such as exponential(5ms)',
  STRING: 'a text in double quotes',
  EOF: 'the end of the file',
};

/** Rules that are better called by what they are than by the words that they may begin with. */
const rules: Readonly<Record<string, string>> = {
  PlainOption: 'an option',
  ReadOption: 'an option',
  Replicas: 'an option',
  FigureProperty: 'a figure such as read p99 < 20ms',
  Measure: 'a value such as 150ms',
  Quantity: 'a quantity such as 150ms',
  Field: "a field such as 'user: string'",
  Partition: `a partition such as 'europe: "DE", "FR" on eu'`,
  Action: "an action such as 'crash leader of orders'",
  RuleSetting: "a rule and its level such as 'even-cluster error'",
  HomeAssignment: `a home such as '"DE" -> e1'`,
  ChaosFault: "a fault such as 'crash up to 1 every 5s'",
};

/** `a duration such as 150ms`, `'store'`. */
export function describeToken(name: string): string {
  const kind = kindOfToken[name];
  if (kind) return `a ${kind === 'percent' ? 'percentage' : kind} such as ${examples[kind]}`;
  return terminals[name] ?? `'${name.replace(/ as a name$/, '')}'`;
}

/** The distinct tokens of a set, in words; many kinds of quantity become one. */
export function describeTokens(names: readonly string[]): string[] {
  const values = names.filter(name => name in kindOfToken || name === 'DATE');
  const several = values.length > 3;
  const rest = several ? names.filter(name => !values.includes(name) && name !== '+' && name !== '-') : names;
  return [...new Set([...(several ? ['a quantity such as 150ms'] : []), ...rest.map(describeToken)])];
}

/** What may stand in the blocks of a rule before their `}`: `'claims'`, `an option`. Empty if it has no block. */
export function describeBlockOf(rule: GrammarAST.AbstractParserRule): string[] {
  const found = new Set<string>();
  const visit = (element: GrammarAST.AbstractElement): void => {
    if (GrammarAST.isGroup(element)) {
      const closing = element.elements.findIndex(each => GrammarAST.isKeyword(each) && each.value === '}');
      const content = closing > 0 ? element.elements[closing - 1] : undefined;
      if (content && isRepeated(content)) firstOf(content, found, new Set());
      element.elements.forEach(visit);
    } else if (GrammarAST.isAlternatives(element)) {
      element.elements.forEach(visit);
    }
  };
  if (GrammarAST.isParserRule(rule)) visit(rule.definition);
  return [...found];
}

/** What a rule begins with. */
export function describeStartOf(rule: GrammarAST.AbstractRule): string[] {
  const found = new Set<string>();
  if (GrammarAST.isParserRule(rule)) firstOf(rule.definition, found, new Set([rule]));
  return [...found];
}

function firstOf(
  element: GrammarAST.AbstractElement,
  found: Set<string>,
  visited: ReadonlySet<GrammarAST.AbstractRule>,
): void {
  if (GrammarAST.isKeyword(element)) found.add(describeToken(element.value));
  else if (GrammarAST.isAssignment(element)) firstOf(element.terminal, found, visited);
  else if (GrammarAST.isAlternatives(element)) for (const each of element.elements) firstOf(each, found, visited);
  else if (GrammarAST.isGroup(element)) {
    for (const each of element.elements) {
      if (GrammarAST.isAction(each)) continue;
      firstOf(each, found, visited);
      if (!isOptional(each)) break;
    }
  } else if (GrammarAST.isRuleCall(element)) {
    const rule = element.rule.ref;
    if (!rule || visited.has(rule)) return;
    if (rule.name in rules) found.add(rules[rule.name]);
    else if (GrammarAST.isParserRule(rule)) firstOf(rule.definition, found, new Set([...visited, rule]));
    else found.add(describeToken(rule.name));
  }
}

function isRepeated(element: GrammarAST.AbstractElement): boolean {
  return 'cardinality' in element && (element.cardinality === '*' || element.cardinality === '+');
}

function isOptional(element: GrammarAST.AbstractElement): boolean {
  return 'cardinality' in element && (element.cardinality === '*' || element.cardinality === '?');
}

/** `a, b or c`. */
export function oneOf(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}
