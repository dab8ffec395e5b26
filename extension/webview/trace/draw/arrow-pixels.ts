/**
 * Thin arrows as pixels, many at a time: Wu's lines ("An Efficient Antialiasing Technique", SIGGRAPH 1991), which shade the two
 * pixels of each row between which they run, or of each column if they are rather level. What lies on the same place adds up.
 */

import { HEAD_HALF } from './shapes.ts';

/** Px of a dotted line that are drawn, and after how many the next ones are. */
const DOT = 1;
const DOTS_EVERY = 4;

/** Places across a line are counted in 65536ths of a pixel, and shades in 256ths: whole numbers are several times as fast. */
const ONE = 1 << 16;
/** Lines that lie farther aside are not in any picture, and would leave the range of whole numbers. */
const FAR = 16_000;
/** What one of 255 is of all. */
const SHARE = 1 / 255;

export interface Sheet {
  /** Opacity in the upper 8 bits, and a colour in the others. */
  readonly pixels: Uint32Array;
  readonly w: number;
  readonly h: number;
}

export interface Arrows {
  /** x, y of each beginning, and x, y of each tip, in pixels of the sheet. */
  readonly at: ArrayLike<number>;
  /** Of lines, in whole pixels. */
  readonly width: number;
  /** Length of a head. */
  readonly head: number;
  /** A word whose upper 8 bits say how opaque it is. */
  readonly word: number;
  readonly dotted: boolean;
}

export function drawArrows({ pixels, w, h }: Sheet, { at, width, head, word, dotted }: Arrows): void {
  // A byte for each: four times as many are not at hand as fast.
  const cells = new Uint8Array(Math.ceil((w * h) / 4) * 4);
  const opaque = word >>> 24;
  const rows: Strip = { cells, along: h, across: w, step: w, stride: 1, width, opaque, dotted };
  const columns: Strip = { ...rows, along: w, across: h, step: 1, stride: w };
  for (let one = 0; one < at.length; one += 4) {
    const [x0, y0, x1, y1] = [at[one], at[one + 1], at[one + 2], at[one + 3]];
    if (Math.abs(x1 - x0) > Math.abs(y1 - y0)) addLine(columns, y0, x0, y1, x1);
    else addLine(rows, x0, y0, x1, y1);
    if (head > 0) addHead(rows, x0, y0, x1, y1, head);
  }
  const colour = word & 0xffffff;
  // Four at a time: most of a sheet is empty.
  const fours = new Uint32Array(cells.buffer);
  for (let four = 0; four < fours.length; four++) {
    let place = four * 4;
    // The first of them stands in the lowest bits, as in `canvas-pixels.ts`.
    for (let shades = fours[four]; shades !== 0; shades >>>= 8, place++)
      if ((shades & 0xff) !== 0) pixels[place] = (shades << 24) | colour;
  }
}

/** A sheet as lines see it that run along its rows, or along its columns. */
interface Strip {
  readonly cells: Uint8Array;
  readonly along: number;
  readonly across: number;
  /** From cell to cell along lines, and across them. */
  readonly step: number;
  readonly stride: number;
  readonly width: number;
  /** From 0 to 255. */
  readonly opaque: number;
  readonly dotted: boolean;
}

/** From `from` to `to` along lines; `start` and `end` lie across them. */
function addLine(strip: Strip, start: number, from: number, end: number, to: number): void {
  if (from > to) return addLine(strip, end, to, start, from);
  const { along, across, width } = strip;
  const slope = to === from ? 0 : (end - start) / (to - from);
  const first = Math.max(0, Math.floor(from));
  const last = Math.min(along, Math.ceil(to));
  const begin = start + (first + 0.5 - from) * slope - width / 2;
  const stop = begin + slope * (last - first);
  if (!(Math.abs(begin) < FAR && Math.abs(stop) < FAR)) return;
  if (strip.dotted) {
    const stretch = Math.sqrt(1 + slope * slope);
    const every = (DOTS_EVERY * width) / stretch;
    for (let dot = first; dot < last; dot += every) {
      const row = Math.floor(dot);
      addRows(strip, row, Math.min(last, row + DOT * width), begin + (row - first) * slope, slope);
    }
  } else addRows(strip, first, last, begin, slope);

  function addRows({ cells, step, stride, opaque }: Strip, row: number, before: number, place: number, slope: number) {
    shade(
      cells,
      row * step,
      before * step,
      step,
      stride,
      across,
      Math.round(place * ONE),
      Math.round(slope * ONE),
      width,
      opaque,
    );
  }
}

const { imul } = Math;

/**
 * The inner loops: nothing but whole numbers of their own, and `imul`, which knows that products fit. Rows of a line that is
 * one pixel wide and wholly inside ask nothing else, and take half the time.
 */
function shade(
  cells: Uint8Array,
  first: number,
  last: number,
  step: number,
  stride: number,
  across: number,
  begin: number,
  slope: number,
  width: number,
  opaque: number,
): void {
  const end = begin + slope * ((last - first) / step);
  const most = (across - width) * ONE;
  let left = begin | 0;
  if (width === 1 && Math.min(begin, end) >= 0 && Math.max(begin, end) < most) {
    for (let row = first | 0; row < last; row = (row + step) | 0, left = (left + slope) | 0) {
      const place = (row + imul(left >> 16, stride)) | 0;
      const share = imul((left >> 8) & 255, opaque) >> 8;
      const before = cells[place];
      const after = cells[place + stride];
      cells[place] = before + ((imul(opaque - share, 255 - before) + 255) >> 8);
      cells[place + stride] = after + ((imul(share, 255 - after) + 255) >> 8);
    }
    return;
  }
  const over = imul(width, stride);
  for (let row = first | 0; row < last; row = (row + step) | 0, left = (left + slope) | 0) {
    const cell = left >> 16;
    if (cell < 0 || cell + width >= across) continue;
    const place = (row + imul(cell, stride)) | 0;
    const share = imul((left >> 8) & 255, opaque) >> 8;
    for (let inner = place; inner <= place + over; inner += stride) {
      const more = inner === place ? opaque - share : inner === place + over ? share : opaque;
      const before = cells[inner];
      cells[inner] = before + ((imul(more, 255 - before) + 255) >> 8);
    }
  }
}

function addHead(
  { cells, across: w, along: h, opaque }: Strip,
  x0: number,
  y0: number,
  x: number,
  y: number,
  head: number,
): void {
  if (x < -head || y < -head || x > w + head || y > h + head) return;
  const length = Math.hypot(x - x0, y - y0) || 1;
  const ux = (x - x0) / length;
  const uy = (y - y0) / length;
  const [bx, by] = [x - ux * head, y - uy * head];
  const [sx, sy] = [Math.abs(uy) * head * HEAD_HALF, Math.abs(ux) * head * HEAD_HALF];
  const left = Math.max(0, Math.floor(Math.min(x, bx - sx) - 0.5));
  const right = Math.min(w, Math.ceil(Math.max(x, bx + sx) + 0.5));
  const top = Math.max(0, Math.floor(Math.min(y, by - sy) - 0.5));
  const bottom = Math.min(h, Math.ceil(Math.max(y, by + sy) + 0.5));
  const side = 1 / Math.sqrt(1 + HEAD_HALF * HEAD_HALF);
  // From the tip backwards, less half a pixel that is shaded; and from the middle to the side.
  const base = head + 0.5;
  for (let row = top; row < bottom; row++) {
    const dx = left + 0.5 - x;
    const dy = row + 0.5 - y;
    let back = -(dx * ux + dy * uy);
    let aside = dy * ux - dx * uy;
    const end = row * w + right;
    for (let place = row * w + left; place < end; place++, back -= ux, aside -= uy) {
      const flank = (back * HEAD_HALF - (aside < 0 ? -aside : aside)) * side + 0.5;
      const inside = flank < base - back ? flank : base - back;
      if (!(inside > 0)) continue;
      const before = cells[place];
      const more = inside < 1 ? opaque * inside : opaque;
      cells[place] = before + more * (1 - before * SHARE) + 0.5;
    }
  }
}
