/** Bars on a canvas, pixel by pixel, those of all lanes at a time: a sheet for each would be copied for each. */

import type { Pixels } from './canvas-pixels.ts';
import type { BarsShape } from './shapes.ts';

export interface BarsPainter {
  /** Draws bars with those that follow, which are as wide and as opaque and lie below them. */
  readonly add: (shape: BarsShape) => void;
  /** Draws what waits. To be called before anything else is drawn. */
  readonly flush: () => void;
}

export function createBarsPainter(context: CanvasRenderingContext2D, { wordOf, blank, drawn }: Pixels): BarsPainter {
  let waiting: BarsShape[] = [];

  const flush = (): void => {
    if (waiting.length === 0) return;
    const [{ x, y: top, down, alpha = 1, series }] = waiting;
    const last = waiting[waiting.length - 1];
    const w = series[0].heights.length;
    const pixels = blank(w, last.y + last.h - top);
    for (const { y, series } of waiting) {
      for (const { fill, bottom, heights } of series) {
        const word = wordOf(fill);
        const below = (y - top + bottom) * w;
        for (let column = 0; column < w; column++) {
          const end = below + column;
          for (let place = end - heights[column] * w; place < end; place += w) pixels[place] = word;
        }
      }
    }
    context.globalAlpha = alpha;
    context.imageSmoothingEnabled = false;
    context.save();
    if (down) context.transform(0, 1, 1, 0, 0, 0);
    context.drawImage(drawn(), x, top);
    context.restore();
    waiting = [];
  };

  return {
    flush,
    add(shape) {
      if ((shape.series[0]?.heights.length ?? 0) === 0 || shape.h === 0) return;
      waiting.push(shape);
    },
  };
}
