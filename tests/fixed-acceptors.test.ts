/** What protocols without a change of membership refuse, by name and before they run. */
import { obstacles } from '@dsys/runtime';
import { expect, it } from 'vitest';
import { designOf } from './support/design.ts';

const refused = async (consensus: string, nodes: string, actions: string) => {
  const design = await designOf(
    `cluster c { ${nodes} }
store s on c { consensus ${consensus} }
workload load on s { clients 1 }
scenario a { run load for 2s  ${actions} }`,
    'refused.dsys',
    { withErrors: true },
  );
  return obstacles(design, design.scenarios[0]!).map(one => one.message);
};

it.each([
  ['paxos', 'paxos'],
  ['fast-paxos { classic 2  fast 3 }', 'fast-paxos'],
])('%s', async (consensus, kind) => {
  expect(await refused(consensus, 'nodes 3', '')).toEqual([]);
  expect(await refused(consensus, 'nodes 3  spare z', 'at 1s add z to s')).toEqual([
    `s can take no add: ${kind} has no leader, and its acceptors never change`,
  ]);
  expect(await refused(consensus, 'nodes 3', 'at 1s promote c1 on s')).toHaveLength(1);
  expect((await refused(consensus, 'nodes 3  observer o', ''))[0]).toMatch(/o is no full replica/);
});

it.each([
  ['witness w', '', 'w has no place'],
  ['observer w', '', 'w has no place'],
  ['', 'at 1s promote c1 on s', 'the head of a chain follows from its order'],
  ['spare z', 'at 1s add z to s as observer', 'a chain has no observers'],
  ['spare z', 'at 1s add z to s', undefined],
  ['', 'at 1s remove c2 from s', undefined],
])('a chain: %s %s', async (node, actions, expected) => {
  const said = async (master: string) => {
    const text = `cluster c { nodes 3  ${node} }
cluster m { nodes 3 }
store routes on m { consensus raft }
store s on c { replication chain { ${master} } }
workload load on s { clients 1 }
scenario a { run load for 2s  ${actions} }`;
    const design = await designOf(text, 'refused.dsys', { withErrors: true });
    return obstacles(design, design.scenarios[0]!).map(one => one.message);
  };
  expect(await said('master routes')).toEqual(expected === undefined ? [] : [expect.stringContaining(expected)]);
  // Without a configuration service there is nobody to change it.
  if (expected === undefined)
    expect(await said('master none')).toEqual([expect.stringContaining('a chain without a configuration service')]);
});

it('what an atomic commit refuses, it refuses where it is asked for', async () => {
  const text = `cluster c { nodes 3  witness w }
store s on c { consensus two-phase-commit }
workload load on s { clients 1 }
scenario a { run load for 2s
  at 1s promote c1 on s
}`;
  const design = await designOf(text, 'refused.dsys', { withErrors: true });
  const [first, second] = obstacles(design, design.scenarios[0]!);
  expect(first!.message).toContain('there can be no witnesses and no observers');
  expect(second!.message).toContain('can take no promote');
  expect(second!.at).toEqual(design.scenarios[0]!.actions[0]!.at);
});
