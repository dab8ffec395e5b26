/** Draws from distributions of durations. */

import { type Distribution, quantileOfPrimitive, weightOf } from '../design/distribution.ts';
import type { RandomStream } from './random.ts';

/**
 * Longest duration drawn, in ns (52 days). The tail of a Pareto distribution knows no bound, virtual time does:
 * times stay exact integers up to 2^53 ns.
 */
export const MAX_SAMPLE_NS = 4_503_599_627_370_496;

/**
 * One draw, an integer from 0 to `MAX_SAMPLE_NS` ns, rounded once at the end.
 *
 * Everything is drawn by inverting the distribution function (also the Gaussian: Wichura's AS 241, no rejection), so a
 * constant takes no `uniform()` of the stream, every other primitive takes one, a sum takes what its parts take, and a
 * mix takes one and then what the chosen part takes.
 */
export function sample(distribution: Distribution, stream: RandomStream): number {
  const drawn = Math.round(draw(distribution, stream));
  return drawn < MAX_SAMPLE_NS ? drawn : MAX_SAMPLE_NS;
}

function draw(d: Distribution, stream: RandomStream): number {
  switch (d.kind) {
    case 'constant':
      return d.ns;
    case 'sum': {
      let total = 0;
      for (const part of d.parts) total += draw(part, stream);
      return total;
    }
    case 'mix': {
      let left = stream.uniform() * weightOf(d.parts);
      let chosen: Distribution | undefined;
      for (const part of d.parts) {
        if (part.weight === 0) continue;
        chosen = part.of;
        if (left < part.weight) break;
        left -= part.weight;
      }
      return draw(chosen!, stream);
    }
    default:
      return quantileOfPrimitive(d, stream.uniform());
  }
}
