/** Values of options: reading them, and saying what was expected where something else stands. */
import type { Argument, Measure, Name, Option, Phrase, QuorumForm } from '@dsys/grammar';
import { type Distribution, problemOf } from '@dsys/runtime/design/distribution';
import type { QuorumSpec } from '@dsys/runtime/design/quorum';
import type { NodeId } from '@dsys/runtime/design/topology';
import type { AstNode } from 'langium';
import { type Context, nodeOf, oneLine, orList, report, textOf } from './context.ts';

export type Value = Option['values'][number];

const kinds: Readonly<Record<string, string>> = {
  Duration: 'a duration such as 150ms',
  NumberLiteral: 'a number',
  Percent: 'a percentage such as 0.1%',
  Ppm: 'a rate error such as 50ppm',
  Rate: 'a rate such as 500/s',
  Size: 'a size such as 4KB',
  Bandwidth: 'a bandwidth such as 1Gbit/s',
  Factor: 'a factor such as 10x',
  DateLiteral: 'a date such as 2024-01-31',
};

type Literal =
  | 'Duration'
  | 'NumberLiteral'
  | 'Percent'
  | 'Ppm'
  | 'Rate'
  | 'Size'
  | 'Bandwidth'
  | 'Factor'
  | 'DateLiteral';

export function wrongValue(context: Context, at: AstNode, what: string, expected: string): undefined {
  report(context, 'option-value', at, `${what} needs ${expected}, not "${oneLine(at)}".`);
  return undefined;
}

/** A literal's value in base units; reported and undefined when something else stands there. */
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
  if (value.$type !== kind) return wrongValue(context, value, what, kinds[kind]!);
  const number = Number((value as unknown as { value: number }).value);
  return Number.isNaN(number) ? undefined : number;
}

/** A literal as an option's first value. */
export const first = (context: Context, option: Option, kind: Literal): number | undefined =>
  literal(context, option.values[0], kind, option.name, option);

/** A duration of at least 0 (1 with `positive`). */
export function duration(
  context: Context,
  value: AstNode | undefined,
  what: string,
  owner: AstNode,
  positive = false,
): number | undefined {
  const ns = literal(context, value, 'Duration', what, owner);
  if (ns === undefined) return undefined;
  if (ns < 0 || (positive && ns === 0)) {
    report(
      context,
      'option-value',
      value ?? owner,
      `${what} cannot be ${oneLine(value ?? owner)}: it must be ${positive ? 'more than' : 'at least'} 0.`,
    );
    return undefined;
  }
  return ns;
}

/** A whole number of at least `least`. */
export function count(
  context: Context,
  value: AstNode | undefined,
  what: string,
  owner: AstNode,
  least = 1,
): number | undefined {
  const number = literal(context, value, 'NumberLiteral', what, owner);
  if (number === undefined) return undefined;
  if (!Number.isInteger(number) || number < least) {
    report(
      context,
      'option-value',
      value ?? owner,
      `${what} needs a whole number of at least ${least}, not ${number}.`,
    );
    return undefined;
  }
  return number;
}

export const isWord = (value: Value | undefined, word?: string): boolean =>
  value?.$type === 'Name' && (word === undefined || textOf(value as Name) === word);

export const wordOf = (value: AstNode | undefined): string | undefined =>
  value?.$type === 'Name' ? textOf(value as Name) : undefined;

/** The first value as one of the listed words. */
export function choice<W extends string>(
  context: Context,
  option: Option,
  words: readonly W[],
  index = 0,
): W | undefined {
  const value = option.values[index];
  const word = wordOf(value);
  if (word !== undefined && (words as readonly string[]).includes(word)) return word as W;
  report(
    context,
    'option-value',
    value ?? option,
    `${option.name} can be ${orList(words)}${value === undefined ? '' : `, not "${oneLine(value)}"`}.`,
  );
  return undefined;
}

export const onOff = (context: Context, option: Option): boolean | undefined => {
  if (option.values.length === 0) return true;
  const word = choice(context, option, ['on', 'off'] as const);
  return word === undefined ? undefined : word === 'on';
};

export const phrase = (option: Option, preposition: Phrase['preposition']): Phrase | undefined =>
  option.values.find((value): value is Phrase => value.$type === 'Phrase' && value.preposition === preposition);

export const phraseWord = (option: Option, preposition: Phrase['preposition']): string | undefined =>
  wordOf(phrase(option, preposition)?.values[0]);

/** Distributions of durations; a plain duration is constant. */
export function distribution(
  context: Context,
  value: AstNode | undefined,
  what: string,
  owner: AstNode,
): Distribution | undefined {
  if (value === undefined) {
    report(context, 'option-value', owner, `${what} needs a duration or a distribution such as lognormal(1ms, 0.3).`);
    return undefined;
  }
  const made = make(context, value as Measure, what);
  if (made === undefined) return undefined;
  const problem = problemOf(made);
  if (problem === undefined) return made;
  report(context, 'option-value', value, `${what}: ${problem}.`);
  return undefined;
}

const parameters: Readonly<Record<string, { readonly names: string; readonly kinds: readonly Literal[] }>> = {
  uniform: { names: 'uniform(least, most)', kinds: ['Duration', 'Duration'] },
  normal: { names: 'normal(mean, deviation)', kinds: ['Duration', 'Duration'] },
  lognormal: { names: 'lognormal(median, sigma)', kinds: ['Duration', 'NumberLiteral'] },
  exponential: { names: 'exponential(mean)', kinds: ['Duration'] },
  pareto: { names: 'pareto(scale, shape)', kinds: ['Duration', 'NumberLiteral'] },
};

function make(context: Context, value: Measure | Argument, what: string): Distribution | undefined {
  switch (value.$type) {
    case 'Duration':
      return Number.isNaN(value.value) ? undefined : { kind: 'constant', ns: value.value };
    case 'Sum': {
      const parts = value.terms.map(term => make(context, term, what));
      return parts.every(part => part !== undefined) ? { kind: 'sum', parts } : undefined;
    }
    case 'Call':
      return value.function === 'mix' ? mixture(context, value.arguments, what) : call(context, value, what);
    default:
      return wrongValue(context, value, what, 'a duration or a distribution such as lognormal(1ms, 0.3)');
  }
}

function mixture(context: Context, parts: readonly Argument[], what: string): Distribution | undefined {
  const made: { weight: number; of: Distribution }[] = [];
  for (const part of parts) {
    if (part.$type !== 'MixPart')
      return wrongValue(context, part, 'mix', 'parts with weights, such as mix(90% 1ms, 10% 20ms)');
    const of = make(context, part.part, what);
    if (of === undefined) return undefined;
    made.push({ weight: part.weight.value, of });
  }
  return { kind: 'mix', parts: made };
}

function call(context: Context, value: Extract<Argument, { $type: 'Call' }>, what: string): Distribution | undefined {
  const wanted = parameters[value.function];
  if (wanted === undefined) {
    const known = [...Object.keys(parameters), 'mix'];
    return wrongValue(context, value, what, `a distribution: ${orList(known)}`);
  }
  if (value.arguments.length !== wanted.kinds.length) return wrongValue(context, value, what, wanted.names);
  const numbers = wanted.kinds.map((kind, i) => literal(context, value.arguments[i], kind, wanted.names, value));
  if (!numbers.every(number => number !== undefined)) return undefined;
  const [a, b] = numbers as [number, number];
  switch (value.function) {
    case 'uniform':
      return { kind: 'uniform', from: a, to: b };
    case 'normal':
      return { kind: 'normal', mean: a, sd: b };
    case 'lognormal':
      return { kind: 'lognormal', median: a, sigma: b };
    case 'exponential':
      return { kind: 'exponential', mean: a };
    default:
      return { kind: 'pareto', scale: a, shape: b };
  }
}

/** A quorum as written, relative to whoever holds the key. */
export function quorum(
  context: Context,
  value: AstNode | undefined,
  what: string,
  owner: AstNode,
): QuorumSpec | undefined {
  const expected = 'a quorum: a number, majority, all, one, or a form such as any 2 of (a, b, c)';
  if (value === undefined) {
    report(context, 'option-value', owner, `${what} needs ${expected}.`);
    return undefined;
  }
  switch (value.$type) {
    case 'NumberLiteral': {
      const number = count(context, value, what, owner, 0);
      return number === undefined ? undefined : { kind: 'count', count: number };
    }
    case 'Name': {
      const word = textOf(value as Name);
      if (word === 'majority' || word === 'all' || word === 'one') return { kind: word };
      return wrongValue(context, value, what, expected);
    }
    case 'AnyOf':
    case 'AllOf':
    case 'Grid':
    case 'Weighted':
    case 'ScopedQuorum':
      return quorumForm(context, value as QuorumForm, what);
    default:
      return wrongValue(context, value, what, expected);
  }
}

function quorumForm(context: Context, form: QuorumForm, what: string): QuorumSpec | undefined {
  switch (form.$type) {
    case 'AnyOf':
    case 'AllOf': {
      const members: (NodeId | QuorumSpec)[] = [];
      for (const member of form.members) {
        const one = member.$type === 'Name' ? nodeOf(context, member) : quorumForm(context, member, what);
        if (one === undefined) return undefined;
        members.push(one);
      }
      const repeated = members.find((member, i) => typeof member === 'number' && members.indexOf(member) !== i);
      if (repeated !== undefined) {
        report(
          context,
          'duplicate-name',
          form,
          `${context.nodes[repeated as NodeId]!.name} stands twice in this quorum; a node has one vote in it.`,
        );
        return undefined;
      }
      const need = form.$type === 'AllOf' ? members.length : count(context, form.count, 'any N of', form);
      if (need === undefined) return undefined;
      if (need > members.length) {
        report(context, 'quorum-size-range', form, `any ${need} of ${members.length} can never be gathered.`);
        return undefined;
      }
      return { kind: 'of', need, members };
    }
    case 'Grid': {
      const rows = count(context, form.rows, 'grid', form);
      const columns = count(context, form.columns, 'grid', form);
      if (rows === undefined || columns === undefined) return undefined;
      if (form.shape !== 'row' && form.shape !== 'column' && form.shape !== 'cross') {
        report(context, 'option-value', form, `A grid quorum is a row, a column or a cross, not "${form.shape}".`);
        return undefined;
      }
      return { kind: 'grid', rows, columns, take: form.shape };
    }
    case 'Weighted': {
      const need = count(context, form.threshold, 'weight', form);
      const weights: (readonly [NodeId, number])[] = [];
      for (const { member, weight } of form.members) {
        const node = nodeOf(context, member);
        const votes = count(context, weight, 'a weight', form, 0);
        if (node === undefined || votes === undefined) return undefined;
        weights.push([node, votes]);
      }
      const sum = weights.reduce((total, [, weight]) => total + weight, 0);
      if (need !== undefined && need > sum) {
        report(
          context,
          'quorum-size-range',
          form,
          `A weight of ${need} can never be gathered: all weights together are ${sum}.`,
        );
        return undefined;
      }
      return need === undefined ? undefined : { kind: 'weight', need, weights };
    }
    case 'ScopedQuorum': {
      if (wordOf(form.quorum) === 'majority')
        return { kind: form.scope === 'local' ? 'local-majority' : 'each-majority' };
      report(context, 'option-value', form, `${form.scope} is written with majority: ${form.scope} majority.`);
      return undefined;
    }
  }
}
