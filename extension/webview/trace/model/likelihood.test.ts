import type { Likelihood } from '@dsys/runtime/trace/probability';
import { describe, expect, it } from 'vitest';
import { openedRun } from '../testing/traces.ts';
import { coarseFirst, likelihoodInWords, lookedFor, MOMENTS, momentsTo, shareText } from './likelihood.ts';

const likelihood = (violated: number, held: number, unknown: number): Likelihood => ({
  moment: { event: 5, prefix: '' },
  ...{ violated, held, unknown },
  interval: [0.25, 0.754],
});

describe('moments along a run', () => {
  it('are at equal distances of time, from time 0 to the violation', async () => {
    const opened = await openedRun('stale-leader');
    const [violation] = opened.violations;
    const events = momentsTo(opened, violation);
    const { t } = opened.trace.events;
    expect(events.length).toBe(MOMENTS);
    expect(events.at(-1)).toBe(violation.event);
    expect(events).toEqual(events.toSorted((left, right) => left - right));
    const step = (t[violation.event] - opened.origin) / (MOMENTS - 1);
    events.forEach((event, index) => {
      const wanted = opened.origin + step * index;
      expect(t[event]).toBeLessThanOrEqual(wanted + 1);
      if (index < MOMENTS - 1) expect(t[event + 1]).toBeGreaterThan(wanted);
    });
    expect(momentsTo(opened, { ...violation, event: -1 })).toEqual([]);
    expect(momentsTo(opened, { ...violation, event: 0 })).toEqual([0]);
    expect(lookedFor(violation)).toEqual({ kind: 'check', name: 'consistency linearizable of local' });
    expect(lookedFor(opened.violations.find(({ check }) => check < 0)!).kind).toBe('invariant');
  });

  it('are asked for in an order that shows the shape early, each once', () => {
    for (const length of [0, 1, 2, 3, 14, 15]) {
      const list = Array.from({ length }, (_, index) => index);
      expect(coarseFirst(list).toSorted((left, right) => left - right)).toEqual(list);
    }
    expect(coarseFirst([0, 1, 2, 3, 4, 5, 6, 7, 8]).slice(0, 5)).toEqual([0, 8, 4, 2, 6]);
  });
});

describe('what is known of a moment', () => {
  it('is told with how sure it is, and with what is unknown', async () => {
    const opened = await openedRun('stale-leader');
    expect(shareText(likelihood(17, 3, 0))).toBe('85 %');
    expect(shareText(likelihood(0, 0, 20))).toBe('?');
    const words = (one?: Likelihood) => likelihoodInWords(opened, 410, one);
    expect(words(likelihood(17, 3, 0))).toBe(
      'other seeds from 2000 ms on: violated in 17 of 20 runs, 85 % (25 % to 75 %)',
    );
    expect(words(likelihood(1, 3, 16))).toMatch(/violated in 1 of 4 runs, 25 % .*, 16 more unknown$/);
    expect(words(likelihood(0, 0, 20))).toBe('other seeds from 2000 ms on: unknown in all 20 runs');
    expect(words()).toMatch(/not known yet$/);
  });
});
