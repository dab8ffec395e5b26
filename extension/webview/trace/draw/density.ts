/**
 * When there is more than can be told apart: how many events of each class each lane has per px, exact counts on a log
 * scale, and one mark per lane and px for what a filter or a cone names.
 */

import {
  CLASS_COUNT,
  counterOf,
  EVENT_CLASSES,
  type EventClass,
  type Pyramid,
  pyramidOfMask,
} from '../model/pyramid.ts';
import { firstAtLeast } from '../model/search.ts';
import type { Frame, LaneBox } from './frame.ts';
import type { BarSeries, Ink } from './shapes.ts';

const INK: Readonly<Record<EventClass, Ink>> = {
  messages: 'neutral',
  lost: 'danger',
  operations: 'neutral',
  inside: 'muted',
};
/** Least height of a class's row; lower ones could not show differences. */
const LEAST_ROW = 9;

/** Places at which the columns of the picture begin, and the end of the last one. */
function columnPlaces(frame: Frame): Int32Array {
  const { plot, range, places } = frame;
  const columns = Math.ceil(plot.w);
  const starts = new Int32Array(columns + 1);
  const step = (range.to - range.from) / plot.w;
  const at = frame.axis.order?.along ?? frame.axis.at;
  let place = places[0];
  for (let column = 0; column < columns; column++) {
    starts[column] = place;
    const until = range.from + (column + 1) * step;
    // Columns are narrow: the next one is mostly near, and is looked for in growing steps.
    let reach = 1;
    while (place + reach < places[1] && at[place + reach] < until) reach *= 2;
    place = firstAtLeast(at, until, place, Math.min(places[1], place + reach + 1));
  }
  starts[columns] = places[1];
  return starts;
}

/** Calls `each` for the places of every column that are not behind a break. */
function eachColumn(frame: Frame, each: (column: number, from: number, to: number) => void): void {
  const starts = columnPlaces(frame);
  const { breaks } = frame.axis;
  let next = 0;
  for (let column = 0; column + 1 < starts.length; column++) {
    let from = starts[column];
    const to = starts[column + 1];
    while (from < to) {
      while (next < breaks.length && breaks[next].before <= from) next++;
      const hidden = breaks[next];
      const end = hidden === undefined ? to : Math.min(to, hidden.after + 1);
      if (from < end) each(column, from, end);
      from = hidden === undefined || hidden.after + 1 >= to ? to : Math.max(end, hidden.before);
    }
  }
}

/** Slot of each node's classes: `lane * CLASS_COUNT + class`, -1 for nodes without a lane. */
function slotsOf({ boxes, boxOf }: Frame): Int32Array {
  const slots = new Int32Array(boxOf.length * CLASS_COUNT).fill(-1);
  boxes.forEach((box, lane) => {
    for (const node of box.lane.nodes) {
      for (let one = 0; one < CLASS_COUNT; one++) slots[node * CLASS_COUNT + one] = lane * CLASS_COUNT + one;
    }
  });
  return slots;
}

const byPlace = ({ axis }: Frame, mask: Uint8Array): Uint8Array => axis.order?.maskOf(mask) ?? mask;

/** Events in each column: `counts[lane * CLASS_COUNT + class][column]`. */
export function densityOf(frame: Frame): Int32Array[] {
  const { index, mask, hide } = frame;
  const pyramid = hide && mask !== null ? pyramidOfMask(index.trace, byPlace(frame, mask)) : index.pyramid;
  const columns = Math.ceil(frame.plot.w);
  const counts = Array.from({ length: frame.boxes.length * CLASS_COUNT }, () => new Int32Array(columns));
  const here = new Int32Array(counts.length);
  const count = counterOf(pyramid, index.trace, slotsOf(frame), here.length);
  eachColumn(frame, (column, from, to) => {
    count(from, to, here.fill(0));
    for (let slot = 0; slot < here.length; slot++) counts[slot][column] += here[slot];
  });
  return counts;
}

/** Bars of the lanes; only of those that are not drawn exactly when `othersOnly`. */
export function addDensity(frame: Frame, othersOnly: boolean): void {
  if (othersOnly && !frame.boxes.some(box => box.lane.kind === 'others')) return;
  const counts = densityOf(frame);
  let most = 1;
  let named = '';
  for (const one of counts) for (const count of one) if (count > most) most = count;
  frame.boxes.forEach((box, lane) => {
    if (othersOnly && box.lane.kind !== 'others') return;
    if (box.y > frame.plot.y + frame.plot.h || box.y + box.h < frame.plot.y) return;
    const own = counts.slice(lane * CLASS_COUNT, (lane + 1) * CLASS_COUNT);
    const [y, h] = [Math.round(box.y + 4), Math.round(box.h - 8)];
    const classes = classesOf(frame, box);
    if (classes.length === 0) return;
    const series = seriesOf(classes, own, h, most);
    const alpha = frame.highContrast ? 1 : 0.7;
    frame.shapes.push({ shape: 'bars', x: frame.plot.x, y, h, series, alpha, part: 'density' });
    // Said once for all lanes below that have the same rows.
    if (series.length > 1 && `${classes}` !== named) {
      addRowNames(frame, classes, y, h / series.length);
      named = `${classes}`;
    }
  });
}

function addRowNames(frame: Frame, classes: readonly number[], y: number, room: number): void {
  classes.forEach((one, index) => {
    const place = { x: frame.plot.x + 4, y: y + (index + 0.5) * room, anchor: 'start' as const };
    const text = EVENT_CLASSES[one];
    frame.labels.push({ part: 'density.label', text, size: 11, ink: 'muted', priority: 1, places: [place] });
  });
}

/** Classes that a lane has events of, in the whole run: rows must not jump while one moves. */
function classesOf({ opened }: Frame, { lane }: LaneBox): number[] {
  const { totals } = opened.pyramid;
  return EVENT_CLASSES.map((_, one) => one).filter(one =>
    lane.nodes.some(node => totals[node * CLASS_COUNT + one] > 0),
  );
}

function seriesOf(classes: readonly number[], counts: readonly Int32Array[], h: number, most: number): BarSeries[] {
  // In a low lane all classes share one row.
  const rows = classes.length * LEAST_ROW <= h ? classes.map(one => [one]) : [classes];
  const room = Math.floor(h / rows.length);
  const scale = (room - 1) / Math.log2(1 + most * (rows.length === 1 ? classes.length : 1));
  // The same few counts come again and again, and logarithms take their time.
  const known: number[] = [0];
  const heightOf = (count: number): number =>
    (known[count] ??= Math.min(room - 1, Math.max(1, Math.round(Math.log2(1 + count) * scale))));
  return rows.map((together, index) => {
    const heights = new Uint16Array(counts[0].length);
    for (let column = 0; column < heights.length; column++) {
      let count = 0;
      for (const one of together) count += counts[one][column];
      heights[column] = heightOf(count);
    }
    const name = together.length > 1 ? undefined : EVENT_CLASSES[together[0]];
    const fill = name === undefined ? 'neutral' : INK[name];
    return { part: `density.${name ?? 'all'}`, fill, bottom: (index + 1) * room, heights };
  });
}

/** Marks where events are that a mask names: one for each lane and px, at the first of them there. */
export function addMarked(frame: Frame, mask: Uint8Array, part: string, fill: Ink): void {
  const { index, boxes, boxOf } = frame;
  const { node } = frame.opened.trace.events;
  const pyramid: Pyramid = pyramidOfMask(index.trace, byPlace(frame, mask));
  const here = new Int32Array(boxes.length * CLASS_COUNT);
  const count = counterOf(pyramid, index.trace, slotsOf(frame), here.length);
  const seen = new Int32Array(boxes.length).fill(-1);
  const laneOf = new Map(boxes.map((box, lane) => [box, lane]));
  const at: number[] = [];
  const rows: number[] = [];
  eachColumn(frame, (column, from, to) => {
    count(from, to, here.fill(0));
    // Once every lane that has one in this column has its mark, the others would lie on the same place.
    let left = 0;
    for (let lane = 0; lane < boxes.length; lane++) {
      let found = 0;
      for (let one = 0; one < CLASS_COUNT; one++) found += here[lane * CLASS_COUNT + one];
      if (found > 0 && seen[lane] !== column) left++;
    }
    for (let place = from; place < to && left > 0; place++) {
      const row = frame.rowAt(place);
      const box = mask[row] === 0 ? undefined : boxOf[node[row]];
      if (box === undefined) continue;
      const lane = laneOf.get(box)!;
      if (seen[lane] === column) continue;
      seen[lane] = column;
      left--;
      at.push(frame.x(row), box.line);
      rows.push(row);
    }
  });
  if (rows.length === 0) return;
  frame.shapes.push({
    shape: 'points',
    at: Float32Array.from(at),
    rows: Int32Array.from(rows),
    size: 4,
    fill,
    part,
  });
}
