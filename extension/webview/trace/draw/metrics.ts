/** Metrics as lines over the picture's own axis: one lane each, from 0 to a round number that stands beside it. */

import { amount, type Chart, unitOf } from '../model/metrics.ts';
import type { Frame, LaneBox } from './frame.ts';
import type { LabelRequest, Place } from './labels.ts';
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

/** Places that are tried for a name. */
const MAX_PLACES = 60;

export function addMetrics(frame: Frame): void {
  const { plot } = frame;
  for (const box of frame.boxes) {
    const { chart } = box.lane;
    if (chart === undefined || box.y > plot.y + plot.h || box.y + box.h < plot.y) continue;
    const y = heightOf(frame, box, chart);
    if (frame.axis.order !== null) {
      const places = [{ x: plot.x + 8, y: box.line, anchor: 'start' as const }];
      const text = 'not on this axis: it has no times';
      frame.labels.push({ part: 'metric.none', text, size: 11, ink: 'muted', priority: 6, places });
      continue;
    }
    for (const value of [chart.high, 0]) {
      const points = [plot.x, y(value), plot.x + plot.w, y(value)];
      frame.shapes.push({ shape: 'path', points, stroke: 'faint', width: 1, part: 'metric.scale' });
    }
    for (const index of chart.series.keys()) addSeries(frame, box, chart, index, chart);
    for (const index of chart.other?.series.keys() ?? []) addSeries(frame, box, chart.other!, index, chart);
  }
}

/** Larger values stand higher, or further to the right. */
function heightOf({ down }: Frame, { y, h }: LaneBox, { low, high }: Chart): (value: number) => number {
  const [from, to] = down ? [low, high] : [high, low];
  return value => y + MARGIN + ((value - from) / (to - from)) * (h - 2 * MARGIN);
}

/** @param scale of its lane: where that has the series of two traces, those of this one are solid and the other's dashed */
function addSeries(frame: Frame, box: LaneBox, chart: Chart, index: number, scale: Chart): void {
  const { x } = chart;
  const { name, values } = chart.series[index];
  const y = heightOf(frame, box, scale);
  const { plot, axis, range } = frame;
  const { ink, dash: own } = LOOKS[index % LOOKS.length];
  const isB = chart !== scale;
  const dash = isB ? [5, 3] : scale.other === undefined ? own : undefined;
  const t = frame.opened.trace.events.t as Float64Array;
  const part = `metric.${chart.name}.${name}${isB ? '.of-b' : ''}`;
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
  addName(frame, box, drawn, { text: isB ? `${name} of B` : name, ink, part: `${part}.name` });
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

/** The series' name at its line and inside its lane, as far to the right as there is room. */
function addName(
  { plot, labels }: Frame,
  box: LaneBox,
  drawn: readonly number[][],
  look: Pick<LabelRequest, 'text' | 'ink' | 'part'>,
): void {
  const places: Place[] = [];
  const right = plot.x + plot.w - 4;
  for (const points of drawn.toReversed()) {
    for (let at = points.length - 2; at >= 0 && places.length < MAX_PLACES; at -= 2) {
      for (const by of [-8, 9]) {
        const y = points[at + 1] + by;
        if (y >= box.y + 7 && y <= box.y + box.h - 7) places.push({ x: Math.min(right, points[at]), y, anchor: 'end' });
      }
    }
  }
  if (places.length > 0) labels.push({ ...look, size: 11, priority: 6, places });
}

/** The ends of a chart's scale, at the edge of the names of lanes. */
export function scaleShapes(frame: Frame, box: LaneBox, chart: Chart): Shape[] {
  const y = heightOf(frame, box, chart);
  const { down, room } = frame;
  return [chart.high, chart.low].map((value, index) => ({
    shape: 'text',
    text: amount(value, chart.unit),
    x: room.names - 5,
    y: y(value),
    size: 11,
    anchor: down && index > 0 ? 'start' : 'end',
    ink: 'muted',
    part: 'metric.scale',
  }));
}
