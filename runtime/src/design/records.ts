/**
 * What stands in the fields of the record that a key names.
 *
 * Workloads and scripts work on keys (`k0`, `k1`, …, or what a script calls them); partitions, scans and home regions go
 * by fields. A run carries no rows, so the record of a key is a function of the design, and this file is all of it:
 *
 * - A field of which the record says nothing (`id: string`, `user: string -> users.id`, or one that it does not declare)
 *   is as distinct as keys are: its value is the key. Two of those in one record are equal, and `k5` of `orders` refers to
 *   `k5` of `users`.
 * - `values "US" 41%, "DE" 20%` and `distinct 500 zipf 1.1` give each key a value at random in these shares, the same in
 *   every run and every store that has a field of this name: users and orders of one key are of one country. Where shares
 *   are left out they are equal parts of what is left; what is left otherwise is `other`, a value that nobody lists. The
 *   values of `distinct` are called by their rank, `city0` the most frequent; those of a number are the ranks.
 * - `increasing` grows with the number in the key: `k7` was made after `k6`. Its value is this number; dates grow by days,
 *   ten of them in each range before the last one by which the store is split, and all others in the last: what is
 *   inserted lands at the end.
 *
 * The key never changes, so a record never moves to another partition because of what is written to it.
 */

import { hashKey } from './keys.ts';
import type { Field, KeyRange, Store } from './store.ts';
import { drawnFrom, zipfTable } from './zipf.ts';

/** Dates are ns since 1970. */
export type FieldValue = string | number;

/** What of a store says what its records are like. */
export type Recorded = Pick<Store, 'fields' | 'partitioning'>;

/** What is left where `values` leaves something. */
export const otherValue = 'other';

/** All declared fields. */
export const fieldsOf = (store: Recorded, key: string): Readonly<Record<string, FieldValue>> =>
  Object.fromEntries(store.fields.map(field => [field.name, valueFor(store, field, key)]));

/** One field, declared or not. */
export function fieldOf(store: Recorded, key: string, name: string): FieldValue {
  const field = store.fields.find(one => one.name === name);
  return field === undefined ? key : valueFor(store, field, key);
}

/** Its place among numbers: the number at its end, or one of its own where it has none. */
export function numberOf(key: string): number {
  const digits = /\d+$/.exec(key)?.[0];
  return digits === undefined ? hashKey(key) : Number(digits);
}

function valueFor(store: Recorded, field: Field, key: string): FieldValue {
  const { name, values } = field;
  switch (values?.kind) {
    case undefined:
      return key;
    case 'listed':
      return listed(values.shares, at(name, key));
    case 'distinct': {
      const rank = drawnFrom(zipfTable(values.count, values.zipf), at(name, key));
      return isNumber(field) ? rank : `${name}${rank}`;
    }
    case 'increasing':
      return isDate(field) ? dateOf(store, name, numberOf(key)) : numberOf(key);
  }
}

/** Where the key stands in [0, 1) of all values of the field. */
const at = (field: string, key: string): number => hashKey(`${field} of ${key}`) / 4294967296;

function listed(shares: readonly (readonly [string, number])[], where: number): string {
  const given = shares.reduce((sum, [, share]) => sum + share, 0);
  const without = shares.filter(([, share]) => share === 0).length;
  const part = without === 0 ? 0 : Math.max(0, 1 - given) / without;
  let left = where;
  for (const [value, share] of shares) if ((left -= share === 0 ? part : share) < 0) return value;
  return without > 0 || given >= 1 - 1e-9 ? shares.at(-1)![0] : otherValue;
}

const isNumber = ({ type }: Field): boolean => /^(int|integer|long|number|float|double|decimal)/i.test(type);
const isDate = ({ type }: Field): boolean => /^(date|time|timestamp|instant)/i.test(type);

const dayNs = 86_400_000_000_000;
/** Where nothing is said of dates: 2024-01-01. */
const someDay = 19723 * dayNs;
const perRange = 10;

function dateOf({ partitioning }: Recorded, field: string, index: number): number {
  const bounds =
    partitioning.kind === 'range' && partitioning.field === field ? boundsOf(partitioning.ranges) : [someDay];
  const range = Math.floor(index / perRange);
  const first = bounds[0]!;
  // The first range has no beginning of its own: its last days.
  if (range === 0) return first - (perRange - index) * dayNs;
  if (range >= bounds.length) return bounds.at(-1)! + (index - perRange * bounds.length) * dayNs;
  const from = bounds[range - 1]!;
  return from + Math.floor(((bounds[range]! - from) * (index % perRange)) / perRange);
}

/** Where one range ends and the next one begins, in order. */
function boundsOf(ranges: readonly KeyRange[]): readonly number[] {
  const bounds = new Set(ranges.flatMap(({ from, to }) => [from, to]).filter(one => typeof one === 'number'));
  return bounds.size === 0 ? [someDay] : [...bounds].sort((a, b) => a - b);
}
