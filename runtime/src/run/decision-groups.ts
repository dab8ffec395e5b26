/**
 * The Raft groups in which replicated coordinators of stores keep their decisions: hidden, added to a run's partitions
 * after those of the stores and of transactions.
 */
import type { Design } from '../design/design.ts';
import { majorityOf } from '../design/quorum.ts';
import type { Partition, Store } from '../design/store.ts';
import { decisionsOf, groupOf } from '../protocols/group.ts';
import { raft } from '../protocols/raft/raft.ts';
import type { GroupPlan } from './assemble.ts';

/** The design with the partitions of the hidden groups, and what they are made of. */
export function withDecisionGroups(
  design: Design,
  stores: readonly Store[],
): { readonly design: Design; readonly plans: readonly GroupPlan[] } {
  const partitions = [...design.partitions];
  const plans = stores.flatMap(store => {
    const coordinator = 'coordinator' in store.mechanism ? store.mechanism.coordinator : null;
    if (coordinator?.kind !== 'raft') return [];
    const { nodes } = coordinator;
    const name = decisionsOf(store);
    const partition: Partition = {
      at: store.mechanism.at,
      id: partitions.length,
      name,
      store: name,
      index: 0,
      replicas: nodes,
      witnesses: [],
      observers: [],
      spares: [],
      quorums: { quorum: { kind: 'nodes', need: majorityOf(nodes.length), of: nodes } },
    };
    partitions.push(partition);
    const kept: Store = { ...store, name, model: 'kv', mechanism: { ...coordinator.raft, at: store.mechanism.at } };
    const plan: GroupPlan = {
      partition,
      group: groupOf(design, kept, partition),
      protocol: raft,
      options: coordinator.raft,
      recordBytes: 64,
      written: { at: store.mechanism.at, declaration: `store ${store.name}` },
    };
    return [plan];
  });
  return plans.length === 0 ? { design, plans } : { design: { ...design, partitions }, plans };
}
