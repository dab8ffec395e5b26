import { describe, expect, it } from 'vitest';
import type { Chain } from '../../design/mechanism.ts';
import { answeredLate, chainOf, runChain, statesOf } from '../../testing/chain.ts';
import { atMs, nodesTarget, type Sketch, singleLeaderOptions } from '../../testing/design.ts';
import { brokenIn, complaintsOf, linearizability, replicasAgree } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';
import { lastIndex } from '../log.ts';

const seeds = seedsTo(seedCount(4, 200));
const usual: Sketch = { forNs: 4_000_000_000, settleNs: 1_500_000_000 };

const add = (node: number, at: number) => atMs(at, { kind: 'add', nodes: [node], store: 'db', as: 'voter' });
const remove = (node: number, at: number) => atMs(at, { kind: 'remove', nodes: [nodesTarget(node)], store: 'db' });
const crash = (node: number, at: number, forMs: number | null) =>
  atMs(at, { kind: 'crash', targets: [nodesTarget(node)], losingDisk: false }, forMs);

describe('the operator changes the chain', () => {
  it.each([
    ['a spare becomes the tail', [add(6, 1_000)], [0, 1, 2, 6]],
    ['the head goes', [remove(0, 1_000)], [1, 2]],
    ['the tail goes', [remove(2, 1_000)], [0, 1]],
    ['a spare takes the place of the middle', [add(6, 800), remove(1, 2_000)], [0, 2, 6]],
    ['a spare is added while the tail is down', [crash(2, 700, 1_500), add(6, 900)], undefined],
  ] as const)('%s', (_name, actions, chain) => {
    for (const seed of seeds) {
      const executed = runChain({ ...usual, actions }, seed);
      expect(complaintsOf([seed], () => executed)).toEqual([]);
      if (chain === undefined) expect([...chainOf(executed)].sort()).toEqual([0, 1, 2, 6]);
      else expect(chainOf(executed)).toEqual(chain);
      expect(answeredLate(executed)).toBeGreaterThan(100);
    }
  });
});

describe('reads from any replica', () => {
  const behind: Sketch = { ...usual, workload: { keys: { count: 2, choice: 'uniform' }, session: 'any' } };

  it('show what is not acknowledged yet, and then do not', () => {
    const options: Partial<Chain> = { read: 'any' };
    const histories = seeds.map(seed => {
      const executed = runChain(behind, seed, options);
      expect(brokenIn(executed)).toEqual([]);
      expect(replicasAgree(executed)).toBe('holds');
      return linearizability(executed);
    });
    expect(histories.filter(one => one.startsWith('violated')).length).toBeGreaterThan(0);
    expect(complaintsOf(seeds, seed => runChain(behind, seed))).toEqual([]);
  });
});

describe('a chain', () => {
  it('keeps its promises on volatile disks while one of its nodes stays up', () => {
    const actions = [crash(0, 600, 400), crash(2, 2_200, 400)];
    for (const seed of seeds) {
      const executed = runChain({ ...usual, volatile: true, actions }, seed);
      expect(complaintsOf([seed], () => executed)).toEqual([]);
      expect(chainOf(executed)).toHaveLength(3);
    }
  });

  it('is decided by a single leader as well', () => {
    const run = (seed: number) =>
      runChain({ ...usual, actions: [crash(1, 1_000, 1_000)] }, seed, {}, undefined, singleLeaderOptions());
    expect(complaintsOf(seeds, run)).toEqual([]);
    expect(chainOf(run(1))).toEqual([0, 2, 1]);
  });

  it('folds what is acknowledged, also when its nodes crash and come back', () => {
    const busy: Sketch = {
      ...usual,
      workload: { arrival: { kind: 'open', perSecond: 1_500 }, clients: 40, keys: { count: 20, choice: 'uniform' } },
      actions: [crash(2, 1_900, 900), crash(0, 3_000, 200)],
    };
    for (const seed of seedsTo(seedCount(2, 50))) {
      const executed = runChain(busy, seed);
      expect(complaintsOf([seed], () => executed)).toEqual([]);
      for (const { log } of statesOf(executed).filter(one => one.configuration.chain.includes(one.context.self))) {
        expect(lastIndex(log)).toBeGreaterThan(2_000);
        expect(log.entries.length).toBeLessThan(1_200);
      }
    }
  });
});
