/** The whole picture: from a view of a trace to a display list. Pure; what is drawn is decided here and nowhere else. */

import { type AxisKind, timeAt } from '../model/axis.ts';
import { clipped } from '../model/short-words.ts';
import { duration, grouped } from '../model/times.ts';
import { addGrid, axisShapes } from './axis-marks.ts';
import { addChapters } from './chapters.ts';
import { addCollapsed } from './collapsed.ts';
import { addCompared } from './compared.ts';
import { addDensity, addMarked } from './density.ts';
import { addEvents, addViolations, eventsInView } from './events.ts';
import { addOutages, addStruck, faultRows } from './faults.ts';
import { type Frame, frameOf, unitAt, type View } from './frame.ts';
import { placeLabels } from './labels.ts';
import { addMessages, messagesInView } from './messages.ts';
import { addMetrics, scaleShapes } from './metrics.ts';
import { addLinearized, addOps, addRealTime, importantOps, opsInView } from './ops.ts';
import { addPoints, addRibbons, divideMessages } from './points.ts';
import { addRoles } from './roles.ts';
import type { DisplayList, Shape } from './shapes.ts';
import { turnedBox, turnedLabel, turnedLayer } from './turned.ts';

/** Most marks that are drawn one by one; more cannot be told apart, nor drawn in the time of a frame. */
export const MAX_EXACT = 8000;
/** Most that are drawn as points, and as ribbons between them; beyond, lanes become bars. */
export const MAX_POINTS = 40_000;

export interface Scene {
  readonly list: DisplayList;
  readonly frame: Frame;
  /** How exact the picture is, in words. */
  readonly mode: string;
  readonly exact: boolean;
  readonly detail: Detail;
}

/** How much of what happens is drawn: everything by itself, events as points and messages bundled, or counts. */
export type Detail = 'exact' | 'points' | 'density';

export function sceneOf(view: View): Scene {
  const frame = frameOf(view);
  const { plot } = frame;
  const limits = view.limits ?? { exact: MAX_EXACT, points: MAX_POINTS };
  const events = eventsInView(frame, limits.points);
  const messages = events.length > limits.points ? [] : messagesInView(frame, limits.points);
  const count = events.length + messages.length;
  const detail: Detail = count <= limits.exact ? 'exact' : count <= limits.points ? 'points' : 'density';
  const drawn = { events: events.length, messages: messages.length, ribbons: 0, merged: 0 };

  addGrid(frame);
  addLaneLines(frame);
  addOutages(frame);
  addRoles(frame);
  addDensity(frame, detail !== 'density');
  addStruck(frame);
  if (detail !== 'density') drawn.merged = addCollapsed(frame);
  if (detail === 'exact') {
    addMessages(frame, messages);
    addEvents(frame, events);
    addOps(frame, opsInView(frame, MAX_EXACT));
  } else if (detail === 'points') {
    const { exact, others } = divideMessages(frame, messages);
    drawn.ribbons = addRibbons(frame, others);
    addMessages(frame, exact);
    addPoints(frame, events);
    addImportant(frame, false);
  } else addImportant(frame, true);
  addMetrics(frame);
  addRealTime(frame);
  addCompared(frame);
  addViolations(frame);
  addSelection(frame);
  addChapters(frame);
  const edges = [
    { clip: { x: 0, y: plot.y, w: frame.room.names, h: plot.h }, shapes: gutterShapes(frame) },
    { clip: { x: 0, y: 0, w: frame.width, h: plot.y }, shapes: topShapes(frame) },
  ];
  const inside = { clip: plot, shapes: frame.shapes };
  const free = { ...plot, y: plot.y + 1 };
  const { width, height, measure, down } = view;
  const labels = down
    ? placeLabels(frame.labels.map(turnedLabel), frame.obstacles.map(turnedBox), turnedBox(free), measure)
    : placeLabels(frame.labels, frame.obstacles, free, measure);
  const [picture, ...rest] = down ? [inside, ...edges].map(turnedLayer) : [inside, ...edges];
  const layers = [{ ...picture, shapes: [...picture.shapes, ...labels] }, ...rest];
  const exact = detail === 'exact';
  return { list: { width, height, layers }, frame, mode: modeOf(frame, detail, drawn), exact, detail };
}

/** What is never left out: the selection and what led to it, what a filter names, the violation's story, operations' effects. */
function addImportant(frame: Frame, counted: boolean): void {
  const { cone, mask, hide, selected, axis } = frame;
  if (counted) {
    if (mask !== null && !hide) addMarked(frame, mask, 'marked.filter', 'ink');
    if (cone !== null) addMarked(frame, cone, 'marked.cone', 'info');
    addMessages(frame, selected.message < 0 ? [] : [selected.message]);
  }
  addEvents(frame, axis.story.filter(frame.isInView));
  addLinearized(frame);
  addOps(frame, importantOps(frame));
}

function addLaneLines(frame: Frame): void {
  const { plot } = frame;
  for (const { y, h, line, lane } of frame.boxes) {
    const part = 'lane';
    frame.shapes.push({
      shape: 'path',
      points: [plot.x, y + h, plot.x + plot.w, y + h],
      stroke: 'faint',
      width: 1,
      part,
    });
    if (lane.kind === 'server') {
      frame.shapes.push({
        shape: 'path',
        points: [plot.x, line, plot.x + plot.w, line],
        stroke: 'muted',
        width: 1,
        part,
      });
    }
  }
}

function addSelection(frame: Frame): void {
  const { event } = frame.selected;
  if (event < 0) return;
  const box = frame.boxOf[frame.opened.trace.events.node[event]];
  const x = frame.x(event);
  const { plot } = frame;
  if (x < plot.x - 1 || x > plot.x + plot.w + 1) return;
  const part = 'selection';
  frame.shapes.push({ shape: 'path', points: [x, plot.y, x, plot.y + plot.h], stroke: 'focus', width: 1, part });
  if (box !== undefined && frame.selected.op < 0) {
    frame.shapes.push({ shape: 'circle', x, y: box.line, r: 9, stroke: 'focus', width: 2, part });
  }
}

function gutterShapes(frame: Frame): Shape[] {
  const shapes: Shape[] = [];
  const part = 'lane.name';
  const { room, down } = frame;
  frame.boxes.forEach((box, index) => {
    const { y, h, line, lane } = box;
    if (y + h < frame.plot.y || y > frame.plot.y + frame.plot.h) return;
    const ref = { kind: 'lane', id: index } as const;
    const own = { part, ref, shape: 'text', anchor: down ? 'middle' : 'start' } as const;
    const wide = down ? h - 4 : room.names - 14;
    const size = lane.kind === 'others' ? 11 : 13;
    const name = fitted(frame, lane.name, size, wide);
    const note = lane.note !== '' && h >= 34 ? fitted(frame, lane.note, 11, wide) : '';
    // The name and the note: one below the other, whichever way time runs.
    const at = (by: number) => (down ? { x: room.names / 2 + by, y: line } : { x: 8, y: line + by });
    shapes.push({ shape: 'rect', x: 0, y, w: room.names, h, part, ref });
    shapes.push({
      ...own,
      text: name,
      ...at(note !== '' || (down && lane.chart !== undefined) ? -7 : 0),
      size,
      bold: lane.kind === 'server',
      ink: 'ink',
    });
    if (lane.chart !== undefined) shapes.push(...scaleShapes(frame, box, lane.chart));
    if (note !== '') shapes.push({ ...own, text: note, ...at(9), size: 11, ink: 'muted' });
    shapes.push({ shape: 'path', points: [0, y + h, room.names, y + h], stroke: 'faint', width: 1, part });
  });
  return shapes;
}

function fitted({ measure }: Frame, text: string, size: number, room: number): string {
  let short = clipped(text, 40);
  while (short.length > 2 && measure(short, size, true) > room) short = `${short.slice(0, -2)}…`;
  return short;
}

/** Titles of the axis, and what is enough where there is little room. */
const TITLES: Readonly<Record<AxisKind, readonly [wide: string, narrow: string]>> = {
  time: ['virtual time', 'virtual time'],
  step: ['time, by step', 'by step'],
  story: ['time, with breaks', 'with breaks'],
  depth: ['causal depth', 'causal depth'],
  compressed: ['time, compressed', 'compressed'],
};

function topShapes(frame: Frame): Shape[] {
  const shapes = [...axisShapes(frame)];
  const { room, down, axis } = frame;
  const [wide, narrow] = TITLES[axis.kind];
  const muted = { size: 11, anchor: 'start', ink: 'muted' } as const;
  shapes.push({
    shape: 'text',
    ...(down
      ? { text: fitted(frame, narrow, 11, frame.top - 4), x: 10, y: 3 }
      : { text: fitted(frame, wide, 11, room.names + 6), x: 8, y: room.axis - 13 }),
    ...muted,
    part: 'axis.title',
  });
  if (frame.faultRows === 0) return shapes;
  const faults = faultRows(frame);
  const cover = {
    shape: 'rect',
    x: 0,
    y: room.axis,
    w: room.names,
    h: frame.plot.y - room.axis,
    fill: 'surface',
    part: 'lane.name',
  } as const;
  shapes.push(...faults, cover);
  if (!down) shapes.push({ shape: 'text', text: 'faults', x: 8, y: room.axis + 10, ...muted, part: 'lane.name' });
  shapes.push({
    shape: 'path',
    points: [0, frame.plot.y - 1, frame.width, frame.plot.y - 1],
    stroke: 'faint',
    width: 1,
    part: 'lane',
  });
  return shapes;
}

interface Drawn {
  readonly events: number;
  readonly messages: number;
  readonly ribbons: number;
  /** Events that are in groups. */
  readonly merged: number;
}

function modeOf(frame: Frame, detail: Detail, { events, messages, ribbons, merged }: Drawn): string {
  const { axis, opened, plot } = frame;
  const all = opened.trace.events.length;
  const { t } = opened.trace.events;
  if (all === 0) return 'no events';
  const inView = frame.places[1] - frame.places[0];
  const rest = merged === 0 ? '' : `, ${grouped(merged)} collapsed`;
  if (detail === 'density') {
    const middle = plot.x + plot.w / 2;
    const time = (x: number): number => timeAt(axis, t, unitAt(frame, x));
    const column = axis.order === null ? `${duration(Math.round(time(middle + 1) - time(middle)))}, ` : '';
    const each = inView / plot.w;
    const perPx = grouped(each < 10 ? Number(each.toFixed(1)) : Math.round(each));
    return `density: ${grouped(inView)} of ${grouped(all)} events as bars, 1 px is ${column}${perPx} events`;
  }
  if (detail === 'points') {
    return `points: ${grouped(events)} of ${grouped(all)} events, ${grouped(messages)} messages, most of them in ${grouped(ribbons)} ribbons${rest}`;
  }
  if (axis.kind === 'story') {
    const hidden = inView - events - merged;
    return `story: ${grouped(axis.story.length)} events that tell why, ${grouped(events)} drawn, ${grouped(hidden)} behind breaks${rest}`;
  }
  return `exact: ${grouped(events)} of ${grouped(all)} events, ${grouped(messages)} messages${rest}`;
}
