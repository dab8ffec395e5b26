/** Pictures in which time runs downwards say the same as the others. */

import { senderOf } from '@dsys/runtime/trace/access';
import { randomTrace } from '@dsys/runtime/trace/testing/random-trace';
import { describe, expect, it } from 'vitest';
import { stepAxis } from '../model/axis.ts';
import { openedOf } from '../model/opened.ts';
import { storyOf } from '../model/story.ts';
import { storyAxis } from '../model/warped.ts';
import { openedRun, RUN_NAMES } from '../testing/traces.ts';
import { viewOf } from '../testing/view.ts';
import { hit } from './hit.ts';
import { overlap } from './labels.ts';
import { type Scene, sceneOf } from './scene.ts';
import type { BarsShape, PathShape, PointsShape, RectShape, Shape, TextShape } from './shapes.ts';

const withPart = ({ list }: Scene, part: RegExp): Shape[] =>
  list.layers.flatMap(({ shapes }) => shapes).filter(shape => part.test(shape.part));

describe.each(RUN_NAMES)('%s downwards', name => {
  const sceneAt = async (width: number): Promise<Scene> => {
    const opened = await openedRun(name);
    const from = opened.trace.events.t[Math.floor(opened.trace.events.length * 0.3)];
    const range = { from, to: from + 60_000_000 };
    return sceneOf(viewOf(opened, { down: true, range, width, height: 900 }));
  };

  it('has messages from lane to lane as far down as they were sent and received', async () => {
    const { list, frame } = await sceneAt(2000);
    const { trace } = frame.opened;
    expect([list.width, list.height]).toEqual([2000, 900]);
    const lines = withPart({ list } as Scene, /^message\.delivered$/).filter(
      (shape): shape is PathShape => shape.shape === 'path' && shape.points.length === 4,
    );
    expect(lines.length).toBeGreaterThan(3);
    for (const { points, ref } of lines) {
      const { send, end, to } = trace.messages;
      const [from, into] = [frame.boxOf[senderOf(trace, ref!.id)]!, frame.boxOf[to[ref!.id]]!];
      const expected = [from.line, frame.x(send[ref!.id]), into.line, frame.x(end[ref!.id])];
      points.forEach((value, index) => {
        expect(value).toBeCloseTo(expected[index], 6);
      });
    }
  });

  it('has the names of lanes side by side over them, and times beside them, all in the picture', async () => {
    const scene = await sceneAt(400);
    const { frame, list } = scene;
    const { plot, boxes } = frame;
    const names = withPart(scene, /^lane\.name$/).filter(shape => shape.shape === 'text' && shape.size > 11);
    const shown = boxes.filter(({ y, lane }) => y <= plot.y + plot.h && lane.kind !== 'others');
    expect((names as TextShape[]).map(({ x }) => x)).toEqual(shown.map(({ line }) => line));
    for (const { y } of names as TextShape[]) expect(y).toBeLessThan(plot.x);
    const times = withPart(scene, /^axis\.time$/) as TextShape[];
    expect(times.length).toBeGreaterThan(3);
    for (const { x, y, anchor, text, size } of times) {
      expect(anchor).toBe('end');
      expect(x - frame.measure(text, size)).toBeGreaterThanOrEqual(0);
      expect(y).toBeGreaterThanOrEqual(plot.x);
    }
    expect(list.layers[0].clip).toEqual({ x: plot.y, y: plot.x, w: plot.h, h: plot.w });
  });
});

describe('words', () => {
  it('leave the boxes of operations alone', async () => {
    let tried = 0;
    for (const name of ['stale-leader', 'async-failover'] as const) {
      const opened = await openedRun(name);
      const [violation] = opened.violations;
      const axis = storyAxis(opened, storyOf(opened, violation));
      const scene = sceneOf(viewOf(opened, { down: true, axis, violation, width: 500, height: 600 }));
      const boxes = withPart(scene, /^op\.(ok|fail)/).filter((shape): shape is RectShape => shape.shape === 'rect');
      const texts = withPart(scene, /^(message|change|role)\.label$/) as TextShape[];
      expect([boxes.length > 0, texts.length > 0]).toEqual([true, true]);
      for (const { text, x, y, size, bold, anchor } of texts) {
        const w = scene.frame.measure(text, size, bold);
        const left = anchor === 'start' ? x : anchor === 'end' ? x - w : x - w / 2;
        for (const box of boxes) {
          expect(overlap({ x: left, y: y - size / 2, w, h: size }, box), text).toBe(false);
          tried++;
        }
      }
    }
    expect(tried).toBeGreaterThan(20);
  });
});

describe('signs', () => {
  it('stay upright, each at its event', async () => {
    const opened = await openedRun('stale-leader');
    const { t } = opened.trace.events;
    const [violation] = opened.violations;
    const range = { from: t[violation.event] - 3e7, to: t[violation.event] + 3e7 };
    const scene = sceneOf(viewOf(opened, { down: true, range, violation, width: 700, height: 700 }));
    const marks = withPart(scene, /^violation$/).filter(
      (shape): shape is PathShape => shape.shape === 'path' && shape.stroke === 'surface' && shape.points.length === 4,
    );
    expect(marks.length).toBeGreaterThan(0);
    const { frame } = scene;
    for (const { points, ref } of marks) {
      expect(points[0]).toBeCloseTo(points[2], 6);
      expect(points[0]).toBeCloseTo(frame.boxOf[opened.trace.events.node[ref!.id]]!.line, 6);
      expect(Math.abs((points[1] + points[3]) / 2 - frame.x(ref!.id))).toBeLessThan(6);
    }
    const triangles = withPart(scene, /^event\.timerFire$/) as PathShape[];
    expect(triangles.length).toBeGreaterThan(0);
    for (const { points } of triangles) expect([points[3] > points[1], points[3]]).toEqual([true, points[5]]);
  });
});

describe('many events downwards', () => {
  const opened = openedOf(randomTrace(5, { steps: 60_000, servers: 5, clients: 3, payloadLimitBytes: 0 }).trace);
  const axis = stepAxis(opened);

  it('are points that can be pointed at', () => {
    const range = { from: 10_000, to: 30_000 };
    const scene = sceneOf(viewOf(opened, { axis, down: true, range, width: 500, height: 1200 }));
    expect(scene.detail).toBe('points');
    const [points] = withPart(scene, /^points$/) as PointsShape[];
    const alone = { ...scene.list, layers: [{ ...scene.list.layers[0], shapes: [points] }] };
    for (let one = 500; one < points.rows.length; one += 997) {
      const found = hit(alone, points.at[2 * one], points.at[2 * one + 1]);
      expect(found?.kind).toBe('event');
      expect(Math.abs(scene.frame.x(found!.id) - points.at[2 * one + 1])).toBeLessThan(2);
      expect(points.at[2 * one + 1]).toBeCloseTo(scene.frame.x(points.rows[one]), 2);
    }
  });

  it('are bars in columns, with one for each px of time', () => {
    const scene = sceneOf(viewOf(opened, { axis, down: true, width: 500, height: 900 }));
    const { plot, boxes } = scene.frame;
    const bars = withPart(scene, /^density$/) as BarsShape[];
    expect(bars.length).toBe(boxes.length);
    bars.forEach(({ x, y, down, series }, lane) => {
      // Back-ends turn them.
      expect([x, y, down]).toEqual([plot.x, Math.round(boxes[lane].y + 4), true]);
      for (const { heights } of series) expect(heights.length).toBe(Math.ceil(plot.w));
    });
  });
});
