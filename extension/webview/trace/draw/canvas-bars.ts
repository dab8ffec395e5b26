/** Bars on a canvas, pixel by pixel. */

import type { Pixels } from './canvas-pixels.ts';
import type { BarsShape } from './shapes.ts';

export type BarsPainter = (shape: BarsShape) => void;

export function createBarsPainter(context: CanvasRenderingContext2D, { wordOf, blank, drawn }: Pixels): BarsPainter {
  return ({ x, y, h, series, down }) => {
    const w = series[0]?.heights.length ?? 0;
    if (w === 0 || h === 0) return;
    const pixels = blank(w, h);
    for (const { fill, bottom, heights } of series) {
      const word = wordOf(fill);
      for (let column = 0; column < w; column++) {
        for (let row = bottom - heights[column]; row < bottom; row++) pixels[row * w + column] = word;
      }
    }
    context.imageSmoothingEnabled = false;
    context.save();
    if (down) context.transform(0, 1, 1, 0, 0, 0);
    context.drawImage(drawn(), x, y);
    context.restore();
  };
}
