/** Fills that are told apart without colours, for every back-end: lines of a tile that repeats. */

import type { Pattern } from './shapes.ts';

/** Width and height of a tile in px. */
export const TILE = 8;
export const PATTERN_WIDTH = 1.2;
export const PATTERN_ALPHA = 0.55;

/** Lines of each pattern's tile: x and y of their ends. */
export const PATTERN_LINES: Readonly<Record<Pattern, readonly (readonly [number, number, number, number])[]>> = {
  diagonal: [-TILE, 0, TILE].map(at => [at, TILE, at + TILE, 0] as const),
  horizontal: [2, 6].map(at => [0, at, TILE, at] as const),
  dotted: [1, 5].map(at => [at, at + 0.5, at + 1.2, at + 0.5] as const),
};
