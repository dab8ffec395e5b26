import { PNG } from 'pngjs';
import { expect, it } from 'vitest';
import { compare } from './goldens.ts';

/** White, with a black square of that side in a corner. */
function picture(side: number, width = 100): Buffer {
  const png = new PNG({ width, height: 100 });
  png.data.fill(255);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) png.data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
  return PNG.sync.write(png);
}

it('a golden differs by the share of its pixels that changed', () => {
  expect(compare(picture(10), picture(10)).share).toBe(0);
  expect(compare(picture(10), picture(20)).share).toBeCloseTo(0.03, 3);
});

it('a picture of another size differs, whatever it shows', () => {
  expect(compare(picture(10), picture(10, 101))).toEqual({ share: 1, size: '100×100 and 101×100' });
});
