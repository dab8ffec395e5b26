/** Any two workloads that each want to be served in their own way keep what their store promises them together. */
import { obstacles, runScenario } from '@dsys/runtime';
import { expect, it } from 'vitest';
import { type Random, seeded } from '../runtime/src/checkers/testing/random.ts';
import { designOf, isLong } from './support/design.ts';

/** A leaderless store with two workloads that each ask as they like. */
function leaderless(random: Random): string {
  const quorum = () => random.pick(['majority', 'all', 'one', '1', '2', 'any 1 of (c1, c2)', 'grid(1, 2) row']);
  const level = () =>
    `${random.chance(0.6) ? `read ${quorum()}` : ''}  ${random.chance(0.6) ? `write ${quorum()}` : ''}`;
  const cas = random.pick(['refuse', 'paxos', 'paxos', 'local']);
  const siblings = cas === 'refuse' && random.chance(0.5);
  const resolve = siblings
    ? `siblings by dotted-vector per ${random.pick(['server', 'client'])}`
    : 'last-write-wins by hybrid';
  const mix = () =>
    random.pick(['50% read, 50% write', '100% read', '100% write', ...(cas === 'refuse' ? [] : ['50% read, 50% cas'])]);
  const chaos =
    'chaos from 300ms until 1500ms { crash up to 1 every 600ms  cut up to 1 every 700ms  pause up to 1 every 800ms }';
  return `network { latency lognormal(2ms, 0.5)  loss 1%  duplicate 2% }
cluster c { nodes 4 }
store s on c {
  replicas ${random.pick([2, 3])}
  replication leaderless {
    read ${quorum()}  write ${quorum()}  read-write-back ${random.pick(['on', 'on', 'off'])}  read-repair ${random.pick(['on', 'off'])}
    anti-entropy ${random.pick(['off', 'every 500ms'])}  cas ${cas}  resolve ${resolve}
  }
}
workload a on s { clients 4  think exponential(15ms)  operations ${mix()}  keys 2  timeout 500ms  ${level()} }
workload b on s { clients 4  think exponential(15ms)  operations ${mix()}  keys 2  timeout 500ms  ${level()} }
scenario t { run a for 2s  run b for 2s  ${random.chance(0.7) ? chaos : ''}  settle 4s }`;
}

/** One of those with a log, with two workloads whose reads each ask as they like, where that makes sense. */
function logged(random: Random): string {
  const failover = 'failover automatic { detect 300ms }';
  const mode = random.pick(['synchronous', 'semi-synchronous 1', 'semi-synchronous 1', 'asynchronous']);
  const own = random.pick(['leader', 'leader local', 'followers', 'any', 'nearest']);
  const [store, ways] = random.pick([
    [
      `replication single-leader ${mode} { read from ${own}  ${failover} }`,
      ['from leader', 'from followers', 'from any', 'from nearest', 'local'],
    ],
    [
      `consensus raft { read ${random.pick(['index', 'lease 120ms', 'log', 'local', 'local from any'])} }`,
      ['local', 'local from any', 'from leader', 'from any'],
    ],
    [`replication chain { master m  read from ${random.pick(['tail', 'any'])} }`, ['from any']],
  ]);
  const tokens = random.pick(['session-token on', 'session-token on', '']);
  const workload = (name: string) =>
    `workload ${name} on s { clients 4  think exponential(15ms)  keys 2  timeout 500ms  session ${random.pick(['sticky', 'any', 'nearest'])}  ${tokens}
  ${random.chance(0.6) ? `read ${random.pick(ways)}` : ''}  operations ${random.pick(['50% read, 50% write', '80% read, 20% cas', '100% read'])} }`;
  const chaos =
    'chaos from 300ms until 1500ms { crash up to 1 every 600ms  cut up to 1 every 700ms  pause up to 1 every 800ms }';
  return `network { latency lognormal(2ms, 0.5)  loss 1%  duplicate 2% }
cluster c { nodes 3 }
store s on c { ${store} }
${store.includes('master m') ? 'store m on c { consensus raft }' : ''}
${workload('a')}
${workload('b')}
scenario t { run a for 2s  run b for 2s  ${random.chance(0.7) ? chaos : ''}  settle 4s }`;
}

it.each([
  ['leaderless', leaderless, ['linearizable', 'regular', 'eventual'], 'invariant Regular'],
  ['with a log', logged, ['linearizable', 'sequential', 'read-your-writes', 'eventual'], 'invariant ReadIndexFresh'],
] as const)(
  'any two workloads together keep what they promise: %s',
  { timeout: isLong ? 3_600_000 : 120_000 },
  async (_name, text, ceilings, invariant) => {
    let runs = 0;
    const judged = new Set<string>();
    for (let seed = 1; seed <= (isLong ? 2_000 : 120); seed++) {
      const design = await designOf(text(seeded(seed)), 'test.dsys', { withErrors: true });
      const [scenario] = design.scenarios;
      if (obstacles(design, scenario!).length > 0) continue;
      const { report } = runScenario(design, scenario!, { tool: 'test', seed, record: false, extraRuns: false });
      const wrong = report.properties.filter(one => one.verdict === 'violated');
      expect(
        wrong.map(one => `${one.property}: ${one.why}`),
        `${seed}\n${design.files[0]!.text}`,
      ).toEqual([]);
      for (const { property, origin } of report.properties) if (origin !== 'claim') judged.add(property);
      runs++;
    }
    expect(runs).toBeGreaterThan(50);
    const models = ceilings.map(model => `consistency ${model}`);
    expect([...judged]).toEqual(expect.arrayContaining([...models, 'no lost-writes', invariant]));
  },
);
