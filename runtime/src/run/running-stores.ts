/** Which stores take part in a scenario. */
import type { Design } from '../design/design.ts';
import type { Scenario } from '../design/scenario.ts';
import type { Store } from '../design/store.ts';

/** Stores whose behaviour this scenario shows: those that its workloads and scripts touch. */
export function touchedStores(design: Design, scenario: Scenario): readonly Store[] {
  const names = new Set<string>();
  for (const run of scenario.runs) {
    const workload = design.workloads.find(one => one.name === run.workload);
    for (const target of workload?.targets ?? []) names.add(target);
  }
  for (const action of scenario.actions) if (action.verb.kind === 'operation') names.add(action.verb.on);
  for (const transaction of design.transactions)
    if (names.has(transaction.name)) for (const store of transaction.stores) names.add(store);
  return design.stores.filter(store => names.has(store.name));
}

/** Stores that take part: those that are touched, and those that actions are aimed at (`crash leader of S`). */
export function runningStores(design: Design, scenario: Scenario): readonly Store[] {
  const names = new Set(touchedStores(design, scenario).map(store => store.name));
  const ofPartitions = (partitions: readonly number[]) => {
    for (const id of partitions) names.add(design.partitions[id]!.store);
  };
  for (const { trigger, verb } of scenario.actions) {
    const lists = [...Object.values(verb), ...(trigger.kind === 'when' ? [trigger.targets] : [])];
    for (const list of lists) {
      if (!Array.isArray(list)) continue;
      for (const target of list)
        if (typeof target === 'object' && 'partitions' in target) ofPartitions(target.partitions);
    }
    if ('store' in verb) names.add(verb.store);
    if (verb.kind === 'move') ofPartitions([verb.partition]);
  }
  return design.stores.filter(store => names.has(store.name));
}
