/** Distributions of durations as options write them. */
import { type Argument, formatDuration, type Measure } from '@dsys/grammar';
import { type Distribution, problemOf } from '@dsys/runtime/design/distribution';
import type { AstNode } from 'langium';
import { type Context, orList, report } from './context.ts';
import { finite, type Literal, literal, wrongValue } from './values.ts';

/** The distribution of a duration that an option's value says; a plain duration is constant. */
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
  context.understood.add(value);
  context.ask?.(value, { kind: 'distribution' });
  const made = make(context, value as Measure, what);
  if (made === undefined) return undefined;
  const problem = problemOf(made);
  if (problem === undefined) return made;
  const readable = problem.replace(/\b(\d+) ns/g, (_, ns) => formatDuration(Number(ns)));
  report(context, 'option-value', value, `${what}: ${readable}.`);
  return undefined;
}

/** What each distribution takes; `mix` takes parts with weights. */
export const parameters: Readonly<Record<string, { readonly names: string; readonly kinds: readonly Literal[] }>> = {
  uniform: { names: 'uniform(least, most)', kinds: ['Duration', 'Duration'] },
  normal: { names: 'normal(mean, deviation)', kinds: ['Duration', 'Duration'] },
  lognormal: { names: 'lognormal(median, sigma)', kinds: ['Duration', 'NumberLiteral'] },
  exponential: { names: 'exponential(mean)', kinds: ['Duration'] },
  pareto: { names: 'pareto(scale, shape)', kinds: ['Duration', 'NumberLiteral'] },
};

function constant(value: number): Distribution | undefined {
  const ns = finite(value);
  return ns === undefined || ns < 0 ? undefined : { kind: 'constant', ns };
}

function make(context: Context, value: Measure | Argument, what: string): Distribution | undefined {
  switch (value.$type) {
    case 'Duration':
      return constant(value.value);
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
    const weight = finite(part.weight?.value);
    if (weight === undefined) return undefined;
    made.push({ weight, of });
  }
  return { kind: 'mix', parts: made };
}

function call(context: Context, value: Extract<Argument, { $type: 'Call' }>, what: string): Distribution | undefined {
  const wanted = parameters[value.function];
  if (wanted === undefined) {
    const known = [...Object.keys(parameters), 'mix'];
    return wrongValue(context, value, what, `a distribution: ${orList(known)}`);
  }
  for (const [i, type] of wanted.kinds.entries()) {
    const argument = value.arguments[i];
    if (argument !== undefined) context.ask?.(argument, { kind: 'quantity', type });
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
