/** Pictures that were looked at once, and what is shown now. `UPDATE_GOLDENS=1` writes them anew. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { expect } from 'vitest';

/** How different the colour of a pixel may be, of 1; edges of letters that are smoothed otherwise do not count. */
const threshold = 0.15;
/** The share of pixels that may differ by more. */
const tolerance = 0.005;

const goldens = join(import.meta.dirname, 'goldens');
const seen = join(import.meta.dirname, '..', '..', '.cache', 'screens');

/** Compares with goldens/NAME.png; what differs is left in .cache/screens/ as NAME.actual.png and NAME.diff.png. */
export function expectGolden(name: string, picture: Buffer): void {
  const path = join(goldens, `${name}.png`);
  if (process.env.UPDATE_GOLDENS === '1') {
    mkdirSync(goldens, { recursive: true });
    writeFileSync(path, picture);
    return;
  }
  expect(existsSync(path), `${path} is missing; UPDATE_GOLDENS=1 writes it, then look at it`).toBe(true);
  const { share, size, diff } = compare(readFileSync(path), picture);
  if (size !== undefined || share > tolerance) {
    mkdirSync(seen, { recursive: true });
    writeFileSync(join(seen, `${name}.actual.png`), picture);
    if (diff !== undefined) writeFileSync(join(seen, `${name}.diff.png`), diff());
  }
  expect(size, `${name}: the size differs`).toBeUndefined();
  expect(share, `${name}: share of pixels that differ, see .cache/screens/${name}.diff.png`).toBeLessThanOrEqual(
    tolerance,
  );
}

/**
 * The share of differing pixels, and what draws a picture of them; two sizes, where these differ. A picture as a whole may stand one
 * pixel elsewhere: where parts of a page begin between pixels, it is the browser that chooses.
 */
export function compare(
  golden: Buffer,
  actual: Buffer,
): { readonly share: number; readonly size?: string; readonly diff?: () => Buffer } {
  if (golden.equals(actual)) return { share: 0 };
  const [a, b] = [PNG.sync.read(golden), PNG.sync.read(actual)];
  if (a.width !== b.width || a.height !== b.height)
    return { share: 1, size: `${a.width}×${a.height} and ${b.width}×${b.height}` };
  const inPlace = differing(a, b);
  if (inPlace <= tolerance) return { share: inPlace };
  const moved = [
    [1, 0],
    [0, 1],
  ].flatMap(([x, y]) => [
    [cropped(a, x, y, x, y), cropped(b, 0, 0, x, y)],
    [cropped(a, 0, 0, x, y), cropped(b, x, y, x, y)],
  ]);
  const share = Math.min(...moved.map(([one, other]) => differing(one, other)));
  return share <= tolerance ? { share } : { share: inPlace, diff: () => marked(a, b) };
}

const differing = (a: PNG, b: PNG): number =>
  pixelmatch(a.data, b.data, undefined, a.width, a.height, { threshold }) / (a.width * a.height);

function marked(a: PNG, b: PNG): Buffer {
  const diff = new PNG({ width: a.width, height: a.height });
  pixelmatch(a.data, b.data, diff.data, a.width, a.height, { threshold });
  return PNG.sync.write(diff);
}

/** Without some columns and rows, from `left` and `top` on. */
function cropped(from: PNG, left: number, top: number, columns: number, rows: number): PNG {
  const [width, height] = [from.width - columns, from.height - rows];
  const to = new PNG({ width, height });
  PNG.bitblt(from, to, left, top, width, height, 0, 0);
  return to;
}

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

/** A picture that those of the next second are equal to: colours and decorations come by and by. */
export async function stablePicture(take: () => Promise<Buffer>, attempts = 40): Promise<Buffer> {
  let last = await take();
  for (let i = 0, same = 0; i < attempts; i++) {
    await pause(250);
    const next = await take();
    same = next.equals(last) ? same + 1 : 0;
    last = next;
    if (same === 4) return last;
  }
  throw new Error('The picture does not come to rest.');
}
