import { describe, expect, it } from 'vitest';
import { movedAtLeast, movedByModulo, ringDeviation } from '../analysis/shards.ts';
import { sketch } from '../testing/design.ts';
import { hashKey } from './keys.ts';
import { type KeySpace, type PartitionMap, partitionOf } from './partition-map.ts';
import { arcsOf, memberAt, ringOf, ringSize } from './ring.ts';
import type { Field, Partitioning } from './store.ts';

const { at } = sketch().design.stores[0]!;
const none = null;
const field = (name: string, type: string, values: Field['values'] = null): Field => ({
  at,
  name,
  type,
  reference: null,
  values,
});
const space = (partitioning: Partitioning, count: number, fields: readonly Field[] = []): KeySpace => ({
  name: 's',
  fields,
  partitioning,
  count,
  beside: null,
});
const mapOf = (count: number): PartitionMap => ({
  epoch: 1,
  members: Array.from({ length: count }, (_, i) => i),
  groups: Array.from({ length: count }, (_, i) => i),
});
const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}`);

/** Share of keys that another number of partitions puts elsewhere. */
function moved(partitioning: Partitioning, from: number, to: number): number {
  const [before, after] = [mapOf(from), mapOf(to)];
  const of = space(partitioning, from);
  return keys.filter(key => partitionOf(of, before, key) !== partitionOf(of, after, key)).length / keys.length;
}

const modulo: Partitioning = { kind: 'hash', field: 'id', into: 0, scheme: 'modulo-nodes' };
const directory: Partitioning = { kind: 'directory', field: 'id', store: 'routes' };
const ring = (virtualNodes: number): Partitioning => ({ kind: 'consistent-hash', field: 'id', virtualNodes });

describe('which partition holds a key', () => {
  it.each([
    [3, 4, 0.75],
    [4, 5, 0.8],
    [10, 11, 0.909],
    [16, 17, 0.941],
    [10, 9, 0.9],
    [8, 16, 0.5],
  ])('hash modulo %i to %i nodes moves %f of the keys', (from, to, share) => {
    expect(moved(modulo, from, to)).toBeCloseTo(share, 1);
    expect(moved(modulo, from, to)).toBeCloseTo(movedByModulo(from, to), 1);
  });

  it.each([
    [3, 4, 0.25],
    [4, 5, 0.2],
    [10, 11, 0.0909],
    [16, 17, 0.0588],
    [10, 9, 0.1],
  ])('a ring and a directory move from %i to %i nodes no more than they must, %f', (from, to, share) => {
    expect(moved(ring(1000), from, to)).toBeCloseTo(share, 1);
    expect(Math.abs(moved(ring(1000), from, to) - movedAtLeast(from, to))).toBeLessThan(0.02);
    expect(Math.abs(moved(directory, from, to) - movedAtLeast(from, to))).toBeLessThan(0.02);
  });

  it('puts ranges, lists and what divides them further where the record belongs', () => {
    const range = (name: string, from: number | null, to: number | null) => ({ at, name, from, to, on: '' });
    const ranges = { kind: 'range', field: 'id', ranges: [range('low', none, 500), range('high', 500, none)] } as const;
    // biome-ignore lint/suspicious/noThenProperty: the word of the language.
    const byRange = space({ ...ranges, then: none }, 2);
    expect(partitionOf(byRange, mapOf(2), 'k499')).toBe(0);
    expect(partitionOf(byRange, mapOf(2), 'k500')).toBe(1);

    const shares = [
      ['DE', 0.5],
      ['US', 0.25],
    ] as const;
    const lists = [
      { at, name: 'europe', values: ['DE', 'FR'], on: '' },
      { at, name: 'america', values: ['US'], on: '' },
    ];
    const country = field('country', 'string', { kind: 'listed', shares });
    const inner: Partitioning = { kind: 'hash', field: 'id', into: 4, scheme: 'slots' };
    // biome-ignore lint/suspicious/noThenProperty: the word of the language.
    const byList = space({ kind: 'list', field: 'country', lists, then: inner }, 8, [country]);
    const counts = new Array<number>(9).fill(0);
    for (const key of keys) counts[1 + partitionOf(byList, mapOf(8), key)]!++;
    // Nobody holds the quarter that is listed nowhere.
    const expected = [0.25, ...new Array<number>(4).fill(0.125), ...new Array<number>(4).fill(0.0625)];
    for (const [i, share] of expected.entries()) expect(Math.abs(counts[i]! / keys.length - share)).toBeLessThan(0.02);
  });

  it('lies beside the record that it refers to', () => {
    const users = space({ kind: 'hash', field: 'id', into: 4, scheme: 'slots' }, 4);
    const orders: KeySpace = {
      ...space({ kind: 'with', store: 'users' }, 4, [field('user', 'string', { kind: 'distinct', count: 9, zipf: 0 })]),
      beside: { by: 'user', space: users },
    };
    for (const key of keys.slice(0, 50)) {
      const place = partitionOf(orders, mapOf(4), key);
      const user = `user${/\d+$/.exec(ownerOf(orders, key))![0]}`;
      expect(place).toBe(partitionOf(users, mapOf(4), user));
    }
  });
});

const ownerOf = (of: KeySpace, key: string): string => {
  const values = of.fields[0]!.values as Extract<Field['values'], { kind: 'distinct' }>;
  return `user${Math.floor((hashKey(`user of ${key}`) / 4294967296) * values.count)}`;
};

describe('a ring', () => {
  /** Shares of the buckets, in multiples of the mean, in order. */
  function shares(buckets: number, points: number): number[] {
    const sizes = new Array<number>(buckets).fill(0);
    for (const { from, to, member } of arcsOf(
      ringOf(
        Array.from({ length: buckets }, (_, i) => i),
        points,
      ),
    ))
      sizes[member]! += to - from;
    return sizes.map(size => (size / ringSize) * buckets).sort((a, b) => a - b);
  }

  // Lamping and Veach 2014, table 1: relative standard deviation and 99 % interval of 1,000 buckets.
  it.each([
    [1, 0.9979, 0.12],
    [10, 0.3152, 0.03],
    [100, 0.0997, 0.01],
    [1000, 0.0316, 0.003],
  ])('with %i points per bucket deviates by %f', (points, deviation, tolerance) => {
    // Fewer buckets where there are many points: what a bucket deviates by hardly depends on how many there are.
    const all = shares(points === 1000 ? 250 : 1000, points);
    const sigma = Math.sqrt(all.reduce((sum, one) => sum + (one - 1) * (one - 1), 0) / all.length);
    expect(Math.abs(sigma - deviation)).toBeLessThan(tolerance);
    expect(Math.abs(sigma - ringDeviation(all.length, points))).toBeLessThan(tolerance);
  });

  // Hottest node over mean, as the formula for it gives it (`expectedFullest`).
  it.each([
    [10, 1, 2.99, 1.6],
    [10, 8, 1.6, 0.5],
    [10, 100, 1.15, 0.12],
    [10, 1000, 1.05, 0.05],
    [100, 8, 2.1, 0.5],
    [100, 100, 1.27, 0.12],
    [100, 1000, 1.08, 0.05],
  ])('of %i nodes with %i points has a hottest one of about %f times the mean', (nodes, points, hottest, tolerance) => {
    expect(Math.abs(shares(nodes, points).at(-1)! - hottest)).toBeLessThan(tolerance);
  });

  it('is covered by its arcs without gap or overlap, and they say what looking up says', () => {
    const some = ringOf([0, 1, 2, 5], 16);
    const arcs = arcsOf(some);
    expect(arcs[0]!.from).toBe(0);
    expect(arcs.at(-1)!.to).toBe(ringSize);
    for (const [i, arc] of arcs.entries()) {
      if (i > 0) expect(arc.from).toBe(arcs[i - 1]!.to);
      expect(memberAt(some, arc.from)).toBe(arc.member);
      expect(memberAt(some, arc.to - 1)).toBe(arc.member);
    }
  });
});
