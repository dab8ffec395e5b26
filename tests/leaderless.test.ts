/** Options of leaderless replication, from the text of a design to what is executed. */
import { execute, obstacles } from '@dsys/runtime';
import { describe, expect, it } from 'vitest';
import { designOf, testScenario } from './support/design.ts';

const three = 'network { latency 1ms }\ncluster three { nodes a, b, c }\n';

describe('handoff within region', () => {
  const within = (handoff: string) => `
region eu
region us
network { latency 1ms  between eu and us { latency 20ms } }
cluster ring { nodes a, b, c in eu  nodes d, e in us }
store carts on ring {
  record { id: string }
  partition by hash(id) into 1 replicas 3${handoff}
  replication leaderless { read 2  write 2  sloppy  hinted-handoff on for 3h }
}
scenario absent {
  run for 4s
  at 500ms crash d
  at 1s client ann write x = 1 via a
}`;
  const held = async (text: string) => {
    const design = await designOf(text, 'test.dsys', { withErrors: true });
    const { sim } = execute(design, design.scenarios[0]!, { seed: 1 });
    return [...sim.groups[0]!.members.values()].flatMap(({ node, state }) =>
      state === undefined
        ? []
        : Object.values((state as { hints: Record<number, unknown> }).hints).map(() => node.spec.name),
    );
  };

  it('asks stand-ins of the absent node’s region alone', async () => {
    // Copies stand on a, b and d; the next one on the ring is c.
    expect(await held(within(''))).toEqual(['c']);
    expect(await held(within(' { handoff within region }'))).toEqual(['e']);
  });
});

describe('compare-and-set', () => {
  /** Two that expect the same, at two nodes that do not hear of each other in time. */
  const text = (cas: string) => `${three}
store seats on three { model register  replication leaderless { read 2  write 2  read-write-back on  cas ${cas} } }
scenario sold-twice {
  run for 4s
  at 500ms client ann write x = 1 via a
  at 1s client ann cas x = 1 -> 2 via a
  at 1s client ben cas x = 1 -> 3 via b
  at 2s client cleo read x via c
  expect ${cas === 'local' ? 'violation ' : ''}consistency linearizable
}`;

  it('at the coordinator alone sells a seat twice, and one word cures it', async () => {
    for (const cas of ['local', 'paxos']) {
      const report = await testScenario(await designOf(text(cas), 'test.dsys', { withErrors: true }), 'sold-twice', 20);
      expect(report.outcome, report.properties.map(one => `${one.property}: ${one.why}`).join('\n')).toBe('pass');
    }
  });
});

describe('what is refused', () => {
  const why = async (model: string, options: string) => {
    const design = await designOf(
      `${three}store s on three { model ${model}  replication leaderless { ${options} } }\nworkload w on s { }\nscenario t { run w for 1s }`,
      'test.dsys',
      { withErrors: true },
    );
    return obstacles(design, design.scenarios[0]!).map(({ message }) => message);
  };

  it.each([
    ['counter', 'resolve siblings by dotted-vector', /a client cannot make one counter of siblings .* merge copies/],
    ['list', 'resolve siblings by vector', /a client cannot make one list of siblings/],
    ['set', 'resolve last-write-wins by hybrid', /two writes of a set .* resolve siblings by dotted-vector/],
    ['kv', 'resolve siblings by dotted-vector  cas paxos', /cas paxos compares with one value.*cas refuse/],
    ['kv', 'resolve siblings by dotted-vector  cas local', /cas local compares with one value/],
  ])('%s with %s', async (model, options, message) => {
    expect(await why(model, options)).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    ['set', 'resolve siblings by dotted-vector per client'],
    ['kv', 'resolve siblings by lamport per server  sloppy'],
    ['register', 'cas paxos'],
  ])('but not %s with %s', async (model, options) => {
    expect(await why(model, options)).toEqual([]);
  });
});
