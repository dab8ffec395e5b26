/** Who leads, from when to when, and in which epoch. */

import type { Opened } from '../model/opened.ts';
import { clipped } from '../model/short-words.ts';
import { type Frame, firstOnPx, inBreak } from './frame.ts';
import { crown } from './glyphs.ts';

/** Most with a crown and a name of their own; of more, those that are long enough for both have them. */
const MAX_NAMED = 150;
const NAMED_PX = 20;

/** Thick pieces of lanes for roles that decide for their group, each with a crown, its name and its epoch. */
export function addRoles(frame: Frame): void {
  const { opened, plot } = frame;
  const { trace, leaderships } = opened;
  const isFirst = firstOnPx();
  const several = new Set(leaderships.map(({ group }) => group)).size > 1;
  const few = leaderships.length <= MAX_NAMED;
  for (const { row, node, group, epoch, from, to } of leaderships) {
    const box = frame.boxOf[node];
    if (box === undefined || box.lane.kind !== 'server') continue;
    const start = from < 0 ? plot.x : frame.x(from);
    const end = to < 0 ? plot.x + plot.w : frame.x(to);
    if (end < plot.x || start > plot.x + plot.w || !isFirst(node, start, end)) continue;
    const [x0, x1] = [Math.max(start, plot.x), Math.min(end, plot.x + plot.w)];
    const look = { part: 'role', ...(from >= 0 && { ref: { kind: 'event', id: from } as const }) };
    const band = [x0, box.line, Math.max(x1, x0 + 2), box.line];
    frame.shapes.push({ shape: 'path', points: band, stroke: 'info', width: 4.5, ...look });
    const begins = start >= plot.x;
    const edge = [x0, box.y + 6, x0, box.y + box.h - 6];
    if (begins) frame.shapes.push({ shape: 'path', points: edge, stroke: 'info', width: 1.6, ...look });
    if (to >= 0 && end <= plot.x + plot.w) {
      const last = [end, box.line - 7, end, box.line + 7];
      const ref = { kind: 'event', id: to } as const;
      frame.shapes.push({ shape: 'path', points: last, stroke: 'info', width: 2, part: 'role.end', ref });
    }
    if (!few && x1 - x0 < NAMED_PX) continue;
    const y = box.line - 13;
    const name = clipped(trace.strings[trace.epochs.role[row]] || 'leads', 16);
    const of = several && trace.strings[group] !== '' ? ` of ${clipped(trace.strings[group], 16)}` : '';
    const text = epoch > 0 ? `${name}${of}, epoch ${epoch}` : `${name}${of}`;
    const hidden = from >= 0 && inBreak(frame, from);
    frame.shapes.push(crown(look, x0 + 9, y, 6, 'info'));
    if (!hidden) frame.obstacles.push({ x: x0 + 1, y: y - 7, w: 16, h: 14 });
    const right = { x: x0 + 19, y, anchor: 'start' as const };
    const others = [
      { x: x0 - 4, y, anchor: 'end' as const },
      { x: x0 + 19, y: y - 13, anchor: 'start' as const },
      { x: x0 - 4, y: y - 13, anchor: 'end' as const },
      { x: x0 + 4, y: box.line + 14, anchor: 'start' as const },
    ];
    // Behind a break several may begin at almost one place: a name beside the wrong one would be wrong.
    const beside = [9, 24].flatMap(by => [
      { x: x0 + by, y: box.line + 7, anchor: 'start' as const },
      { x: x0 + by, y: box.line - 22, anchor: 'end' as const },
    ]);
    const places = frame.down ? beside : hidden ? [right] : [right, ...others];
    const priority = hidden ? 1 : begins ? 9 : 7;
    frame.labels.push({
      ...look,
      part: 'role.label',
      text,
      size: 11,
      ink: 'info',
      bold: true,
      backed: true,
      priority,
      places,
    });
  }
}

const starts = new WeakMap<Opened, readonly number[]>();

/** Where a higher epoch than all before begins: events. */
export function epochStarts({ opened }: Pick<Frame, 'opened'>): readonly number[] {
  const known = starts.get(opened);
  if (known !== undefined) return known;
  const highest = new Map<number, number>();
  const found: number[] = [];
  for (const { group, epoch, from } of opened.leaderships) {
    if (from < 0 || epoch <= (highest.get(group) ?? 0)) continue;
    highest.set(group, epoch);
    found.push(from);
  }
  starts.set(opened, found);
  return found;
}
