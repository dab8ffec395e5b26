import {
  AbstractParserErrorMessageProvider,
  DefaultLexerErrorMessageProvider,
  GrammarAST,
  type LangiumCoreServices,
} from 'langium';
import { closest } from '../names/suggest.ts';
import { describeBlockOf, describeStartOf, describeToken, describeTokens, oneOf } from './describe.ts';
import { formsOfQuantities } from './quantities.ts';

type Mismatch = Parameters<AbstractParserErrorMessageProvider['buildMismatchTokenMessage']>[0];
type NoAlternative = Parameters<AbstractParserErrorMessageProvider['buildNoViableAltMessage']>[0];
type EarlyExit = Parameters<AbstractParserErrorMessageProvider['buildEarlyExitMessage']>[0];
type Token = Mismatch['actual'];

/** More things than this that could stand in a place are not listed. */
const mostListed = 14;

/** Says in plain words what was found and what could stand there; Chevrotain's own messages list token types. */
export class DsysParserMessages extends AbstractParserErrorMessageProvider {
  private readonly grammar: GrammarAST.Grammar;

  constructor(services: LangiumCoreServices) {
    super();
    this.grammar = services.Grammar;
  }

  override buildMismatchTokenMessage({ expected, actual, previous, ruleName }: Mismatch): string {
    const special = specialCase(actual);
    if (special) return special;
    if (expected.name === 'EOF') return this.notADeclaration(actual);
    if (expected.name === '}') return this.notInBlock(actual, ruleName);
    const hint = expected.name === 'DURATION' ? unitHint(actual) : '';
    return `Expected ${describeToken(expected.name)}${after(previous)}, found ${found(actual)}.${hint}`;
  }

  override buildNotAllInputParsedMessage({ firstRedundant }: { firstRedundant: Token; ruleName: string }): string {
    return specialCase(firstRedundant) ?? this.notADeclaration(firstRedundant);
  }

  override buildNoViableAltMessage({ expectedPathsPerAlt, actual, previous, ruleName }: NoAlternative): string {
    const special = specialCase(actual[0]);
    if (special) return special;
    const place = placeOf(ruleName);
    const what = place ? place(previous) : this.listed(expectedPathsPerAlt.flat().map(path => path[0]?.name));
    const hint = isQuantityPlace(ruleName) ? unitHint(actual[0]) : '';
    return `Expected ${what}${after(previous)}, found ${found(actual[0])}.${hint}`;
  }

  override buildEarlyExitMessage({ expectedIterationPaths, actual, previous }: EarlyExit): string {
    const what = this.listed(expectedIterationPaths.map(path => path[0]?.name));
    return specialCase(actual[0]) ?? `Expected ${what}${after(previous)}, found ${found(actual[0])}.`;
  }

  private listed(names: readonly (string | undefined)[]): string {
    const items = describeTokens(names.filter(name => name !== undefined));
    return items.length > mostListed ? 'something else' : oneOf(items);
  }

  private notADeclaration(actual: Token): string {
    if (actual.image === '}') return "This '}' closes nothing: every block before it is closed already.";
    const words = this.startOf('Specification');
    return `Expected a declaration (${words.join(', ')}), found ${found(actual)}.${didYouMean(actual, words)}`;
  }

  private notInBlock(actual: Token, ruleName: string): string {
    const rule = this.rule(ruleName);
    const items = rule ? describeBlockOf(rule) : [];
    const what = items.length === 0 || items.length > mostListed ? "'}'" : oneOf([...items, "'}'"]);
    return `Expected ${what}, found ${found(actual)}.${didYouMean(actual, items)}`;
  }

  private startOf(ruleName: string): string[] {
    const rule = this.rule(ruleName);
    return rule ? describeStartOf(rule) : [];
  }

  private rule(name: string): GrammarAST.AbstractParserRule | undefined {
    // Langium appends a zero-width space to rule names.
    const plain = name.replace(/\u200B$/, '');
    return this.grammar.rules.find(rule => rule.name === plain && GrammarAST.isParserRule(rule)) as
      | GrammarAST.ParserRule
      | undefined;
  }
}

/** What is said about a place where a list of tokens would say little. */
function placeOf(ruleName: string): ((previous: Token) => string) | undefined {
  switch (ruleName.replace(/\u200B$/, '')) {
    case 'PlainOption':
    case 'Values':
    case 'ReadValues':
    case 'PhraseValue':
    case 'ListItem':
      return () => 'a value';
    case 'Quantity':
    case 'Measure':
    case 'Term':
    case 'Argument':
    case 'Datum':
      return () => 'a value such as 150ms';
    case 'Action':
    case 'NodeAction':
      return () => "an action such as 'crash leader of orders'";
    case 'Target':
      return () => "a node, a place or a role such as 'leader of orders'";
    case 'Members':
      return () => 'a number of nodes or their names';
    case 'SurvivesProperty':
      return () => "what it survives, such as '1 node' or the name of a region";
    case 'KeepsProperty':
      return () => "what is kept, such as 'unique email', 'balance >= 0' or 'sum(balance)'";
    case 'Property':
      return () => "a property such as 'consistency linearizable' or 'read p99 < 20ms'";
    case 'Partitioning':
      return () => "'by' and a strategy such as hash(user), or 'with' and a store";
    case 'Quorum':
    case 'QuorumForm':
      return () => 'a quorum such as majority, 2 or any 2 of (a, b, c)';
    default:
      return undefined;
  }
}

const isQuantityPlace = (ruleName: string) => /^(Quantity|Measure|Term|Argument)/.test(ruleName);

/** Messages that depend only on what was found. */
function specialCase(actual: Token): string | undefined {
  if (actual.tokenType.name !== 'DIGIT_WORD') return undefined;
  return `'${actual.image}' is neither a name nor a quantity: names begin with a letter, and ${formsOfQuantities}.`;
}

function found(token: Token): string {
  return token.tokenType.name === 'EOF' ? 'the end of the file' : quoted(token);
}

function after(previous: Token | undefined): string {
  return previous?.image ? ` after ${quoted(previous)}` : '';
}

/** A string that is not closed can be as long as its line. */
function quoted({ image }: Token): string {
  return `'${image.length > 40 ? `${image.slice(0, 40)}…` : image}'`;
}

function unitHint(actual: Token): string {
  return actual.tokenType.name === 'NUMBER' ? ` A unit is missing: ${actual.image}s or ${actual.image}ms?` : '';
}

function didYouMean(actual: Token, words: readonly string[]): string {
  const known = words.filter(word => word.startsWith("'")).map(word => word.slice(1, -1));
  const near = closest(actual.image, known);
  return near ? ` Did you mean '${near}'?` : '';
}

/** Says what to do about a character that the language has no use for. */
export class DsysLexerMessages extends DefaultLexerErrorMessageProvider {
  override buildUnexpectedCharactersMessage(fullText: string, startOffset: number, length: number): string {
    const text = fullText.slice(startOffset, startOffset + length);
    return `'${text}' has no meaning here.${hints[text[0]] ?? ''}`;
  }
}

const hints: Readonly<Record<string, string>> = {
  ';': ' Statements need no mark at their end.',
  "'": ' Texts stand in double quotes.',
  '#': ' Comments begin with //.',
  '[': ' Lists have no brackets.',
  ']': ' Lists have no brackets.',
  '/': ' Comments begin with //; a rate is written 200/s.',
  '%': ' A percentage is written 99.9%, without a space.',
  '*': ' There is no arithmetic but the sum of distributions.',
};
