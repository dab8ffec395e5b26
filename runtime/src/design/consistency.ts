/** Which consistency models imply which (the proper hierarchy; Viotti and Vukolić 2016, Bouajjani et al. POPL 2017). */
import type { ConsistencyModel } from './property.ts';

/** Direct implications; the rest follows. `eventual` is about what happens at rest, and follows from convergence alone. */
const weaker: Readonly<Record<ConsistencyModel, readonly ConsistencyModel[]>> = {
  strict: ['linearizable'],
  linearizable: ['sequential', 'regular'],
  regular: [],
  sequential: ['causal'],
  causal: ['causal-memory', 'causal-convergence', 'writes-follow-reads'],
  'causal-memory': ['weak-causal', 'pram'],
  'causal-convergence': ['weak-causal', 'eventual'],
  'weak-causal': [],
  pram: ['read-your-writes', 'monotonic-reads', 'monotonic-writes'],
  'read-your-writes': [],
  'monotonic-reads': [],
  'monotonic-writes': [],
  'writes-follow-reads': [],
  eventual: [],
};

/** Whatever has `strong` has `weak` too; a model implies itself. */
export const implies = (strong: ConsistencyModel, weak: ConsistencyModel): boolean =>
  strong === weak || weaker[strong].some(next => implies(next, weak));
