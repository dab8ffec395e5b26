/** Values of options: reading them, and saying what was expected where something else stands. */
import type { Name, Option, Phrase, Quantity } from '@dsys/grammar';
import type { AstNode } from 'langium';
import { closest } from '../names/suggest.ts';
import { type Context, oneLine, orList, report, textOf } from './context.ts';
import { askWords } from './questions.ts';

export type Value = Option['values'][number];

export type Literal = Exclude<Quantity['$type'], 'DateLiteral'>;

const kinds: Readonly<Record<Literal, string>> = {
  Duration: 'a duration such as 150ms',
  NumberLiteral: 'a number',
  Percent: 'a percentage such as 0.1%',
  Ppm: 'a rate error such as 50ppm',
  Rate: 'a rate such as 500/s',
  Size: 'a size such as 4KB',
  Bandwidth: 'a bandwidth such as 1Gbit/s',
  Factor: 'a factor such as 10x',
};

/** The most of anything that is counted without a smaller limit of its own. */
const mostOfAnything = 1_000_000_000;

export function wrongValue(context: Context, at: AstNode, what: string, expected: string): undefined {
  context.understood.add(at);
  report(context, 'option-value', at, `${what} needs ${expected}, not "${oneLine(at)}".`);
  return undefined;
}

/**
 * A literal's value in base units. Undefined: something else stands there, which is reported here, or the quantity is
 * out of range, which the parser has reported.
 */
export function literal(
  context: Context,
  value: AstNode | undefined,
  kind: Literal,
  what: string,
  owner: AstNode,
): number | undefined {
  if (value === undefined) {
    report(context, 'option-value', owner, `${what} needs ${kinds[kind]}.`);
    return undefined;
  }
  context.ask?.(value, { kind: 'quantity', type: kind });
  context.understood.add(value);
  if (value.$type !== kind) return wrongValue(context, value, what, kinds[kind]);
  return finite((value as Quantity).value);
}

/** The number of a quantity; undefined if it is missing or out of range, which the parser has reported. */
export function finite(value: number | string | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A literal as an option's first value. */
export const first = (context: Context, option: Option, kind: Literal): number | undefined =>
  literal(context, option.values[0], kind, option.name, option);

/** A duration of at least 0 (of more with `positive`). The parser has reported negative ones. */
export function duration(
  context: Context,
  value: AstNode | undefined,
  what: string,
  owner: AstNode,
  positive = false,
): number | undefined {
  const ns = literal(context, value, 'Duration', what, owner);
  if (ns === undefined || ns < 0) return undefined;
  if (!positive || ns > 0) return ns;
  report(context, 'option-value', value ?? owner, `${what} cannot be ${oneLine(value)}: it must be more than 0.`);
  return undefined;
}

/** A whole number from `least` to `most`. */
export function count(
  context: Context,
  value: AstNode | undefined,
  what: string,
  owner: AstNode,
  { least = 1, most = mostOfAnything }: { readonly least?: number; readonly most?: number } = {},
): number | undefined {
  const number = literal(context, value, 'NumberLiteral', what, owner);
  if (number === undefined) return undefined;
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  const wanted =
    Number.isInteger(number) && number > most
      ? `takes at most ${most}, not ${number}`
      : `needs a whole number of at least ${least}, not ${number}`;
  report(context, 'option-value', value ?? owner, `${what} ${wanted}.`);
  return undefined;
}

/** A share from 0% to 100% as a fraction. */
export function share(context: Context, value: AstNode | undefined, what: string, owner: AstNode): number | undefined {
  const fraction = literal(context, value, 'Percent', what, owner);
  if (fraction === undefined || (fraction >= 0 && fraction <= 1)) return fraction;
  report(context, 'option-value', value ?? owner, `${what} is a share from 0% to 100%, not ${oneLine(value)}.`);
  return undefined;
}

/** The word that a value is; undefined if it is none. */
export function wordOf(context: Context, value: AstNode | undefined): string | undefined {
  if (value?.$type !== 'Name') return undefined;
  context.understood.add(value);
  return textOf(value as Name);
}

export const isWord = (context: Context, value: AstNode | undefined, word: string): boolean => {
  askWords(context, value, [word]);
  return value?.$type === 'Name' && textOf(value as Name) === word && wordOf(context, value) === word;
};

/** One of the listed words. */
export function oneOfWords<W extends string>(
  context: Context,
  value: AstNode | undefined,
  what: string,
  words: readonly W[],
  owner: AstNode,
): W | undefined {
  askWords(context, value, words);
  const word = wordOf(context, value);
  if (word !== undefined && (words as readonly string[]).includes(word)) return word as W;
  if (value !== undefined) context.understood.add(value);
  const near = word === undefined ? undefined : closest(word, words);
  const instead = value === undefined ? '' : `, not "${oneLine(value)}"`;
  const message = `${what} can be ${orList(words)}${instead}.${near === undefined ? '' : ` Did you mean ${near}?`}`;
  report(context, 'option-value', value ?? owner, message);
  return undefined;
}

/** An option's value as one of the listed words. */
export const choice = <W extends string>(
  context: Context,
  option: Option,
  words: readonly W[],
  index = 0,
): W | undefined => oneOfWords(context, option.values[index], option.name, words, option);

/** `pre-vote on`, `sloppy`: a word alone switches on. */
export const onOff = (context: Context, option: Option): boolean | undefined => {
  if (option.values.length === 0) return true;
  const word = choice(context, option, ['on', 'off'] as const);
  return word === undefined ? undefined : word === 'on';
};

/** `for 3h`, `by hybrid`: the phrase of an option that begins with a preposition. */
export function phrase(context: Context, option: Option, preposition: Phrase['preposition']): Phrase | undefined {
  const found = option.values.find(
    (value): value is Phrase => value.$type === 'Phrase' && value.preposition === preposition,
  );
  if (found !== undefined) context.understood.add(found);
  return found;
}

export const phraseWord = (context: Context, option: Option, preposition: Phrase['preposition']): string | undefined =>
  wordOf(context, phrase(context, option, preposition)?.values[0]);

/** The options in an option's block. */
export function blockOf(context: Context, option: { readonly block?: Option['block'] }): readonly Option[] {
  if (option.block !== undefined) context.understood.add(option.block);
  return option.block?.options ?? [];
}
