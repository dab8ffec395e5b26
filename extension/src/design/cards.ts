/** The answer of `dsys/facts` as cards: the same rows that the terminal and hovers show. */

import { factRows } from '@dsys/language-server/facts/rows';
import type { Facts, StoreFacts } from '@dsys/runtime/analysis/facts';
import type { StoreCard } from '../../webview/design/protocol.ts';

export const cardsOf = ({ stores }: Facts): readonly StoreCard[] =>
  stores.map(facts => ({ store: facts.name, rows: factRows(facts), staleness: stalenessOf(facts) }));

function stalenessOf({ staleness }: StoreFacts): StoreCard['staleness'] {
  if (staleness === null) return null;
  const { pConsistentAt0, tVisibilityNs, curve, trials, assumes } = staleness;
  const marks: (readonly [number, number])[] = [[0, pConsistentAt0]];
  // Who is seen at once by more than that has nothing to wait for.
  for (const [ns, p] of [
    [tVisibilityNs.p99, 0.99],
    [tVisibilityNs['p99.9'], 0.999],
  ] as const)
    if (p > pConsistentAt0 && ns > marks.at(-1)![0]) marks.push([ns, p]);
  return marks.length < 2 ? null : { marks, curve, trials, assumes };
}
