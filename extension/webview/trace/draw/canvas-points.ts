/**
 * Points on a canvas, pixel by pixel. They stand on few lines, so each line is a strip of pixels; what a square covers of a
 * pixel is how opaque it makes it, as a canvas would do it, and squares on the same place add up. Lines that run downwards
 * are written as the others, and turned when they are drawn.
 */

import type { Pixels } from './canvas-pixels.ts';
import type { PointsShape } from './shapes.ts';

interface Strip {
  /** Row of the canvas that it begins with. */
  readonly top: number;
  /** How much of each of its rows a square covers, from 0 to 1. */
  readonly rows: Float64Array;
}

/** @param scale physical px per px */
export function createPointsPainter(
  context: CanvasRenderingContext2D,
  { wordOf, blank, drawn }: Pixels,
  scale: number,
): (shape: PointsShape) => void {
  return ({ at, size, fill, alpha = 1, down = false }) => {
    const side = size * scale;
    const { canvas } = context;
    const [w, height] = down ? [canvas.height, canvas.width] : [canvas.width, canvas.height];
    // Where in a pair of coordinates the one along the lines stands, and the other one.
    const [along, across] = down ? [1, 0] : [0, 1];
    const tall = Math.ceil(side) + 1;
    /** By place across the lines; of those that are not on the canvas -1. */
    const strips = new Map<number, number>();
    const made: Strip[] = [];
    for (let one = across; one < at.length; one += 2) {
      if (strips.has(at[one])) continue;
      const y = at[one] * scale - side / 2;
      const top = Math.floor(y);
      const seen = top < height && top + tall > 0;
      strips.set(at[one], seen ? made.length : -1);
      const rows = Float64Array.from({ length: tall }, (_, row) => covered(y - top, y - top + side, row));
      if (seen) made.push({ top, rows });
    }
    if (made.length === 0) return;
    const pixels = blank(w, made.length * tall);
    const bytes = new Uint8ClampedArray(pixels.buffer);
    const word = wordOf(fill);
    const colour = word & 0xffffff;
    const opaque = (word >>> 24) * alpha;
    for (let one = 0; one < at.length; one += 2) {
      const strip = strips.get(at[one + across])!;
      if (strip < 0) continue;
      const { rows } = made[strip];
      const left = at[one + along] * scale - side / 2;
      const right = left + side;
      const end = Math.min(w, Math.ceil(right));
      for (let column = Math.max(0, Math.floor(left)); column < end; column++) {
        const share = opaque * covered(left, right, column);
        for (let row = 0, place = strip * tall * w + column; row < tall; row++, place += w) {
          const more = share * rows[row];
          if (more === 0) continue;
          const before = bytes[4 * place + 3];
          pixels[place] = colour;
          bytes[4 * place + 3] = before + more * (1 - before / 255);
        }
      }
    }
    const sheet = drawn();
    context.save();
    if (down) context.setTransform(0, 1, 1, 0, 0, 0);
    else context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
    context.imageSmoothingEnabled = false;
    for (const [strip, { top }] of made.entries()) context.drawImage(sheet, 0, strip * tall, w, tall, 0, top, w, tall);
    context.restore();
  };
}

/** How much of a pixel is between two places on a line, from 0 to 1. */
const covered = (from: number, to: number, pixel: number): number =>
  Math.max(0, Math.min(to, pixel + 1) - Math.max(from, pixel));
