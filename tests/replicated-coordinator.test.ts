/**
 * A store's coordinator that is a Raft group, or a node without a copy, from a file to a verdict: what blocks with the one
 * goes on with the other, one line apart (S1; Gray and Lamport 2006, §3.3 and §4).
 */
import { execute, obstacles } from '@dsys/runtime';
import { describe, expect, it } from 'vitest';
import { designOf, isLong, testScenario } from './support/design.ts';

const seeds = isLong ? 200 : 12;

/** The coordinator crashes in the middle of a write and stays down; others go on writing. */
const crash = (coordinator: string, moment: string) => `network { latency 2ms }
cluster db { nodes p1, p2, p3 }
cluster deciders { nodes d1, d2, d3 }
store s on db { consensus two-phase-commit { coordinator ${coordinator}  timeout 200ms } }
scenario one {
  run for 20s
  at 1s client a write x = 1 via p1
  when ${moment} crash coordinator of s for 15s
  at 3s client b write x = 2 via p2
  at 5s client b read x via p3
  settle 1s
  expect no blocking
  expect consistency linearizable
  expect no lost-writes
  expect no divergence
}`;

const verdicts = async (text: string) => {
  const design = await designOf(text, 'test.dsys', { withErrors: true });
  expect(obstacles(design, design.scenarios[0]!)).toEqual([]);
  return testScenario(design, 'one', seeds).properties;
};

/** How each operation ended, and the longest doubt of a replica, in ms. */
async function outcomes(text: string) {
  const design = await designOf(text, 'test.dsys', { withErrors: true });
  const { log, blocking } = execute(design, design.scenarios[0]!, { seed: 1 });
  return {
    ended: log.operations.map(one => one.outcome),
    doubtMs: Math.max(0, ...[...blocking.longest.values()].map(one => one.countedNs / 1e6)),
  };
}

describe('S1: a coordinator that crashes after prepare', () => {
  it('one node: everybody waits for its repair', async () => {
    const found = await verdicts(crash('d1', 'prepare reaches p2'));
    expect(found.find(one => one.kind === 'no-blocking')).toMatchObject({
      verdict: 'violated',
      why: expect.stringMatching(/p\d was in doubt about a write of x from 10\d\d ms on, for 1[45]\d\d\d ms/),
    });
    expect((await outcomes(crash('d1', 'prepare reaches p2'))).ended).toEqual(['unknown', 'unknown', 'fail']);
  });

  it('a Raft group: nobody waits for longer than an election', async () => {
    const text = crash('raft on deciders', 'prepare reaches p2');
    for (const one of await verdicts(text)) expect(one).toMatchObject({ verdict: 'holds' });
    const { ended, doubtMs } = await outcomes(text);
    // The replica that was asked hears from the new leader that its write was aborted, and can say so.
    expect(ended).toEqual(['fail', 'ok', 'ok']);
    expect(doubtMs).toBeGreaterThan(0);
    expect(doubtMs).toBeLessThan(1_000);
  });

  it('a Raft group of the replicas, one of which dies with it: new writes wait, what was begun does not', async () => {
    const text = crash('raft on db', 'yes leaves coordinator of s').replace('expect no divergence', '');
    for (const one of await verdicts(text)) expect(one.verdict).not.toBe('violated');
    expect((await outcomes(text)).doubtMs).toBeLessThan(1_000);
  });
});

describe('a decision that the group has chosen', () => {
  it('is carried out by the next leader, when the one before has told nobody', async () => {
    const text = crash('raft on deciders', 'commit leaves coordinator of s').replace(
      'when ',
      'at 1s lose commit for 100ms  when ',
    );
    for (const one of await verdicts(text)) expect(one).toMatchObject({ verdict: 'holds' });
    // The write of the first client is committed though its coordinator is gone; nobody was told to abort.
    const design = await designOf(text.replace('at 3s client b write x = 2 via p2', ''), 'test.dsys', {
      withErrors: true,
    });
    const { sim } = execute(design, design.scenarios[0]!, { seed: 1 });
    for (const { node, protocol, state } of sim.groups[0]!.members.values())
      if (node.spec.cluster === 'db') expect(protocol.contents(state)).toEqual({ x: 1 });
    expect(sim.broken).toEqual([]);
  });
});

describe('in a storm', () => {
  it.each([
    ['two-phase-commit { coordinator raft on deciders  timeout 300ms }', ''],
    ['two-phase-commit { coordinator raft on deciders  timeout 300ms  presume commit }', ''],
    ['two-phase-commit { coordinator raft on db  timeout 300ms  presume nothing }', ''],
    ['two-phase-commit { coordinator d1  timeout 300ms }', ''],
    // One group decides for both partitions.
    ['two-phase-commit { coordinator raft on deciders  timeout 300ms }', 'partition by hash(id) into 2'],
    // With a copy of some partitions, and none of others.
    ['two-phase-commit { coordinator p1  timeout 300ms }', 'partition by hash(id) into 3 replicas 2'],
    ['two-phase-commit { coordinator raft on db  timeout 300ms }', 'partition by hash(id) into 3 replicas 2'],
  ])(
    '%s %s: linearizable, nothing lost, nothing left in doubt, and a good share succeeds',
    async (mechanism, split) => {
      const text = `network { latency 2ms }
cluster db { nodes p1, p2, p3 }
cluster deciders { nodes d1, d2, d3 }
store s on db { ${split} consensus ${mechanism} }
workload w on s { clients 5  operations 50% write, 40% read, 10% cas  keys 4  think exponential(20ms)  timeout 1s  retries 2 idempotent }
scenario one {
  run w for 6s
  settle 5s
  chaos from 0s until 5s { crash up to 1 every 800ms  cut up to 1 every 900ms  pause up to 1 every 1s }
  at 0s degrade { loss 3%  duplicate 3%  reorder 5% } for 5s
  expect consistency linearizable
  expect no lost-writes
  expect no divergence
}`;
      for (const one of await verdicts(text)) expect(one).toMatchObject({ verdict: 'holds' });
      // Faults of several nodes at once keep a replica from the deciders for as long as they last. Then nothing is in doubt.
      const design = await designOf(text, 'test.dsys', { withErrors: true });
      for (let seed = 1; seed <= seeds / 4; seed++)
        for (const { members } of execute(design, design.scenarios[0]!, { seed }).sim.groups)
          for (const { protocol, state } of members.values())
            expect([...(protocol.inDoubt?.(state) ?? [])], `seed ${seed}`).toEqual([]);
      const { ended } = await outcomes(text);
      expect(ended.filter(one => one === 'ok').length / ended.length).toBeGreaterThan(0.5);
    },
  );
});

describe('what is refused before the run', () => {
  const said = async (mechanism: string) => {
    const text = `cluster db { nodes p1, p2, p3 }
cluster deciders { nodes d1, d2, d3 }
store s on db { consensus ${mechanism} }
workload w on s {}
scenario one { run w for 1s }`;
    const design = await designOf(text, 'test.dsys', { withErrors: true });
    return obstacles(design, design.scenarios[0]!).map(one => one.message);
  };

  it('three phases with a replicated coordinator, with the way out', async () => {
    expect(await said('three-phase-commit { coordinator raft on deciders }')).toEqual([
      expect.stringContaining('two-phase-commit { coordinator raft on deciders }'),
    ]);
  });

  it.each([
    'two-phase-commit { coordinator raft on deciders }',
    'two-phase-commit { coordinator raft on db }',
    'two-phase-commit { coordinator d1 }',
    'three-phase-commit { coordinator d1 }',
  ])('not %s', async mechanism => {
    expect(await said(mechanism)).toEqual([]);
  });
});
