/**
 * Pictures in which time runs downwards: lanes stand side by side. They are laid out like the others and turned over their
 * diagonal afterwards; what is to be read, and signs, stay as they are around a point that is turned. Only then labels are
 * placed, as texts take other room than what they belong to.
 */

import type { LabelRequest } from './labels.ts';
import type { Box, Layer, Shape, Upright } from './shapes.ts';

export const turnedBox = ({ x, y, w, h }: Box): Box => ({ x: y, y: x, w: h, h: w });

export const turnedLayer = ({ clip, shapes }: Layer): Layer => ({ clip: turnedBox(clip), shapes: shapes.map(turned) });

export function turnedLabel(request: LabelRequest): LabelRequest {
  return {
    ...request,
    places: request.places.map(place => {
      const [x, y] = turner(place)(place.x, place.y);
      return { ...place, x, y };
    }),
  };
}

function turned(shape: Shape): Shape {
  const turn = turner(shape);
  switch (shape.shape) {
    case 'path':
      return {
        ...shape,
        points: shape.points.map((_, at) => turn(shape.points[at & ~1], shape.points[at | 1])[at & 1]),
      };
    case 'points':
      return { ...shape, down: true, at: shape.at.map((_, at) => shape.at[at ^ 1]) };
    case 'arrows':
      return { ...shape, at: shape.at.map((_, at) => shape.at[at ^ 1]) };
    case 'bars':
      return { ...shape, down: true };
    case 'rect':
      if (shape.upright === undefined) return { ...shape, ...turnedBox(shape) };
  }
  const [x, y] = turn(shape.x, shape.y);
  return { ...shape, x, y };
}

/** Over the diagonal; or, for what stays upright, by as much as its point moves. */
function turner({ upright }: Upright): (x: number, y: number) => [number, number] {
  if (upright === undefined) return (x, y) => [y, x];
  const by = upright[1] - upright[0];
  return (x, y) => [x + by, y - by];
}
