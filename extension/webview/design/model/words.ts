/** Figures as people in the field write them, in few characters. */

const units = [
  ['d', 86_400e9],
  ['h', 3600e9],
  ['min', 60e9],
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
  ['ns', 1],
] as const;

const three = (value: number): string => `${Number(value.toPrecision(3))}`;

/** `44 ms`, `0.25 ms`, `1.5 s`: milliseconds down to a hundredth, because links are compared in them. */
export function duration(ns: number): string {
  if (!Number.isFinite(ns)) return 'unbounded';
  if (ns === 0) return '0 ms';
  if (ns >= 1e4 && ns < 1e6) return `${three(ns / 1e6)} ms`;
  const [unit, size] = units.find(([, one]) => ns >= one) ?? ['ns', 1];
  return `${three(ns / size)} ${unit}`;
}

/** `10 Gbit/s`. */
export function bandwidth(bitsPerSecond: number): string {
  const [unit, size] =
    bitsPerSecond >= 1e9
      ? (['Gbit/s', 1e9] as const)
      : bitsPerSecond >= 1e6
        ? (['Mbit/s', 1e6] as const)
        : (['kbit/s', 1e3] as const);
  return `${three(bitsPerSecond / size)} ${unit}`;
}

/** `0.01%`. */
export const percent = (fraction: number): string => `${three(fraction * 100)}%`;

/** `1 node`, `3 nodes`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;

/** `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** As much of a list as one reads, and how many there are more. */
export function shortList(words: readonly string[], most = 8): string {
  if (words.length <= most) return listed(words);
  return `${words.slice(0, most).join(', ')} and ${words.length - most} more`;
}
