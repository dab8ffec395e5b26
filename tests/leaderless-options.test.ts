/** Any options of leaderless replication together: what they promise is kept, whatever comes. */
import { obstacles, runScenario } from '@dsys/runtime';
import { expect, it } from 'vitest';
import { type Random, seeded } from '../runtime/src/checkers/testing/random.ts';
import { designOf, isLong } from './support/design.ts';

function options(random: Random): string {
  const quorum = () => random.pick(['majority', 'majority', 'all', '1', '2']);
  const clock = random.pick(['physical', 'lamport', 'hybrid']);
  const by = random.pick(['vector', 'dotted-vector', 'lamport']);
  const per = random.pick(['server', 'client']);
  const isLast = random.chance(0.4);
  return [
    `read ${quorum()}  write ${quorum()}`,
    random.chance(0.25) ? 'sloppy' : '',
    `hinted-handoff ${random.pick(['off', 'on for 1s', 'on for 3h'])}`,
    `read-repair ${random.pick(['on', 'off'])}`,
    `read-write-back ${random.pick(['on', 'off'])}`,
    `anti-entropy ${random.pick(['off', 'every 500ms'])}`,
    `resolve ${isLast ? `last-write-wins by ${clock}` : `siblings by ${by} per ${per}`}`,
    `cas ${isLast ? random.pick(['refuse', 'paxos', 'paxos', 'local']) : 'refuse'}`,
  ].join('  ');
}

function text(random: Random): string {
  const model = random.pick(['kv', 'register', 'set']);
  const nodes = random.pick([2, 3, 5]);
  const skew = random.pick(['', '', '  clock { skew 50ms max-offset 50ms }']);
  const retries = random.pick(['', '', '  retries 2 idempotent', '  retries 2 idempotent']);
  const mixed = random.pick(['50% read, 30% write, 20% cas', '50% read, 50% cas', '50% read, 40% write, 10% delete']);
  const mix = model === 'set' ? '50% read, 50% add' : mixed;
  const chaos =
    'chaos from 300ms until 2500ms { crash up to 1 every 600ms  cut up to 1 every 700ms  pause up to 1 every 800ms }';
  return `network { latency lognormal(2ms, 0.5)  loss 1%  duplicate 2% }
cluster c { nodes ${nodes + 2}${skew} }
store s on c {
  model ${model}
  replicas ${nodes}
  replication leaderless { ${options(random)} }
}
workload w on s { clients 6  think exponential(15ms)  operations ${mix}  keys 3  timeout 500ms${retries} }
scenario t {
  run w for 3s
  ${random.chance(0.8) ? chaos : ''}
  settle 4s
}`;
}

it('any options keep what they promise', { timeout: isLong ? 3_600_000 : 120_000 }, async () => {
  let runs = 0;
  const judged = new Set<string>();
  for (let seed = 1; seed <= (isLong ? 2_000 : 150); seed++) {
    const design = await designOf(text(seeded(seed)), 'test.dsys', { withErrors: true });
    const [scenario] = design.scenarios;
    if (obstacles(design, scenario!).length > 0) continue;
    const { report } = runScenario(design, scenario!, { tool: 'test', seed, record: false, extraRuns: false });
    const wrong = report.properties.filter(one => one.verdict === 'violated');
    const said = wrong.map(one => `${one.property}: ${one.why}`);
    expect(said, `${seed}\n${design.files[0]!.text}`).toEqual([]);
    for (const { property, origin } of report.properties) if (origin === 'default') judged.add(property);
    runs++;
  }
  expect(runs).toBeGreaterThan(50);
  const models = ['linearizable', 'regular', 'eventual'].map(model => `consistency ${model}`);
  expect([...judged]).toEqual(expect.arrayContaining([...models, 'no lost-writes']));
});
