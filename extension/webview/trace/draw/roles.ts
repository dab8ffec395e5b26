/** Who leads, from when to when, and in which epoch. */

import type { Frame } from './frame.ts';
import { crown } from './glyphs.ts';
import { clipped } from './messages.ts';

/** Thick pieces of lanes for roles that decide for their group, each with a crown, its name and its epoch. */
export function addRoles(frame: Frame): void {
  const { trace } = frame.opened;
  const { node, group, role, epoch, leads, from, to, length } = trace.epochs;
  const several = groupsOf(frame) > 1;
  for (let row = 0; row < length; row++) {
    if (leads[row] === 0) continue;
    const box = frame.boxOf[node[row]];
    if (box === undefined || box.lane.kind !== 'server') continue;
    const start = from[row] < 0 ? frame.plot.x : frame.x(from[row]);
    const end = to[row] < 0 ? frame.plot.x + frame.plot.w : frame.x(to[row]);
    if (end < frame.plot.x || start > frame.plot.x + frame.plot.w) continue;
    const [x0, x1] = [Math.max(start, frame.plot.x), Math.min(end, frame.plot.x + frame.plot.w)];
    const look = { part: 'role', ...(from[row] >= 0 && { ref: { kind: 'event', id: from[row] } as const }) };
    frame.shapes.push({
      shape: 'path',
      points: [x0, box.line, Math.max(x1, x0 + 2), box.line],
      stroke: 'info',
      width: 4.5,
      ...look,
    });
    const begins = start >= frame.plot.x;
    if (begins)
      frame.shapes.push({
        shape: 'path',
        points: [x0, box.y + 6, x0, box.y + box.h - 6],
        stroke: 'info',
        width: 1.6,
        ...look,
      });
    const y = box.line - 13;
    frame.shapes.push(crown(look, x0 + 9, y, 6, 'info'));
    frame.obstacles.push({ x: x0 + 1, y: y - 7, w: 16, h: 14 });
    const name = clipped(trace.strings[role[row]] || 'leads', 16);
    const of = several ? ` of ${clipped(trace.strings[group[row]], 16)}` : '';
    const text = epoch[row] > 0 ? `${name}${of}, epoch ${epoch[row]}` : `${name}${of}`;
    const places = [
      { x: x0 + 19, y, anchor: 'start' as const },
      { x: x0 + 19, y: y - 13, anchor: 'start' as const },
      { x: x0 + 4, y: box.line + 14, anchor: 'start' as const },
    ];
    frame.labels.push({
      ...look,
      part: 'role.label',
      text,
      size: 11,
      ink: 'info',
      bold: true,
      priority: begins ? 8 : 7,
      places,
    });
    if (to[row] >= 0 && end <= frame.plot.x + frame.plot.w) {
      frame.shapes.push({
        shape: 'path',
        points: [end, box.line - 7, end, box.line + 7],
        stroke: 'info',
        width: 2,
        part: 'role.end',
        ref: { kind: 'event', id: to[row] },
      });
    }
  }
}

function groupsOf({ opened }: Frame): number {
  const { group, leads, length } = opened.trace.epochs;
  const groups = new Set<number>();
  for (let row = 0; row < length; row++) if (leads[row] !== 0) groups.add(group[row]);
  return groups.size;
}

/** Where a higher epoch than all before begins: its row in `epochs`. */
export function epochStarts({ opened }: Pick<Frame, 'opened'>): number[] {
  const { group, epoch, leads, from, length } = opened.trace.epochs;
  const highest = new Map<number, number>();
  const found: number[] = [];
  for (let row = 0; row < length; row++) {
    if (leads[row] === 0 || from[row] < 0 || epoch[row] <= (highest.get(group[row]) ?? 0)) continue;
    highest.set(group[row], epoch[row]);
    found.push(row);
  }
  return found;
}
