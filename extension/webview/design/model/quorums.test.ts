/** Quorums in words, and the smallest of them. */
import { isQuorum, type Quorum } from '@dsys/runtime/design/quorum';
import { describe, expect, it } from 'vitest';
import { designOf } from '../../../../tests/support/design.ts';
import { examplesOf, oneOf, sharedBy, wordsOf } from './quorums.ts';

const majority: Quorum = { kind: 'nodes', need: 2, of: [0, 1, 2] };
const grid: Quorum = { kind: 'combine', need: 2, of: [majority, { kind: 'nodes', need: 1, of: [3, 4] }] };
const weights: Quorum = {
  kind: 'weight',
  need: 3,
  weights: [
    [0, 1],
    [1, 1],
    [2, 2],
  ],
};

describe.each([
  ['read', majority, 'read 2 of 3', 2],
  ['write', grid, 'write 3 of 5, chosen by the rule that is written', 3],
  ['quorum', weights, 'quorum weight 3 (2 of 3 nodes at least)', 2],
] as const)('%s', (word, quorum, text, size) => {
  it('is told and shown', () => {
    expect(wordsOf(word, quorum)).toBe(text);
    const nodes = oneOf(quorum, [4, 2, 1, 0, 3]);
    expect(nodes.length).toBe(size);
    expect(isQuorum(quorum, node => nodes.includes(node))).toBe(true);
  });
});

it('prefers who comes first', () => {
  expect(oneOf(majority, [2, 0, 1])).toEqual([2, 0]);
});

it('what cannot be gathered is not shown', () => {
  const impossible: Quorum = { kind: 'nodes', need: 4, of: [0, 1, 2] };
  expect(wordsOf('write', impossible)).toBe('write: no quorum can be gathered');
  expect(oneOf(impossible, [0, 1, 2])).toEqual([]);
});

it('every word of a store has its own letter', async () => {
  const design = await designOf('cluster c { nodes 5 }\nstore s on c { replication leaderless { read 2  write 4 } }');
  const examples = examplesOf(design.partitions[0]!, []);
  expect(examples.map(({ letter, text }) => `${letter} ${text}`).sort()).toEqual(['R read 2 of 5', 'W write 4 of 5']);
});

it('who is to be replaced is not heard about the successor', async () => {
  const design = await designOf(`cluster c { nodes 5 }
store s on c { replication single-leader semi-synchronous 1 { failover automatic { detect 1s } } }`);
  const [partition] = design.partitions;
  const [leader] = partition!.replicas;
  const consult = examplesOf(partition!, [leader!]).find(({ word }) => word === 'consult')!;
  expect(consult.text).toBe('consult 3 of 5');
  expect(consult.nodes.length).toBe(3);
  expect(consult.nodes).not.toContain(leader);
});

it.each([
  ['read 1  write 1', 0],
  ['read 2  write 2', 1],
  ['read 3  write 1', 1],
  ['read 3  write 3', 3],
])('%s of 3 share as little as they can', async (quorums, shared) => {
  const text = `cluster c { nodes 3 }\nstore s on c { replication leaderless { ${quorums} } }`;
  const design = await designOf(text, 'test.dsys', { withErrors: true });
  expect(sharedBy(examplesOf(design.partitions[0]!, []))!.length).toBe(shared);
});
