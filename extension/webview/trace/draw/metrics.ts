/** Metrics as lines over the picture's own axis: one lane each, from 0 to a round number that stands beside it. */

import { amount, type Chart, type Series, unitOf } from '../model/metrics.ts';
import type { Frame, LaneBox } from './frame.ts';
import type { Ink, Shape } from './shapes.ts';

/** How the series of a chart are told apart, beside their names. */
const LOOKS: readonly { readonly ink: Ink; readonly dash?: readonly number[] }[] = [
  { ink: 'info' },
  { ink: 'ink', dash: [5, 3] },
  { ink: 'neutral', dash: [2, 3] },
  { ink: 'muted', dash: [9, 3, 2, 3] },
];

/** Px of a lane that are kept free above and below the lines. */
const MARGIN = 8;
/** Px by which lines go on outside of the picture, where they are cut off. */
const BESIDE = 4;

export function addMetrics(frame: Frame): void {
  const { plot } = frame;
  for (const box of frame.boxes) {
    const { chart } = box.lane;
    if (chart === undefined || box.y > plot.y + plot.h || box.y + box.h < plot.y) continue;
    const y = heightOf(box, chart);
    for (const value of [chart.high, 0]) {
      const points = [plot.x, y(value), plot.x + plot.w, y(value)];
      frame.shapes.push({ shape: 'path', points, stroke: 'faint', width: 1, part: 'metric.scale' });
    }
    for (const [index, series] of chart.series.entries()) addSeries(frame, chart, series, index, y);
  }
}

function heightOf({ y, h }: LaneBox, { low, high }: Chart): (value: number) => number {
  const room = h - 2 * MARGIN;
  return value => y + h - MARGIN - ((value - low) / (high - low)) * room;
}

function addSeries(
  frame: Frame,
  { x, name: of }: Chart,
  { name, values }: Series,
  index: number,
  y: (value: number) => number,
): void {
  const { plot, axis, range } = frame;
  const { ink, dash } = LOOKS[index % LOOKS.length];
  const t = frame.opened.trace.events.t as Float64Array;
  const part = `metric.${of}.${name}`;
  const [left, right] = [plot.x - BESIDE, plot.x + plot.w + BESIDE];
  let points: number[] = [];
  const drawn: number[][] = [];
  const finish = (): void => {
    if (points.length > 0) drawn.push(points);
    points = [];
  };
  let before: readonly [x: number, y: number] | null = null;
  for (let at = 0; at < x.length; at++) {
    const here = [
      plot.x + ((unitOf(axis, t, x[at]) - range.from) / (range.to - range.from)) * plot.w,
      y(values[at]),
    ] as const;
    if (!Number.isFinite(here[0]) || !Number.isFinite(here[1])) {
      finish();
      before = null;
      continue;
    }
    // Only what is in view is kept: far outside of the picture coordinates lose their precision.
    const isIn = here[0] >= left && here[0] <= right;
    if (before !== null && before[0] < left && here[0] >= left) points.push(...between(before, here, left));
    if (isIn) points.push(...here);
    else if (before !== null && before[0] <= right && here[0] > right) points.push(...between(before, here, right));
    if (here[0] > right) break;
    before = here;
  }
  finish();
  for (const line of drawn) frame.shapes.push(lineOf(line, ink, dash, part));
  addName(frame, drawn, name, ink, part);
}

/** Where a line crosses an upright. */
function between(from: readonly [number, number], to: readonly [number, number], x: number): [number, number] {
  return [x, from[1] + ((to[1] - from[1]) * (x - from[0])) / (to[0] - from[0])];
}

/** A sample without neighbours is a point. */
function lineOf(points: readonly number[], ink: Ink, dash: readonly number[] | undefined, part: string): Shape {
  if (points.length === 2) return { shape: 'circle', x: points[0], y: points[1], r: 2, fill: ink, part };
  return { shape: 'path', points, stroke: ink, width: 1.6, dash, part };
}

/** The series' name at its line, as far to the right as there is room. */
function addName(frame: Frame, drawn: readonly number[][], name: string, ink: Ink, part: string): void {
  const places: { x: number; y: number; anchor: 'end' }[] = [];
  const right = frame.plot.x + frame.plot.w - 4;
  for (const points of drawn.toReversed()) {
    for (let at = points.length - 2; at >= 0 && places.length < 24; at -= 2) {
      const x = Math.min(right, points[at]);
      for (const by of [-8, 9]) places.push({ x, y: points[at + 1] + by, anchor: 'end' });
    }
  }
  if (places.length === 0) return;
  frame.labels.push({ part: `${part}.name`, text: name, size: 11, ink, priority: 6, places });
}

/** The ends of a chart's scale, at the right edge of the names of lanes. */
export function scaleShapes(box: LaneBox, chart: Chart, right: number): Shape[] {
  const y = heightOf(box, chart);
  return [chart.high, chart.low].map(value => ({
    shape: 'text',
    text: amount(value, chart.unit),
    x: right,
    y: y(value),
    size: 11,
    anchor: 'end',
    ink: 'muted',
    part: 'metric.scale',
  }));
}
