/** Quantities, distributions and the like. */
import type { Choices } from './choices.ts';

/** More than nothing. */
export const duration = (c: Choices): string =>
  c.chance(5)
    ? '7ns'
    : `${c.pick(['1', '2', '5', '10', '40', '150', '0.5', '2.25'])}${c.pick(['ms', 's', 'us', 'min', 'h', 'd'])}`;

export const milliseconds = (c: Choices, least: number, most: number): string => `${c.between(least, most)}ms`;

export const seconds = (c: Choices, least: number, most: number): string =>
  `${c.between(least, most)}${c.pick(['', '', '.5'])}s`;

export const percent = (c: Choices, most = 100): string =>
  `${c.pick([c.between(0, most), c.between(0, most) / 10, c.between(0, most) / 1000])}%`;

export const rate = (c: Choices): string => `${c.between(1, 9000)}${c.pick(['/s', '/min'])}`;

export const size = (c: Choices): string => `${c.between(1, 500)}${c.pick(['B', 'KB', 'MB', 'GB', 'TB'])}`;

export const bandwidth = (c: Choices): string => `${c.between(1, 100)}${c.pick(['Gbit/s', 'Mbit/s', 'kbit/s'])}`;

export const onOff = (c: Choices): string => c.pick(['on', 'off']);

const short = (c: Choices): string => `${c.pick(['1', '0.25', '3', '20', '75'])}ms`;

export function distribution(c: Choices, depth = 2): string {
  switch (c.below(depth > 0 ? 8 : 6)) {
    case 1:
      return `uniform(${milliseconds(c, 0, 5)}, ${milliseconds(c, 5, 60)})`;
    case 2:
      return `normal(${short(c)}, ${short(c)})`;
    case 3:
      return `lognormal(${short(c)}, ${c.pick(['0.3', '0', '1', '2.5'])})`;
    case 4:
      return `exponential(${short(c)})`;
    case 5:
      return `pareto(${short(c)}, ${c.pick(['10', '1.51', '1', '0.5'])})`;
    case 6: {
      const first = c.between(1, 99);
      return `mix(${first}% ${distribution(c, depth - 1)}, ${100 - first}% ${distribution(c, depth - 1)})`;
    }
    case 7:
      return `${short(c)} + ${distribution(c, 0)}`;
    default:
      return short(c);
  }
}

export const text = (c: Choices): string =>
  c.pick(['"DE"', '"a b"', '"{ }"', '"// no comment"', '"ü"', '"\\"q\\""', '""']);
