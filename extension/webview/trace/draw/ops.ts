/** Client operations as boxes from their invocation to their answer, with what was asked and what was told. */

import { describeValue } from '@dsys/runtime/trace/describe';
import { STATUS_NAMES, type StatusName } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';
import { ROWS_PER_BLOCK, touches } from '../model/blocks.ts';
import { clipped } from '../model/short-words.ts';
import { duration } from '../model/times.ts';
import { isOfLostWrites } from '../model/verdict.ts';
import { alphaOf, dashOf, type Emphasis, emphasisOf, type Frame, inBreak, type LaneBox } from './frame.ts';
import { alarm, cross, diamond, tickMark } from './glyphs.ts';
import type { Ink, Shape } from './shapes.ts';

const INK: Readonly<Record<StatusName, Ink>> = { ok: 'neutral', fail: 'danger', info: 'warn' };
const BOX = 20;
const LEAST = 5;

/** An operation in the fewest words: `write flag = 1`, `read flag → 1`. */
export function opText(trace: Trace, op: number): string {
  const { f, key, value, result, status } = trace.ops;
  const [k, v, r] = [key[op], value[op], result[op]].map(id => clipped(describeValue(trace, id), 18));
  const name = clipped(trace.strings[f[op]] || 'operation', 18);
  // The steps of a transaction name its keys, and what it reads repeats them.
  if (k === '""') return `${name} ${clipped(describeValue(trace, value[op]), 60)}`;
  const asked = [name, k].filter(text => text !== '').join(' ');
  const given = v === '' ? asked : `${asked} = ${v}`;
  return STATUS_NAMES[status[op]] === 'ok' && r !== '' ? `${given} → ${r}` : given;
}

/** Operations of which a part is in view; looking ends soon after there are more than `limit`. */
export function opsInView({ opened, index, placeOf, places: [first, end] }: Frame, limit: number): number[] {
  const { invoke, complete, length } = opened.trace.ops;
  const found: number[] = [];
  for (let op = 0; op < length && found.length <= limit; op++) {
    if (op % ROWS_PER_BLOCK === 0 && !touches(index.opBlocks, op / ROWS_PER_BLOCK, first, end)) {
      op += ROWS_PER_BLOCK - 1;
      continue;
    }
    if (invoke[op] < 0 || placeOf(invoke[op]) >= end) continue;
    if (complete[op] >= 0 && placeOf(complete[op]) < first) continue;
    found.push(op);
  }
  return found;
}

/** The operations that are drawn whatever else is: those of the violation's witness, and the selected one. */
export function importantOps({ opened, witness, selected, placeOf, places: [first, end] }: Frame): number[] {
  const { invoke, complete } = opened.trace.ops;
  const ops = selected.op < 0 ? [...witness] : [...new Set([...witness, selected.op])];
  return ops.filter(
    op => invoke[op] >= 0 && placeOf(invoke[op]) < end && (complete[op] < 0 || placeOf(complete[op]) >= first),
  );
}

/** Where operations took effect, as points: of those that have no box in the picture. One for each px of a lane. */
export function addLinearized(frame: Frame): void {
  const { ops, events } = frame.opened.trace;
  const last = new Map<LaneBox, number>();
  const at: number[] = [];
  const rows: number[] = [];
  for (let op = 0; op < ops.length; op++) {
    const row = ops.linearizedAt[op];
    if (!frame.isInView(row) || inBreak(frame, row) || frame.witness.has(op)) continue;
    const box = frame.boxOf[events.node[ops.invoke[op]]];
    if (box === undefined || box.lane.kind !== 'client') continue;
    const x = frame.x(row);
    if (Math.floor(x) === last.get(box)) continue;
    last.set(box, Math.floor(x));
    at.push(x, box.y + box.h - 5);
    rows.push(row);
  }
  if (rows.length === 0) return;
  // Effects need not come in the order of invocations.
  const order = rows.map((_, index) => index).sort((left, right) => at[2 * left] - at[2 * right]);
  frame.shapes.push({
    shape: 'points',
    at: Float32Array.from(order.flatMap(index => [at[2 * index], at[2 * index + 1]])),
    rows: Int32Array.from(order, index => rows[index]),
    size: 4,
    fill: 'info',
    part: 'op.linearized',
  });
}

export function addOps(frame: Frame, ops: readonly number[]): void {
  // The witness's are drawn last, over the others.
  const rank = (op: number): number => (frame.violating.has(op) ? 2 : frame.witness.has(op) ? 1 : 0);
  for (const op of [...ops].sort((left, right) => rank(left) - rank(right))) addOp(frame, op);
}

function addOp(frame: Frame, op: number): void {
  const { ops, events } = frame.opened.trace;
  const box = frame.boxOf[events.node[ops.invoke[op]]];
  if (box === undefined || box.lane.kind !== 'client') return;
  const exact = frame.witness.has(op) || frame.selected.op === op;
  const end = ops.complete[op];
  const emphasis = exact ? 'normal' : emphasisOfOp(frame, op);
  if (emphasis === 'hidden') return;
  if (!exact && inBreak(frame, ops.invoke[op]) && (end < 0 || inBreak(frame, end))) return;
  const status = STATUS_NAMES[ops.status[op]] ?? 'info';
  const right = frame.plot.x + frame.plot.w;
  const x0 = frame.x(ops.invoke[op]);
  const x1 = end < 0 ? right + 20 : Math.max(frame.x(end), x0 + LEAST);
  // Far outside of the picture coordinates would only cost precision.
  const [left, w] = [Math.max(x0, frame.plot.x - 20), Math.min(x1, right + 20) - Math.max(x0, frame.plot.x - 20)];
  const y = box.y + 6 + frame.opened.ops.track[op] * 26;
  addBox(frame, op, status, emphasis, { x: left, y, w, h: BOX });
  addText(frame, op, status, emphasis, { x: left, y, w, box });
  addLinearization(frame, op, y);
}

/** The op's part of a story is asked for at both of its ends. */
function emphasisOfOp(frame: Frame, op: number): Emphasis {
  const { invoke, complete } = frame.opened.trace.ops;
  const first = emphasisOf(frame, invoke[op]);
  if (complete[op] < 0) return first;
  const last = emphasisOf(frame, complete[op]);
  const order: readonly Emphasis[] = ['hidden', 'dim', 'normal', 'strong'];
  return order[Math.max(order.indexOf(first), order.indexOf(last))];
}

interface Area {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

function addBox(frame: Frame, op: number, status: StatusName, emphasis: Emphasis, { x, y, w, h }: Area): void {
  const violating = frame.violating.has(op);
  const witness = frame.witness.has(op);
  const ink: Ink = violating ? 'danger' : witness ? 'info' : INK[status];
  const width = frame.selected.op === op ? 3 : violating || witness ? 2.4 : 1.2;
  const look = {
    part: violating ? `op.${status}.violating` : witness ? `op.${status}.witness` : `op.${status}`,
    ref: { kind: 'op', id: op } as const,
    alpha: alphaOf(frame, emphasis),
  };
  const dash = dashOf(frame, emphasis, status === 'fail' ? [5, 3] : undefined);
  if (status === 'info') {
    // Nobody knows how it ended: the right edge is open and torn.
    const [r, step] = [x + w, h / 4];
    const torn = [x + w, y, r - 4, y + step, r, y + 2 * step, r - 4, y + 3 * step, r, y + h];
    frame.shapes.push({ shape: 'rect', x, y, w: Math.max(1, w - 4), h, fill: 'raised', ...look });
    frame.shapes.push({ shape: 'path', points: [r, y, x, y, x, y + h, r, y + h], stroke: ink, width, dash, ...look });
    frame.shapes.push({ shape: 'path', points: torn, stroke: ink, width: 1, ...look });
    return;
  }
  frame.shapes.push({ shape: 'rect', x, y, w, h, fill: 'raised', stroke: ink, width, dash, ...look });
  if (frame.selected.op === op)
    frame.shapes.push({
      shape: 'rect',
      x: x - 3,
      y: y - 3,
      w: w + 6,
      h: h + 6,
      stroke: 'focus',
      width: 1.5,
      part: 'selection',
      ref: look.ref,
    });
}

function addText(
  frame: Frame,
  op: number,
  status: StatusName,
  emphasis: Emphasis,
  { x, y, w, box }: { readonly x: number; readonly y: number; readonly w: number; readonly box: LaneBox },
): void {
  const important = frame.witness.has(op) || frame.selected.op === op;
  const look = { part: `op.mark.${status}`, ref: { kind: 'op', id: op } as const, alpha: alphaOf(frame, emphasis) };
  const text = opText(frame.opened.trace, op);
  const size = important ? 12 : 11;
  const ink: Ink = frame.violating.has(op) ? 'danger' : important ? 'ink' : 'muted';
  const middle = y + BOX / 2;
  const sign = frame.violating.has(op) ? 24 : 18;
  const textWidth = frame.measure(text, size, important);
  // Boxes that begin left of the picture keep their text in it.
  const left = Math.max(x, frame.plot.x + 2);
  const room = x + w - left;
  if (room >= sign) addMark(frame.shapes, look, status, left + sign / 2 - 1, middle, frame.violating.has(op));
  // Where time runs downwards boxes are too narrow for words.
  if (!frame.down && room >= sign + textWidth + 5) {
    const at = { x: left + sign, y: middle, anchor: 'start' as const };
    frame.shapes.push({ shape: 'text', text, size, ink, bold: important, ...at, ...look, part: 'op.label' });
    frame.obstacles.push({ x: left, y, w: Math.min(room, frame.plot.w), h: BOX });
    return;
  }
  frame.obstacles.push({ x: left, y, w: Math.max(1, Math.min(room, frame.plot.w)), h: BOX });
  if (emphasis === 'dim' && !important) return;
  const beside = [
    { x: left + 8, y: y + BOX + 4, anchor: 'start' as const },
    { x: left + 8, y: y - 4, anchor: 'end' as const },
    { x: left - 9, y, anchor: 'start' as const },
    { x: x + w + 9, y, anchor: 'start' as const },
  ];
  const around = [
    { x: x + w + 8, y: middle, anchor: 'start' as const },
    { x: x - 8, y: middle, anchor: 'end' as const },
    { x: left, y: box.y - 4, anchor: 'start' as const },
    { x: x + w, y: box.y - 4, anchor: 'end' as const },
    { x: left, y: box.y + box.h + 6, anchor: 'start' as const },
  ];
  const priority = frame.violating.has(op) ? 11 : important ? 10 : 2;
  const word = status === 'ok' ? text : `${text} ${status === 'fail' ? '✗' : '?'}`;
  frame.labels.push({
    part: 'op.label',
    ref: look.ref,
    text: word,
    size,
    ink,
    bold: important,
    priority,
    backed: frame.down,
    places: frame.down ? beside : around,
    always: important,
  });
}

function addMark(
  shapes: Shape[],
  look: { readonly part: string; readonly alpha: number },
  status: StatusName,
  x: number,
  y: number,
  violating: boolean,
): void {
  if (violating) shapes.push(...alarm(look, x, y, 8));
  else if (status === 'ok') shapes.push(tickMark(look, x, y, 4.5, 'neutral'));
  else if (status === 'fail') shapes.push(...cross(look, x, y, 4, 'danger', 1.8));
  else shapes.push({ shape: 'text', text: '?', x, y, size: 13, bold: true, anchor: 'middle', ink: 'warn', ...look });
}

function addLinearization(frame: Frame, op: number, y: number): void {
  const at = frame.opened.trace.ops.linearizedAt[op];
  if (at < 0) return;
  const look = { part: 'op.linearized', ref: { kind: 'op', id: op } as const };
  const x = frame.x(at);
  // On the lower edge: the box's middle has its words.
  frame.shapes.push({ shape: 'path', points: [x, y + BOX - 5, x, y + BOX], stroke: 'info', width: 1.4, ...look });
  frame.shapes.push(diamond(look, x, y + BOX, 4.5, 'info'));
}

/**
 * Real time between the witness's operations: where one had been answered before another began, clients of a
 * linearizable store may rely on the order, whatever messages say. It is what such a violation breaks.
 */
export function addRealTime(frame: Frame): void {
  const { violation, opened } = frame;
  // Lost writes are no matter of order.
  if (violation === null || isOfLostWrites(violation)) return;
  const { invoke, complete } = opened.trace.ops;
  const { t, node } = opened.trace.events;
  const ops = violation.ops.filter(op => complete[op] >= 0).sort((left, right) => invoke[left] - invoke[right]);
  for (let index = 1; index < ops.length; index++) {
    const [before, after] = [ops[index - 1], ops[index]];
    if (complete[before] >= invoke[after]) continue;
    const [from, to] = [frame.boxOf[node[invoke[before]]], frame.boxOf[node[invoke[after]]]];
    if (from?.lane.kind !== 'client' || to?.lane.kind !== 'client') continue;
    const y0 = from.y + 6 + opened.ops.track[before] * 26 + BOX / 2;
    const y1 = to.y + 6 + opened.ops.track[after] * 26 + BOX / 2;
    const [x0, x1] = [frame.x(complete[before]), frame.x(invoke[after])];
    const last = frame.violating.has(after);
    const ink: Ink = last ? 'danger' : 'info';
    const look = { part: 'realtime', alpha: 1 };
    const middle = (x0 + x1) / 2;
    const bend = y0 === y1 ? [x0, y0, x1, y1] : [x0, y0, middle, y0, middle, y1, x1, y1];
    frame.shapes.push({ shape: 'path', points: bend, stroke: ink, width: last ? 2 : 1.4, dash: [2, 3], ...look });
    // Real time may lead back where causes count.
    const back = x1 < x0 ? 7 : -7;
    const head = [x1, y1, x1 + back, y1 - 4, x1 + back, y1 + 4];
    frame.shapes.push({ shape: 'path', points: head, closed: true, fill: ink, ...look });
    const text = `answered ${duration(t[invoke[after]] - t[complete[before]])} before`;
    const ys = y0 === y1 ? [y0 - 8, y0 + 9] : [(y0 + y1) / 2, y0 - 8, y1 + 9];
    const places = ys.map(y => ({ x: middle, y, anchor: 'middle' as const }));
    frame.labels.push({ part: 'realtime.label', text, backed: true, size: 11, ink, priority: last ? 9 : 6, places });
  }
}
