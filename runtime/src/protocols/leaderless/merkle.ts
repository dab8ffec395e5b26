/**
 * A Merkle tree over a replica's cells (Merkle 1987; Dynamo §4.7): leaves are ranges of hashed keys, an inner node is a
 * hash of its children. Numbers as in a heap: 1 is the root, the children of n are 2n and 2n + 1.
 */
import { hashKey } from '../../design/keys.ts';

/** Two to the power of six. */
export const LEAVES = 64;

/** By the upper bits: a partition's keys may all have the lower ones in common, as slots are chosen by them. */
export const leafOf = (key: string): number => hashKey(key) >>> 26;

/** What a write adds to its leaf; leaves are the XOR of it, so that writes come and go one by one. */
export const mixed = (key: string, id: string): number => hashKey(`${key} ${id}`) | 0;

/** Hash of a node of the tree. */
export const hashOf = (leaves: readonly number[], node: number): number =>
  node >= LEAVES
    ? leaves[node - LEAVES]! >>> 0
    : hashKey(`${hashOf(leaves, 2 * node)} ${hashOf(leaves, 2 * node + 1)}`);

export const isLeaf = (node: number): boolean => node >= LEAVES;
