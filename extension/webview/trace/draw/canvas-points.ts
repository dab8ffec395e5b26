/**
 * Points on a canvas, pixel by pixel. They stand on few lines, so each line is a strip of pixels; what a square covers of a
 * pixel is how opaque it makes it, as a canvas would do it, and squares on the same place add up.
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
  return ({ at, size, fill, alpha = 1 }) => {
    const side = size * scale;
    const { width, height } = context.canvas;
    const tall = Math.ceil(side) + 1;
    const strips = new Map<number, number>();
    const made: Strip[] = [];
    // Of each point; -1 for those that are not on the canvas.
    const stripOf = new Int32Array(at.length / 2);
    let [from, to] = [width, 0];
    for (let one = 0; one < stripOf.length; one++) {
      const y = at[2 * one + 1];
      let strip = strips.get(y);
      if (strip === undefined) {
        const top = Math.floor(y * scale - side / 2);
        strip = top >= height || top + tall <= 0 ? -1 : made.length;
        strips.set(y, strip);
        if (strip >= 0) made.push({ top, rows: rowsOf(y * scale - side / 2 - top, side, tall) });
      }
      const left = at[2 * one] * scale - side / 2;
      stripOf[one] = left >= width || left + side <= 0 ? -1 : strip;
      if (stripOf[one] < 0) continue;
      from = Math.min(from, Math.floor(left));
      to = Math.max(to, Math.ceil(left + side));
    }
    [from, to] = [Math.max(0, from), Math.min(width, to)];
    if (from >= to) return;
    const w = to - from;
    const pixels = blank(w, made.length * tall);
    const bytes = new Uint8ClampedArray(pixels.buffer);
    const word = wordOf(fill);
    const colour = word & 0xffffff;
    const opaque = (word >>> 24) * alpha;
    for (let one = 0; one < stripOf.length; one++) {
      const strip = stripOf[one];
      if (strip < 0) continue;
      const { rows } = made[strip];
      const left = at[2 * one] * scale - side / 2 - from;
      const right = left + side;
      const end = Math.min(w, Math.ceil(right));
      for (let column = Math.max(0, Math.floor(left)); column < end; column++) {
        const share = opaque * (Math.min(right, column + 1) - Math.max(left, column));
        for (let row = 0, place = strip * tall * w + column; row < tall; row++, place += w) {
          const covered = share * rows[row];
          if (covered === 0) continue;
          const before = bytes[4 * place + 3];
          pixels[place] = colour;
          bytes[4 * place + 3] = before === 0 ? covered : before + covered * (1 - before / 255);
        }
      }
    }
    const sheet = drawn();
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
    context.imageSmoothingEnabled = false;
    for (const [strip, { top }] of made.entries())
      context.drawImage(sheet, 0, strip * tall, w, tall, from, top, w, tall);
    context.restore();
  };
}

function rowsOf(top: number, side: number, tall: number): Float64Array {
  return Float64Array.from({ length: tall }, (_, row) =>
    Math.max(0, Math.min(top + side, row + 1) - Math.max(top, row)),
  );
}
