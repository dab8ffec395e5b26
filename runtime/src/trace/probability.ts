/** How likely a run is violated from its moments on: the shapes that who computes it and who shows it share. */

import type { Moment } from './state.ts';

/** What is looked for: a check of the trace by its name, or an invariant that a monitor saw broken. */
export interface Looked {
  readonly kind: 'check' | 'invariant';
  readonly name: string;
}

/** Most moments, and seeds for each of them, that are asked for at once. */
export const MOMENTS_MAX = 32;
export const SEEDS_MAX = 200;

/** From one moment on, all randomness was drawn anew, under one seed after the other. */
export interface Likelihood {
  readonly moment: Moment;
  /** Runs that came to a verdict, by what it was. */
  readonly violated: number;
  readonly held: number;
  /** Runs that nothing is known of: cut short, or not decided by the check. They count for neither side. */
  readonly unknown: number;
  /** Wilson's interval of 95 % for the share of violated ones among those with a verdict. */
  readonly interval: readonly [low: number, high: number];
}
