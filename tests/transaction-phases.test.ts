/** Three-phase commit over replica groups, in storms: what it keeps, and that it never waits for its coordinator. */
import { execute } from '@dsys/runtime';
import { describe, expect, it } from 'vitest';
import { isLong, testScenario } from './support/design.ts';
import {
  brokenIn,
  designFor,
  inDoubt,
  lossyStorm,
  serializability,
  share,
  transactionStorm as storm,
} from './support/transactions.ts';

const seeds = Array.from({ length: isLong ? 200 : 8 }, (_, i) => i + 1);

const crashes = 'chaos from 0s until 4s { crash up to 1 every 800ms }';
const stops = 'chaos from 0s until 4s { crash up to 1 every 800ms  pause up to 1 every 900ms }';

describe('three-phase commit in a storm', () => {
  it.each([
    ['crashes', 'on-timeout terminate', crashes],
    ['crashes, with one coordinator', 'on-timeout terminate  coordinator c1', crashes],
    ['crashes and nodes that stand still', 'on-timeout terminate', stops],
    ['these and lost messages', 'on-timeout terminate  coordinator c1', lossyStorm],
    ['the coordinator alone, timeouts only', 'on-timeout skeen  coordinator c1', 'every 900ms crash c1 for 400ms'],
  ])('%s: atomic, strictly serializable, nothing in doubt at the end', async (_name, options, faults) => {
    const design = await designFor(storm(`three-phase-commit { timeout 500ms  ${options} }`, faults));
    const runs = seeds.map(seed => execute(design, design.scenarios[0]!, { seed }));
    for (const executed of runs) {
      expect(brokenIn(executed)).toEqual([]);
      expect(inDoubt(executed)).toEqual([]);
      expect(serializability(executed)).toBe('holds');
    }
    expect(share(runs)).toBeGreaterThan(0.75);
  });

  it('participants that are chains', async () => {
    const commit = 'three-phase-commit { timeout 1s  on-timeout terminate }';
    const design = await designFor(
      storm(commit, stops, 'replication chain { master names }', 'store names on c { consensus raft }'),
    );
    const runs = seeds.map(seed => execute(design, design.scenarios[0]!, { seed }));
    for (const executed of runs) {
      expect(brokenIn(executed)).toEqual([]);
      expect(serializability(executed)).toBe('holds');
    }
    expect(share(runs)).toBeGreaterThan(0.75);
  });

  it('cuts may take its atomicity and nothing else: whatever is in doubt is decided', async () => {
    const everything = `chaos from 0s until 4s { crash up to 1 every 800ms  cut up to 1 every 700ms  pause up to 1 every 1s }
  at 0s degrade { loss 3%  duplicate 3%  reorder 5% } for 4s`;
    for (const policy of ['terminate', 'skeen']) {
      const design = await designFor(storm(`three-phase-commit { timeout 500ms  on-timeout ${policy} }`, everything));
      for (const seed of seeds) {
        const executed = execute(design, design.scenarios[0]!, { seed });
        expect(inDoubt(executed)).toEqual([]);
        expect(brokenIn(executed).filter(one => !/ AC[123]: /.test(one))).toEqual([]);
      }
    }
  });

  it('does not block, and where groups find a leader in time nobody is left waiting', async () => {
    const text = storm('three-phase-commit { timeout 1s  on-timeout terminate }', crashes).replace(
      /\}\s*$/,
      '  expect no blocking of place  expect invariant ConcurrencySet of place  expect consistency linearizable  expect no lost-writes }',
    );
    const report = testScenario(await designFor(text), 'storm', seeds.length);
    expect(report.properties.flatMap(one => (one.verdict === 'holds' ? [] : [`${one.property} ${one.why}`]))).toEqual(
      [],
    );
    expect(report.properties.map(one => one.property)).toContain('invariant NonBlock');
  });
});
