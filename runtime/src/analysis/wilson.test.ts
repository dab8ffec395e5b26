import { describe, expect, it } from 'vitest';
import { wilson } from './wilson.ts';

describe('a share known from trials', () => {
  /** The last one is an example of Newcombe's, Statistics in Medicine 17, 1998. */
  it.each([
    [0, 20, 0, 0.1611],
    [10, 20, 0.2993, 0.7007],
    [20, 20, 0.8389, 1],
    [1, 10, 0.0179, 0.4042],
    [81, 263, 0.2553, 0.3662],
  ])('%i of %i', (found, trials, low, high) => {
    const [from, to] = wilson(found, trials);
    expect(from).toBeCloseTo(low, 4);
    expect(to).toBeCloseTo(high, 4);
    // What an end is by definition: a share from which the found one is just as far as chance goes.
    for (const end of [from, to])
      expect(Math.abs(found / trials - end)).toBeCloseTo(1.959964 * Math.sqrt((end * (1 - end)) / trials), 5);
  });

  it('of none is unknown', () => expect(wilson(0, 0)).toEqual([0, 1]));
});
