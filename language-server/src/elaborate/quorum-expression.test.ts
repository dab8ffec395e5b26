import { expect, test } from 'vitest';
import { readQuorums } from './quorum-expression.ts';

const any = (need: number, of: readonly number[]) => ({ kind: 'nodes', need, of });
const all = async (text: string, ...further: string[]) => readQuorums([text], further);

test('forms name their nodes, words and numbers count those that there are', async () => {
  expect(await all('any 2 of (a, b, any 1 of (c, d))')).toEqual({
    nodes: ['a', 'b', 'c', 'd'],
    quorums: [
      {
        kind: 'combine',
        need: 2,
        of: [any(1, [0]), any(1, [1]), { kind: 'combine', need: 1, of: [any(1, [2]), any(1, [3])] }],
      },
    ],
  });
  expect(await all('majority', 'x', 'y', 'z')).toEqual({ nodes: ['x', 'y', 'z'], quorums: [any(2, [0, 1, 2])] });
  expect(await all('3', 'x', 'y', 'z')).toMatchObject({ quorums: [any(3, [0, 1, 2])] });
  expect(await all('grid(2, 3) row')).toMatchObject({ nodes: ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'] });
  expect(await all('weight 3 of (a = 2, b = 1, c = 1)')).toMatchObject({
    quorums: [
      {
        kind: 'weight',
        need: 3,
        weights: [
          [0, 2],
          [1, 1],
          [2, 1],
        ],
      },
    ],
  });
  // Every word of the language is a name where a name is expected.
  expect(await all('any 2 of (write, leader, any)')).toMatchObject({ nodes: ['write', 'leader', 'any'] });
});

test('two quorums are over the nodes of both', async () => {
  expect(await readQuorums(['any 1 of (a, b)', 'majority'], ['c'])).toEqual({
    nodes: ['a', 'b', 'c'],
    quorums: [{ kind: 'combine', need: 1, of: [any(1, [0]), any(1, [1])] }, any(2, [0, 1, 2])],
  });
});

test.each([
  ['', [], 'Expected a quorum such as majority'],
  ['any 2 of (a, b', [], "Expected ')' after 'b', found the end"],
  ['any 2 of (a, b) c', [], 'Nothing can follow it, but "c" does'],
  ['any 2 of (a) } store x on y {', [], "This '}' closes nothing"],
  ['any 3 of (a, b)', [], 'any 3 of 2 can never be gathered'],
  ['any 2 of (a, a)', [], 'a stands twice'],
  ['weight 9 of (a = 2, b = 1)', [], 'can never be gathered'],
  ['majority', [], 'names no nodes'],
  ['4', ['a', 'b', 'c'], 'never'],
  ['most', ['a'], "such as majority, 2 or any 2 of (a, b, c), found 'most'"],
  ['local majority', ['a'], 'depends on regions'],
  ['any 1 of (a /* b)', [], 'is no quorum'],
  ['any 1 of (a) // b', ['b'], undefined],
] as const)('%s', async (text, further, problem) => {
  const found = await all(text, ...further);
  if (problem === undefined) expect(found).toHaveProperty('quorums');
  else expect(found).toEqual({ problem: expect.stringContaining(problem) });
});
