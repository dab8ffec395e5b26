import { describe, expect, it } from 'vitest';
import { openedRun, RUN_NAMES } from '../testing/traces.ts';
import {
  type Axis,
  clampRange,
  stepAxis,
  storyAxis,
  timeAt,
  timeAxis,
  timeRange,
  translateRange,
  wholeRange,
} from './axis.ts';
import { storyOf } from './story.ts';

describe.each(RUN_NAMES)('axes of %s', name => {
  const axes = async (): Promise<{ axes: Axis[]; t: Float64Array }> => {
    const opened = await openedRun(name);
    const stories = opened.violations.map(violation => storyAxis(opened, storyOf(opened, violation)));
    return { axes: [timeAxis(opened), stepAxis(opened), ...stories], t: opened.trace.events.t as Float64Array };
  };

  it('never go back along the events', async () => {
    for (const { at, kind, from, to } of (await axes()).axes) {
      expect(at.length).toBeGreaterThan(0);
      for (let row = 1; row < at.length; row++) if (!(at[row] >= at[row - 1])) expect.fail(`${kind} at ${row}`);
      expect(at[0]).toBeGreaterThanOrEqual(from);
      expect(at[at.length - 1]).toBeLessThanOrEqual(to);
    }
  });

  it('say exactly what breaks stand for', async () => {
    const { axes: all, t } = await axes();
    for (const { breaks, story, hidden, at } of all.filter(one => one.kind === 'story')) {
      expect(hidden).not.toBeNull();
      for (const one of breaks) {
        expect(one.hidden).toBe(one.before - one.after - 1);
        const [start, end] = [t[Math.max(0, one.after)], t[Math.min(t.length - 1, one.before)]];
        expect(one.ns).toBe(end - start);
      }
      const behind = hidden!.reduce((count, row) => count + row, 0);
      expect(behind).toBe(breaks.reduce((count, one) => count + one.hidden, 0));
      for (const row of story) expect(hidden![row]).toBe(0);
      // What is told stands apart.
      for (let index = 1; index < story.length; index++) {
        expect(at[story[index]] - at[story[index - 1]]).toBeGreaterThan(10);
      }
    }
  });

  it('give back the time of an event', async () => {
    const { axes: all, t } = await axes();
    for (const axis of all) {
      for (let row = 0; row < t.length; row += 97) {
        // Events at one coordinate may be later ones of the same moment.
        expect(timeAt(axis, t, axis.at[row])).toBe(t[row]);
      }
    }
  });
});

describe('ranges', () => {
  it('stay on the axis and are never empty', async () => {
    const axis = timeAxis(await openedRun('stale-leader'));
    const whole = wholeRange(axis);
    const clamped = clampRange(axis, { from: -1e18, to: 1e18 });
    expect(clamped.from).toBeCloseTo(whole.from, 3);
    expect(clamped.to).toBeCloseTo(whole.to, 3);
    const tiny = clampRange(axis, { from: 5e9, to: 5e9 });
    expect(tiny.to - tiny.from).toBe(10);
    const late = clampRange(axis, { from: axis.to + 1e9, to: axis.to + 2e9 });
    expect(late.to).toBeLessThanOrEqual(whole.to + 1);
    expect(late.to - late.from).toBeCloseTo(1e9, -1);
  });

  it('keep what was in view when the axis changes', async () => {
    const opened = await openedRun('stale-leader');
    const t = opened.trace.events.t as Float64Array;
    const [time, step] = [timeAxis(opened), stepAxis(opened)];
    const range = translateRange({ from: t[100], to: t[200] }, time, step, t);
    expect(range.from).toBeLessThanOrEqual(100);
    expect(range.to).toBeGreaterThanOrEqual(200);
    expect(timeRange(step, t, { from: 100, to: 200 })).toEqual({ from: t[100], to: t[200] });
  });
});
