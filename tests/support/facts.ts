/** Facts of designs that are written in tests, with a judgement that says nothing of note. */
import type { Design } from '@dsys/runtime';
import { factsOf, type Judgement, type StoreFacts } from '@dsys/runtime/analysis/facts';
import type { Store } from '@dsys/runtime/design/store';
import { designOf } from './design.ts';

export const judgement: Judgement = {
  ceiling: 'linearizable',
  why: 'a test says so',
  source: 'this test',
  cap: 'CP',
  pacelc: 'PC/EC',
  availabilityUnderPartition: 'majority',
  levels: [],
  operations: { read: { cap: 'CP', pacelc: 'PC/EC', availabilityUnderPartition: 'majority' } },
  unknown: {},
};

export async function facts(text: string, name = 's'): Promise<StoreFacts> {
  const { stores } = factsOf(await designOf(text), () => judgement);
  return stores.find(store => store.name === name)!;
}
export const storeOf = (design: Design, name = 's'): Store => design.stores.find(store => store.name === name)!;
