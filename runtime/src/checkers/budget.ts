/**
 * How much a search may do before it has to answer `unknown`. Counted, never timed: the same history gets the same
 * verdict on every machine.
 */
export interface Budget {
  /** Configurations that a search may visit, over all keys together. */
  readonly nodes: number;
  /** Numbers (4 bytes each) that a search may keep in order not to visit a configuration twice, per key. */
  readonly memory: number;
  /** Characters of all the different states of one key (long lists and texts, mostly). */
  readonly states: number;
}

export const DEFAULT_BUDGET: Budget = { nodes: 1_000_000, memory: 24_000_000, states: 40_000_000 };

/** What a search may spend on making the explanation of a violation shorter. The verdict does not depend on it. */
export const EXPLANATION_BUDGET: Budget = { nodes: 100_000, memory: 4_000_000, states: 10_000_000 };
