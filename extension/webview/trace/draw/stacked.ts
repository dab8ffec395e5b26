/** Two traces on one axis, each on lanes of its own: the other one below, or to the right where time runs downwards. */

import { eventOfRef, type Ref } from '../model/selection.ts';
import type { View } from './frame.ts';
import type { Scene } from './scene.ts';
import type { Layer, Shape } from './shapes.ts';

/** The other trace, in a range of its own axis that is the same stretch as the shown one's. */
export interface Below extends Pick<View, 'opened' | 'axis' | 'range' | 'lanes' | 'selection' | 'mask' | 'violation'> {
  /** Of each of its events the partner in the shown trace; -1 for none. */
  readonly partners: Int32Array;
}

/** @param draw makes a picture of one trace */
export function stackedScene(view: View, below: Below, draw: (view: View) => Scene): Scene {
  const { down = false } = view;
  // Lanes get the room of their number, so that both traces' are alike.
  const share = view.lanes.length / Math.max(1, view.lanes.length + below.lanes.length);
  const whole = down ? view.width : view.height;
  const first = Math.round(whole * Math.min(0.75, Math.max(0.25, share)));
  const part = (size: number) => (down ? { width: size } : { height: size });
  const upper = draw({ ...view, ...part(first), below: null, compared: null });
  const lower = draw({
    ...view,
    ...below,
    ...part(whole - first),
    below: null,
    compared: null,
    cone: null,
    chapters: [],
    collapsed: null,
  });
  const refOf = (ref: Ref): Ref | undefined => {
    const event = eventOfRef(below.opened.trace, ref);
    return event >= 0 && below.partners[event] >= 0 ? { kind: 'event', id: below.partners[event] } : undefined;
  };
  const place = down ? { x: first, y: 0 } : { x: 0, y: first };
  const layers = [
    ...upper.list.layers,
    ...lower.list.layers.map(layer => moved(layer, place, refOf, below.partners)),
    { clip: { x: 0, y: 0, w: view.width, h: view.height }, shapes: signs(view, place) },
  ];
  const mode = `A ${upper.mode}; B ${lower.mode}`;
  const laneHeight = Math.max(upper.frame.laneHeight, lower.frame.laneHeight);
  return {
    ...upper,
    list: { ...upper.list, width: view.width, height: view.height, layers },
    frame: { ...upper.frame, laneHeight },
    mode,
  };
}

/** Which is which, and a line between them. */
function signs({ width, height, down }: View, { x, y }: { readonly x: number; readonly y: number }): Shape[] {
  const part = 'stacked';
  const letter = { shape: 'text', size: 13, anchor: 'end', bold: true, ink: 'ink', halo: 'surface', part } as const;
  const [right, top] = down ? [x - 6, 10] : [width - 6, 10];
  return [
    { shape: 'path', points: down ? [x, 0, x, height] : [0, y, width, y], stroke: 'ink', width: 2, part },
    { ...letter, text: 'A', x: right, y: top },
    { ...letter, text: 'B', x: down ? width - 6 : right, y: y + top },
  ];
}

/** A layer elsewhere. What stands for something of the other trace leads to its partner in the shown one, if it has one. */
function moved(
  { clip, shapes }: Layer,
  by: { readonly x: number; readonly y: number },
  refOf: (ref: Ref) => Ref | undefined,
  partners: Int32Array,
): Layer {
  const place = (shape: Shape): Shape => {
    const ref = shape.ref === undefined ? undefined : refOf(shape.ref);
    switch (shape.shape) {
      case 'path':
        return { ...shape, ref, points: shape.points.map((one, at) => one + (at % 2 === 0 ? by.x : by.y)) };
      case 'points':
        return { ...shape, ref, ...placed(shape.at), rows: shape.rows.map(row => partners[row] ?? -1) };
      case 'arrows':
        return { ...shape, ref, ...placed(shape.at), rows: shape.rows.map(() => -1) };
      case 'bars':
        // Turned when they are painted.
        return { ...shape, ref, x: shape.x + (shape.down ? by.y : by.x), y: shape.y + (shape.down ? by.x : by.y) };
      default:
        return { ...shape, ref, x: shape.x + by.x, y: shape.y + by.y };
    }
  };
  const placed = (at: Float32Array) => ({ at: at.map((one, index) => one + (index % 2 === 0 ? by.x : by.y)) });
  return { clip: { ...clip, x: clip.x + by.x, y: clip.y + by.y }, shapes: shapes.map(place) };
}
