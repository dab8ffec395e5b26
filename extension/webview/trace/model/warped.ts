/**
 * Axes on which virtual time is warped, in the manner of Porcupine's visualisation: what is told stands far enough apart to
 * be read, near to proportional, and a long quiet gap becomes a break of fixed width.
 */

import { type Axis, type Break, PLAIN, stepAxis } from './axis.ts';
import type { Opened } from './opened.ts';

/** Units of `u`; about pixels when the whole of a story is in view. */
const SAME_TIME = 22;
const STEP = 26;
const BREAK = 62;
const BEFORE = 40;
const AFTER = 100;

/** Gaps so many times as long as the usual one are long. */
const LONG = 8;
/** Most breaks of an axis; beyond, the shorter ones of the long gaps are narrowed without a mark. */
export const MAX_BREAKS = 10_000;
/** Gaps that are looked at to find the usual one. */
const SAMPLE = 4096;

/** Events of the same moment stand at the same place; others at least `STEP` apart. */
export function compressedAxis({ trace }: Opened): Axis {
  const { length } = trace.events;
  const t = trace.events.t as Float64Array;
  const { at, breaks, stretch } = warpOf(t, length);
  const median = medianGap(length, row => t[row]);
  const long = longFrom(t, LONG * median);
  for (let row = 1; row < length; row++) {
    const ns = t[row] - t[row - 1];
    if (ns > long) stretch(row - 1, row, BREAK, true);
    else stretch(row - 1, row, ns > 0 ? gapWidth(ns, median) : 0, false);
  }
  return { ...PLAIN, kind: 'compressed', at, from: 0, to: at[length - 1] || 1, breaks };
}

/** @param story rows, ascending; only they stand apart, everything else is behind breaks or between them */
export function storyAxis({ trace }: Opened, story: readonly number[]): Axis {
  const { length } = trace.events;
  const t = trace.events.t as Float64Array;
  if (story.length === 0) return { ...stepAxis({ trace } as Opened), kind: 'story' };
  const { at, breaks, stretch } = warpOf(t, length);
  const median = medianGap(story.length, index => t[story[index]]);
  stretch(-1, story[0], story[0] === 0 ? 1 : BEFORE, true);
  for (let index = 1; index < story.length; index++) {
    const [after, before] = [story[index - 1], story[index]];
    const ns = t[before] - t[after];
    if (ns > LONG * median) stretch(after, before, BREAK, true);
    else stretch(after, before, ns === 0 ? SAME_TIME : gapWidth(ns, median), false);
  }
  const to = stretch(story[story.length - 1], length, AFTER, true);
  const behind = new Uint8Array(length);
  for (const { after, before } of breaks) behind.fill(1, after + 1, before);
  return { ...PLAIN, kind: 'story', at, from: 0, to, breaks, story, hidden: behind };
}

/** Lays rows out from left to right. `stretch` gives the rows after `after`, up to `before`, a width, and returns its end. */
function warpOf(t: Float64Array, length: number) {
  const at = new Float64Array(length);
  const breaks: Break[] = [];
  let u = 0;
  const stretch = (after: number, before: number, width: number, isBreak: boolean): number => {
    const hidden = before - after - 1;
    for (let row = after + 1; row <= before && row < length; row++)
      at[row] = u + (width * (row - after)) / (before - after);
    if (isBreak) {
      const ns = t[Math.min(before, length - 1)] - t[Math.max(after, 0)];
      if (hidden > 0 || ns > 0) breaks.push({ from: u, to: u + width, after, before, hidden, ns });
    }
    u += width;
    return u;
  };
  return { at, breaks, stretch };
}

const gapWidth = (ns: number, median: number): number => STEP * (1 + Math.min(1, Math.log2(1 + ns / median) / 3));

/** The usual distance in time of two that follow each other and are not at the same moment; 1 when there are none. */
function medianGap(count: number, timeOf: (index: number) => number): number {
  const gaps: number[] = [];
  const step = Math.ceil(count / SAMPLE);
  for (let index = 1; index < count; index += step) {
    const gap = timeOf(index) - timeOf(index - 1);
    if (gap > 0) gaps.push(gap);
  }
  gaps.sort((left, right) => left - right);
  return gaps[Math.floor((gaps.length - 1) / 2)] ?? 1;
}

/** Gaps that are longer than this get a break: `ns`, or more where there would be too many of them. */
function longFrom(t: Float64Array, ns: number): number {
  const gaps: number[] = [];
  for (let row = 1; row < t.length; row++) if (t[row] - t[row - 1] > ns) gaps.push(t[row] - t[row - 1]);
  return gaps.length <= MAX_BREAKS ? ns : Float64Array.from(gaps).sort()[gaps.length - MAX_BREAKS - 1];
}
