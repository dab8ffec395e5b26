/**
 * A Merkle tree over a replica's cells (Merkle 1987; Dynamo §4.7): leaves are ranges of hashed keys, an inner node is a
 * hash of its children. Numbers as in a heap: 1 is the root, the children of n are 2n and 2n + 1.
 */
import type { Stamp } from './stamps.ts';

export const LEAVES = 64;

/** FNV-1a, 32 bits, from a start; the last mix is Murmur3's. */
function hash(text: string, start = 0x811c9dc5): number {
  let value = start;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

export const leafOf = (key: string): number => hash(key) % LEAVES;

/** What a cell adds to its leaf; leaves are the XOR of it, so that cells come and go one by one. */
export const mixed = (key: string, { time, count, node, life }: Stamp): number =>
  hash(`${key} ${time} ${count} ${node} ${life}`) | 0;

/** Hash of a node of the tree. */
export const hashOf = (leaves: readonly number[], node: number): number =>
  node >= LEAVES ? leaves[node - LEAVES]! >>> 0 : hash(`${hashOf(leaves, 2 * node)} ${hashOf(leaves, 2 * node + 1)}`);

export const isLeaf = (node: number): boolean => node >= LEAVES;
