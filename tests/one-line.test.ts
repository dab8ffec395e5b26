/**
 * Any two mechanisms can be compared on the same workload and faults by changing one line; and every mechanism keeps what
 * it promises for every data type that it supports.
 */
import { executedKinds } from '@dsys/language-server/mechanisms/page';
import type { MechanismKind } from '@dsys/runtime/design/mechanism';
import { promisesOf } from '@dsys/runtime/protocols/descriptors';
import { describe, expect, it } from 'vitest';
import { designOf, isLong, testScenario } from './support/design.ts';

const seeds = isLong ? 100 : 3;

/** The one line that chooses. */
const chosen: Readonly<Partial<Record<MechanismKind, string>>> = {
  'single-leader': 'replication single-leader synchronous { failover automatic { detect 500ms } }',
  leaderless: 'replication leaderless { read-write-back on }',
  chain: 'replication chain { master routes }',
  raft: 'consensus raft',
  paxos: 'consensus paxos',
  'multi-paxos': 'consensus multi-paxos',
  'fast-paxos': 'consensus fast-paxos { classic 3  fast 4 }',
  'cheap-paxos': 'consensus cheap-paxos { main n1, n2, n3, n4  auxiliary w1, w2, w3 }',
  'flexible-paxos': 'consensus flexible-paxos { prepare 3  accept 2 }',
  'two-phase-commit': 'consensus two-phase-commit { coordinator n1  timeout 500ms }',
  'three-phase-commit': 'consensus three-phase-commit { coordinator n1  timeout 500ms  on-timeout terminate }',
};

/** What clients of each data type do: everything that it knows. */
const operations = {
  register: '40% read, 40% write, 20% cas',
  kv: '40% read, 30% write, 20% cas, 10% delete',
  counter: '50% read, 50% increment',
  set: '50% read, 50% add',
  list: '50% read, 50% append',
} as const;
type Model = keyof typeof operations;

/** Without an order of all writes nothing can be compared or counted: what overwrites is left. */
const overwriting: Readonly<Partial<Record<Model, string>>> = {
  register: '50% read, 50% write',
  kv: '50% read, 40% write, 10% delete',
};
const operationsOf = (kind: MechanismKind): Readonly<Partial<Record<Model, string>>> =>
  kind === 'leaderless' ? overwriting : operations;

/** Without such an order a write that is tried again may come back after it was overwritten. */
const retriesOf = (kind: MechanismKind): string => (kind === 'leaderless' ? '' : 'retries 2 idempotent');

const witnesses = (kind: MechanismKind): string => (kind === 'cheap-paxos' ? '  witness w1, w2, w3' : '');

const textOf = (kind: MechanismKind, model: Model): string => `
faults { cut up to 0s  delay up to 200ms  pause up to 100ms }
network { latency 1ms  reorder 1% }
cluster data { nodes n1, n2, n3, n4${witnesses(kind)} }
cluster control { nodes 3 }
store things on data {
  model ${model}
  ${chosen[kind]}
}
store routes on control { consensus raft }
workload people on things {
  clients 6
  think exponential(20ms)
  operations ${operationsOf(kind)[model]}
  keys 4
  timeout 500ms  ${retriesOf(kind)}
}
scenario busy {
  run people for 4s
  at 1s pause n3 for 100ms
  at 2s slow n2 by 3x
  settle 3s
  expect consistency linearizable
  expect no lost-writes
  expect no divergence
  expect availability >= 70%
}
`;

it('there is such a line for every mechanism that runs', () => {
  // Leaders that take writes without asking each other are never linearizable, whatever they do about conflicts.
  expect([...Object.keys(chosen), 'multi-leader'].sort()).toEqual([...executedKinds].sort());
});

describe.each(Object.keys(chosen) as MechanismKind[])('%s', kind => {
  it.each(Object.keys(operationsOf(kind)) as Model[])('%s', async model => {
    const design = await designOf(textOf(kind, model), 'one-line.dsys', { withErrors: true });
    const store = design.stores.find(({ name }) => name === 'things')!;
    // Else nothing below would be owed.
    expect(promisesOf(design, store).consistency).toBe('linearizable');
    const report = testScenario(design, 'busy', seeds);
    const others = report.properties
      .filter(one => one.verdict !== 'holds')
      .map(one => `${one.property}: ${one.verdict}: ${one.why}`);
    expect(others).toEqual([]);
    expect(report.outcome).toBe('pass');
    expect(report.covered.operations).toBeGreaterThan(100 * seeds);
  });
});
