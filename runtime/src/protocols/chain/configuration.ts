/**
 * The configuration of a chain, as the configuration service keeps it: one value under one key of the store that the
 * design names as `master`, changed by compare-and-set only. So epochs follow one another, each has one configuration,
 * and whoever changes it knows the one before.
 */
import type { Value } from '../../checkers/history.ts';
import type { NodeId } from '../../design/topology.ts';

export interface Configuration {
  /** Grows by one with every change; 0: nothing is known yet. */
  readonly epoch: number;
  /** Head first, tail last; empty while the group is forming. */
  readonly chain: readonly NodeId[];
  /** Who belongs to the group, in the chain or on the way into it; while forming, who has started. */
  readonly members: readonly NodeId[];
}

export const unknownConfiguration: Configuration = { epoch: 0, chain: [], members: [] };

/** As it stands in the service; null: no configuration was ever written. */
export const encode = ({ epoch, chain, members }: Configuration): Value =>
  epoch === 0 ? null : [epoch, chain, members];

export function decode(value: Value): Configuration {
  if (!Array.isArray(value)) return unknownConfiguration;
  const [epoch, chain, members] = value as unknown as readonly [number, readonly NodeId[], readonly NodeId[]];
  return { epoch, chain, members };
}

export const isFormed = ({ chain }: Configuration): boolean => chain.length > 0;

export const headOf = ({ chain }: Configuration): NodeId | undefined => chain[0];
export const tailOf = ({ chain }: Configuration): NodeId | undefined => chain[chain.length - 1];

/** undefined: `node` is the head, or in no chain. */
export const predecessorOf = ({ chain }: Configuration, node: NodeId): NodeId | undefined =>
  chain[chain.indexOf(node) - 1];

/** undefined: `node` is the tail, or in no chain. */
export function successorOf({ chain }: Configuration, node: NodeId): NodeId | undefined {
  const at = chain.indexOf(node);
  return at < 0 ? undefined : chain[at + 1];
}

/** The next epoch, the same but for `changes`. */
export const following = (
  configuration: Configuration,
  changes: Partial<Omit<Configuration, 'epoch'>> = {},
): Configuration => ({ ...configuration, ...changes, epoch: configuration.epoch + 1 });

export const without = (nodes: readonly NodeId[], ...left: readonly NodeId[]): readonly NodeId[] =>
  nodes.filter(node => !left.includes(node));

/** `node` has started; once all replicas have, they are the chain, in the order in which they are placed. */
export function withStarted(configuration: Configuration, node: NodeId, replicas: readonly NodeId[]): Configuration {
  const members = replicas.filter(one => one === node || configuration.members.includes(one));
  return following(configuration, { members, chain: members.length === replicas.length ? replicas : [] });
}
