/** Two- and three-phase commit from a file to a verdict: what is decided in the end, what blocks, what is refused. */
import { type Design, execute, obstacles } from '@dsys/runtime';
import { describe, expect, it } from 'vitest';
import { designOf, testScenario } from './support/design.ts';

const store = (mechanism: string, rest = '') => `network { latency 2ms }
cluster db { nodes c, p1, p2  observer o }
store s on db { ${rest} consensus ${mechanism} }`;

const run = async (text: string): Promise<ReturnType<typeof execute>> => {
  const design = await designOf(text, 'test.dsys', { withErrors: true });
  expect(obstacles(design, design.scenarios[0]!)).toEqual([]);
  return execute(design, design.scenarios[0]!, { seed: 1 });
};

/** What each replica that is up holds at the end. */
function copies(executed: ReturnType<typeof execute>): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const { node, protocol, state } of executed.sim.groups[0]!.members.values())
    if (state !== undefined) found[node.spec.name] = protocol.contents(state);
  return found;
}

const three = (mechanism: string, scenario: string) => `network { latency 2ms }
cluster db { nodes c, p1, p2 }
store s on db { consensus ${mechanism} }
scenario one { ${scenario} }`;

describe('what is decided in the end', () => {
  const s1 = (until: string, presume: string) =>
    three(
      `two-phase-commit { coordinator c  timeout 1s  presume ${presume} }`,
      `run for ${until}
       at 1s client a write x = 1
       when prepare reaches p2 crash c for 30s
       settle 1s`,
    );

  it.each(['abort', 'commit', 'nothing'])(
    'S1, presumed %s: in doubt until the coordinator is back, then all abort',
    async presume => {
      const during = await run(s1('29s', presume));
      const doubts = [...during.sim.groups[0]!.members.values()].flatMap(({ node, protocol, state }) =>
        state === undefined ? [] : [[node.spec.name, [...protocol.inDoubt!(state)].map(one => one.key)]],
      );
      expect(doubts).toEqual([
        ['p1', ['x']],
        ['p2', ['x']],
      ]);
      const after = await run(s1('35s', presume));
      expect(copies(after)).toEqual({ c: {}, p1: {}, p2: {} });
      expect([...after.sim.groups[0]!.members.values()].flatMap(one => [...one.protocol.inDoubt!(one.state)])).toEqual(
        [],
      );
      expect(after.sim.broken).toEqual([]);
    },
  );

  it.each([
    [
      'all that are left commit, for one of them is pre-committed',
      'lose pre-commit from c to p2 for 100ms',
      'pre-commit reaches p1',
      { x: 1 },
    ],
    ['all that are left abort, for none of them is', 'lose pre-commit from c to p1, p2 for 100ms', 'yes reaches c', {}],
  ])('S6: %s', async (_name, lost, moment, expected) => {
    const text = (until: string) =>
      `faults { cut up to 0s  delay up to 200ms }\n${three(
        'three-phase-commit { coordinator c  timeout 500ms  on-timeout terminate }',
        `run for ${until}  settle 1s  at 1s client a write x = 1  at 1s ${lost}  when ${moment} crash c for 20s`,
      )}`;
    expect(copies(await run(text('10s')))).toEqual({ p1: expected, p2: expected });
    const after = await run(text('25s'));
    expect(copies(after)).toEqual({ c: expected, p1: expected, p2: expected });
    expect(after.sim.broken).toEqual([]);
  });

  it('after a crash of all, the last word is that of what they had on their disks', async () => {
    const text = (lost: string) =>
      `faults { cut up to 0s  delay up to 200ms }\n${three(
        'three-phase-commit { coordinator c  timeout 500ms  on-timeout terminate }',
        `run for 10s  settle 1s  at 1s client a write x = 1  at 1s ${lost}  when ack-pre leaves p1 crash c, p1, p2 for 2s`,
      )}`;
    const executed = await run(text('lose pre-commit from c to p2 for 100ms'));
    expect(copies(executed)).toEqual({ c: { x: 1 }, p1: { x: 1 }, p2: { x: 1 } });
    expect(executed.sim.broken).toEqual([]);
  });
});

describe('no blocking', () => {
  const claims = (coordinatorDown: string) => `network { latency 2ms }
cluster db { nodes c, p1, p2 }
store s on db { consensus two-phase-commit { coordinator c  timeout 200ms } }
scenario one { run for 12s  at 1s client a write x = 1  when prepare reaches p2 crash c for ${coordinatorDown}  expect no blocking }`;
  const verdict = async (text: string) => {
    const design = await designOf(text, 'test.dsys', { withErrors: true });
    return testScenario(design, 'one', 1).properties.find(one => one.kind === 'no-blocking')!;
  };

  it('fails after ten timeouts, and not before', async () => {
    expect(await verdict(claims('1800ms'))).toMatchObject({
      verdict: 'holds',
      why: expect.stringContaining('was in doubt'),
    });
    expect(await verdict(claims('2300ms'))).toMatchObject({
      verdict: 'violated',
      why: expect.stringMatching(
        /p[12] was in doubt about a write of x from 1\d\d\d ms on, for 2[0-9]+ ms .* 2000 ms are allowed/,
      ),
    });
  });

  it('names the write and the replica that waits', async () => {
    const { witness } = await verdict(claims('2300ms'));
    expect(witness?.operations).toHaveLength(1);
    expect(witness?.events).toHaveLength(1);
  });

  it('counts only while a majority is up and connected', async () => {
    const alone = claims('8s').replace('expect no blocking', 'at 1100ms cut p1 from p2 for 6s  expect no blocking');
    expect((await verdict(alone)).verdict).toBe('holds');
  });

  it('is not judged of a part of a run', async () => {
    const part = claims('8s').replace('expect no blocking', 'expect no blocking from 1s until 2s');
    expect(await verdict(part)).toMatchObject({ verdict: 'unknown', why: expect.stringContaining('whole runs') });
  });

  it('is not judged of what has nothing in doubt by its nature', async () => {
    const raft = `cluster db { nodes 3 }\nstore s on db { consensus raft }\nworkload w on s {}\nscenario one { run w for 1s  expect no blocking }`;
    expect(await verdict(raft)).toMatchObject({ verdict: 'unknown', why: expect.stringContaining('not of raft') });
  });
});

describe('what is refused before the run', () => {
  const said = async (text: string, scenario = 'run w for 1s') => {
    const design: Design = await designOf(`${text}\nworkload w on s {}\nscenario one { ${scenario} }`, 'test.dsys', {
      withErrors: true,
    });
    return obstacles(design, design.scenarios[0]!).map(one => one.message);
  };
  const two = `cluster db { nodes c, p1, p2 }\ncluster other { nodes q, r, t }`;

  it.each([
    [store('two-phase-commit { coordinator c }'), 'run w for 1s', 'there can be no witnesses and no observers'],
    [
      `${two}\nstore s on db { consensus two-phase-commit { coordinator c } }`,
      'run w for 1s  at 1ms remove p1 from s',
      's can take no remove',
    ],
    [
      `${two}\nstore s on db { consensus three-phase-commit { coordinator c } }`,
      'run w for 1s  at 1ms promote p1 on s',
      's can take no promote',
    ],
    [
      `${two}\nstore s on db { consensus two-phase-commit { coordinator c } }`,
      'run w for 1s  at 1ms lose pre-commit from c to p1',
      'nobody in this scenario sends pre-commit',
    ],
  ])('%s %s', async (text, scenario, expected) => {
    expect(await said(text, scenario)).toEqual([expect.stringContaining(expected)]);
  });
});

describe('data models', () => {
  it.each([
    ['kv', '40% write, 30% read, 10% cas, 20% delete'],
    ['register', '40% write, 40% read, 20% cas'],
    ['counter', '50% increment, 50% read'],
  ])('%s', async (model, operations) => {
    for (const mechanism of [
      'two-phase-commit { coordinator c timeout 300ms }',
      'three-phase-commit { coordinator c timeout 300ms on-timeout terminate }',
    ]) {
      const text = `faults { cut up to 0s  delay up to 200ms }
network { latency 2ms }
cluster db { nodes c, p1, p2 }
store s on db { model ${model}  consensus ${mechanism} }
workload w on s { clients 6  operations ${operations}  keys 3  timeout 1s  retries 2 idempotent }
scenario one { run w for 3s  settle 2s  at 1s crash p1 for 500ms  at 2s crash c for 300ms  expect consistency linearizable  expect no lost-writes  expect no divergence }`;
      const report = testScenario(await designOf(text, 'test.dsys', { withErrors: true }), 'one', 5);
      expect(report.properties.filter(one => one.verdict !== 'holds').map(one => one.why)).toEqual([]);
      expect(report.outcome).toBe('pass');
    }
  });
});
