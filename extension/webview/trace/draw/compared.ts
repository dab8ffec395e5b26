/** What differs from another trace: half a disc above a lane for what only A has, below it for what only B has. */

import { type Compared, partingOf } from '../model/compared.ts';
import { alphaOf, type Emphasis, emphasisOf, type Frame, inBreak, type LaneBox } from './frame.ts';
import { halfDisc } from './glyphs.ts';

/** Another trace, and which of its events the filter lets through; null: all. */
export interface ComparedView {
  readonly compared: Compared;
  readonly maskOfB: Uint8Array | null;
}

const RADIUS = 4.5;

/** Marks that would lie on each other are one: there may be as many of them as events. */
export function addCompared(frame: Frame): void {
  if (!frame.compared) return;
  const { compared, maskOfB } = frame.compared;
  const { onlyA, onlyB, placeOfB, laneOfB } = compared;
  const { node } = frame.opened.trace.events;
  addParting(frame, partingOf(compared));
  const [ofA, ofB] = [marker(frame, 'a'), marker(frame, 'b')];
  // What is dim gets the room that is left.
  for (const isDim of [false, true]) {
    for (let place = frame.places[0]; place < frame.places[1]; place++) {
      const row = frame.rowAt(place);
      if (onlyA[row] === 0) continue;
      const emphasis = emphasisOf(frame, row);
      if ((emphasis === 'dim') === isDim) ofA(row, node[row], emphasis);
    }
    for (let index = 0; index < onlyB.length; index++) {
      // What stands before the first event stands at it.
      const row = Math.max(0, placeOfB[index]);
      if (!frame.isInView(row)) continue;
      const isOut = maskOfB !== null && maskOfB[onlyB[index]] === 0;
      if (isOut === isDim) ofB(row, laneOfB[index], !isOut ? 'normal' : frame.hide ? 'hidden' : 'dim');
    }
  }
}

type Marker = (row: number, node: number, emphasis: Emphasis) => void;

/** Draws marks of one side, of which each keeps its room on its lane. */
function marker(frame: Frame, side: 'a' | 'b'): Marker {
  const taken = new Map<LaneBox, Set<number>>();
  return (row, node, emphasis) => {
    const box = frame.boxOf[node];
    if (box === undefined || emphasis === 'hidden' || inBreak(frame, row)) return;
    const x = frame.x(row);
    const place = Math.floor(x / (2 * RADIUS));
    let places = taken.get(box);
    if (places === undefined) taken.set(box, (places = new Set()));
    if (places.has(place)) return;
    places.add(place);
    const y = side === 'a' ? box.y + RADIUS + 2 : box.y + box.h - RADIUS - 2;
    const look = {
      part: side === 'a' ? 'compared.only-a' : 'compared.only-b',
      ref: { kind: 'event', id: row } as const,
      alpha: alphaOf(frame, emphasis),
    };
    frame.obstacles.push({ x: x - RADIUS, y: y - RADIUS, w: 2 * RADIUS, h: 2 * RADIUS });
    frame.shapes.push(...halfDisc(look, x, y, RADIUS, side === 'a' ? 'info' : 'warn', side === 'a' ? 'left' : 'right'));
  };
}

/** Where the traces part. */
function addParting(frame: Frame, row: number): void {
  const { plot } = frame;
  if (!frame.isInView(row)) return;
  const x = frame.x(row);
  const look = { part: 'compared.parting', ref: { kind: 'event', id: row } as const };
  const points = [x, plot.y, x, plot.y + plot.h];
  frame.shapes.push({ shape: 'path', points, stroke: 'info', width: 2, dash: [8, 3], ...look });
  const places = [plot.y + 10, plot.y + 26].flatMap(y => [
    { x: x + 6, y, anchor: 'start' as const },
    { x: x - 6, y, anchor: 'end' as const },
  ]);
  frame.labels.push({ ...look, text: 'A and B part here', size: 11, ink: 'ink', backed: true, priority: 9, places });
}
