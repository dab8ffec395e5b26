/** Runs of a chain, with its configuration in a group of its own. */
import type { Chain, Mechanism } from '../design/mechanism.ts';
import type { NodeId } from '../design/topology.ts';
import type { ChainState } from '../protocols/chain/state.ts';
import type { AnyProtocol } from '../protocols/contract.ts';
import { protocolOf } from '../protocols/registry.ts';
import { type Executed, execute } from '../run/execute.ts';
import { raftOptions, type Sketch, sketch } from './design.ts';

export const chainOptions = (changes: Partial<Chain> = {}): Chain => ({
  kind: 'chain',
  master: 'routes',
  read: 'tail',
  resend: true,
  ...changes,
});

/** A chain of n1, n2, n3, its configuration in a group on n4, n5, n6 (Raft unless told otherwise), and a spare n7. */
export function runChain(
  wanted: Sketch,
  seed: number,
  options: Partial<Chain> = {},
  protocol?: AnyProtocol,
  master: Mechanism = raftOptions(),
): Executed {
  const { design, scenario } = sketch({ ...wanted, nodes: 7, mechanism: chainOptions(options) });
  const [store, partition] = [design.stores[0]!, design.partitions[0]!];
  const routes = { ...store, name: 'routes', model: 'kv' as const, mechanism: { ...master, at: store.at } };
  const both = {
    ...design,
    // Only the chain's disks may be volatile: who keeps its configuration must not forget it.
    nodes: design.nodes.map(node => (node.id < 3 ? node : { ...node, disk: { ...node.disk, volatile: false } })),
    stores: [store, { ...routes, partitions: [1] }],
    partitions: [
      { ...partition, replicas: [0, 1, 2], spares: [6] },
      { ...partition, id: 1, name: 'routes', store: 'routes', replicas: [3, 4, 5] },
    ],
  };
  return execute(both, scenario, {
    seed,
    protocolOf: one => (one.name === 'db' && protocol !== undefined ? protocol : protocolOf(one)),
  });
}

export const statesOf = (executed: Executed): readonly ChainState[] => [
  ...(executed.sim.groups[0]!.states.values() as Iterable<ChainState>),
];

/** The chain of the latest epoch that a live node knows, head first. */
export const chainOf = (executed: Executed): readonly NodeId[] =>
  statesOf(executed)
    .map(state => state.configuration)
    .reduce((a, b) => (b.epoch > a.epoch ? b : a)).chain;

/** Operations on the chain that were answered in the last second of the load. */
export const answeredLate = (executed: Executed): number =>
  executed.log.operations.filter(
    one => one.store === 'db' && one.outcome === 'ok' && one.invoke > executed.loadEndNs - 1_000_000_000,
  ).length;
