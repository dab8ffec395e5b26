import { describe, expect, it } from 'vitest';
import { openedRun, RUN_NAMES } from '../testing/traces.ts';
import { type Axis, clampRange, stepAxis, timeAt, timeAxis, timeRange, translateRange, wholeRange } from './axis.ts';
import type { Opened } from './opened.ts';
import { storyOf } from './story.ts';
import { compressedAxis, MAX_BREAKS, storyAxis } from './warped.ts';

describe.each(RUN_NAMES)('axes of %s', name => {
  const axes = async (): Promise<{ axes: Axis[]; t: Float64Array }> => {
    const opened = await openedRun(name);
    const stories = opened.violations.map(violation => storyAxis(opened, storyOf(opened, violation)));
    return {
      axes: [timeAxis(opened), stepAxis(opened), compressedAxis(opened), ...stories],
      t: opened.trace.events.t as Float64Array,
    };
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

/** What the axis looks at of a trace whose events are at these times. */
const eventsAt = (t: Float64Array) => ({ trace: { events: { t, length: t.length } } }) as unknown as Opened;

describe.each(RUN_NAMES)('compressed time of %s', name => {
  it('keeps what is different apart, and what is the same together', async () => {
    const opened = await openedRun(name);
    const { t } = opened.trace.events;
    const { at, breaks } = compressedAxis(opened);
    for (let row = 1; row < at.length; row++) {
      if (t[row] === t[row - 1]) expect(at[row]).toBe(at[row - 1]);
      else expect(at[row] - at[row - 1]).toBeGreaterThanOrEqual(26 - 1e-6);
    }
    for (const one of breaks) {
      expect([one.before, one.hidden]).toEqual([one.after + 1, 0]);
      expect(one.ns).toBe(t[one.before] - t[one.after]);
      expect([at[one.after], at[one.before]]).toEqual([one.from, one.to]);
      expect(one.to - one.from).toBeCloseTo(62, 6);
    }
  });

  it('narrows the quiet: most of the time takes little room', async () => {
    const opened = await openedRun(name);
    const { t, length } = opened.trace.events;
    const { breaks, to } = compressedAxis(opened);
    const quiet = breaks.reduce((all, { ns }) => all + ns, 0) / (t[length - 1] - t[0]);
    const room = breaks.reduce((all, one) => all + one.to - one.from, 0) / to;
    if (breaks.length > 0) expect(room).toBeLessThan(quiet);
  });
});

describe('compressed time', () => {
  it('says in how many ns nothing happened', () => {
    const { at, breaks } = compressedAxis(eventsAt(Float64Array.of(0, 0, 10, 20, 30, 5000, 5010)));
    expect(breaks.map(({ after, before, ns }) => [after, before, ns])).toEqual([[4, 5, 4970]]);
    expect(at[1]).toBe(0);
    expect(at[3] - at[2]).toBeCloseTo(at[2] - at[1], 9);
  });

  it('of a million events is made in a moment, with the longest breaks only', () => {
    const t = new Float64Array(1_000_000);
    // Every fourth gap is long, and each is another one.
    for (let row = 1; row < t.length; row++) t[row] = t[row - 1] + (row % 4 === 0 ? 1000 + row : 10);
    const { at, breaks } = compressedAxis(eventsAt(t));
    expect(breaks.length).toBe(MAX_BREAKS);
    expect(Math.min(...breaks.map(({ ns }) => ns))).toBe(1_000_996 - 4 * (MAX_BREAKS - 1));
    for (let row = 1; row < at.length; row++) if (!(at[row] >= at[row - 1] + 25)) expect.fail(`at ${row}`);
  });

  it('of no events, of one, and of damaged times is an axis all the same', () => {
    for (const t of [[], [7], [5, 5, 5], [0, Number.NaN, 3], [0, 1e308, Number.POSITIVE_INFINITY]]) {
      const { at, from, to } = compressedAxis(eventsAt(Float64Array.from(t)));
      expect(to).toBeGreaterThan(from);
      expect(at.every(Number.isFinite)).toBe(true);
    }
  });
});
