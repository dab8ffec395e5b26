/** Runs of local events as one mark, and storms of the same message as a band between the first and the last of them, each with its count. */

import { fateOf, senderOf, typeOf } from '@dsys/runtime/trace/access';
import { COLLAPSED } from '../model/axis.ts';
import type { Group } from '../model/collapse.ts';
import { clipped } from '../model/short-words.ts';
import { alphaOf, emphasisOf, type Frame } from './frame.ts';
import { LOST_AFTER } from './messages.ts';
import type { Shape } from './shapes.ts';

/** Opacity of a storm's band: what happens meanwhile is seen through it. */
const BAND = 0.2;

/** @returns how many events in view are in groups */
export function addCollapsed(frame: Frame): number {
  const { axis, places } = frame;
  let count = 0;
  for (const group of frame.collapsed?.groups ?? []) {
    const { rows } = group;
    if (axis.order === null && (rows[rows.length - 1] < places[0] || rows[0] >= places[1])) continue;
    const own = rows.filter(row => frame.isInView(row) && axis.hidden?.[row] === COLLAPSED);
    count += own.length;
    if (own.length > 0) addGroup(frame, group, own);
  }
  return count;
}

/** @param own its rows that are in view, and not behind a break */
function addGroup(frame: Frame, { messages }: Group, own: readonly number[]): void {
  const { trace } = frame.opened;
  const emphasis = emphasisOf(frame, own[0]);
  const box = frame.boxOf[trace.events.node[own[0]]];
  if (box === undefined || emphasis === 'hidden') return;
  const look = { part: 'collapsed', ref: { kind: 'event', id: own[0] } as const, alpha: alphaOf(frame, emphasis) };
  const { plot } = frame;
  let [left, right] = [frame.x(own[0]), frame.x(own[own.length - 1])];
  let y = box.line;
  let text = `×${own.length}`;
  let shape: Shape;
  if (messages.length === 0) {
    shape = {
      shape: 'rect',
      x: left - 4,
      y: y - 5,
      w: right - left + 8,
      h: 10,
      fill: 'surface',
      stroke: 'neutral',
      ...look,
    };
  } else {
    const { send, end, to } = trace.messages;
    const [from, into] = [frame.boxOf[senderOf(trace, messages[0])], frame.boxOf[to[messages[0]]]];
    if (from === undefined || into === undefined) return;
    const ends = [messages[0], messages[messages.length - 1]];
    const way = ends.every(one => fateOf(trace, one) === 'delivered') ? 1 : LOST_AFTER;
    [left, right] = ends.map(one => frame.x(send[one]));
    const [leftEnd, rightEnd] = ends.map(one => {
      const sent = frame.x(send[one]);
      return sent + (end[one] < 0 ? 0 : (frame.x(end[one]) - sent) * way);
    });
    const bottom = from.line + (into.line - from.line) * way;
    const points = [left, from.line, right, from.line, rightEnd, bottom, leftEnd, bottom];
    const edge = { shape: 'path', points, closed: true, ...look } as const;
    shape = frame.highContrast
      ? { ...edge, stroke: 'neutral', dash: [2, 2] }
      : { ...edge, fill: 'neutral', alpha: look.alpha * BAND };
    y = (from.line + bottom) / 2;
    text = `${messages.length} × ${clipped(typeOf(trace, messages[0]), 24)}`;
  }
  frame.shapes.push(shape);
  // The middle of what of it is in view.
  const x = (Math.max(left, plot.x) + Math.min(right, plot.x + plot.w)) / 2;
  const places = [0, -14, 14].map(by => ({ x, y: y + by, anchor: 'middle' as const, upright: [x, y] as const }));
  frame.labels.push({ ...look, part: 'collapsed.count', text, size: 11, ink: 'ink', priority: 5, places });
}
