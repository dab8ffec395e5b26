/** Where several leaders end: what is refused before a run, and what is judged of those that stay with a replica. */
import { runScenario } from '@dsys/runtime';
import { obstacles } from '@dsys/runtime/run/executable';
import { describe, expect, it } from 'vitest';
import { designOf } from './support/design.ts';

async function refusals(store: string, operations: string, cluster = 'nodes a, b, d'): Promise<readonly string[]> {
  const text = `cluster c { ${cluster} }
store s on c { ${store} }
scenario only {
  run for 3s
  ${operations}
}`;
  const design = await designOf(text, 'refused.dsys', { withErrors: true });
  return obstacles(design, design.scenarios[0]!).map(one => one.message);
}

const leaders = (conflicts: string, model = 'kv') =>
  `model ${model}  replication multi-leader asynchronous { leader a, b  conflicts ${conflicts} }`;

describe('is refused before the run, with a way out', () => {
  it.each([
    ['counter', 'last-write-wins by hybrid', 'increment x', 'conflicts merge pn-counter'],
    ['set', 'none', 'add x = 1', 'conflicts merge or-set'],
    ['list', 'last-write-wins by lamport', 'append x = 1', 'conflicts optimistic-lock'],
    ['list', 'siblings by vector per server', 'append x = 1', 'conflicts optimistic-lock'],
    ['kv', 'merge or-set', 'write x = 1', 'conflicts optimistic-lock'],
    ['set', 'merge g-counter', 'add x = 1', 'conflicts merge or-set'],
  ])('a %s with conflicts %s', async (model, conflicts, operation, way) => {
    const found = await refusals(leaders(conflicts, model), `at 1s client c1 ${operation} via a`);
    expect(found[0]).toContain(way);
  });

  it.each([
    ['none', 'kv', 'cas x = 1 -> 2', 's takes no cas: it needs an order of all writes'],
    ['merge g-set', 'set', 'delete x = 1', 's takes no delete: a g-set knows only add'],
    ['merge lww-register', 'kv', 'cas x = 1 -> 2', 's takes no cas: a lww-register knows only write and delete'],
    ['siblings by vector per server', 'kv', 'cas x = 1 -> 2', 's takes no cas'],
  ])('an operation that conflicts %s cannot do to a %s: %s', async (conflicts, model, operation, why) => {
    const [found] = await refusals(leaders(conflicts, model), `at 1s client c1 ${operation} via a`);
    expect(found).toContain(why);
  });

  it.each(['optimistic-lock', 'pessimistic-lock lease 2s', 'avoid by id { "x" -> a }'])(
    'but not where writes take turns: conflicts %s',
    async conflicts => {
      for (const [model, operation] of [
        ['kv', 'cas x = 1 -> 2'],
        ['counter', 'increment x'],
        ['set', 'delete x = 1'],
        ['list', 'append x = 1'],
      ] as const)
        expect(await refusals(leaders(conflicts, model), `at 1s client c1 ${operation} via a`)).toEqual([]);
    },
  );

  it('a change of members, and a promotion where nothing has a home', async () => {
    const write = 'at 1s client c1 write x = 1 via a';
    const cluster = 'nodes a, b, d  spare e';
    const lww = leaders('last-write-wins by hybrid');
    expect((await refusals(lww, `${write}\n at 2s add e to s`, cluster))[0]).toContain('s can take no add');
    expect((await refusals(lww, `${write}\n at 2s promote b on s`, cluster))[0]).toContain('conflicts avoid by FIELD');
    expect(await refusals(leaders('avoid by id { "x" -> a }'), `${write}\n at 2s promote b on s`, cluster)).toEqual([]);
  });

  it('a witness, and homes that are no leaders', async () => {
    const write = 'at 1s client c1 write x = 1 via a';
    expect((await refusals(leaders('none'), write, 'nodes a, b, d  witness w'))[0]).toContain('has no votes');
    expect((await refusals(leaders('avoid by id { "x" -> d }'), write))[0]).toContain('d is a home and no leader');
  });
});

it('of a set a script takes out an element, of anything else all', async () => {
  const text = (model: string, operation: string) => `cluster c { nodes a, b }
store s on c { model ${model}  replication multi-leader asynchronous { conflicts optimistic-lock } }
scenario only { run for 1s  at 100ms client c1 ${operation} via a }`;
  await expect(designOf(text('set', 'delete x'), 'set.dsys')).rejects.toThrow(/names the element/);
  await expect(designOf(text('kv', 'delete x = 1'), 'kv.dsys')).rejects.toThrow(/delete has no value/);
  const verb = (await designOf(text('set', 'delete x = 1'), 'set.dsys')).scenarios[0]!.actions[0]!.verb;
  expect(verb).toMatchObject({ kind: 'operation', operation: 'delete', value: 1 });
});

describe('what is promised to those who stay with a replica', () => {
  const text = (claims: string) => `network { latency 50ms }
cluster c { nodes a, b }
store s on c { model set  replication multi-leader asynchronous { conflicts merge or-set }  ${claims} }
workload w on s { clients 4  think exponential(20ms)  operations 50% read, 50% add  keys 2  session any }
scenario moving { run w for 2s  settle 1s }`;

  it('is judged by stays, and a claim of consistency by clients as they are', async () => {
    const judged = async (claims: string) => {
      const design = await designOf(text(claims), 'moving.dsys', { withErrors: true });
      const { report } = runScenario(design, design.scenarios[0]!, {
        tool: 'test',
        seed: 1,
        record: false,
        extraRuns: false,
      });
      return report.properties.find(one => one.property === 'consistency causal')!.verdict;
    };
    expect(await judged('')).toBe('holds');
    expect(await judged('claims { consistency causal }')).toBe('violated');
  });
});
