/** How two events are related in time as the system could know it. */

import { type Causality, causalPath, happensBefore } from '@dsys/runtime/trace/causality';

export interface Relation {
  readonly kind: 'same' | 'before' | 'after' | 'concurrent';
  /** From the earlier to the later one, each following directly from the one before; empty when they are concurrent. */
  readonly path: readonly number[];
}

/** @param a said of `b`: `before` when a happened before b */
export function relationOf(causality: Causality, a: number, b: number): Relation {
  if (a === b) return { kind: 'same', path: [a] };
  if (happensBefore(causality, a, b)) return { kind: 'before', path: causalPath(causality, a, b) };
  if (happensBefore(causality, b, a)) return { kind: 'after', path: causalPath(causality, b, a) };
  return { kind: 'concurrent', path: [] };
}

/** The events of a path at which it leaves a lane or enters one: its messages, and its two ends. */
export function turnsOf({ lane, send }: Causality, path: readonly number[]): number[] {
  return path.filter(
    (event, index) =>
      index === 0 ||
      index === path.length - 1 ||
      send[event] === path[index - 1] ||
      send[path[index + 1]] === event ||
      lane[event] !== lane[path[index - 1]],
  );
}
