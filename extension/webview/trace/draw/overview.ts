/** The strip with the whole run: how much happened when, where it was broken, faults, and the part that is in view. */

import type { Axis, Range } from '../model/axis.ts';
import type { Opened } from '../model/opened.ts';
import { lasts } from '../model/outages.ts';
import { firstAtLeast } from '../model/search.ts';
import { firstOnPx } from './frame.ts';
import { alarm } from './glyphs.ts';
import { epochStarts } from './roles.ts';
import type { DisplayList, Shape } from './shapes.ts';

export interface OverviewView {
  readonly opened: Opened;
  /** The axis of virtual time: the strip does not change with the diagram's. */
  readonly time: Axis;
  /** What the diagram shows, on the axis of time. */
  readonly range: Range;
  readonly width: number;
  readonly height: number;
  readonly highContrast: boolean;
}

const COLUMN = 2;

export function overviewOf({ opened, time, range, width, height, highContrast }: OverviewView): DisplayList {
  const { trace } = opened;
  const shapes: Shape[] = [];
  const scale = width / (time.to - time.from);
  const x = (ns: number): number => (ns - time.from) * scale;
  const xOf = (row: number): number => (row < 0 ? width : x(trace.events.t[row]));

  const isFirst = firstOnPx();
  for (const { kind, start, end } of trace.faults) {
    if (!lasts(kind)) continue;
    const [x0, x1] = [start < 0 ? 0 : xOf(start), xOf(end)];
    if (!isFirst(-1, x0, x1)) continue;
    shapes.push({
      shape: 'rect',
      x: x0,
      y: 2,
      w: Math.max(2, x1 - x0),
      h: height - 4,
      pattern: 'dotted',
      patternInk: 'warn',
      stroke: 'warn',
      width: 1,
      part: 'overview.fault',
    });
  }
  for (const { kind, from, to } of opened.outages) {
    if (!isFirst(kind === 'crash' ? -2 : -3, xOf(from), xOf(to))) continue;
    const ink = kind === 'crash' ? 'danger' : 'warn';
    const pattern = kind === 'crash' ? 'diagonal' : 'horizontal';
    shapes.push({
      shape: 'rect',
      x: xOf(from),
      y: height / 2,
      w: Math.max(2, xOf(to) - xOf(from)),
      h: height / 2 - 2,
      pattern,
      patternInk: ink,
      stroke: ink,
      width: 1,
      part: 'overview.outage',
    });
  }
  shapes.push(...bars(trace.events.t as Float64Array, time, width, height, highContrast));
  for (const event of epochStarts({ opened })) {
    const at = xOf(event);
    if (!isFirst(-4, at, at)) continue;
    shapes.push({
      shape: 'path',
      points: [at, 0, at, height],
      stroke: 'info',
      width: 1.4,
      dash: [2, 2],
      part: 'overview.epoch',
    });
  }
  shapes.push(...windowShapes(x(range.from), x(range.to), width, height));
  const broken = new Set(opened.violations.map(one => one.event).filter(event => event >= 0));
  for (const row of opened.violationRows) if (isFirst(-5, xOf(row), xOf(row))) broken.add(row);
  for (const event of broken) {
    shapes.push({
      shape: 'path',
      points: [xOf(event), 0, xOf(event), height],
      stroke: 'danger',
      width: 1,
      part: 'overview.violation',
    });
    shapes.push(...alarm({ part: 'overview.violation' }, Math.min(width - 7, Math.max(7, xOf(event))), 9, 7));
  }
  return { width, height, layers: [{ clip: { x: 0, y: 0, w: width, h: height }, shapes }] };
}

function bars(t: Float64Array, time: Axis, width: number, height: number, highContrast: boolean): Shape[] {
  const columns = Math.max(1, Math.floor(width / COLUMN));
  const counts = new Int32Array(columns);
  let first = 0;
  let most = 1;
  for (let column = 0; column < columns; column++) {
    const until = time.from + ((column + 1) / columns) * (time.to - time.from);
    const next = column === columns - 1 ? t.length : firstAtLeast(t, until);
    counts[column] = next - first;
    if (counts[column] > most) most = counts[column];
    first = next;
  }
  const shapes: Shape[] = [];
  const scale = (height - 18) / Math.log2(1 + most);
  counts.forEach((count, column) => {
    if (count === 0) return;
    const h = Math.max(1, Math.log2(1 + count) * scale);
    shapes.push({
      shape: 'rect',
      x: column * COLUMN,
      y: height - h - 1,
      w: COLUMN - 0.4,
      h,
      fill: 'neutral',
      alpha: highContrast ? 1 : 0.6,
      part: 'overview.density',
    });
  });
  return shapes;
}

/** What is not in view is covered lightly; the edges of the window are lines with handles. */
function windowShapes(from: number, to: number, width: number, height: number): Shape[] {
  const [x0, x1] = [Math.max(0, Math.min(from, width - 4)), Math.min(width, Math.max(to, from + 4))];
  const part = 'overview.window';
  return [
    { shape: 'rect', x: x0, y: 1, w: Math.max(4, x1 - x0), h: height - 2, stroke: 'focus', width: 2, part },
    { shape: 'rect', x: x0 - 2, y: height / 2 - 6, w: 4, h: 12, fill: 'focus', part },
    { shape: 'rect', x: x1 - 2, y: height / 2 - 6, w: 4, h: 12, fill: 'focus', part },
  ];
}
