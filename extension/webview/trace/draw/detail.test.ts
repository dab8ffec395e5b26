/** The three ways of drawing: everything, points with ribbons, bars; and what none of them leaves out. */

import { fateOf, senderOf } from '@dsys/runtime/trace/access';
import { KIND } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';
import { randomTrace } from '@dsys/runtime/trace/testing/random-trace';
import { describe, expect, it } from 'vitest';
import { stepAxis, timeAxis } from '../model/axis.ts';
import { depthAxis } from '../model/depth.ts';
import { openedOf } from '../model/opened.ts';
import { CLASS_COUNT } from '../model/pyramid.ts';
import { viewOf } from '../testing/view.ts';
import { densityOf } from './density.ts';
import { hit } from './hit.ts';
import { lookOf } from './messages.ts';
import { MAX_EXACT, MAX_POINTS, type Scene, sceneOf } from './scene.ts';
import type { BarsShape, PathShape, PointsShape, Shape } from './shapes.ts';

const opened = openedOf(randomTrace(5, { steps: 60_000, servers: 5, clients: 3, payloadLimitBytes: 0 }).trace);
const { trace } = opened;
const axis = stepAxis(opened);
/** A window of so many events somewhere in the run. */
const window = (events: number, changes = {}): Scene =>
  sceneOf(viewOf(opened, { axis, range: { from: 9_999.5, to: 9_999.5 + events }, height: 900, ...changes }));
const withPart = (scene: Scene, part: RegExp): Shape[] =>
  scene.list.layers.flatMap(({ shapes }) => shapes).filter(shape => part.test(shape.part));
const rowsOf = (shapes: readonly Shape[]): number[] => shapes.flatMap(shape => [...(shape as PointsShape).rows]);

it('goes by how much is in view: up to 8,000 events and messages exact, up to 40,000 points, then bars', () => {
  expect([MAX_EXACT, MAX_POINTS]).toEqual([8000, 40_000]);
  expect(trace.events.length).toBeGreaterThan(55_000);
  expect([4000, 20_000, 45_000].map(events => window(events).detail)).toEqual(['exact', 'points', 'density']);
  expect(window(20_000).mode).toMatch(
    /^points: 20,000 of [\d,]+ events, [\d,]+ messages, most of them in [\d,]+ ribbons$/,
  );
  expect(window(45_000).mode).toMatch(
    /^density: 45,000 of [\d,]+ events as bars, 1 px is [\d.]+ (ms|µs|s), \d+ events$/,
  );
});

describe('points', () => {
  const scene = window(20_000);
  const { frame } = scene;
  const onLanes = Array.from({ length: 20_000 }, (_, row) => row + 10_000).filter(
    row => frame.boxOf[trace.events.node[row]] !== undefined,
  );

  it('are there for every event, each on its place', () => {
    const points = withPart(scene, /^points/) as PointsShape[];
    expect(rowsOf(points).sort((a, b) => a - b)).toEqual(onLanes);
    for (const { at, rows } of points) {
      for (let index = 0; index < rows.length; index += 97) {
        expect(at[2 * index]).toBeCloseTo(frame.x(rows[index]), 3);
        const { y, h } = frame.boxOf[trace.events.node[rows[index]]]!;
        expect(at[2 * index + 1]).toBeGreaterThan(y);
        expect(at[2 * index + 1]).toBeLessThan(y + h);
      }
    }
    const lost = rowsOf(withPart(scene, /^points\.lost/));
    expect(lost).toEqual(onLanes.filter(row => trace.events.kind[row] === KIND.drop));
  });

  it('keep messages apart of which something is to be said, and bundle the others without losing one', () => {
    const { send, end, flags } = trace.messages;
    const ordinary = new Set<number>();
    const abnormal = new Set<number>();
    for (let message = 0; message < trace.messages.length; message++) {
      if (send[message] >= frame.places[1] || (end[message] < 0 ? send[message] : end[message]) < frame.places[0])
        continue;
      if (frame.boxOf[senderOf(trace, message)] === undefined) continue;
      (lookOf(fateOf(trace, message), flags[message]) === 'delivered' ? ordinary : abnormal).add(message);
    }
    expect(new Set(withPart(scene, /^message\.(?!label)/).map(shape => shape.ref!.id))).toEqual(abnormal);
    const ribbons = withPart(scene, /^ribbon/) as PathShape[];
    expect(ribbons.length).toBeGreaterThan(100);
    expect(ribbons.length).toBeLessThanOrEqual(1200);
    expect(ribbons.length).toBeLessThan(ordinary.size);
    // The width tells how many: 1 + log2(n) / 2.
    const bundled = ribbons.reduce((all, { width }) => all + 2 ** ((width! - 1) * 2), 0);
    expect(bundled).toBeCloseTo(ordinary.size, 3);
  });

  it('can be pointed at', () => {
    const row = onLanes.find(one => trace.events.kind[one] === KIND.timerSet)!;
    const found = hit(scene.list, frame.x(row), frame.boxOf[trace.events.node[row]]!.line);
    expect(found?.kind).toBe('event');
    expect(Math.abs(frame.x(found!.id) - frame.x(row))).toBeLessThan(2);
  });
});

describe.each([
  ['step', axis],
  ['time', timeAxis(opened)],
  ['depth', depthAxis(opened)],
] as const)('bars on the axis of %s', (_, one) => {
  const whole = sceneOf(viewOf(opened, { axis: one, height: 900 }));

  // In wide columns it is sums that are counted with, in narrow ones rows.
  it.each([1200, 160])('count exactly, in every column, by lane and class, in %i px', width => {
    const { frame } = sceneOf(viewOf(opened, { axis: one, height: 900, width }));
    const counts = densityOf(frame);
    const columns = Math.ceil(frame.plot.w);
    const expected = counts.map(() => new Int32Array(columns));
    const { node, kind } = trace.events;
    for (let row = 0; row < trace.events.length; row++) {
      const lane = frame.boxes.findIndex(box => box.lane.nodes.includes(node[row]));
      if (lane < 0) continue;
      const name = [5, 6, 8].includes(kind[row]) ? 0 : kind[row] === 7 ? 1 : kind[row] >= 15 && kind[row] <= 19 ? 2 : 3;
      // On the edge of two columns either is right, as rounding has it.
      expected[lane * CLASS_COUNT + name][Math.min(columns - 1, Math.floor(frame.x(row) - frame.plot.x + 1e-9))]++;
    }
    let differ = 0;
    counts.forEach((series, index) => {
      expect(series.reduce((all, count) => all + count, 0)).toBe(
        expected[index].reduce((all, count) => all + count, 0),
      );
      for (const [column, count] of series.entries()) differ += Math.abs(count - expected[index][column]);
    });
    expect(differ).toBeLessThan(20);
  });

  it('are higher where more happened, and there wherever anything did', () => {
    const { frame } = whole;
    const counts = densityOf(frame);
    const bars = withPart(whole, /^density$/) as BarsShape[];
    expect(bars.length).toBe(frame.boxes.length);
    bars.forEach((shape, lane) => {
      for (const { part, heights, bottom } of shape.series) {
        const name = ['messages', 'lost', 'operations', 'inside'].indexOf(part.replace('density.', ''));
        if (name < 0) continue;
        const own = counts[lane * CLASS_COUNT + name];
        expect(bottom).toBeLessThanOrEqual(shape.h);
        for (const [column, height] of heights.entries()) expect(height > 0).toBe(own[column] > 0);
        const order = [...own.keys()].sort((a, b) => own[a] - own[b]);
        for (let at = 1; at < order.length; at++)
          expect(heights[order[at]]).toBeGreaterThanOrEqual(heights[order[at - 1]]);
      }
    });
  });
});

describe('bars leave out', () => {
  const sparse = Uint8Array.from({ length: trace.events.length }, (_, row) => (row % 5000 === 17 ? 1 : 0));
  const named = [...sparse.keys()].filter(
    row => sparse[row] === 1 && trace.header.nodes[trace.events.node[row]]?.kind !== 'nemesis',
  );

  it('no event that a filter names', () => {
    const scene = sceneOf(viewOf(opened, { axis, mask: sparse }));
    expect(rowsOf(withPart(scene, /^marked\.filter$/))).toEqual(named);
    const hidden = densityOf(sceneOf(viewOf(opened, { axis, mask: sparse, hide: true })).frame);
    expect(hidden.reduce((all, one) => one.reduce((sum, count) => sum + count, all), 0)).toBe(named.length);
  });

  it('no px of a cone, and one mark for each lane and px', () => {
    const cone = new Uint8Array(trace.events.length).fill(1, 20_000);
    const scene = sceneOf(viewOf(opened, { axis, cone, selection: { kind: 'event', id: 20_000 } }));
    const rows = rowsOf(withPart(scene, /^marked\.cone$/));
    const { frame } = scene;
    const place = (row: number): string => {
      const column = Math.floor(frame.x(row) - frame.plot.x + 1e-6);
      return `${frame.boxes.findIndex(box => box.lane.nodes.includes(trace.events.node[row]))} ${column}`;
    };
    const expected = new Set<string>();
    for (let row = 20_000; row < trace.events.length; row++) if (!place(row).startsWith('-1')) expected.add(place(row));
    // Rounding may put an event on the edge of two columns into either.
    expect(Math.abs(new Set(rows.map(place)).size - expected.size)).toBeLessThan(5);
    expect(new Set(rows).size).toBe(rows.length);
  });

  it('no violation, fault and leader', () => {
    const scene = sceneOf(viewOf(opened, { axis, height: 3000 }));
    const violated = new Set(opened.violations.map(one => one.event));
    expect(new Set(withPart(scene, /^violation$/).map(shape => shape.ref!.id))).toEqual(violated);
    expect(withPart(scene, /^fault\./).length).toBeGreaterThan(100);
  });
});

it('windows that only messages cross show these', () => {
  const messages = trace.messages as Trace['messages'];
  let longest = 0;
  for (let one = 0; one < messages.length; one++) {
    if (messages.end[one] - messages.send[one] > messages.end[longest] - messages.send[longest]) longest = one;
  }
  const middle = (messages.send[longest] + messages.end[longest]) / 2;
  const scene = sceneOf(viewOf(opened, { axis, range: { from: middle - 5, to: middle + 5 } }));
  expect(withPart(scene, /^message\.(?!label)/).map(shape => shape.ref!.id)).toContain(longest);
});
