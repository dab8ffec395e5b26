/** From which moment on a run is lost: shares of runs with other randomness from there, on real designs. */
import { join } from 'node:path';
import { runScenario } from '@dsys/runtime';
import { probabilities } from '@dsys/runtime/run/probabilities';
import { createPrefixes, prefixAt } from '@dsys/runtime/trace/prefix';
import type { Likelihood } from '@dsys/runtime/trace/probability';
import { describe, expect, it } from 'vitest';
import { designAt } from './support/design.ts';

async function subject(sample: string, seed: number) {
  const design = await designAt(join(import.meta.dirname, '..', 'samples', `${sample}.dsys`));
  const scenario = design.scenarios.find(one => !one.generated)!;
  const { trace, executed } = runScenario(design, scenario, { tool: 't', seed, record: true, extraRuns: false });
  const prefixes = createPrefixes(trace!);
  const moment = (event: number) => ({ event, prefix: prefixAt(prefixes, event) });
  return { design, scenario, trace: trace!, origin: executed.originNs, moment, seed };
}

describe('the probability of a violation', () => {
  it('is that of chance until the leader dies, and certain from then on', async () => {
    const { design, scenario, trace, origin, moment, seed } = await subject('async-failover', 5);
    const { start } = trace.faults[0]!;
    const early = trace.events.t.findIndex(t => t > origin);
    const told: Likelihood[] = [];
    const looked = { kind: 'check', name: 'no lost-writes of orders' } as const;
    const moments = [moment(start + 200), moment(early)];
    const answer = probabilities(design, scenario, looked, moments, { seed, seeds: 12 }, one => told.push(one));
    if (answer.kind !== 'rebuilt') throw new Error(answer.kind);
    expect(told).toEqual(answer.value);
    const [late, first] = answer.value;
    expect(late).toMatchObject({ moment: moments[0], violated: 12, held: 0, unknown: 0 });
    expect(late!.interval[1]).toBe(1);
    expect(first!.violated + first!.held).toBe(12);
    expect(first!.held).toBeGreaterThan(first!.violated);
    expect(first!.violated).toBeGreaterThan(0);

    // Each of them is a run that can be had: the count is that of its seeds.
    const violated = [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13].filter(other => {
      const changes = [{ kind: 'seed', seed: other, atNs: trace.events.t[early]! }] as const;
      const { report } = runScenario(design, scenario, { tool: 't', seed, record: false, extraRuns: false, changes });
      return report.properties.some(one => one.property === 'no lost-writes' && one.verdict === 'violated');
    });
    expect(violated.length).toBe(first!.violated);
  });

  it('of an invariant is told by its monitor, without any check', async () => {
    const { design, scenario, trace, moment, seed } = await subject('stale-leader', 1);
    const ask = (name: string) =>
      probabilities(design, scenario, { kind: 'invariant', name }, [moment(trace.events.length - 1)], {
        seed,
        seeds: 2,
      });
    expect(ask('ReadIndexFresh')).toMatchObject({ value: [{ violated: 2, held: 0 }] });
    expect(ask('ElectionSafety')).toMatchObject({ value: [{ violated: 0, held: 2 }] });
  });

  it('is unknown where no run comes to a verdict, and is not told of another run or to nobody', async () => {
    const { design, scenario, moment, seed } = await subject('forgotten-vote', 1);
    const ask = (name: string, more: { prefix?: string; eventLimit?: number; cancelled?: () => boolean } = {}) => {
      const { prefix = moment(300).prefix, ...options } = more;
      return probabilities(design, scenario, { kind: 'check', name }, [{ event: 300, prefix }], {
        ...{ seed, seeds: 3 },
        ...options,
      });
    };
    const nothing = { violated: 0, held: 0, unknown: 3, interval: [0, 1] };
    expect(ask('nobody claims this')).toMatchObject({ value: [nothing] });
    expect(ask('no split-brain of log', { eventLimit: 400 })).toMatchObject({ value: [{ held: 0, unknown: 3 }] });
    expect(ask('no split-brain of log', { prefix: 'other' }).kind).toBe('differs');
    expect(ask('no split-brain of log', { cancelled: () => true }).kind).toBe('cancelled');
  });
});
