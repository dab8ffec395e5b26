/** The picture says nothing but what the trace says. */

import { fateOf, senderOf } from '@dsys/runtime/trace/access';
import { KIND, STATUS_NAMES } from '@dsys/runtime/trace/kinds';
import { describe, expect, it } from 'vitest';
import { timeAxis } from '../model/axis.ts';
import { depthAxis } from '../model/depth.ts';
import { storyOf } from '../model/story.ts';
import { storyAxis } from '../model/warped.ts';
import { openedRun, RUN_NAMES } from '../testing/traces.ts';
import { viewOf } from '../testing/view.ts';
import { densityOf } from './density.ts';
import { type Frame, frameOf } from './frame.ts';
import { overlap } from './labels.ts';
import { lookOf } from './messages.ts';
import { MAX_EXACT, type Scene, sceneOf } from './scene.ts';
import { type PathShape, type RectShape, roughMeasure, type Shape, type TextShape } from './shapes.ts';

const shapesOf = ({ list }: Scene): Shape[] => list.layers.flatMap(({ shapes }) => shapes);
const withPart = (scene: Scene, part: RegExp): Shape[] => shapesOf(scene).filter(shape => part.test(shape.part));

/** Windows of virtual time and of causal depth, small enough to be drawn exactly. */
async function exactScenes(name: (typeof RUN_NAMES)[number]): Promise<{ scene: Scene; frame: Frame }[]> {
  const opened = await openedRun(name);
  const { t } = opened.trace.events;
  const depth = depthAxis(opened);
  const shares = [0.2, 0.35, 0.5];
  const windows = [
    ...shares.map(share => ({ axis: timeAxis(opened), from: t[Math.floor(share * t.length)], width: 60_000_000 })),
    ...shares.map(share => ({ axis: depth, from: Math.floor(share * depth.to), width: 20 })),
  ];
  return windows.map(({ axis, from, width }) => {
    const scene = sceneOf(viewOf(opened, { axis, range: { from, to: from + width }, height: 2000 }));
    expect(scene.exact).toBe(true);
    return { scene, frame: scene.frame };
  });
}

describe.each(RUN_NAMES)('exact pictures of %s', name => {
  it('show every message in view, with its fate and both its ends', async () => {
    let drawn = 0;
    for (const { scene, frame } of await exactScenes(name)) {
      const { trace } = frame.opened;
      const { messages } = trace;
      const lines = new Map<number, Pick<PathShape, 'part' | 'points'>>();
      for (const shape of withPart(scene, /^message\.(?!label)/)) {
        if (shape.shape === 'path' && shape.points.length === 4 && !lines.has(shape.ref!.id))
          lines.set(shape.ref!.id, shape);
        if (shape.shape !== 'arrows') continue;
        for (const [one, id] of shape.rows.entries()) {
          expect(lines.has(id)).toBe(false);
          lines.set(id, { part: shape.part, points: [...shape.at.subarray(4 * one, 4 * one + 4)] });
        }
      }
      for (let message = 0; message < messages.length; message++) {
        const [send, end] = [messages.send[message], messages.end[message]];
        const { at } = frame.axis;
        const shape = lines.get(message);
        expect(shape !== undefined, `message ${message}`).toBe(
          at[send] <= frame.range.to && at[end < 0 ? send : end] >= frame.range.from,
        );
        if (shape === undefined) continue;
        drawn++;
        const fate = fateOf(trace, message);
        const look = lookOf(fate, messages.flags[message]);
        expect(shape.part).toBe(`message.${look}`);
        const [x0, y0, x1, y1] = shape.points;
        const [from, to] = [frame.boxOf[senderOf(trace, message)]!.line, frame.boxOf[messages.to[message]]!.line];
        if (look === 'duplicate') continue;
        // Crowds are kept with 24 bits.
        expect(x0).toBeCloseTo(frame.x(send), 3);
        expect(y0).toBeCloseTo(from, 3);
        if (fate === 'delivered') {
          expect(x1).toBeCloseTo(frame.x(end), 3);
          expect(y1).toBeCloseTo(to, 3);
        }
        // A lost message stops on its way.
        if (fate === 'dropped') expect((y1 - y0) / (to - from)).toBeCloseTo(0.62, 6);
      }
    }
    expect(drawn).toBeGreaterThan(10);
  });

  it('show every operation in view as a box from its invocation to its answer', async () => {
    for (const { scene, frame } of await exactScenes(name)) {
      const { ops } = frame.opened.trace;
      const boxes = withPart(scene, /^op\.(ok|fail|info)$/).filter(shape => shape.shape === 'rect') as RectShape[];
      const byOp = new Map(boxes.map(box => [box.ref!.id, box]));
      for (let op = 0; op < ops.length; op++) {
        const [invoke, complete] = [ops.invoke[op], ops.complete[op]];
        const lane = frame.boxOf[frame.opened.trace.events.node[invoke]];
        const { at } = frame.axis;
        const inView =
          at[invoke] <= frame.range.to &&
          (complete < 0 || at[complete] >= frame.range.from) &&
          lane?.lane.kind === 'client';
        const box = byOp.get(op);
        expect(box !== undefined, `operation ${op}`).toBe(inView);
        if (box === undefined) continue;
        expect(box.part).toBe(`op.${STATUS_NAMES[ops.status[op]]}`);
        const left = frame.plot.x - 20;
        expect(box.x).toBeCloseTo(Math.max(frame.x(invoke), left), 6);
        const right = frame.plot.x + frame.plot.w + 20;
        if (complete >= 0) {
          const end = Math.min(Math.max(frame.x(complete), frame.x(invoke) + 5), right);
          expect(box.x + box.w).toBeCloseTo(end, 6);
        }
      }
    }
  });

  it('count what they show', async () => {
    for (const { scene, frame } of await exactScenes(name)) {
      const { at } = frame.axis;
      const inView = at.reduce((all, u) => all + (u >= frame.range.from && u <= frame.range.to ? 1 : 0), 0);
      expect(scene.mode.replaceAll(',', '')).toContain(
        `exact: ${inView} of ${frame.opened.trace.events.length} events`,
      );
    }
  });
});

describe.each(RUN_NAMES)('the whole of %s', name => {
  it('is told by bars when it is too much, and the bars count every event once', async () => {
    const opened = await openedRun(name);
    const scene = sceneOf(viewOf(opened));
    const { frame } = scene;
    const total = frame.places[1] - frame.places[0] + opened.trace.messages.length;
    expect(scene.exact).toBe(total <= MAX_EXACT);
    const counted = densityOf(frame).reduce((all, series) => series.reduce((sum, count) => sum + count, all), 0);
    const nodes = opened.trace.header.nodes;
    const onLanes = opened.trace.events.node.reduce((sum, node) => sum + (nodes[node]?.kind === 'nemesis' ? 0 : 1), 0);
    expect(counted).toBe(onLanes);
  });

  it('never loses violations, faults, outages and leaders', async () => {
    const opened = await openedRun(name);
    const { trace } = opened;
    const scene = sceneOf(viewOf(opened, { height: 3000 }));
    const ids = (part: RegExp): Set<number> => new Set(withPart(scene, part).map(shape => shape.ref!.id));
    const violated = new Set(opened.violations.map(one => one.event));
    trace.events.kind.forEach((kind, row) => {
      if (kind === KIND.violation) violated.add(row);
    });
    expect(ids(/^violation$/)).toEqual(violated);
    expect(ids(/^fault\./).size).toBe(trace.faults.length);
    expect(withPart(scene, /^role$/).filter(shape => (shape as PathShape).width === 4.5).length).toBe(
      opened.leaderships.length,
    );
    const areas = withPart(scene, /^outage/).filter(shape => shape.shape === 'rect');
    expect(areas.length).toBe(opened.outages.length);
  });
});

describe.each(['stale-leader', 'forgotten-vote', 'split-brain', 'async-failover'] as const)(
  'the opening of %s',
  name => {
    const opening = async (width = 1000, down = false): Promise<Scene> => {
      const opened = await openedRun(name);
      const [violation] = opened.violations;
      const axis = storyAxis(opened, storyOf(opened, violation));
      return sceneOf(viewOf(opened, { axis, violation, width, down }));
    };

    it('marks the operation that shows it, and those it contradicts', async () => {
      const scene = await opening();
      const { violation, violating } = scene.frame;
      const boxes = (part: RegExp): Set<number> => new Set(withPart(scene, part).map(shape => shape.ref!.id));
      expect(boxes(/\.violating$/)).toEqual(violating);
      expect(violating.size > 0).toBe(violation!.ops.length > 0);
      expect(boxes(/\.witness$/)).toEqual(new Set(violation!.ops.filter(op => !violating.has(op))));
      // Each of them can be read.
      const named = new Set(withPart(scene, /^op\.label$/).map(shape => shape.ref!.id));
      for (const op of violation!.ops) expect(named).toContain(op);
    });

    it('has no text that covers another', async () => {
      for (const [width, down] of [
        [700, false],
        [1000, false],
        [1500, false],
        [350, true],
        [900, true],
      ] as const) {
        const scene = await opening(width, down);
        const texts = scene.list.layers[0].shapes.filter(
          (shape): shape is TextShape =>
            shape.shape === 'text' &&
            /label|role|violation|outage|fault/.test(shape.part) &&
            shape.part !== 'break.label',
        );
        const boxes = texts.map(({ text, x, y, size, bold, anchor }) => {
          const w = roughMeasure(text, size, bold);
          return {
            x: anchor === 'start' ? x : anchor === 'end' ? x - w : x - w / 2,
            y: y - size / 2,
            w,
            h: size,
            text,
          };
        });
        for (const [index, box] of boxes.entries()) {
          for (const other of boxes.slice(index + 1))
            expect(overlap(box, other), `${box.text} / ${other.text}`).toBe(false);
        }
      }
    });

    it('says how much stands behind each break', async () => {
      const scene = await opening(1500);
      const labels = withPart(scene, /^break\.label$/).map(shape => (shape as TextShape).text);
      expect(labels.length).toBeGreaterThan(0);
      expect(scene.mode).toMatch(/^story: \d+ events that tell why, \d+ drawn, [\d,]+ behind breaks$/);
    });
  },
);

describe('the time axis', () => {
  it('stands where its marks say', async () => {
    const opened = await openedRun('stale-leader');
    const axis = timeAxis(opened);
    const scene = sceneOf(viewOf(opened, { axis, range: { from: opened.origin, to: opened.origin + 1e10 } }));
    const marks = withPart(scene, /^axis\.time$/) as TextShape[];
    expect(marks.length).toBeGreaterThan(4);
    const { plot } = scene.frame;
    for (const { text, x } of marks) {
      const seconds = Number(/^(-?\d+) s$/.exec(text)![1]);
      expect(x).toBeCloseTo(plot.x + (seconds / 10) * plot.w, 3);
    }
  });
});

describe('dimming and hiding', () => {
  it('keeps what the filter does not name out of a picture, or faint', async () => {
    const opened = await openedRun('stale-leader');
    const mask = new Uint8Array(opened.trace.events.length);
    const t = opened.trace.events.t[1000];
    const range = { from: t, to: t + 100_000_000 };
    const count = (hide: boolean): number =>
      withPart(sceneOf(viewOf(opened, { mask, hide, range })), /^message\.(?!label)/).length;
    expect(count(true)).toBe(0);
    expect(count(false)).toBeGreaterThan(0);
    const faint = withPart(sceneOf(viewOf(opened, { mask, range })), /^message\.(?!label)/);
    expect(faint.every(shape => shape.alpha !== undefined && shape.alpha < 0.5)).toBe(true);
    const dotted = withPart(sceneOf(viewOf(opened, { mask, range, highContrast: true })), /^message\.delivered/);
    expect(dotted.every(shape => shape.alpha === 1)).toBe(true);
    expect(dotted.some(shape => shape.shape === 'path' && shape.dash?.[0] === 1)).toBe(true);
  });
});

it('frames leave servers room for arrows and fit small windows', async () => {
  const opened = await openedRun('stale-leader');
  const tall = frameOf(viewOf(opened, { height: 700 }));
  expect(tall.boxes[0].h).toBeGreaterThan(80);
  const small = frameOf(viewOf(opened, { height: 200 }));
  expect(small.boxes[0].h).toBe(46);
  expect(small.laneHeight).toBeGreaterThan(small.plot.h);
});
