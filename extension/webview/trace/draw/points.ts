/** Events as plain points, and messages between two lanes as ribbons: more than can be followed one by one, yet not all the same. */

import { fateOf, isNetworkKind, senderOf } from '@dsys/runtime/trace/access';
import { KIND } from '@dsys/runtime/trace/kinds';
import { alphaOf, type Emphasis, emphasisOf, type Frame, inBreak } from './frame.ts';
import { lookOf } from './messages.ts';
import type { Ink } from './shapes.ts';

/** Px of a ribbon's beginning within which messages go together: as few as give no more than so many ribbons. */
const RIBBON_PX = [8, 16, 32, 64];
const MAX_RIBBONS = 1200;
/** Messages that something is to be said of; with more of them also these go into ribbons, of a colour of their own. */
export const MAX_ABNORMAL = 1500;

interface Batch {
  readonly at: number[];
  readonly rows: number[];
  readonly fill: Ink;
  readonly emphasis: Emphasis;
}

/** Every event of these rows as a point on its lane. */
export function addPoints(frame: Frame, rows: readonly number[]): void {
  const { kind, node } = frame.opened.trace.events;
  const batches = new Map<string, Batch>();
  for (const row of rows) {
    const box = frame.boxOf[node[row]];
    if (box === undefined || box.lane.kind === 'others') continue;
    const emphasis = emphasisOf(frame, row);
    if (emphasis === 'hidden') continue;
    const fill: Ink = kind[row] === KIND.drop ? 'danger' : emphasis === 'strong' ? 'info' : 'neutral';
    const key = `${emphasis} ${fill}`;
    let batch = batches.get(key);
    if (batch === undefined) batches.set(key, (batch = { at: [], rows: [], fill, emphasis }));
    batch.at.push(frame.x(row), box.line + (isNetworkKind(kind[row]) ? 5 : 0));
    batch.rows.push(row);
  }
  for (const { at, rows: events, fill, emphasis } of batches.values()) {
    frame.shapes.push({
      shape: 'points',
      at: Float32Array.from(at),
      rows: Int32Array.from(events),
      size: emphasis === 'dim' && frame.highContrast ? 1.5 : 3,
      fill,
      alpha: alphaOf(frame, emphasis),
      part: fill === 'danger' ? 'points.lost' : 'points',
    });
  }
}

/** Splits messages into those that are drawn one by one, because something is to be said of them, and all others. */
export function divideMessages(frame: Frame, messages: readonly number[]): { exact: number[]; others: number[] } {
  const { trace } = frame.opened;
  const { send, end, flags } = trace.messages;
  const named = (message: number): boolean =>
    message === frame.selected.message || frame.story.has(send[message]) || frame.story.has(end[message]);
  const abnormal = (message: number): boolean => lookOf(fateOf(trace, message), flags[message]) !== 'delivered';
  const exact = messages.filter(message => named(message) || abnormal(message));
  if (exact.length <= MAX_ABNORMAL) return { exact, others: messages.filter(one => !(named(one) || abnormal(one))) };
  return { exact: exact.filter(named), others: messages.filter(one => !named(one)) };
}

interface Ribbon {
  readonly from: number;
  readonly to: number;
  readonly lost: boolean;
  count: number;
  /** Sums of where they begin and end. */
  x0: number;
  x1: number;
}

/** One line for all messages that go from one lane to another at nearly the same place: the wider, the more there are. */
export function addRibbons(frame: Frame, messages: readonly number[]): number {
  let ribbons: Ribbon[] = [];
  for (const px of RIBBON_PX) {
    ribbons = ribbonsOf(frame, messages, px);
    if (ribbons.length <= MAX_RIBBONS) break;
  }
  for (const { from, to: into, lost, count, x0, x1 } of ribbons) {
    const [y0, y1] = [frame.boxes[from].line, frame.boxes[into].line];
    frame.shapes.push({
      shape: 'path',
      points: [x0 / count, y0, x1 / count, y1],
      stroke: lost ? 'danger' : 'neutral',
      width: widthOf(count),
      dash: lost ? [4, 3] : undefined,
      alpha: frame.highContrast ? 1 : 0.55,
      part: lost ? 'ribbon.lost' : 'ribbon',
    });
  }
  return ribbons.length;
}

/** Px for so many messages: 1 for one of them, and half a px more each time that they double. */
export function widthOf(count: number): number {
  return 1 + Math.log2(count) * 0.5;
}

function ribbonsOf(frame: Frame, messages: readonly number[], px: number): Ribbon[] {
  const { trace } = frame.opened;
  const { send, end, to } = trace.messages;
  const ribbons = new Map<number, Ribbon>();
  const lanes = frame.boxes.length;
  const laneOf = new Map(frame.boxes.map((box, lane) => [box, lane]));
  for (const message of messages) {
    const [from, into] = [frame.boxOf[senderOf(trace, message)], frame.boxOf[to[message]]];
    if (from === undefined || into === undefined || inBreak(frame, send[message])) continue;
    if (end[message] < 0 || emphasisOf(frame, send[message]) === 'hidden') continue;
    const lost = fateOf(trace, message) === 'dropped';
    const [a, b] = [laneOf.get(from)!, laneOf.get(into)!];
    const x = frame.x(send[message]);
    // Whole numbers up to 2^53 hold all of them.
    const key = ((Math.floor(x / px) * lanes + a) * lanes + b) * 2 + (lost ? 1 : 0);
    let ribbon = ribbons.get(key);
    if (ribbon === undefined) ribbons.set(key, (ribbon = { from: a, to: b, lost, count: 0, x0: 0, x1: 0 }));
    ribbon.count++;
    ribbon.x0 += x;
    ribbon.x1 += frame.x(end[message]);
  }
  return [...ribbons.values()];
}
