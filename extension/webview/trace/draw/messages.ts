/** Messages as arrows whose line, head and colour say what became of them; a lost one never reaches its receiver. */

import { type Fate, fateOf, senderOf, typeOf } from '@dsys/runtime/trace/access';
import { MESSAGE_FLAG, WHY_NAMES } from '@dsys/runtime/trace/kinds';
import { ROWS_PER_BLOCK, touches } from '../model/blocks.ts';
import { clipped } from '../model/short-words.ts';
import { alphaOf, dashOf, type Emphasis, emphasisOf, type Frame, inBreak } from './frame.ts';
import { arrowHead, cross, crossing, hourglass } from './glyphs.ts';
import type { Place } from './labels.ts';
import type { Ink, Shape } from './shapes.ts';

/** Part of the way after which a lost message's line ends. */
export const LOST_AFTER = 0.62;
/** Most messages in a picture that all have their type beside them. */
const MAX_NAMED = 80;

/** Beyond so many messages ordinary ones are drawn thin and all at once: thick lines one by one take canvases many times as long, and nobody could tell. */
const CROWDED = 500;

/** What a message is drawn as. */
export type MessageLook = Fate | 'duplicate' | 'delayed' | 'reordered';

/** One look for each copy: what is most remarkable about it. The others are told by its details. */
export function lookOf(fate: Fate, flags: number): MessageLook {
  if (fate !== 'delivered') return fate;
  if ((flags & MESSAGE_FLAG.duplicate) !== 0) return 'duplicate';
  if ((flags & MESSAGE_FLAG.delayed) !== 0) return 'delayed';
  if ((flags & MESSAGE_FLAG.reordered) !== 0) return 'reordered';
  return 'delivered';
}

export const MESSAGE_INK: Readonly<Record<MessageLook, Ink>> = {
  delivered: 'neutral',
  inflight: 'neutral',
  duplicate: 'neutral',
  dropped: 'danger',
  delayed: 'warn',
  reordered: 'warn',
};
const DASH: Readonly<Partial<Record<MessageLook, readonly number[]>>> = { dropped: [4, 3], delayed: [9, 4] };

/** Copies of which a part is in view, by row. A message counts from its sending to its end. Looking ends soon after there are more than `limit`. */
export function messagesInView(frame: Frame, limit: number): number[] {
  const { messages } = frame.opened.trace;
  const { at } = frame.axis;
  const { from, to } = frame.range;
  const [first, end] = frame.places;
  const hidden = (row: number): boolean => inBreak(frame, row);
  const found: number[] = [];
  const { messageBlocks } = frame.index;
  for (let message = 0; message < messages.length && found.length <= limit; message++) {
    if (message % ROWS_PER_BLOCK === 0 && !touches(messageBlocks, message / ROWS_PER_BLOCK, first, end)) {
      message += ROWS_PER_BLOCK - 1;
      continue;
    }
    const send = messages.send[message];
    if (send < 0 || frame.placeOf(send) >= end) continue;
    const last = messages.end[message];
    if (last < 0 ? at[send] < from : frame.placeOf(last) < first) continue;
    if (at[send] > to) continue;
    if (hidden(send) || (last >= 0 && hidden(last))) {
      if (message !== frame.selected.message) continue;
    }
    found.push(message);
  }
  // Points are looked for from left to right.
  if (frame.axis.order !== null) found.sort((left, right) => at[messages.send[left]] - at[messages.send[right]]);
  return found;
}

export function addMessages(frame: Frame, messages: readonly number[]): void {
  const named = namingOf(frame, messages);
  if (messages.length <= CROWDED) {
    for (const message of messages) addMessage(frame, message, named, null);
    return;
  }
  const crowd: Crowd = new Map();
  const others: number[] = [];
  for (const message of messages) if (!addMessage(frame, message, named, crowd)) others.push(message);
  // All lines below all dots.
  for (const { at, rows, alpha, dotted } of crowd.values())
    frame.shapes.push({
      shape: 'arrows',
      at: new Float32Array(at),
      rows: new Int32Array(rows),
      head: 8,
      stroke: 'neutral',
      dotted,
      alpha,
      part: 'message.delivered',
    });
  const { send } = frame.opened.trace.messages;
  for (const { at, rows, alpha } of crowd.values())
    frame.shapes.push({
      shape: 'points',
      at: new Float32Array(at.filter((_, one) => (one & 2) === 0)),
      rows: new Int32Array(rows.map(message => send[message])),
      size: 4,
      fill: 'neutral',
      alpha,
      part: 'message.delivered',
    });
  for (const message of others) addMessage(frame, message, named, null);
}

/** What is named besides the selection and the story: where there are many, those that something is to be said of, if these are few. */
interface Naming {
  readonly ordinary: boolean;
  readonly unusual: boolean;
}

function namingOf({ opened: { trace } }: Frame, messages: readonly number[]): Naming {
  const ordinary = messages.length <= MAX_NAMED;
  let unusual = 0;
  for (const message of messages)
    if (lookOf(fateOf(trace, message), trace.messages.flags[message]) !== 'delivered') unusual++;
  return { ordinary, unusual: unusual <= MAX_NAMED };
}

/** Ordinary messages of a crowded picture, by emphasis: what looks the same is drawn together. */
type Crowd = Map<Emphasis, Alike>;

interface Alike {
  readonly at: number[];
  readonly rows: number[];
  readonly alpha: number;
  readonly dotted: boolean;
}

/** False for a message that does not go into the crowd, and is yet to be drawn. */
function addMessage(frame: Frame, message: number, named: Naming, crowd: Crowd | null): boolean {
  const { trace } = frame.opened;
  const send = trace.messages.send[message];
  const end = trace.messages.end[message];
  const from = frame.boxOf[senderOf(trace, message)];
  const to = frame.boxOf[trace.messages.to[message]];
  if (from === undefined || to === undefined) return true;
  // A row that stands for many is told by its bars; in a story their arrows would only be in the way.
  const aside = frame.axis.kind === 'story' && !frame.story.has(send) && !frame.story.has(end);
  if (aside && message !== frame.selected.message && [from, to].some(box => box.lane.kind === 'others')) return true;
  const fate = fateOf(trace, message);
  const emphasis = emphasisOfMessage(frame, send, end);
  const isSelected = frame.selected.message === message;
  if (emphasis === 'hidden' && !isSelected) return true;
  const look = lookOf(fate, trace.messages.flags[message]);
  if (crowd !== null) {
    if (look !== 'delivered' || isSelected || emphasis === 'strong') return false;
    addToCrowd(frame, crowd, message, [frame.x(send), from.line, frame.x(end), to.line], emphasis);
    return true;
  }
  const strong = isSelected || (emphasis === 'strong' && frame.cone !== null);
  const ink = strong && MESSAGE_INK[look] === 'neutral' ? 'info' : MESSAGE_INK[look];
  const alpha = isSelected ? 1 : alphaOf(frame, emphasis);
  const look1 = { part: `message.${look}`, ref: { kind: 'message', id: message } as const, alpha };
  const [x0, y0] = [frame.x(send), from.line];
  // What is still under way has no end: its line points to the receiver and stops.
  const [x1, y1] = end >= 0 ? [frame.x(end), to.line] : [x0 + 46, y0 + (to.line - y0) * 0.5];
  const part = look === 'dropped' ? LOST_AFTER : 1;
  const [xe, ye] = [x0 + (x1 - x0) * part, y0 + (y1 - y0) * part];
  const width = isSelected ? 3.4 : strong ? 2.4 : 1.4;
  const dash = dashOf(frame, emphasis, DASH[look]);
  const { shapes } = frame;
  if (look === 'duplicate') addDouble(shapes, [x0, y0, xe, ye], { ...look1, stroke: ink, width: width * 0.8 });
  else shapes.push({ shape: 'path', points: [x0, y0, xe, ye], stroke: ink, width, dash, ...look1 });
  addEnd(shapes, look, look1, [x0, y0, xe, ye], ink, strong);
  const told = isSelected || frame.story.has(send) || frame.story.has(end);
  if ((told || (look === 'delivered' ? named.ordinary : named.unusual)) && (emphasis !== 'dim' || isSelected))
    addLabel(frame, message, look, [x0, y0, xe, ye], strong);
  return true;
}

function addToCrowd(frame: Frame, crowd: Crowd, id: number, line: Line, emphasis: Emphasis): void {
  let alike = crowd.get(emphasis);
  if (alike === undefined) {
    const dotted = dashOf(frame, emphasis, undefined) !== undefined;
    crowd.set(emphasis, (alike = { at: [], rows: [], alpha: alphaOf(frame, emphasis), dotted }));
  }
  alike.at.push(line[0], line[1], line[2], line[3]);
  alike.rows.push(id);
  if (frame.story.has(frame.opened.trace.messages.send[id]) || frame.story.has(frame.opened.trace.messages.end[id]))
    addLabel(frame, id, 'delivered', line, false);
}

/** Sent and received events are weighed together; what has one end in a story belongs to it. */
function emphasisOfMessage(frame: Frame, send: number, end: number): Emphasis {
  const first = emphasisOf(frame, send);
  const last = end < 0 ? first : emphasisOf(frame, end);
  if (first === 'hidden' || last === 'hidden') return first === last ? 'hidden' : 'dim';
  if (first === 'dim' || last === 'dim') return 'dim';
  return first === 'strong' && last === 'strong' ? 'strong' : 'normal';
}

type Line = readonly [x0: number, y0: number, x1: number, y1: number];

function addDouble(
  shapes: Shape[],
  [x0, y0, x1, y1]: Line,
  rest: { part: string; stroke: Ink; width: number; alpha: number },
): void {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [nx, ny] = [(-(y1 - y0) / length) * 2, ((x1 - x0) / length) * 2];
  shapes.push({ shape: 'path', points: [x0 + nx, y0 + ny, x1 + nx, y1 + ny], ...rest });
  shapes.push({ shape: 'path', points: [x0 - nx, y0 - ny, x1 - nx, y1 - ny], ...rest });
}

function addEnd(
  shapes: Shape[],
  look: MessageLook,
  rest: { readonly part: string; readonly alpha: number },
  [x0, y0, x1, y1]: Line,
  ink: Ink,
  strong: boolean,
): void {
  const size = strong ? 10 : 8;
  const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2];
  shapes.push({ shape: 'circle', x: x0, y: y0, r: 2.4, fill: ink, ...rest });
  if (look === 'dropped') shapes.push(...cross(rest, x1, y1, strong ? 6 : 4.5, ink));
  else if (look === 'inflight')
    shapes.push({ shape: 'circle', x: x1, y: y1, r: 4, fill: 'surface', stroke: ink, width: 1.4, ...rest });
  else
    shapes.push(arrowHead(rest, [x1, y1], [x1 - x0, y1 - y0], size, ink, look === 'duplicate' || look === 'reordered'));
  if (look === 'delayed') shapes.push(...hourglass(rest, mx, my, 5.5, ink));
  else if (look === 'reordered') shapes.push(...crossing(rest, mx, my, 6, ink));
  else if (look === 'duplicate') {
    shapes.push({
      shape: 'rect',
      x: mx - 8,
      y: my - 6.5,
      w: 16,
      h: 13,
      fill: 'surface',
      stroke: ink,
      width: 1,
      ...rest,
    });
    shapes.push({ shape: 'text', text: '×2', x: mx, y: my, size: 11, anchor: 'middle', ink, ...rest });
  }
}

/** A message's type stands on its line; why it was lost, at its end. */
function addLabel(frame: Frame, message: number, look: MessageLook, [x0, y0, x1, y1]: Line, strong: boolean): void {
  if (Math.abs(y1 - y0) < 16) return;
  const { trace } = frame.opened;
  const selected = frame.selected.message === message;
  const inStory = frame.story.has(trace.messages.send[message]) || frame.story.has(trace.messages.end[message]);
  const part = 'message.label';
  const ref = { kind: 'message', id: message } as const;
  const along = (share: number) => [x0 + (x1 - x0) * share, y0 + (y1 - y0) * share] as const;
  const places = [0.5, 0.36, 0.64, 0.25, 0.75].flatMap((share): Place[] => {
    const [x, y] = along(share);
    const side = look === 'delivered' || look === 'dropped' || look === 'inflight' ? 5 : 9;
    // Where time runs downwards most lines are level: words stand above or below them.
    if (frame.down) return [-8, 9].map(by => ({ x: x + by, y, anchor: 'middle' }));
    return [
      { x: x + side, y, anchor: 'start', upright: [x, y] },
      { x: x - side, y, anchor: 'end', upright: [x, y] },
    ];
  });
  const size = 11;
  const priority = selected ? 9 : inStory ? 5 : look === 'delivered' ? 2 : 3;
  const type = typeOf(trace, message);
  const text = look === 'dropped' ? `${type}: ${WHY_NAMES[trace.messages.why[message]] ?? 'lost'}` : type;
  const ink = look === 'dropped' ? 'danger' : strong ? 'ink' : 'muted';
  if (text !== '') frame.labels.push({ part, ref, text: clipped(text, 28), size, ink, priority, places });
}
