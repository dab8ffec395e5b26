/** The chapters of a story beside their events: that of the selection always, the others where there is room. */

import { clipped } from '../model/short-words.ts';
import type { Frame } from './frame.ts';

const MAX_TEXT = 64;

export function addChapters(frame: Frame): void {
  const { chapters = [], selected, plot, room, boxOf } = frame;
  chapters.forEach(({ event, text }, index) => {
    if (!frame.isInView(event)) return;
    const isHere = event === selected.event;
    const x = frame.x(event);
    // Faults have no lane: theirs stand under their rows.
    const line = boxOf[frame.opened.trace.events.node[event]]?.line ?? plot.y - room.axis / 2;
    const places = [26, -26, 40, -40, 54].flatMap(by => [
      { x: x + 6, y: line + by, anchor: 'start' as const, upright: [x, line] as const },
      { x: x - 6, y: line + by, anchor: 'end' as const, upright: [x, line] as const },
    ]);
    frame.labels.push({
      part: isHere ? 'chapter.here' : 'chapter',
      ref: { kind: 'event', id: event },
      text: `${index + 1}. ${clipped(text, MAX_TEXT)}`,
      size: 12,
      bold: isHere,
      ink: 'ink',
      backed: true,
      priority: isHere ? 11 : 5.5,
      always: isHere,
      places,
    });
  });
}
