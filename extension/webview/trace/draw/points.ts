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
  readonly at: Float32Array;
  readonly rows: Int32Array;
  readonly fill: Ink;
  readonly emphasis: Emphasis;
  count: number;
}

/** Every event of these rows as a point on its lane. */
export function addPoints(frame: Frame, rows: readonly number[]): void {
  const { kind, node } = frame.opened.trace.events;
  const batches: Batch[] = [];
  for (const row of rows) {
    const box = frame.boxOf[node[row]];
    if (box === undefined || box.lane.kind === 'others') continue;
    const emphasis = emphasisOf(frame, row);
    if (emphasis === 'hidden') continue;
    const fill: Ink = kind[row] === KIND.drop ? 'danger' : emphasis === 'strong' ? 'info' : 'neutral';
    let batch = batches.find(one => one.fill === fill && one.emphasis === emphasis);
    if (batch === undefined) {
      const room = rows.length;
      batch = { at: new Float32Array(2 * room), rows: new Int32Array(room), fill, emphasis, count: 0 };
      batches.push(batch);
    }
    batch.at[2 * batch.count] = frame.x(row);
    batch.at[2 * batch.count + 1] = box.line + (isNetworkKind(kind[row]) ? 5 : 0);
    batch.rows[batch.count++] = row;
  }
  for (const { at, rows: events, fill, emphasis, count } of batches) {
    frame.shapes.push({
      shape: 'points',
      at: at.slice(0, 2 * count),
      rows: events.slice(0, count),
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
  /** Its lanes, and whether its messages were lost: see `Ends`. */
  readonly pair: number;
  count: number;
  /** Sums of where they begin and end. */
  x0: number;
  x1: number;
}

/** Where messages begin and end, by which they go together. */
interface Ends {
  readonly count: number;
  /** `(from * lanes + to) * 2`, and 1 more for those that were lost. */
  readonly pair: Int32Array;
  readonly x0: Float64Array;
  readonly x1: Float64Array;
}

/** One line for all messages that go from one lane to another at nearly the same place: the wider, the more there are. */
export function addRibbons(frame: Frame, messages: readonly number[]): number {
  const ends = endsOf(frame, messages);
  const lanes = frame.boxes.length;
  let ribbons: Ribbon[] = [];
  for (const px of RIBBON_PX) {
    const limit = px === RIBBON_PX.at(-1) ? Number.POSITIVE_INFINITY : MAX_RIBBONS;
    ribbons = ribbonsOf(ends, lanes, px, limit);
    if (ribbons.length <= limit) break;
  }
  for (const { pair, count, x0, x1 } of ribbons) {
    const lost = pair % 2 === 1;
    const [from, into] = [Math.floor(pair / 2 / lanes), Math.floor(pair / 2) % lanes];
    frame.shapes.push({
      shape: 'path',
      points: [x0 / count, frame.boxes[from].line, x1 / count, frame.boxes[into].line],
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

function endsOf(frame: Frame, messages: readonly number[]): Ends {
  const { trace } = frame.opened;
  const { send, end, to } = trace.messages;
  const pair = new Int32Array(messages.length);
  const [x0, x1] = [new Float64Array(messages.length), new Float64Array(messages.length)];
  const lanes = frame.boxes.length;
  const laneOf = frame.boxOf.map(box => (box === undefined ? -1 : frame.boxes.indexOf(box)));
  let count = 0;
  for (const message of messages) {
    const [from, into] = [laneOf[senderOf(trace, message)] ?? -1, laneOf[to[message]] ?? -1];
    if (from < 0 || into < 0 || inBreak(frame, send[message])) continue;
    if (end[message] < 0 || emphasisOf(frame, send[message]) === 'hidden') continue;
    pair[count] = (from * lanes + into) * 2 + (fateOf(trace, message) === 'dropped' ? 1 : 0);
    x0[count] = frame.x(send[message]);
    x1[count++] = frame.x(end[message]);
  }
  return { count, pair, x0, x1 };
}

/** Looking ends as soon as there are more than `limit`. */
function ribbonsOf({ count, pair, x0, x1 }: Ends, lanes: number, px: number, limit: number): Ribbon[] {
  const ribbons = new Map<number, Ribbon>();
  const pairs = lanes * lanes * 2;
  for (let one = 0; one < count && ribbons.size <= limit; one++) {
    // Whole numbers up to 2^53 hold all of them.
    const key = Math.floor(x0[one] / px) * pairs + pair[one];
    let ribbon = ribbons.get(key);
    if (ribbon === undefined) ribbons.set(key, (ribbon = { pair: pair[one], count: 0, x0: 0, x1: 0 }));
    ribbon.count++;
    ribbon.x0 += x0[one];
    ribbon.x1 += x1[one];
  }
  return [...ribbons.values()];
}
