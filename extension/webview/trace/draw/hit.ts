/** What of a picture is at a place: the nearest shape that stands for something, small ones before large ones. */

import type { Ref } from '../model/selection.ts';
import type { ArrowsShape, BarsShape, DisplayList, PointsShape, Shape } from './shapes.ts';

/** Px by which one may miss. */
const REACH = 6;

/** Which kind is meant when several are equally near. */
const RANK: Readonly<Record<Ref['kind'], number>> = { event: 0, op: 1, message: 2, fault: 3, lane: 4 };

export function hit(list: DisplayList, x: number, y: number): Ref | null {
  let best: Ref | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const { clip, shapes } of list.layers) {
    if (x < clip.x || x > clip.x + clip.w || y < clip.y || y > clip.y + clip.h) continue;
    for (const shape of shapes) {
      if (shape.shape === 'points') {
        const point = nearestPoint(shape, x, y);
        if (point === null || point.distance > least) continue;
        least = point.distance;
        best = { kind: 'event', id: point.row };
        continue;
      }
      const near = shape.shape === 'arrows' ? nearestArrow(shape, x, y) : nearTo(shape, x, y);
      if (near === null || near.distance > REACH) continue;
      // Areas are found only where nothing smaller is.
      const score = near.distance + RANK[near.ref.kind] * 0.8 + (isArea(shape) ? 20 : 0);
      // Of equals the one that was drawn last lies on top.
      if (score > least) continue;
      least = score;
      best = near.ref;
    }
  }
  return best;
}

/** The point within reach that is nearest, found by its place along time. */
function nearestPoint({ at, rows, down }: PointsShape, x: number, y: number): { row: number; distance: number } | null {
  const [along, place] = down ? [1, y] : [0, x];
  let low = 0;
  for (let high = rows.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (at[2 * middle + along] < place - REACH) low = middle + 1;
    else high = middle;
  }
  let row = -1;
  let distance = REACH;
  for (let one = low; one < rows.length && at[2 * one + along] <= place + REACH; one++) {
    const away = Math.hypot(at[2 * one] - x, at[2 * one + 1] - y);
    if (away > distance) continue;
    distance = away;
    row = rows[one];
  }
  return row < 0 ? null : { row, distance };
}

interface Near {
  readonly ref: Ref;
  readonly distance: number;
}

function nearTo(shape: Exclude<Shape, PointsShape | ArrowsShape>, x: number, y: number): Near | null {
  if (shape.shape === 'bars' || shape.ref === undefined) return null;
  return { ref: shape.ref, distance: distanceTo(shape, x, y) };
}

function nearestArrow({ at, rows }: ArrowsShape, x: number, y: number): Near | null {
  let id = -1;
  let distance = Number.POSITIVE_INFINITY;
  for (let one = 0; one < rows.length; one++) {
    const away = toSegment(x, y, at[4 * one], at[4 * one + 1], at[4 * one + 2], at[4 * one + 3]);
    if (away > distance) continue;
    distance = away;
    id = rows[one];
  }
  return id < 0 ? null : { ref: { kind: 'message', id }, distance };
}

function isArea(shape: Shape): boolean {
  return shape.shape === 'rect' && shape.ref?.kind !== 'op';
}

function distanceTo(shape: Exclude<Shape, PointsShape | ArrowsShape | BarsShape>, x: number, y: number): number {
  switch (shape.shape) {
    case 'rect': {
      const dx = Math.max(shape.x - x, 0, x - shape.x - shape.w);
      const dy = Math.max(shape.y - y, 0, y - shape.y - shape.h);
      return Math.hypot(dx, dy);
    }
    case 'circle':
      return Math.max(0, Math.hypot(x - shape.x, y - shape.y) - shape.r);
    case 'path': {
      let least = Number.POSITIVE_INFINITY;
      const { points } = shape;
      for (let at = 0; at + 3 < points.length; at += 2) {
        least = Math.min(least, toSegment(x, y, points[at], points[at + 1], points[at + 2], points[at + 3]));
      }
      return least;
    }
    case 'text': {
      // Texts are wide: near their anchor is near enough.
      const w = shape.text.length * shape.size * 0.55;
      const left = shape.anchor === 'start' ? shape.x : shape.anchor === 'end' ? shape.x - w : shape.x - w / 2;
      const dx = Math.max(left - x, 0, x - left - w);
      return Math.hypot(dx, Math.max(0, Math.abs(y - shape.y) - shape.size / 2));
    }
  }
}

function toSegment(x: number, y: number, x0: number, y0: number, x1: number, y1: number): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
  return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
}
