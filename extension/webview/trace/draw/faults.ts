/** Faults: a row for each above the lanes with the words of the scenario, and what they do to nodes over the lanes. */

import { nodeName } from '@dsys/runtime/trace/access';
import { describeFault } from '@dsys/runtime/trace/describe';
import type { Fault } from '@dsys/runtime/trace/model';
import { lasts } from '../model/outages.ts';
import { clipped } from '../model/short-words.ts';
import { type Frame, firstOnPx, type LaneBox } from './frame.ts';
import { cross, noWay } from './glyphs.ts';
import type { Ink, Pattern, Shape } from './shapes.ts';

interface Span {
  readonly x0: number;
  readonly x1: number;
}

function spanOf(frame: Frame, from: number, to: number): Span | undefined {
  const { plot } = frame;
  const x0 = from < 0 ? plot.x : frame.x(from);
  const x1 = to < 0 ? plot.x + plot.w + 10 : frame.x(to);
  if (x1 < plot.x || x0 > plot.x + plot.w) return undefined;
  return { x0: Math.max(x0, plot.x - 10), x1: Math.min(x1, plot.x + plot.w + 10) };
}

function faultsInView(frame: Frame): number[] {
  const { faults } = frame.opened.trace;
  const found: number[] = [];
  const isFirst = firstOnPx();
  for (let fault = 0; fault < faults.length; fault++) {
    const one = faults[fault];
    const span = spanOf(frame, one.start, endOf(frame, one));
    if (span !== undefined && isFirst(one.kind.length, span.x0, span.x1)) found.push(fault);
  }
  return found;
}

/**
 * What is over as soon as it is done ends where it starts, unless its end was recorded. So does everything on an axis of
 * causes: what happened while a fault lasted is a matter of time.
 */
function endOf({ axis }: Frame, { kind, start, end }: Fault): number {
  if (axis.order !== null) return start;
  return end < 0 && !lasts(kind) ? start : end;
}

/** The rows above the lanes. */
export function faultRows(frame: Frame): Shape[] {
  const shapes: Shape[] = [];
  const { plot, measure, faultRows: rows, room, down } = frame;
  const { trace } = frame.opened;
  const busy = new Array<number>(rows).fill(Number.NEGATIVE_INFINITY);
  for (const fault of faultsInView(frame)) {
    const one = trace.faults[fault];
    const { x0, x1 } = spanOf(frame, one.start, endOf(frame, one))!;
    const left = Math.max(x0, plot.x + 2);
    const text = clipped(describeFault(trace, one), 60);
    const width = down ? 16 : measure(text, 11) + 22;
    const needed = endOf(frame, one) === one.start && left + width > plot.x + plot.w ? x0 - width : left;
    let row = busy.findIndex(until => until <= needed);
    const crowded = row < 0;
    if (crowded) row = rows - 1;
    const y = room.axis + row * room.fault;
    const h = room.fault - 6;
    const look = { part: `fault.${one.kind}`, ref: { kind: 'fault', id: fault } as const };
    const instant = endOf(frame, one) === one.start;
    const ink: Ink = one.kind === 'crash' ? 'danger' : instant ? 'neutral' : 'warn';
    if (instant)
      shapes.push({
        shape: 'path',
        points: [x0, y + 2, x0 + h / 2, y + 2 + h / 2, x0, y + 2 + h],
        closed: true,
        fill: ink,
        ...look,
      });
    else {
      shapes.push({
        shape: 'rect',
        x: x0,
        y: y + 2,
        w: Math.max(3, x1 - x0),
        h: h + 1,
        stroke: ink,
        width: 1.2,
        pattern: 'dotted',
        patternInk: ink,
        ...look,
      });
    }
    if (crowded) continue;
    const leftwards = instant && left + width > plot.x + plot.w;
    busy[row] = Math.max(x1 + 4, left + width);
    if (down) {
      // A column of faults is too narrow for words: they stand beside it, over the lanes.
      const places = [9, 24].map(by => ({ x: left + by, y: plot.y + 4, anchor: 'start' as const }));
      frame.labels.push({ ...look, text, size: 11, ink: 'ink', backed: true, priority: 8, places });
      continue;
    }
    shapes.push({
      shape: 'text',
      text,
      x: leftwards ? x0 - 4 : left + (instant ? 10 : 5),
      y: y + 9.5,
      size: 11,
      anchor: leftwards ? 'end' : 'start',
      ink: 'ink',
      halo: 'surface',
      ...look,
    });
  }
  return shapes;
}

/** Crashes, pauses, partitions and slowness over the lanes that they strike. */
export function addOutages(frame: Frame): void {
  const isFirst = firstOnPx();
  for (const { kind, node, from, to } of frame.opened.outages) {
    const box = frame.boxOf[node];
    const span = spanOf(frame, from, to);
    if (box === undefined || span === undefined || box.lane.kind === 'others') continue;
    if (!isFirst(node, span.x0, span.x1)) continue;
    const ink: Ink = kind === 'crash' ? 'danger' : 'warn';
    addArea(frame, box, span, { part: `outage.${kind}`, ink, pattern: kind === 'crash' ? 'diagonal' : 'horizontal' });
    const look = { part: `outage.${kind}`, ref: { kind: 'event', id: from } as const };
    const y = box.y + 12;
    if (kind === 'crash') frame.shapes.push(...cross(look, span.x0 + 1, box.line, 6, ink, 3));
    const open = to < 0 ? ' (to the end)' : '';
    const text = kind === 'crash' ? `down${open}` : `stands still${open}`;
    const places = [
      { x: Math.max(span.x0, frame.plot.x) + 10, y, anchor: 'start' as const },
      { x: Math.max(span.x0, frame.plot.x) + 10, y: box.y + box.h - 9, anchor: 'start' as const },
    ];
    frame.labels.push({ ...look, text, size: 11, ink, bold: true, backed: true, priority: 8, places });
  }
}

const SLOW: ReadonlySet<string> = new Set(['slow', 'skew', 'drift', 'fail-disk', 'degrade']);

/** Faults that are drawn over lanes beside their row: what is slow or wrong at a node, and who cannot reach whom. */
export function addStruck(frame: Frame): void {
  const { trace } = frame.opened;
  for (const fault of faultsInView(frame)) {
    const one = trace.faults[fault];
    const span = spanOf(frame, one.start, endOf(frame, one));
    if (span === undefined || endOf(frame, one) === one.start) continue;
    const ref = { kind: 'fault', id: fault } as const;
    if (one.kind === 'cut' || one.kind === 'isolate') addPartition(frame, one, span, ref);
    if (!SLOW.has(one.kind)) continue;
    for (const node of one.nodes) {
      const box = frame.boxOf[node];
      if (box === undefined || box.lane.kind !== 'server') continue;
      addArea(frame, box, span, { part: `fault.${one.kind}`, ink: 'warn', pattern: 'dotted', ref });
      const places = [{ x: Math.max(span.x0, frame.plot.x) + 6, y: box.y + 12, anchor: 'start' as const }];
      frame.labels.push({ part: `fault.${one.kind}`, ref, text: one.kind, size: 11, ink: 'ink', priority: 7, places });
    }
  }
}

function addArea(
  frame: Frame,
  box: LaneBox,
  { x0, x1 }: Span,
  { part, ink, pattern, ref }: { part: string; ink: Ink; pattern: Pattern; ref?: { kind: 'fault'; id: number } },
): void {
  const area = { x: x0, y: box.y + 3, w: Math.max(3, x1 - x0), h: box.h - 6 };
  frame.shapes.push({ shape: 'rect', ...area, stroke: ink, width: 1, pattern, patternInk: ink, part, ref });
}

/** Dashed lines between lanes that cannot reach each other, with their names where the cut begins. */
function addPartition(frame: Frame, fault: Fault, { x0, x1 }: Span, ref: { kind: 'fault'; id: number }): void {
  const sides = fault.groups.filter(group => group.length > 0);
  if (sides.length < 2) return;
  const look = { part: 'fault.partition', ref };
  const side = new Map<number, number>();
  sides.forEach((nodes, index) => {
    for (const node of nodes) side.set(node, index);
  });
  const boxes = frame.boxes.filter(box => box.lane.kind === 'server' && side.has(box.lane.nodes[0]));
  let named = false;
  const label = clipped(
    sides.map(nodes => nodes.map(node => nodeName(frame.opened.trace, node)).join(', ')).join('  |  '),
    60,
  );
  for (let index = 1; index < boxes.length; index++) {
    const [above, below] = [boxes[index - 1], boxes[index]];
    if (side.get(above.lane.nodes[0]) === side.get(below.lane.nodes[0])) continue;
    const edges = above.y + above.h === below.y ? [below.y] : [above.y + above.h, below.y];
    for (const y of edges) {
      frame.shapes.push({ shape: 'path', points: [x0, y, x1, y], stroke: 'warn', width: 2, dash: [7, 4], ...look });
      const first = Math.max(x0, frame.plot.x) + 12;
      for (let x = first; x < x1; x += 240) {
        frame.shapes.push(...noWay(look, x, y, 6, 'warn'));
        frame.obstacles.push({ x: x - 8, y: y - 8, w: 16, h: 16 });
      }
      if (named) continue;
      named = true;
      const places = [first + 12, first + 252, first + 492].map(x => ({ x, y, anchor: 'start' as const }));
      frame.labels.push({ ...look, text: label, size: 11, ink: 'ink', bold: true, backed: true, priority: 8, places });
    }
  }
  const last = boxes.at(-1);
  if (boxes.length > 1 && last !== undefined) {
    const ends = [boxes[0].y + 4, last.y + last.h - 4];
    for (const x of [x0, x1]) {
      frame.shapes.push({
        shape: 'path',
        points: [x, ends[0], x, ends[1]],
        stroke: 'warn',
        width: 1.4,
        dash: [3, 3],
        ...look,
      });
    }
  }
}
