import { describe, expect, it } from 'vitest';
import type { Clock } from '../design/topology.ts';
import { createClock, monotonicNs, realTimeOf, setDrift, timerNs, wallNs } from './clock.ts';
import { stream } from './random.ts';

const ms = 1_000_000;
const second = 1_000 * ms;
const declared = (changes: Partial<Clock> = {}): Clock => ({
  skewNs: 0,
  driftPpm: 0,
  maxOffsetNs: null,
  timers: 'monotonic',
  ...changes,
});
const clocks = (clock: Clock, count: number) =>
  Array.from({ length: count }, (_, i) => createClock(clock, stream(i, 'c')));

describe('clocks', () => {
  it('are exact unless declared otherwise', () => {
    const clock = createClock(declared(), stream(1, 'c'));
    expect([monotonicNs(clock, 5 * second), wallNs(clock, 5 * second)]).toEqual([5 * second, 5 * second]);
  });

  it('stay within half the declared skew for ever, on both sides', () => {
    const all = clocks(declared({ skewNs: 10 * ms, driftPpm: 500 }), 200);
    for (const now of [0, second, 1_000 * second, 1_000_000 * second]) {
      const errors = all.map(clock => wallNs(clock, now) - now);
      expect(Math.max(...errors)).toBeLessThanOrEqual(5 * ms);
      expect(Math.min(...errors)).toBeGreaterThanOrEqual(-5 * ms);
    }
    const errors = all.map(clock => wallNs(clock, 0));
    expect(Math.max(...errors)).toBeGreaterThan(4 * ms);
    expect(Math.min(...errors)).toBeLessThan(-4 * ms);
  });

  it('run at rates within the declared drift, and the monotonic clock is never corrected', () => {
    const rates = clocks(declared({ driftPpm: 100 }), 200).map(
      clock => monotonicNs(clock, 1_000 * second) / (1_000 * second) - 1,
    );
    expect(Math.max(...rates)).toBeLessThanOrEqual(100.001e-6);
    expect(Math.max(...rates)).toBeGreaterThan(90e-6);
    expect(Math.min(...rates)).toBeLessThan(-90e-6);
  });

  it('jump on the wall only', () => {
    const clock = createClock(declared(), stream(1, 'c'));
    clock.jumpNs += 300 * ms;
    expect(wallNs(clock, second)).toBe(1_300 * ms);
    expect(monotonicNs(clock, second)).toBe(second);
  });

  it('keep what an injected rate gained when it ends', () => {
    const clock = createClock(declared(), stream(1, 'c'));
    setDrift(clock, 1 * second, 1_000_000);
    expect(monotonicNs(clock, 2 * second)).toBe(3 * second);
    setDrift(clock, 2 * second, 0);
    expect(monotonicNs(clock, 10 * second)).toBe(11 * second);
    expect(wallNs(clock, 10 * second)).toBe(11 * second);
  });

  it('reach a deadline exactly when realTimeOf says', () => {
    for (const timers of ['monotonic', 'wall'] as const) {
      for (const clock of clocks(declared({ timers, driftPpm: 300, skewNs: 4 * ms }), 50)) {
        setDrift(clock, 0, 70_000);
        const now = 3 * second;
        const deadline = timerNs(clock, now) + 100 * ms;
        const due = realTimeOf(clock, now, deadline);
        expect(timerNs(clock, due)).toBeGreaterThanOrEqual(deadline - 100_000);
        expect(Math.abs(due - now - (100 * ms) / 1.07)).toBeLessThan(100_000);
      }
    }
  });

  it('that stand still or run backwards reach no deadline', () => {
    const clock = createClock(declared(), stream(1, 'c'));
    setDrift(clock, 0, -1_000_000);
    expect(realTimeOf(clock, second, 2 * second)).toBe(Number.POSITIVE_INFINITY);
    setDrift(clock, 0, -2_000_000);
    expect(realTimeOf(clock, second, 2 * second)).toBe(Number.POSITIVE_INFINITY);
  });
});
