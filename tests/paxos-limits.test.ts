/** Where Paxos groups end: what is refused before a run, and how far a lease can be trusted. */
import { promisesOf } from '@dsys/runtime/protocols/descriptors';
import { obstacles } from '@dsys/runtime/run/executable';
import { describe, expect, it } from 'vitest';
import { designOf, testScenario } from './support/design.ts';

const refusals = async (text: string): Promise<readonly string[]> => {
  const design = await designOf(text, 'refused.dsys', { withErrors: true });
  return obstacles(design, design.scenarios[0]!).map(one => one.message);
};

describe('is refused before the run', () => {
  const mechanisms = ['multi-paxos', 'flexible-paxos { prepare 2  accept 2 }'];
  it.each(mechanisms)('a change of members: %s', async mechanism => {
    const text = `
cluster c { nodes a, b, d  spare e }
store kv on c { consensus ${mechanism} }
scenario s {
  run for 5s
  at 1s client c1 write x = 1 via a
  at 2s add e to kv
  at 3s remove d from kv
}`;
    const name = mechanism.split(' ')[0];
    expect(await refusals(text)).toEqual([
      `kv can take no add: ${name} keeps its members`,
      `kv can take no remove: ${name} keeps its members`,
    ]);
  });

  it('an auxiliary acceptor that would hold a copy', async () => {
    const text = (nodes: string) => `
cluster c { ${nodes} }
store kv on c { consensus cheap-paxos { main a, b  auxiliary w } }
scenario s { run for 5s  at 1s client c1 write x = 1 via a }`;
    expect(await refusals(text('nodes a, b, w'))).toEqual([
      'store kv can be checked, but not executed: w holds a copy, and Cheap Paxos does not name it as main',
      'store kv can be checked, but not executed: w is an auxiliary acceptor, which holds no data: make it a witness',
    ]);
    expect(await refusals(text('nodes a, b  witness w'))).toEqual([]);
  });
});

describe('a lease of Multi-Paxos', () => {
  it.each([
    [50_000, 'linearizable'],
    [70_000, 'eventual'],
  ])('with clocks that drift by %d ppm', async (ppm, consistency) => {
    const design = await designOf(
      `cluster c { nodes 3  clock { drift ${ppm}ppm } }\nstore kv on c { consensus multi-paxos { lease 2s } }\n`,
      'drift.dsys',
      { withErrors: true },
    );
    expect(promisesOf(design, design.stores[0]!).consistency).toBe(consistency);
  });

  it.each([
    // They are patient for 900 ms of their own: 818 ms, and 450 ms, for the one that takes its lease to last for 800.
    [100_000, 'holds'],
    [1_000_000, 'violated'],
  ])('when the clocks of the others run %d ppm fast', async (ppm, verdict) => {
    const text = `
network { latency 100us }
cluster three { nodes n1, n2, n3  disk { fsync 10us } }
store config on three { consensus multi-paxos { lease 800ms } }
scenario fast-followers {
  run for 8s
  at 500ms promote n1 on config
  at 1s drift n2, n3 by ${ppm}ppm
  at 3s client c1 write x = 1 via n1
  at 4s isolate n1
  at 4600ms client c2 write x = 2 via n2
  at 4700ms client c1 read x via n1
  at 6s heal
  expect consistency linearizable
}`;
    const design = await designOf(text, 'fast.dsys', { withErrors: true });
    const report = testScenario(design, 'fast-followers', 20);
    expect(report.properties.find(one => one.property.startsWith('consistency'))!.verdict).toBe(verdict);
  });
});

it('quorums that depend on who gathers them are promised what any two of them can keep', async () => {
  const store = (kind: string) => `
region a {}
region b {}
network { latency 2ms }
cluster c { nodes 3 in a  nodes 3 in b }
store kv on c { consensus ${kind} }
workload w on kv { clients 4  session any  keys 2 }
scenario apart { run w for 1s }`;
  const invariants = async (kind: string) => {
    const design = await designOf(store(kind), 'local.dsys', { withErrors: true });
    const { properties } = testScenario(design, 'apart', 1);
    return properties.filter(one => one.property.startsWith('invariant')).map(one => `${one.property} ${one.verdict}`);
  };
  const within = await invariants('paxos { quorum local majority }');
  expect(within.filter(one => !one.endsWith('holds'))).toEqual([]);
  expect(within.join()).not.toMatch(/Agreement|SafeAt/);
  expect((await invariants('paxos { quorum each majority }')).join()).toMatch(/Agreement.*SafeAt/);
});
