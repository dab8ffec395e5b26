import { happensBefore } from '@dsys/runtime/trace/causality';
import { describe, expect, it } from 'vitest';
import { openedRun, RUN_NAMES } from '../testing/traces.ts';
import { timeAxis, timeRange, translateRange, wholeRange } from './axis.ts';
import { depthAxis } from './depth.ts';

describe.each(RUN_NAMES)('causal depth of %s', name => {
  it('grows along every link, and is reached in its own order', async () => {
    const opened = await openedRun(name);
    const { at, order, from, to } = depthAxis(opened);
    const { previous, send, cause } = opened.causality;
    for (let row = 0; row < at.length; row++) {
      for (const link of [previous[row], send[row], cause[row]])
        if (link >= 0 && at[link] >= at[row]) expect.fail(`${link} leads to ${row}`);
      expect(order!.rows[order!.places[row]]).toBe(row);
      expect(order!.along[order!.places[row]]).toBe(at[row]);
    }
    for (let place = 1; place < at.length; place++)
      if (order!.along[place] < order!.along[place - 1]) expect.fail(`back at ${place}`);
    expect([order!.along[0], order!.along[at.length - 1]]).toEqual([from, to]);
    // It is another order than that of the trace, or nothing is tried here.
    expect(order!.rows.some((row, place) => row !== place)).toBe(true);
    // Of one depth none led to another.
    for (let place = 1; place < at.length; place += 53) {
      const [left, right] = [order!.rows[place - 1], order!.rows[place]];
      if (at[left] === at[right]) expect(happensBefore(opened.causality, left, right)).toBe(false);
    }
  });

  it('tells the times between which its events in view lie', async () => {
    const opened = await openedRun(name);
    const t = opened.trace.events.t as Float64Array;
    const axis = depthAxis(opened);
    for (const range of [wholeRange(axis), { from: 10, to: 40 }, { from: axis.to - 5, to: axis.to }]) {
      const inView = t.filter((_, row) => axis.at[row] >= range.from && axis.at[row] <= range.to);
      const times = { from: Math.min(...inView), to: Math.max(...inView) };
      expect(timeRange(axis, t, range)).toEqual(times);
      const there = translateRange(range, axis, timeAxis(opened), t);
      expect(there.from).toBeLessThanOrEqual(times.from);
      expect(there.to).toBeGreaterThanOrEqual(times.to);
    }
    const rows = [Math.floor(t.length / 3), Math.floor(t.length / 2)];
    const back = translateRange({ from: t[rows[0]], to: t[rows[1]] }, timeAxis(opened), axis, t);
    for (let row = rows[0]; row <= rows[1]; row++) {
      if (t[row] === t[rows[0]] || t[row] === t[rows[1]]) continue;
      if (axis.at[row] < back.from || axis.at[row] > back.to) expect.fail(`${row} is out of view`);
    }
  });
});
