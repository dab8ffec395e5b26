/** The answer of `dsys/facts` as cards: the same rows that the terminal and hovers show. */

import { factRows } from '@dsys/language-server/facts/rows';
import type { Facts, StoreFacts } from '@dsys/runtime/analysis/facts';
import type { StoreCard } from '../../webview/design/protocol.ts';

export const cardsOf = ({ stores }: Facts): readonly StoreCard[] =>
  stores.map(facts => ({ store: facts.name, rows: factRows(facts), staleness: stalenessOf(facts) }));

/** Where the simulation was asked: right after the acknowledgement, and at the two percentiles. */
function stalenessOf({ staleness }: StoreFacts): StoreCard['staleness'] {
  if (staleness === null) return null;
  const { pConsistentAt0, tVisibilityNs, trials, assumes } = staleness;
  const points: (readonly [number, number])[] = [[0, pConsistentAt0]];
  // Who is seen at once by more than that has nothing to wait for.
  for (const [ns, p] of [
    [tVisibilityNs.p99, 0.99],
    [tVisibilityNs['p99.9'], 0.999],
  ] as const)
    if (p > pConsistentAt0 && ns > points.at(-1)![0]) points.push([ns, p]);
  return points.length < 2 ? null : { points, trials, assumes };
}
