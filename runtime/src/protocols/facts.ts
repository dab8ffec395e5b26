/** The facts of a design: figures from `analysis/`, labels and ceilings from the descriptors. What `dsys facts` shows. */
import { type Facts, factsOf, factsOfStore, type StoreFacts } from '../analysis/facts.ts';
import { defaultTrials } from '../analysis/wars.ts';
import type { Design } from '../design/design.ts';
import type { Store } from '../design/store.ts';
import { judgementOf } from './labels.ts';

/** @param trials of the staleness prediction; 0 leaves it out */
export const factsOfDesign = (design: Design, trials = defaultTrials): Facts =>
  factsOf(design, store => judgementOf(design, store), trials);

/** @param trials of the staleness prediction; 0 leaves it out */
export const factsOfOneStore = (design: Design, store: Store, trials = defaultTrials): StoreFacts =>
  factsOfStore(design, store, judgementOf(design, store), trials);
