import { describe, expect, it } from 'vitest';
import { openedRun } from '../testing/traces.ts';
import { viewOf } from '../testing/view.ts';
import { hit } from './hit.ts';
import { placeLabels } from './labels.ts';
import { sceneOf } from './scene.ts';
import { type Box, type DisplayList, roughMeasure, type Shape } from './shapes.ts';

const listOf = (...shapes: Shape[]): DisplayList => ({
  width: 100,
  height: 100,
  layers: [{ clip: { x: 0, y: 0, w: 100, h: 100 }, shapes }],
});
const event = (id: number) => ({ kind: 'event', id }) as const;

describe('what is under the pointer', () => {
  it('is the nearest mark, and nothing when all are far', () => {
    const list = listOf(
      { shape: 'circle', x: 20, y: 20, r: 3, part: 'a', ref: event(1) },
      { shape: 'circle', x: 30, y: 20, r: 3, part: 'b', ref: event(2) },
      { shape: 'circle', x: 60, y: 60, r: 30, part: 'c' },
    );
    expect(hit(list, 22, 21)).toEqual(event(1));
    expect(hit(list, 27, 20)).toEqual(event(2));
    expect(hit(list, 60, 60)).toBeNull();
  });

  it('is a line along its whole length, and not its extension', () => {
    const list = listOf({ shape: 'path', points: [10, 10, 50, 50], part: 'm', ref: { kind: 'message', id: 4 } });
    expect(hit(list, 31, 29)).toEqual({ kind: 'message', id: 4 });
    expect(hit(list, 60, 60)).toBeNull();
  });

  it('is one of many arrows, the nearest one', () => {
    const at = Float32Array.of(10, 10, 50, 50, 10, 50, 50, 10, 80, 10, 80, 90);
    const list = listOf({ shape: 'arrows', at, rows: Int32Array.of(4, 7, 9), head: 8, stroke: 'neutral', part: 'm' });
    expect(hit(list, 21, 19)).toEqual({ kind: 'message', id: 4 });
    expect(hit(list, 20, 39)).toEqual({ kind: 'message', id: 7 });
    expect(hit(list, 84, 60)).toEqual({ kind: 'message', id: 9 });
    expect(hit(list, 90, 60)).toBeNull();
  });

  it('is what is small before the area behind it', () => {
    const list = listOf(
      { shape: 'rect', x: 0, y: 0, w: 100, h: 100, part: 'f', ref: { kind: 'fault', id: 0 } },
      { shape: 'path', points: [0, 50, 100, 50], part: 'm', ref: { kind: 'message', id: 4 } },
    );
    expect(hit(list, 40, 53)).toEqual({ kind: 'message', id: 4 });
    expect(hit(list, 40, 80)).toEqual({ kind: 'fault', id: 0 });
  });

  it('is nothing that is cut off', () => {
    const list: DisplayList = {
      width: 100,
      height: 100,
      layers: [
        {
          clip: { x: 0, y: 0, w: 50, h: 50 },
          shapes: [{ shape: 'circle', x: 60, y: 60, r: 5, part: 'a', ref: event(1) }],
        },
      ],
    };
    expect(hit(list, 60, 60)).toBeNull();
  });

  it('is, in a real picture, the operation whose box one points at', async () => {
    const opened = await openedRun('stale-leader');
    const { ops, events } = opened.trace;
    const from = events.t[ops.invoke[0]] - 10_000_000;
    const { list, frame } = sceneOf(viewOf(opened, { range: { from, to: from + 40_000_000 } }));
    const x = (frame.x(ops.invoke[0]) + frame.x(ops.complete[0])) / 2;
    const y = frame.boxOf[events.node[ops.invoke[0]]]!.y + 16;
    expect(hit(list, x, y)).toEqual({ kind: 'op', id: 0 });
  });
});

describe('labels', () => {
  const bounds = { x: 0, y: 0, w: 200, h: 100 };
  const label = (text: string, priority: number, ...places: [number, number][]) => ({
    part: 'label',
    text,
    size: 11,
    ink: 'ink' as const,
    priority,
    places: places.map(([x, y]) => ({ x, y, anchor: 'start' as const })),
  });
  const texts = (shapes: readonly Shape[]): (readonly [string, number, number])[] =>
    shapes.flatMap(shape => (shape.shape === 'text' ? [[shape.text, shape.x, shape.y] as const] : []));

  it('give way to more important ones, to obstacles and to the edge', () => {
    const placed = placeLabels(
      [label('less', 1, [20, 20], [20, 60]), label('more', 2, [20, 20]), label('out', 3, [190, 20])],
      [{ x: 0, y: 50, w: 10, h: 20 }],
      bounds,
      roughMeasure,
    );
    expect(texts(placed)).toEqual([
      ['more', 20, 20],
      ['less', 20, 60],
    ]);
    expect(placeLabels([label('hidden', 1, [5, 60])], [{ x: 0, y: 50, w: 10, h: 20 }], bounds, roughMeasure)).toEqual(
      [],
    );
  });

  it('that must stand are there though others are, and as far as they would be cut off beside their place', () => {
    const must = (text: string, x: number, obstacles: readonly Box[] = []) => {
      const request = { ...label(text, 1, [x, 20]), always: true };
      return texts(placeLabels([request], obstacles, bounds, roughMeasure))[0];
    };
    expect(must('must', 100, [bounds])).toEqual(['must', 100, 20]);
    expect(must('must', 190)[1] + roughMeasure('must', 11)).toBeCloseTo(198);
    expect(must('must', -30)[1]).toBe(2);
    // The beginning is what is read.
    expect(must('must '.repeat(20), 190)[1]).toBe(2);
  });
});
