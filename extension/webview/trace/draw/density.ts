/** When there is more than can be told apart: how many events each lane has per column, exact counts on a log scale. */

import type { Frame } from './frame.ts';

/** Width of a column in px. */
export const COLUMN = 3;

/** Events of each lane in each column of the picture: `counts[lane][column]`. */
export function densityOf(frame: Frame): Int32Array[] {
  const { plot, boxes, boxOf, rows, mask, hide, range } = frame;
  const { at, hidden } = frame.axis;
  const scale = plot.w / (range.to - range.from) / COLUMN;
  const { node } = frame.opened.trace.events;
  const columns = Math.ceil(plot.w / COLUMN) + 1;
  const counts = boxes.map(() => new Int32Array(columns));
  const laneOf = new Int32Array(boxOf.length).fill(-1);
  boxes.forEach((box, lane) => {
    for (const one of box.lane.nodes) laneOf[one] = lane;
  });
  for (let row = rows[0]; row < rows[1]; row++) {
    if (hidden !== null && hidden[row] === 1) continue;
    if (hide && mask !== null && mask[row] === 0) continue;
    const lane = node[row] < laneOf.length ? laneOf[node[row]] : -1;
    if (lane < 0) continue;
    const column = Math.floor((at[row] - range.from) * scale);
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
