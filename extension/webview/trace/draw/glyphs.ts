/** The marks as vector paths: characters for them are missing from many fonts. All are centred at x, y. */

import type { Ref } from '../model/selection.ts';
import { HEAD_HALF, type Ink, type Shape, type Upright } from './shapes.ts';

interface Look {
  readonly part: string;
  readonly ref?: Ref;
  readonly alpha?: number;
}

/** With what a sign needs to stay upright at its place. */
const upright = (look: Look, x: number, y: number): Look & Upright => ({ ...look, upright: [x, y] });

export function cross(look: Look, x: number, y: number, r: number, ink: Ink, width = 2.2): Shape[] {
  return [
    { shape: 'path', points: [x - r, y - r, x + r, y + r], stroke: ink, width, ...look },
    { shape: 'path', points: [x - r, y + r, x + r, y - r], stroke: ink, width, ...look },
  ];
}

export function tickMark(look: Look, x: number, y: number, r: number, ink: Ink): Shape {
  return {
    shape: 'path',
    points: [x - r, y, x - r * 0.3, y + r * 0.7, x + r, y - r * 0.8],
    stroke: ink,
    width: 2,
    ...upright(look, x, y),
  };
}

/** Points of a regular polygon. */
export function polygon(x: number, y: number, r: number, sides: number, turn = 0): number[] {
  return Array.from({ length: sides }, (_, side) => {
    const angle = turn + (side * 2 * Math.PI) / sides;
    return [x + r * Math.cos(angle), y + r * Math.sin(angle)];
  }).flat();
}

/** An octagon with an exclamation mark: a violation. */
export function alarm(look: Look, x: number, y: number, r: number): Shape[] {
  const own = upright(look, x, y);
  return [
    {
      shape: 'path',
      points: polygon(x, y, r, 8, Math.PI / 8),
      closed: true,
      fill: 'danger',
      stroke: 'surface',
      width: 1.5,
      ...own,
    },
    {
      shape: 'path',
      points: [x, y - r * 0.55, x, y + r * 0.1],
      stroke: 'surface',
      width: Math.max(1.6, r * 0.28),
      ...own,
    },
    { shape: 'circle', x, y: y + r * 0.48, r: Math.max(1, r * 0.15), fill: 'surface', ...own },
  ];
}

export function diamond(look: Look, x: number, y: number, r: number, ink: Ink): Shape {
  return { shape: 'path', points: [x, y - r, x + r, y, x, y + r, x - r, y], closed: true, fill: ink, ...look };
}

/** A crown: whoever decides for its group. */
export function crown(look: Look, x: number, y: number, r: number, ink: Ink): Shape {
  const points = [-1, 0.7, -1, -0.6, -0.45, 0, 0, -0.9, 0.45, 0, 1, -0.6, 1, 0.7];
  return {
    shape: 'path',
    points: points.map((p, i) => (i % 2 === 0 ? x : y) + p * r),
    closed: true,
    fill: ink,
    ...upright(look, x, y),
  };
}

/** A circle with a bar: nothing gets through. */
export function noWay(look: Look, x: number, y: number, r: number, ink: Ink): Shape[] {
  const d = r * 0.7;
  return [
    { shape: 'circle', x, y, r, fill: 'surface', stroke: ink, width: 1.6, ...look },
    { shape: 'path', points: [x - d, y + d, x + d, y - d], stroke: ink, width: 1.6, ...look },
  ];
}

export function triangle(look: Look, x: number, y: number, r: number, ink: Ink, filled: boolean): Shape {
  const points = [x, y - r, x + r, y + r * 0.8, x - r, y + r * 0.8];
  return {
    shape: 'path',
    points,
    closed: true,
    ...(filled ? { fill: ink } : { stroke: ink, fill: 'surface' as const }),
    width: 1.2,
    ...upright(look, x, y),
  };
}

/** A disc of which one half is filled: what only one of two traces has. */
export function halfDisc(look: Look, x: number, y: number, r: number, ink: Ink, side: 'left' | 'right'): Shape[] {
  const own = upright(look, x, y);
  const turn = side === 'left' ? Math.PI / 2 : -Math.PI / 2;
  const points = Array.from({ length: 9 }, (_, step) => {
    const angle = turn + (step * Math.PI) / 8;
    return [x + r * Math.cos(angle), y + r * Math.sin(angle)];
  }).flat();
  return [
    { shape: 'circle', x, y, r, fill: 'surface', stroke: ink, width: 1.4, ...own },
    { shape: 'path', points, closed: true, fill: ink, ...own },
  ];
}

/** The head of an arrow that ends at x, y, coming along dx, dy. */
export function arrowHead(
  look: Look,
  [x, y]: readonly [number, number],
  [dx, dy]: readonly [number, number],
  size: number,
  ink: Ink,
  hollow: boolean,
): Shape {
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const [bx, by] = [x - ux * size, y - uy * size];
  const half = size * HEAD_HALF;
  const points = [x, y, bx - uy * half, by + ux * half, bx + uy * half, by - ux * half];
  return { shape: 'path', points, closed: true, fill: hollow ? 'surface' : ink, stroke: ink, width: 1.2, ...look };
}

/** Two hands of sand: late. */
export function hourglass(look: Look, x: number, y: number, r: number, ink: Ink): Shape[] {
  const own = upright(look, x, y);
  const w = r * 0.7;
  return [
    { shape: 'rect', x: x - r, y: y - r, w: 2 * r, h: 2 * r, fill: 'surface', stroke: ink, width: 1, ...own },
    {
      shape: 'path',
      points: [x - w, y - w, x + w, y - w, x - w, y + w, x + w, y + w],
      closed: true,
      fill: ink,
      ...own,
    },
  ];
}

/** Two arrows that cross: overtaken. */
export function crossing(look: Look, x: number, y: number, r: number, ink: Ink): Shape[] {
  const w = r * 0.65;
  return [
    { shape: 'rect', x: x - r, y: y - r, w: 2 * r, h: 2 * r, fill: 'surface', stroke: ink, width: 1, ...look },
    {
      shape: 'path',
      points: [x - w, y - w * 0.5, x + w, y - w * 0.5, x + w * 0.4, y - w],
      stroke: ink,
      width: 1.1,
      ...look,
    },
    {
      shape: 'path',
      points: [x + w, y + w * 0.5, x - w, y + w * 0.5, x - w * 0.4, y + w],
      stroke: ink,
      width: 1.1,
      ...look,
    },
  ];
}
