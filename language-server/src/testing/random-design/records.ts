/** Fields of records. */
import type { Choices } from './choices.ts';
import { block } from './layout.ts';
import { percent, size } from './values.ts';

export interface FieldSketch {
  readonly name: string;
  readonly attributes: string;
}

const names = [
  'id',
  'user',
  'country',
  'city',
  'placed',
  'balance',
  'at',
  'size',
  'zipf',
  'values',
  'on-delete',
  'unique',
];

/** Names of the fields of a record; none: it has no record. */
export const fieldNames = (c: Choices): string[] => (c.chance(75) ? c.some(names, 1, 5) : []);

/** The record of a store. @param others fields that it may refer to, as `users.id` */
export function record(c: Choices, fields: readonly string[], others: readonly string[]): string[] {
  const bytes = c.chance(40) ? ` size ${size(c)}` : '';
  if (fields.length === 0) return bytes === '' ? [] : [`record${bytes}`];
  return [
    block(
      c,
      `record${bytes}`,
      fields.map(name => field(c, name, others)),
    ),
  ];
}

function field(c: Choices, name: string, others: readonly string[]): string {
  const type = c.pick(['string', 'int', 'date', 'money']);
  const target = others.length > 0 && c.chance(25) ? c.pick(others) : null;
  const reference = target === null ? '' : ` -> ${target}${c.pick(['', ' on-delete refuse', ' on-delete cascade'])}`;
  return `${name}: ${type}${reference}${spread(c)}`;
}

function spread(c: Choices): string {
  switch (c.below(6)) {
    case 1:
      return ` values ${listed(c)}`;
    case 2:
      return ` distinct ${c.between(1, 500)}`;
    case 3:
      return ` distinct ${c.between(1, 500)} zipf${c.pick(['', ' 1.1', ' 0'])}`;
    case 4:
      return ' increasing';
    default:
      return '';
  }
}

function listed(c: Choices): string {
  const values = c.some(['"DE"', '"FR"', '"US"', '7', '"a, b"'], 1);
  return values.map(value => (c.chance(70) ? `${value} ${percent(c, 20)}` : value)).join(', ');
}
