/** Bars on a canvas: pixels written one by one, as ten thousand rectangles would take longer than a frame may. */

import type { BarsShape } from './shapes.ts';

export type BarsPainter = (shape: BarsShape) => void;

/** @param inks colours that the bars name, as CSS writes them */
export function createBarsPainter(
  context: CanvasRenderingContext2D,
  inks: Readonly<Record<string, string>>,
): BarsPainter {
  let strip: OffscreenCanvas | undefined;
  const words = new Map<string, number>();

  /** A colour as the four bytes of a pixel. */
  const wordOf = (ink: string): number => {
    let word = words.get(ink);
    if (word === undefined) {
      const one = new OffscreenCanvas(1, 1).getContext('2d')!;
      one.fillStyle = inks[ink];
      one.fillRect(0, 0, 1, 1);
      word = new Uint32Array(one.getImageData(0, 0, 1, 1).data.buffer)[0];
      words.set(ink, word);
    }
    return word;
  };

  return ({ x, y, h, series, down }) => {
    const w = series[0]?.heights.length ?? 0;
    if (w === 0 || h === 0) return;
    if (strip === undefined || strip.width !== w || strip.height !== h) strip = new OffscreenCanvas(w, h);
    const small = strip.getContext('2d')!;
    const image = small.createImageData(w, h);
    const pixels = new Uint32Array(image.data.buffer);
    for (const { fill, bottom, heights } of series) {
      const word = wordOf(fill);
      for (let column = 0; column < w; column++) {
        for (let row = bottom - heights[column]; row < bottom; row++) pixels[row * w + column] = word;
      }
    }
    small.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.save();
    if (down) context.transform(0, 1, 1, 0, 0, 0);
    context.drawImage(strip, x, y);
    context.restore();
  };
}
