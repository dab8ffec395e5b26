/**
 * Lines, circles and areas on a canvas. Neighbours that look the same are one path of up to 256 pieces: a path for each
 * would take several times as long, and one for all of them longer still.
 */

import type { Inks } from './palette.ts';
import type { CircleShape, PathShape } from './shapes.ts';

type Outline = PathShape | CircleShape;

const MAX_PIECES = 256;

export interface PathsPainter {
  /** Draws a shape, now or with those that follow. */
  readonly add: (shape: Outline) => void;
  /** Draws what waits. To be called before anything else is drawn. */
  readonly flush: () => void;
}

export function createPathsPainter(context: CanvasRenderingContext2D, inks: Inks): PathsPainter {
  let first: Outline | undefined;
  let pieces = 0;

  const flush = (): void => {
    if (first === undefined) return;
    const { fill, stroke, width = 1, alpha = 1 } = first;
    context.globalAlpha = alpha;
    if (fill !== undefined) {
      context.fillStyle = inks[fill];
      context.fill();
    }
    if (stroke !== undefined) {
      context.strokeStyle = inks[stroke];
      context.lineWidth = width;
      context.setLineDash((dashOf(first) as number[] | undefined) ?? []);
      context.stroke();
    }
    first = undefined;
  };

  const fillRule = ({ points: [x0, y0, x1, y1], stroke, width = 1, alpha = 1 }: PathShape): void => {
    if (stroke === undefined) return;
    context.globalAlpha = alpha;
    context.fillStyle = inks[stroke];
    const along = Math.abs(x1 - x0);
    const [x, y] = [Math.min(x0, x1), Math.min(y0, y1)];
    if (along > 0) context.fillRect(x, y - width / 2, along, width);
    else context.fillRect(x - width / 2, y, width, Math.abs(y1 - y0));
  };

  return {
    flush,
    add(shape) {
      if (shape.shape === 'path' && isRule(shape)) {
        flush();
        return fillRule(shape);
      }
      if (first === undefined || pieces >= MAX_PIECES || !joins(first, shape)) {
        flush();
        context.beginPath();
        first = shape;
        pieces = 0;
      }
      pieces++;
      if (shape.shape === 'circle') {
        context.moveTo(shape.x + shape.r, shape.y);
        context.arc(shape.x, shape.y, shape.r, 0, 2 * Math.PI);
        return;
      }
      const { points } = shape;
      context.moveTo(points[0], points[1]);
      for (let at = 2; at < points.length; at += 2) context.lineTo(points[at], points[at + 1]);
      if (shape.closed) context.closePath();
    },
  };
}

/** A line along a row or a column: as a rectangle it has the same pixels, and takes half the time. */
const isRule = (shape: PathShape): boolean =>
  shape.points.length === 4 &&
  shape.fill === undefined &&
  shape.dash === undefined &&
  (shape.points[0] === shape.points[2] || shape.points[1] === shape.points[3]);

const dashOf = (shape: Outline): readonly number[] | undefined => (shape.shape === 'path' ? shape.dash : undefined);

/**
 * Whether two shapes give the same pixels in one path as one after the other. Where they overlap they would not: what shines
 * through would add up, an edge would be drawn over both fills, and holes are where outlines run against each other.
 */
function joins(before: Outline, after: Outline): boolean {
  if ((before.alpha ?? 1) !== 1 || (after.alpha ?? 1) !== 1) return false;
  if (before.stroke !== after.stroke || before.fill !== after.fill || before.width !== after.width) return false;
  if (before.fill !== undefined && before.stroke !== undefined && before.stroke !== before.fill) return false;
  // Circles all turn the same way; polygons need not.
  if (before.fill !== undefined && (before.shape !== 'circle' || after.shape !== 'circle')) return false;
  const [one, other] = [dashOf(before), dashOf(after)];
  return (
    one === other || (one?.length === other?.length && one?.every((length, index) => length === other![index])) === true
  );
}
