/**
 * Where a random design takes its decisions from: a tape of numbers that fast-check draws and shrinks. A tape at its
 * end answers 0, so whoever asks puts the plainest answer first, and a shorter tape is a plainer design.
 */
import fc from 'fast-check';

export interface Choices {
  /** From 0 to `count` - 1. */
  below(count: number): number;
  between(least: number, most: number): number;
  /** Never at the end of the tape. */
  chance(percent: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** Some of them, each once, in their order but for where it begins. */
  some<T>(from: readonly T[], least: number, most?: number): T[];
  list<T>(least: number, most: number, make: (index: number) => T): T[];
}

/** A tape for one part of a design; parts have tapes of their own, so that they shrink by themselves. */
export const tape = (maxLength: number): fc.Arbitrary<number[]> =>
  fc.noBias(fc.array(fc.nat(9999), { maxLength, size: 'max' }));

export function choicesFrom(numbers: readonly number[]): Choices {
  let at = 0;
  const below = (count: number): number => (count <= 1 ? 0 : (numbers[at++] ?? 0) % count);
  const between = (least: number, most: number): number => least + below(most - least + 1);
  const list = <T>(least: number, most: number, make: (index: number) => T): T[] =>
    Array.from({ length: between(least, most) }, (_, index) => make(index));
  return {
    below,
    between,
    list,
    chance: percent => below(100) >= 100 - percent,
    pick: from => from[below(from.length)]!,
    some(from, least, most = from.length) {
      const left = [...from];
      const wanted = Math.min(left.length, between(least, Math.max(least, Math.min(most, from.length))));
      return Array.from({ length: wanted }, () => left.splice(below(left.length), 1)[0]!);
    },
  };
}
