/** Nodes that take part in a partition without holding a copy from the start. */
import type { Design } from '../design/design.ts';
import type { Scenario, Target } from '../design/scenario.ts';
import type { Partition, Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import { copiesOn, mapChangeOf } from './partitions.ts';

/** As spares, empty until then: nodes that the scenario adds or moves a partition to, and stand-ins of sloppy quorums. */
export function withNewcomers(design: Design, scenario: Scenario): Design {
  const stores = new Map(design.stores.map(store => [store.name, store]));
  const partitions = design.partitions.map(partition => {
    const known = new Set([...partition.replicas, ...partition.witnesses, ...partition.observers, ...partition.spares]);
    const added = [
      ...addedTo(design, partition, scenario),
      ...standIns(design, stores.get(partition.store)!, partition),
    ];
    const newcomers = [...new Set(added)].filter(node => !known.has(node));
    return newcomers.length === 0 ? partition : { ...partition, spares: [...partition.spares, ...newcomers] };
  });
  return { ...design, partitions };
}

const nodesNamed = (target: Target): readonly NodeId[] => ('nodes' in target ? target.nodes : []);

/** Where keys go to another group, nobody comes to this one. */
const addedTo = (design: Design, partition: Partition, scenario: Scenario): readonly NodeId[] =>
  scenario.actions.flatMap(action => {
    const { verb } = action;
    const moving = mapChangeOf(design, action);
    if (moving !== undefined) {
      const leaving = verb.kind === 'remove' && moving.name === partition.store ? verb.nodes.flatMap(nodesNamed) : [];
      return copiesOn(design, moving, leaving).find(one => one.partition === partition.id)?.add ?? [];
    }
    const meant =
      verb.kind === 'add' ? verb.store === partition.store : verb.kind === 'move' && verb.partition === partition.id;
    return meant && (verb.kind === 'add' || verb.kind === 'move') ? verb.nodes : [];
  });

/** The other data nodes of the store's clusters, from the partition's last replica on around: the ring of Dynamo, §4.6. */
function standIns(design: Design, { clusters, mechanism }: Store, { replicas }: Partition): readonly NodeId[] {
  if (mechanism.kind !== 'leaderless' || !mechanism.sloppy) return [];
  const ring = design.nodes.filter(({ role, cluster }) => role === 'member' && clusters.includes(cluster));
  const from = 1 + ring.findIndex(({ id }) => id === replicas.at(-1));
  return [...ring.slice(from), ...ring.slice(0, from)].map(({ id }) => id);
}
