import { PNG } from 'pngjs';
import { expect, it } from 'vitest';
import { compare } from './goldens.ts';

/** White, with a black square of that side, in a corner or so many pixels from it. */
function picture(side: number, width = 100, by = 0): Buffer {
  const png = new PNG({ width, height: 100 });
  png.data.fill(255);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) png.data.fill(0, ((y + by) * width + x) * 4, ((y + by) * width + x) * 4 + 3);
  return PNG.sync.write(png);
}

it('a golden differs by the share of its pixels that changed', () => {
  expect(compare(picture(10), picture(10)).share).toBe(0);
  expect(compare(picture(10), picture(20)).share).toBeCloseTo(0.03, 3);
});

it('a picture of another size differs, whatever it shows', () => {
  expect(compare(picture(10), picture(10, 101))).toEqual({ share: 1, size: '100×100 and 101×100' });
});

it('a picture that is elsewhere by one pixel is the same, by more it is not', () => {
  expect(compare(picture(60, 100, 2), picture(60, 100, 3)).share).toBe(0);
  expect(compare(picture(60, 100, 3), picture(60, 100, 2)).share).toBe(0);
  expect(compare(picture(60, 100, 2), picture(60, 100, 4)).share).toBeGreaterThan(0.005);
});
