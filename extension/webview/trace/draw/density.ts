/** When there is more than can be told apart: how many events each lane has per column, exact counts on a log scale. */

import { type Frame, inBreak } from './frame.ts';

/** Width of a column in px. */
export const COLUMN = 3;

/** Events of each lane in each column of the picture: `counts[lane][column]`. */
export function densityOf(frame: Frame): Int32Array[] {
  const { plot, boxes, boxOf, rows, mask, hide } = frame;
  const { node } = frame.opened.trace.events;
  const columns = Math.ceil(plot.w / COLUMN) + 1;
  const counts = boxes.map(() => new Int32Array(columns));
  const laneOf = boxOf.map(box => (box === undefined ? -1 : boxes.indexOf(box)));
  for (let row = rows[0]; row < rows[1]; row++) {
    if (inBreak(frame, row)) continue;
    if (hide && mask !== null && mask[row] === 0) continue;
    const lane = laneOf[node[row]] ?? -1;
    if (lane < 0) continue;
    const column = Math.floor((frame.x(row) - plot.x) / COLUMN);
    if (column >= 0 && column < columns) counts[lane][column]++;
  }
  return counts;
}

/** Bars of the lanes; only of those that are not drawn exactly when `othersOnly`. */
export function addDensity(frame: Frame, othersOnly: boolean): void {
  if (othersOnly && !frame.boxes.some(box => box.lane.kind === 'others')) return;
  const counts = densityOf(frame);
  let most = 1;
  for (const lane of counts) for (const count of lane) if (count > most) most = count;
  const scale = 1 / Math.log2(1 + most);
  frame.boxes.forEach((box, lane) => {
    if (othersOnly && box.lane.kind !== 'others') return;
    const bottom = box.y + box.h - 4;
    const room = box.h - 10;
    for (let column = 0; column < counts[lane].length; column++) {
      const count = counts[lane][column];
      if (count === 0) continue;
      const h = Math.max(1.5, room * Math.log2(1 + count) * scale);
      frame.shapes.push({
        shape: 'rect',
        x: frame.plot.x + column * COLUMN,
        y: bottom - h,
        w: COLUMN - 0.5,
        h,
        fill: 'neutral',
        alpha: frame.highContrast ? 1 : 0.55,
        part: 'density',
      });
    }
  });
}
