/** A line with the diagram's marks and their names. */

import { alarm, arrowHead, cross, crossing, crown, diamond, halfDisc, hourglass, triangle } from './glyphs.ts';
import type { DisplayList, Measure, Shape } from './shapes.ts';

const HEIGHT = 22;
const part = 'legend';
const look = { part };

type Entry = readonly [name: string, width: number, draw: (x: number, y: number) => Shape[]];

const line = (x: number, y: number, w: number, rest: object): Shape => ({
  shape: 'path',
  points: [x, y, x + w, y],
  stroke: 'neutral',
  width: 1.4,
  part,
  ...rest,
});

const ENTRIES: readonly Entry[] = [
  ['delivered', 26, (x, y) => [line(x, y, 22, {}), arrowHead(look, [x + 24, y], [1, 0], 8, 'neutral', false)]],
  [
    'dropped',
    26,
    (x, y) => [line(x, y, 18, { stroke: 'danger', dash: [4, 3] }), ...cross(look, x + 20, y, 4, 'danger')],
  ],
  [
    'duplicated',
    26,
    (x, y) => [
      line(x, y - 2, 20, {}),
      line(x, y + 2, 20, {}),
      arrowHead(look, [x + 25, y], [1, 0], 8, 'neutral', true),
    ],
  ],
  [
    'delayed',
    30,
    (x, y) => [line(x, y, 26, { stroke: 'warn', dash: [9, 4] }), ...hourglass(look, x + 13, y, 5, 'warn')],
  ],
  ['reordered', 30, (x, y) => [line(x, y, 26, { stroke: 'warn' }), ...crossing(look, x + 13, y, 6, 'warn')]],
  ['leads', 30, (x, y) => [line(x, y + 4, 28, { stroke: 'info', width: 4 }), crown(look, x + 12, y - 4, 5, 'info')]],
  [
    'down',
    20,
    (x, y) => [
      {
        shape: 'rect',
        x,
        y: y - 6,
        w: 18,
        h: 12,
        stroke: 'danger',
        width: 1,
        pattern: 'diagonal',
        patternInk: 'danger',
        part,
      },
    ],
  ],
  ['timer', 12, (x, y) => [triangle(look, x + 5, y, 5, 'neutral', true)]],
  ['takes effect', 14, (x, y) => [diamond(look, x + 6, y, 4.5, 'info')]],
  ['violation', 16, (x, y) => alarm(look, x + 7, y, 7)],
];

/** Only while two traces are compared. */
const COMPARED: readonly Entry[] = [
  ['only in A', 12, (x, y) => halfDisc(look, x + 5, y, 4.5, 'info', 'left')],
  ['only in B', 12, (x, y) => halfDisc(look, x + 5, y, 4.5, 'warn', 'right')],
];

export function legendList(measure: Measure, isCompared = false): DisplayList {
  const shapes: Shape[] = [];
  let x = 8;
  for (const [name, width, draw] of isCompared ? [...COMPARED, ...ENTRIES] : ENTRIES) {
    shapes.push(...draw(x, HEIGHT / 2));
    shapes.push({
      shape: 'text',
      text: name,
      x: x + width + 4,
      y: HEIGHT / 2,
      size: 11,
      anchor: 'start',
      ink: 'muted',
      part,
    });
    x += width + measure(name, 11) + 20;
  }
  return { width: x, height: HEIGHT, layers: [{ clip: { x: 0, y: 0, w: x, h: HEIGHT }, shapes }] };
}
