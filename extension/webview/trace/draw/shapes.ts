/**
 * The display list: what is to be drawn, as plain data, in the order of drawing. Layout makes it from a trace; back-ends
 * (a canvas, a file) only paint it. Colours are names of tokens; nothing here depends on a screen.
 */

import type { Ref } from '../model/selection.ts';

/** Tokens of colour. The middle four carry meaning; the others are the theme's. */
export type Ink =
  | 'ink'
  | 'muted'
  | 'faint'
  | 'neutral'
  | 'info'
  | 'danger'
  | 'warn'
  | 'surface'
  | 'raised'
  | 'band'
  | 'focus';

/** Fills that also a person who sees no colours tells apart. */
export type Pattern = 'diagonal' | 'horizontal' | 'dotted';

export interface Upright {
  /** Point of the picture around which it stays as it is where time runs downwards; left out: it is turned. */
  readonly upright?: readonly [x: number, y: number];
}

interface Common extends Upright {
  /** What it is a picture of: `message.dropped`, `op.ok`, `fault` … */
  readonly part: string;
  /** Row of the trace that it stands for, and that a click on it selects. */
  readonly ref?: Ref;
  readonly alpha?: number;
}

export interface PathShape extends Common {
  readonly shape: 'path';
  /** x, y, x, y … */
  readonly points: readonly number[];
  readonly closed?: boolean;
  readonly stroke?: Ink;
  readonly fill?: Ink;
  readonly width?: number;
  readonly dash?: readonly number[];
}

export interface RectShape extends Common {
  readonly shape: 'rect';
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly stroke?: Ink;
  readonly fill?: Ink;
  readonly width?: number;
  readonly dash?: readonly number[];
  readonly pattern?: Pattern;
  /** Ink of the pattern. */
  readonly patternInk?: Ink;
}

export interface CircleShape extends Common {
  readonly shape: 'circle';
  readonly x: number;
  readonly y: number;
  readonly r: number;
  readonly stroke?: Ink;
  readonly fill?: Ink;
  readonly width?: number;
}

export interface TextShape extends Common {
  readonly shape: 'text';
  readonly text: string;
  readonly x: number;
  /** Middle of the line. */
  readonly y: number;
  readonly size: number;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly ink: Ink;
  readonly bold?: boolean;
  /** Painted behind the letters so that lines do not cross them. */
  readonly halo?: Ink;
}

/** Many small squares at once, which cost an object each otherwise. */
export interface PointsShape extends Common {
  readonly shape: 'points';
  /** x, y, x, y … of their middles; x does not decrease, or y where time runs downwards. */
  readonly at: Float32Array;
  readonly down?: boolean;
  /** Event that each stands for. */
  readonly rows: Int32Array;
  /** Side in px. */
  readonly size: number;
  readonly fill: Ink;
}

/** Many thin arrows at once, all alike. */
export interface ArrowsShape extends Common {
  readonly shape: 'arrows';
  /** x, y of where each begins, and x, y of its tip. */
  readonly at: Float32Array;
  /** Message that each stands for. */
  readonly rows: Int32Array;
  /** Length of a head in px; it is `2 * HEAD_HALF` of that wide. */
  readonly head: number;
  readonly stroke: Ink;
  readonly dotted?: boolean;
}

/** Half the width of an arrow's head, for a length of 1. */
export const HEAD_HALF = 0.45;

/**
 * Bars of one px each, side by side, in rows one above the other; with `down` they are
 * turned over the diagonal of the picture when they are painted.
 * Whole px, so that every back-end draws the same.
 */
export interface BarsShape extends Common {
  readonly shape: 'bars';
  readonly down?: boolean;
  readonly x: number;
  readonly y: number;
  /** Room of all rows together. */
  readonly h: number;
  readonly series: readonly BarSeries[];
}

export interface BarSeries {
  /** What it is a picture of: `density.messages` … */
  readonly part: string;
  readonly fill: Ink;
  /** Where the bars stand, in px from the top of the box. */
  readonly bottom: number;
  /** Of each column from the left, in px; 0: no bar. */
  readonly heights: Uint16Array;
}

export type Shape = PathShape | RectShape | CircleShape | TextShape | PointsShape | ArrowsShape | BarsShape;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Shapes inside a box; what reaches out of it is cut off. */
export interface Layer {
  readonly clip: Box;
  readonly shapes: readonly Shape[];
}

export interface DisplayList {
  readonly width: number;
  readonly height: number;
  readonly layers: readonly Layer[];
}

/** Width of a text at a size, in px. */
export type Measure = (text: string, size: number, bold?: boolean) => number;

/** Width of a text where there is no font to ask: that of an ordinary sans serif, on average. */
export const roughMeasure: Measure = (text, size, bold = false) => text.length * size * (bold ? 0.6 : 0.55);
