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
