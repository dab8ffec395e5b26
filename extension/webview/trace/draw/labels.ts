/** Places texts so that none covers another: the important ones first, each at the first of its places that is free. */

import type { Ref } from '../model/selection.ts';
import type { Box, Ink, Measure, Shape, TextShape, Upright } from './shapes.ts';

export interface Place extends Upright {
  readonly x: number;
  readonly y: number;
  readonly anchor: TextShape['anchor'];
}

export interface LabelRequest {
  readonly part: string;
  readonly ref?: Ref;
  readonly text: string;
  readonly size: number;
  readonly ink: Ink;
  readonly bold?: boolean;
  readonly alpha?: number;
  /** Higher is placed earlier. */
  readonly priority: number;
  readonly places: readonly Place[];
  /** Whether lines behind it are covered. */
  readonly backed?: boolean;
  /** Placed at its first place even where that is taken, moved sideways as far as it would be cut off. */
  readonly always?: boolean;
}

/** Most labels in one picture: more cannot be read. */
const MAX_LABELS = 400;
/** Most that are tried: where so many more important ones are, there is no room left. */
const MAX_TRIED = 1200;
const CELL = 64;

export function placeLabels(
  requests: readonly LabelRequest[],
  obstacles: readonly Box[],
  bounds: Box,
  measure: Measure,
): Shape[] {
  const taken = createBoxes();
  for (const box of obstacles) taken.add(box);
  const placed: Shape[] = [];
  let count = 0;
  const ordered = [...requests].sort((left, right) => right.priority - left.priority);
  for (const request of ordered.slice(0, MAX_TRIED)) {
    if (count === MAX_LABELS) break;
    const { size, text, bold } = request;
    const w = measure(text, size, bold) + 4;
    const boxes = request.places.map(place => boxOf(place, w, size + 3));
    const free = boxes.findIndex(box => inside(box, bounds) && !taken.hits(box));
    const index = free >= 0 || request.always !== true ? free : 0;
    if (index < 0) continue;
    const { part, ref, ink, alpha } = request;
    const place = request.places[index];
    const into = free >= 0 ? 0 : intoBounds(boxes[index], bounds);
    const box = { ...boxes[index], x: boxes[index].x + into };
    const x = place.x + into;
    taken.add(box);
    count++;
    if (request.backed === true) placed.push({ shape: 'rect', ...box, fill: 'surface', part: 'label.back' });
    placed.push({ shape: 'text', ...place, x, text, size, ink, bold, halo: 'surface', part, ref, alpha });
  }
  return placed;
}

function boxOf({ x, y, anchor }: Place, w: number, h: number): Box {
  const left = anchor === 'start' ? x - 2 : anchor === 'end' ? x - w + 2 : x - w / 2;
  return { x: left, y: y - h / 2, w, h };
}

/** Px to the right that a box has to be moved by; its beginning is what is seen of one that is too wide. */
function intoBounds(box: Box, bounds: Box): number {
  const left = Math.min(0, bounds.x + bounds.w - box.x - box.w);
  return Math.max(left, bounds.x - box.x);
}

function inside(box: Box, bounds: Box): boolean {
  return (
    box.x >= bounds.x &&
    box.y >= bounds.y &&
    box.x + box.w <= bounds.x + bounds.w &&
    box.y + box.h <= bounds.y + bounds.h
  );
}

/** Whether two boxes have a point in common that is not only on their edges. */
export function overlap(left: Box, right: Box): boolean {
  return (
    left.x < right.x + right.w && right.x < left.x + left.w && left.y < right.y + right.h && right.y < left.y + left.h
  );
}

interface Boxes {
  add(box: Box): void;
  hits(box: Box): boolean;
}

/** Boxes by the columns of px that they touch. */
function createBoxes(): Boxes {
  const columns = new Map<number, Box[]>();
  const span = ({ x, w }: Box): [number, number] => [Math.floor(x / CELL), Math.floor((x + w) / CELL)];
  return {
    add(box) {
      const [from, to] = span(box);
      for (let column = from; column <= to; column++) {
        const list = columns.get(column);
        if (list === undefined) columns.set(column, [box]);
        else list.push(box);
      }
    },
    hits(box) {
      const [from, to] = span(box);
      for (let column = from; column <= to; column++) {
        if (columns.get(column)?.some(other => overlap(box, other))) return true;
      }
      return false;
    },
  };
}
