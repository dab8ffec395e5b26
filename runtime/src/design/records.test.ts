import { describe, expect, it } from 'vitest';
import { sketch } from '../testing/design.ts';
import { type FieldValue, fieldOf, fieldsOf, numberOf, type Recorded } from './records.ts';
import type { Field, FieldValues, Partitioning } from './store.ts';

const { at } = sketch().design.stores[0]!;
const field = (name: string, type: string, values: FieldValues | null = null): Field => ({
  at,
  name,
  type,
  reference: null,
  values,
});
const recorded = (fields: readonly Field[], partitioning: Partitioning = { kind: 'none' }): Recorded => ({
  fields,
  partitioning,
});
const shareOf = (store: Recorded, name: string, value: FieldValue, keys = 20_000): number => {
  let found = 0;
  for (let i = 0; i < keys; i++) if (fieldOf(store, `k${i}`, name) === value) found++;
  return found / keys;
};

describe('the record of a key', () => {
  it('has the key wherever the design says nothing', () => {
    const store = recorded([field('id', 'string'), field('user', 'string')]);
    expect(fieldsOf(store, 'k5')).toEqual({ id: 'k5', user: 'k5' });
    expect(fieldOf(store, 'k5', 'undeclared')).toBe('k5');
  });

  it('has listed values in their shares, and others in what is left', () => {
    const shares = [
      ['US', 0.41],
      ['DE', 0.2],
    ] as const;
    const store = recorded([field('country', 'string', { kind: 'listed', shares })]);
    expect(shareOf(store, 'country', 'US')).toBeCloseTo(0.41, 1);
    expect(shareOf(store, 'country', 'DE')).toBeCloseTo(0.2, 1);
    expect(shareOf(store, 'country', 'other')).toBeCloseTo(0.39, 1);
  });

  it('deals what is left among listed values without a share', () => {
    const shares = [
      ['US', 0.5],
      ['DE', 0],
      ['FR', 0],
    ] as const;
    const store = recorded([field('country', 'string', { kind: 'listed', shares })]);
    expect(shareOf(store, 'country', 'FR')).toBeCloseTo(0.25, 1);
    expect(shareOf(store, 'country', 'other')).toBe(0);
  });

  it('has distinct values by Zipf, called by their rank', () => {
    const values = { kind: 'distinct', count: 500, zipf: 1.1 } as const;
    const store = recorded([field('city', 'string', values), field('size', 'int', values)]);
    const sum = Array.from({ length: 500 }, (_, i) => Math.exp(-1.1 * Math.log(i + 1))).reduce((a, b) => a + b);
    expect(shareOf(store, 'city', 'city0')).toBeCloseTo(1 / sum, 1);
    expect(typeof fieldOf(store, 'k1', 'size')).toBe('number');
  });

  it('is the same in every store with a field of this name', () => {
    const values = { kind: 'distinct', count: 50, zipf: 0 } as const;
    const one = recorded([field('city', 'string', values)]);
    const other = recorded([field('id', 'string'), field('city', 'string', values)]);
    for (let i = 0; i < 50; i++) expect(fieldOf(one, `k${i}`, 'city')).toBe(fieldOf(other, `k${i}`, 'city'));
  });

  it('increases with the key: ten dates in each range before the last, all others in that', () => {
    const day = 86_400_000_000_000;
    const range = (name: string, from: number | null, to: number | null) => ({ at, name, from, to, on: '' });
    const ranges = [range('a', null, 100 * day), range('b', 100 * day, 200 * day), range('c', 200 * day, null)];
    const store = recorded([field('placed', 'date', { kind: 'increasing' })], {
      kind: 'range',
      field: 'placed',
      ranges,
      // biome-ignore lint/suspicious/noThenProperty: the word of the language.
      then: null,
    });
    const dates = Array.from({ length: 60 }, (_, i) => fieldOf(store, `k${i}`, 'placed') as number);
    expect(dates.every((date, i) => i === 0 || date > dates[i - 1]!)).toBe(true);
    expect(dates.filter(date => date < 100 * day)).toHaveLength(10);
    expect(dates.filter(date => date >= 200 * day)).toHaveLength(40);
    expect(fieldOf(recorded([field('n', 'int', { kind: 'increasing' })]), 'k7', 'n')).toBe(7);
  });

  it('has a number: the one at the end of its key, or one of its own', () => {
    expect(numberOf('k17')).toBe(17);
    expect(numberOf('x')).toBe(numberOf('x'));
    expect(numberOf('x')).not.toBe(numberOf('y'));
  });
});
