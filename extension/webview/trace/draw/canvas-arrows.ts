/** Crowds of thin arrows on a canvas, pixel by pixel: as paths, thousands of them take longer than a frame may last. */

import { drawArrows } from './arrow-pixels.ts';
import type { Pixels } from './canvas-pixels.ts';
import type { ArrowsShape } from './shapes.ts';

/** @param scale physical px per px */
export function createArrowsPainter(
  context: CanvasRenderingContext2D,
  { wordOf, blank, drawn }: Pixels,
  scale: number,
): (shape: ArrowsShape) => void {
  return ({ at, head, stroke, alpha = 1, dotted = false }) => {
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let one = 1; one < at.length; one += 2) {
      first = Math.min(first, at[one]);
      last = Math.max(last, at[one]);
    }
    const top = Math.max(0, Math.floor((first - head) * scale));
    const w = context.canvas.width;
    const h = Math.min(context.canvas.height, Math.ceil((last + head) * scale)) - top;
    if (!(h > 0) || w === 0) return;
    const full = wordOf(stroke);
    const word = ((Math.round((full >>> 24) * alpha) << 24) | (full & 0xffffff)) >>> 0;
    const placed = at.map((value, one) => value * scale - (one & 1) * top);
    drawArrows(
      { pixels: blank(w, h), w, h },
      { at: placed, width: Math.max(1, Math.round(scale)), head: head * scale, word, dotted },
    );
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
    context.imageSmoothingEnabled = false;
    context.drawImage(drawn(), 0, 0, w, h, 0, top, w, h);
    context.restore();
  };
}
