/** Events as small marks on their lanes, one shape for each kind; what they changed in a node stands beside them. */

import { FAULT_KINDS, KIND, KIND_NAMES, OP_KINDS } from '@dsys/runtime/trace/kinds';
import { firstAtLeast } from '../model/search.ts';
import { changeText, clipped } from '../model/short-words.ts';
import { detailText } from '../model/verdict.ts';
import { alphaOf, emphasisOf, type Frame, firstOnPx, inBreak } from './frame.ts';
import { alarm, cross, triangle } from './glyphs.ts';
import type { Shape } from './shapes.ts';

/** Kinds that something else is a picture of: messages, operations, fault rows. */
const ELSEWHERE: ReadonlySet<number> = new Set([
  KIND.send,
  KIND.deliver,
  KIND.drop,
  KIND.duplicate,
  ...OP_KINDS,
  ...FAULT_KINDS,
  KIND.violation,
]);

/** Events in view that are drawn one by one; looking ends soon after there are more than `limit`. */
export function eventsInView(frame: Frame, limit: number): number[] {
  const found: number[] = [];
  for (let place = frame.places[0]; place < frame.places[1] && found.length <= limit; place++) {
    const row = frame.rowAt(place);
    if (!inBreak(frame, row)) found.push(row);
  }
  return found;
}

export function addEvents(frame: Frame, rows: readonly number[]): void {
  const { kind, node } = frame.opened.trace.events;
  for (const row of rows) {
    const box = frame.boxOf[node[row]];
    if (box === undefined || box.lane.kind === 'others') continue;
    const emphasis = emphasisOf(frame, row);
    if (emphasis === 'hidden') continue;
    const look = {
      part: `event.${KIND_NAMES[kind[row]] ?? 'local'}`,
      ref: { kind: 'event', id: row } as const,
      alpha: alphaOf(frame, emphasis),
    };
    if (!ELSEWHERE.has(kind[row])) frame.shapes.push(...mark(kind[row], look, frame.x(row), box.line));
    if (frame.story.has(row) && box.lane.kind === 'server') addChange(frame, row, box.line);
  }
}

type Look = { readonly part: string; readonly alpha: number };

function mark(kind: number, look: Look, x: number, y: number): Shape[] {
  switch (kind) {
    case KIND.timerFire:
      return [triangle(look, x, y, 5, 'neutral', true)];
    case KIND.timerSet:
    case KIND.timerCancel:
      return [triangle(look, x, y, 4, 'neutral', false)];
    case KIND.storage:
      return [{ shape: 'rect', x: x - 4, y: y - 2, w: 8, h: 4, fill: 'neutral', stroke: 'surface', width: 1, ...look }];
    case KIND.crash:
      return cross(look, x, y, 6, 'danger', 3);
    case KIND.restart:
      return [
        { shape: 'circle', x, y, r: 5, fill: 'surface', stroke: 'info', width: 2, ...look },
        {
          shape: 'path',
          points: [x + 1, y - 8, x + 6, y - 4, x, y - 2],
          closed: true,
          fill: 'info',
          ...look,
          upright: [x, y],
        },
      ];
    case KIND.init:
      return [{ shape: 'path', points: [x, y - 7, x, y + 7], stroke: 'neutral', width: 1.4, ...look }];
    default:
      return [{ shape: 'rect', x: x - 2.5, y: y - 2.5, w: 5, h: 5, fill: 'neutral', ...look }];
  }
}

function addChange(frame: Frame, row: number, line: number): void {
  const text = changeText(frame.opened.trace, row);
  if (text === '') return;
  const x = frame.x(row);
  const places = [line + 15, line - 13, line + 28].flatMap(y => [
    { x: x + 3, y, anchor: 'start' as const, upright: [x, line] as const },
    { x: x - 3, y, anchor: 'end' as const, upright: [x, line] as const },
  ]);
  frame.labels.push({
    part: 'change.label',
    ref: { kind: 'event', id: row },
    text,
    size: 11,
    ink: 'ink',
    priority: 6,
    places,
  });
}

/** Those that lie on one px share their mark: a broken invariant may complain at every event. */
function violationsInView({ opened: { trace }, index, places: [first, end], rowAt, x }: Frame): number[] {
  const { violationRows } = index;
  const [from, to] = [firstAtLeast(violationRows, first), firstAtLeast(violationRows, end)];
  const isFirst = firstOnPx();
  const found: number[] = [];
  for (const place of violationRows.subarray(from, to)) {
    const row = rowAt(place);
    if (isFirst(trace.events.node[row], x(row), x(row))) found.push(row);
  }
  return found;
}

/** Violations are never left out: monitors' events, and where a check's witness ends. */
export function addViolations(frame: Frame): void {
  const { trace, violations } = frame.opened;
  const marked = new Set(violations.map(one => one.event));
  for (const row of violationsInView(frame)) marked.add(row);
  let named = 0;
  for (const row of marked) {
    if (!frame.isInView(row)) continue;
    const box = frame.boxOf[trace.events.node[row]];
    const x = frame.x(row);
    const isMain = frame.violation?.event === row;
    const look = { part: 'violation', ref: { kind: 'event', id: row } as const };
    frame.shapes.push({
      shape: 'path',
      points: [x, frame.plot.y, x, frame.plot.y + frame.plot.h],
      stroke: 'danger',
      width: isMain ? 1.6 : 1,
      dash: [2, 2],
      ...look,
    });
    if (box?.lane.kind !== 'server') continue;
    frame.shapes.push(...alarm(look, x, box.line, isMain ? 10 : 8));
    frame.obstacles.push({ x: x - 9, y: box.line - 9, w: 18, h: 18 });
    if (named++ > 12) continue;
    const name = trace.events.kind[row] === KIND.violation ? trace.strings[trace.events.name[row]] : '';
    const text = isMain ? detailText(trace, row) || name : name;
    const places = [box.line - 22, box.line + 22, box.line - 36, box.line + 36].flatMap(y => [
      { x: x - 6, y, anchor: 'end' as const, upright: [x, box.line] as const },
      { x: x + 6, y, anchor: 'start' as const, upright: [x, box.line] as const },
    ]);
    if (text !== '')
      frame.labels.push({
        ...look,
        text: clipped(text, 60),
        size: 12,
        bold: isMain,
        ink: 'danger',
        priority: isMain ? 10 : 7,
        places,
      });
  }
}
