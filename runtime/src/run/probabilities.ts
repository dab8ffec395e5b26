/**
 * When did the run become one that breaks? From moments along it, all randomness is drawn anew under many seeds, and the
 * share of runs that violate the property is counted. Where that share rises, what happened matters; where it is as high as
 * at the beginning, nothing had been decided yet. After Antithesis' *bug likelihood over time*
 * (https://antithesis.com/docs/reports/likelihood), for whose runs, too, a prefix can be repeated exactly.
 */

import { wilson } from '../analysis/wilson.ts';
import type { Design } from '../design/design.ts';
import type { Scenario } from '../design/scenario.ts';
import type { Likelihood, Looked } from '../trace/probability.ts';
import type { Moment, Rebuilt } from '../trace/state.ts';
import { execute } from './execute.ts';
import { judge } from './judge.ts';
import { checkName } from './record.ts';
import { createReplay, type ReplayOptions } from './replay.ts';

export interface ProbabilityOptions extends ReplayOptions {
  /** How many others are tried from each moment: 1, 2, …, but not the run's own. */
  readonly seeds: number;
  readonly cancelled?: () => boolean;
}

/**
 * Moments are taken in the order in which they are given.
 * @param moments of the recorded run: each is replayed first, so that nothing is told of another run
 * @param told each moment's result, as soon as it is known
 */
export function probabilities(
  design: Design,
  scenario: Scenario,
  looked: Looked,
  moments: readonly Moment[],
  options: ProbabilityOptions,
  told: (one: Likelihood) => void = () => {},
): Rebuilt<readonly Likelihood[]> {
  const { cancelled = () => false, seeds, ...run } = options;
  const replay = createReplay(design, scenario, run);
  const others = Array.from({ length: seeds + 1 }, (_, index) => index + 1)
    .filter(seed => seed !== run.seed)
    .slice(0, seeds);
  const all: Likelihood[] = [];
  for (const moment of moments) {
    const there = replay.stateAt(moment, 0, cancelled);
    if (there.kind !== 'rebuilt') return there;
    const counts = { violated: 0, held: 0, unknown: 0 };
    for (const seed of others) {
      const changes = [...(run.changes ?? []), { kind: 'seed', seed, atNs: there.value.timeNs } as const];
      const verdict = verdictOf(design, scenario, looked, { ...run, changes, cancelled });
      if (verdict === undefined) return { kind: 'cancelled' };
      counts[verdict]++;
    }
    const one = { moment, ...counts, interval: wilson(counts.violated, counts.violated + counts.held) };
    all.push(one);
    told(one);
  }
  return { kind: 'rebuilt', value: all };
}

function verdictOf(
  design: Design,
  scenario: Scenario,
  looked: Looked,
  options: ReplayOptions & { readonly cancelled: () => boolean },
): 'violated' | 'held' | 'unknown' | undefined {
  const executed = execute(design, scenario, options);
  if (executed.ended === 'cancelled') return undefined;
  const isComplete = executed.ended === 'complete';
  if (looked.kind === 'invariant') {
    if (executed.sim.broken.some(({ invariant }) => invariant === looked.name)) return 'violated';
    return isComplete ? 'held' : 'unknown';
  }
  // One name may stand for a claim and for an expectation.
  const verdicts = judge(executed).flatMap(one => (checkName(one) === looked.name ? [one.verdict] : []));
  if (verdicts.includes('violated')) return 'violated';
  return isComplete && verdicts.length > 0 && !verdicts.includes('unknown') ? 'held' : 'unknown';
}
