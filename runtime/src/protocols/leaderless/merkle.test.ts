import { expect, it } from 'vitest';
import { hashKey } from '../../design/keys.ts';
import { hashOf, isLeaf, LEAVES, leafOf, mixed } from './merkle.ts';

it('keys of one partition of 64 are spread over all leaves', () => {
  const keys = Array.from({ length: 64 * 1000 }, (_, i) => `k${i}`).filter(key => hashKey(key) % 64 === 5);
  const counts = new Array<number>(LEAVES).fill(0);
  for (const key of keys) counts[leafOf(key)]!++;
  expect(keys.length).toBeGreaterThan(800);
  expect(Math.min(...counts)).toBeGreaterThan(0);
  expect(Math.max(...counts)).toBeLessThan((5 * keys.length) / LEAVES);
});

it('what differs is found from the root down, and nothing where all is the same', () => {
  const leaves = (changed: string | null) => {
    const found = new Array<number>(LEAVES).fill(0);
    for (let i = 0; i < 500; i++) {
      const key = `k${i}`;
      found[leafOf(key)]! ^= mixed(key, key === changed ? 's1:2' : 's1:1');
    }
    return found;
  };
  const differing = (a: number[], b: number[], node = 1): number[] => {
    if (hashOf(a, node) === hashOf(b, node)) return [];
    return isLeaf(node) ? [node - LEAVES] : [2 * node, 2 * node + 1].flatMap(child => differing(a, b, child));
  };
  expect(differing(leaves(null), leaves(null))).toEqual([]);
  expect(differing(leaves(null), leaves('k77'))).toEqual([leafOf('k77')]);
});
