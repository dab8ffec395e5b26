/** The axis over the lanes: marks with their times, where epochs begin, and breaks with what they stand for. */

import type { Break } from '../model/axis.ts';
import { firstAtLeast } from '../model/search.ts';
import { duration, grouped, moment, niceStep, tick } from '../model/times.ts';
import { type Frame, firstOnPx } from './frame.ts';
import { epochStarts } from './roles.ts';
import type { Shape } from './shapes.ts';

const SIZE = 11;

interface Mark {
  readonly x: number;
  readonly text: string;
  readonly strong?: boolean;
}

/** Marks with texts far enough apart. */
function spread(frame: Frame, marks: readonly Mark[]): Mark[] {
  let until = frame.plot.x - 30;
  return marks.filter(({ x, text }) => {
    const half = frame.down ? SIZE : frame.measure(text, SIZE) / 2 + 6;
    if (x - half < until || x + half > frame.plot.x + frame.plot.w + 8) return false;
    until = x + half;
    return true;
  });
}

function marksOf(frame: Frame): Mark[] {
  const { axis, range, opened, plot } = frame;
  const { t } = opened.trace.events;
  if (axis.kind === 'time' || axis.kind === 'depth') {
    const [origin, textOf] = axis.kind === 'time' ? [opened.origin, tick] : [0, grouped];
    const step = niceStep(range.to - range.from, plot.w / 90);
    const first = Math.ceil((range.from - origin) / step);
    const last = Math.floor((range.to - origin) / step);
    const marks: Mark[] = [];
    for (let index = first; index <= last; index++) {
      const u = index * step;
      const x = plot.x + ((u + origin - range.from) / (range.to - range.from)) * plot.w;
      marks.push({ x, text: textOf(u, step) });
    }
    return marks;
  }
  const rows = axis.kind === 'story' ? axis.story : rowsApart(frame);
  return rows
    .filter((row, index) => index === 0 || t[row] !== t[rows[index - 1]])
    .filter(row => frame.x(row) >= plot.x && frame.x(row) <= plot.x + plot.w)
    .map(row => ({ x: frame.x(row), text: moment(t[row] - opened.origin) }));
}

/** Events at round places, which stay the same ones while the range moves. */
function rowsApart({ axis, range, plot }: Frame): number[] {
  const step = niceStep(range.to - range.from, plot.w / 90);
  const found: number[] = [];
  for (let u = Math.ceil(range.from / step) * step; u <= range.to; u += step) {
    const row = firstAtLeast(axis.at, u);
    if (row < axis.at.length) found.push(row);
  }
  return found;
}

export function axisShapes(frame: Frame): Shape[] {
  const { plot, down } = frame;
  const edge = frame.room.axis - 1;
  const part = 'axis';
  const shapes: Shape[] = [
    {
      shape: 'path',
      points: [plot.x, edge, plot.x + plot.w, edge],
      stroke: 'faint',
      width: 1,
      part,
    },
  ];
  for (const { x, text } of spread(frame, marksOf(frame))) {
    shapes.push({ shape: 'path', points: [x, edge - 5, x, edge], stroke: 'muted', width: 1, part });
    shapes.push({
      shape: 'text',
      text,
      x,
      y: edge - (down ? 8 : 13),
      size: SIZE,
      anchor: down ? 'end' : 'middle',
      ink: 'muted',
      part: 'axis.time',
    });
  }
  return shapes;
}

/** Faint lines down the lanes at the axis' marks and where epochs begin, and bands for breaks. */
export function addGrid(frame: Frame): void {
  const { plot, axis } = frame;
  const bottom = plot.y + plot.h;
  for (const [index, one] of axis.breaks.entries()) addBreak(frame, one, index % 2 === 1);
  if (axis.kind !== 'story') {
    for (const { x } of spread(frame, marksOf(frame))) {
      frame.shapes.push({ shape: 'path', points: [x, plot.y, x, bottom], stroke: 'faint', width: 1, part: 'axis' });
    }
  }
  // What comes after the beginning of an epoch is a matter of time.
  if (axis.order !== null) return;
  const isFirst = firstOnPx();
  for (const event of epochStarts(frame)) {
    const x = frame.x(event);
    if (x < plot.x || x > plot.x + plot.w || !isFirst(0, x, x)) continue;
    frame.shapes.push({
      shape: 'path',
      points: [x, plot.y, x, bottom],
      stroke: 'muted',
      width: 1,
      dash: [1, 4],
      part: 'epoch',
    });
  }
}

/** @param raised whether its text stands higher, so that it does not run into its neighbour's */
function addBreak(frame: Frame, { from, to, hidden, ns }: Break, raised: boolean): void {
  const { plot, range, laneHeight } = frame;
  const scale = plot.w / (range.to - range.from);
  const x0 = Math.max(plot.x, plot.x + (from - range.from) * scale + 3);
  const x1 = Math.min(plot.x + plot.w, plot.x + (to - range.from) * scale - 3);
  if (x1 - x0 < 4) return;
  const h = Math.min(plot.h, laneHeight);
  const part = 'break';
  frame.shapes.push({ shape: 'rect', x: x0, y: plot.y, w: x1 - x0, h, fill: 'band', part });
  for (const x of [x0, x1]) {
    const points: number[] = [];
    for (let y = plot.y; y <= plot.y + h; y += 8) points.push(x + ((y / 8) % 2 < 1 ? -2 : 2), y);
    frame.shapes.push({ shape: 'path', points, stroke: 'muted', width: 0.8, part });
  }
  const middle = (x0 + x1) / 2;
  const y = plot.y + h - (raised ? 22 : 9);
  const events = `${grouped(hidden)} events`;
  const time = duration(ns);
  const ways = hidden === 0 ? [[time]] : [[`${time} · ${events}`], [time, events], [time]];
  if (frame.down) {
    if (x1 - x0 < SIZE) return;
    // Along the break there is room: wherever nothing else is.
    const places = [h - 4, h / 2, 4].map((by, index) => ({
      x: middle,
      y: plot.y + by,
      anchor: (['end', 'middle', 'start'] as const)[index],
    }));
    frame.labels.push({ part: 'break.label', text: ways[0][0], size: SIZE, ink: 'muted', priority: 6, places });
    return;
  }
  const fitting = ways.find(lines =>
    lines.every(text => frame.measure(text, SIZE) <= x1 - x0 + (lines.length === 1 ? 16 : -2)),
  );
  const lines = fitting ?? [];
  lines.forEach((text, index) => {
    const at = y - (lines.length - 1 - index) * 13;
    frame.shapes.push({
      shape: 'text',
      text,
      x: middle,
      y: at,
      size: SIZE,
      anchor: 'middle',
      ink: 'muted',
      halo: 'surface',
      part: 'break.label',
    });
    frame.obstacles.push({ x: x0, y: at - 7, w: x1 - x0, h: 14 });
  });
}
