/** Times, figures and names as people read them. */
import type { Design } from '../design/design.ts';

/** ns in the unit that fits, at most three digits behind the point. */
export function time(ns: number): string {
  const round = (value: number, unit: string) =>
    `${Number(value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2))} ${unit}`;
  const size = Math.abs(ns);
  if (size >= 1e9) return `${Number((ns / 1e9).toFixed(3))} s`;
  if (size >= 1e6) return round(ns / 1e6, 'ms');
  if (size >= 1e3) return round(ns / 1e3, 'µs');
  return `${ns} ns`;
}

export const percent = (share: number): string => `${Number((share * 100).toFixed(4))}%`;

export const list = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Nodes by their names, each once. */
export const named = (design: Design, nodes: readonly number[]): string =>
  [...new Set(nodes)].map(node => design.nodes[node]!.name).join(', ');
