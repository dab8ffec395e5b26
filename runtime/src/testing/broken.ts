/** A protocol with deliberate mistakes: each is caught, every invariant is seen broken, and the real one is not accused. */
import { describe, expect, it } from 'vitest';
import type { AnyProtocol, Invariant } from '../protocols/contract.ts';
import type { Executed } from '../run/execute.ts';
import { complaintsOf, firstCaught } from './runs.ts';
import { seedsTo } from './seeds.ts';

/** What is wrong, who does it, with which options, and what must be said of it. */
export type Mistake<C> = readonly [what: string, protocol: AnyProtocol, options: Partial<C>, caughtAs: RegExp];

export interface Mistakes<C> {
  readonly mistakes: readonly Mistake<C>[];
  readonly invariants: readonly Invariant<never, C>[];
  /** One run of a storm under which all of them show; without a protocol: the real one. */
  readonly run: (seed: number, options: Partial<C>, protocol?: AnyProtocol) => Executed;
  /** Options under which the real one is tried, by name. */
  readonly sound: Readonly<Record<string, Partial<C>>>;
  /** How many seeds of it. */
  readonly seeds: number;
}

export function describeMistakes<C>(title: string, { mistakes, invariants, run, sound, seeds }: Mistakes<C>): void {
  describe(title, () => {
    it.each(mistakes)('%s', (_what, protocol, options, caughtAs) => {
      expect(firstCaught(seedsTo(20), seed => run(seed, options, protocol))?.why).toMatch(caughtAs);
    });

    it('and every invariant has been seen broken', () => {
      const seen = mistakes.flatMap(([, protocol, options]) =>
        seedsTo(3).flatMap(seed => run(seed, options, protocol).sim.broken.map(one => one.invariant)),
      );
      expect([...new Set(seen)].sort()).toEqual(invariants.map(one => one.name).sort());
    });

    it.each(Object.entries(sound))('and the same storm finds nothing wrong with the real one: %s', (_name, options) => {
      expect(complaintsOf(seedsTo(seeds), seed => run(seed, options))).toEqual([]);
    });
  });
}
