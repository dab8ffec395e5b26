/** Quantities, quorums and distributions where they are looked for. */
import { type QuantityKind, units } from '@dsys/grammar';
import { CompletionItemKind } from 'vscode-languageserver';
import { parameters } from '../../elaborate/distributions.ts';
import type { Wanted } from '../../elaborate/questions.ts';
import { quantityKindOf } from '../../parsing/form.ts';
import { distributionMeanings, wordMeanings } from '../meanings/words.ts';
import { type Offer, wordOffer } from './offers.ts';

export type QuantityType = Extract<Wanted, { kind: 'quantity' }>['type'];

/** Values that designs often have, and the units of each kind. */
const usual: Readonly<
  Record<Exclude<QuantityKind, 'percentile'>, { readonly values: readonly string[]; readonly units: readonly string[] }>
> = {
  duration: { values: ['1ms', '10ms', '100ms', '1s', '10s', '1min'], units: units.duration.map(unit => unit.name) },
  size: { values: ['100B', '1KB', '1MB', '10GB'], units: units.size.map(unit => unit.name) },
  bandwidth: { values: ['100Mbit/s', '1Gbit/s', '10Gbit/s'], units: units.bandwidth.map(unit => unit.name) },
  rate: { values: ['100/s', '1000/s'], units: ['/s', '/min'] },
  percent: { values: ['1%', '10%', '50%', '99.9%'], units: ['%'] },
  ppm: { values: ['50ppm', '100ppm'], units: ['ppm'] },
  factor: { values: ['2x', '10x'], units: ['x'] },
  number: { values: ['1', '2', '3'], units: [''] },
};

/** @param written what is written of it already: after `10` it is 10ms, 10s and so on */
export function quantityOffers(type: QuantityType, written: string, preferred?: string): Offer[] {
  const { values, units: suffixes } = usual[quantityKindOf(type) as keyof typeof usual];
  const number = /^\d+(?:\.\d+)?/.exec(written)?.[0];
  const all =
    number === undefined
      ? [...(preferred === undefined ? [] : [preferred]), ...values]
      : suffixes.map(unit => number + unit);
  return all.map(label => quantityOffer(label, label === preferred));
}

const quantityOffer = (label: string, isDefault: boolean): Offer => ({
  label,
  group: isDefault ? 'default' : 'quantity',
  kind: CompletionItemKind.Value,
  ...(isDefault && { detail: 'default' }),
});

export const percentileOffers = (): Offer[] =>
  ['p50', 'p95', 'p99', 'p99.9'].map(label => ({
    label,
    group: 'quantity',
    kind: CompletionItemKind.Value,
    means: `Of 1000 operations, ${Number(label.slice(1)) * 10} are at least as good.`,
  }));

export function distributionOffers(): Offer[] {
  const arguments_: Readonly<Record<QuantityType, string>> = {
    ...{ Duration: '10ms', NumberLiteral: '1.5', Percent: '10%', Ppm: '1ppm', Rate: '1/s', Size: '1KB' },
    ...{ Bandwidth: '1Gbit/s', Factor: '2x' },
  };
  const made = Object.entries(parameters).map(([name, { names, kinds }]) => ({
    name,
    detail: names,
    snippet: `${name}(${kinds.map((kind, i) => `\${${i + 1}:${arguments_[kind]}}`).join(', ')})`,
  }));
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a snippet of the protocol.
  const mix = { name: 'mix', detail: 'mix(weight part, …)', snippet: 'mix(${1:90%} ${2:1ms}, ${3:10%} ${4:20ms})' };
  return [...made, mix].map(({ name, detail, snippet }) => ({
    label: name,
    group: 'quantity',
    kind: CompletionItemKind.Function,
    snippet,
    detail,
    means: distributionMeanings[name],
  }));
}

/** The forms that name nodes are keywords of the grammar. */
export const quorumOffers = (preferred: string | undefined): Offer[] => [
  ...['majority', 'all', 'one'].map(word => wordOffer(word, wordMeanings[word], word === preferred)),
  ...quantityOffers('NumberLiteral', ''),
];
