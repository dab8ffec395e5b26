/**
 * Who decides which slot. Multi-Paxos and Flexible Paxos have one configuration for ever. Cheap Paxos (Lamport and
 * Massa, DSN 2004, §3) changes it by commands in the log: what is applied up to slot s − `window` decides who the
 * acceptors of slot s are (the α of Lamport 2001, §3), so nobody can propose further ahead than that.
 */
import type { CheapPaxos, FlexiblePaxos, MultiPaxos } from '../../design/mechanism.ts';
import { isQuorum, type Quorum, type QuorumSpec, resolveQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Group } from '../contract.ts';

export type LogPaxos = MultiPaxos | FlexiblePaxos | CheapPaxos;

export interface Quorums {
  /** Phase 1. */
  readonly prepare: Quorum;
  /** Phase 2. */
  readonly accept: Quorum;
}

export interface Configuration {
  /** First slot that it decides. */
  readonly from: number;
  readonly main: readonly NodeId[];
  /** Asked only while a main acceptor does not answer. */
  readonly auxiliary: readonly NodeId[];
  readonly quorums: Quorums;
}

/** α: slots that may be open beyond the last applied one, where the configuration can change. */
export const alpha = 32;

export const windowOf = (options: LogPaxos): number =>
  options.kind === 'cheap-paxos' ? alpha : Number.POSITIVE_INFINITY;

export const acceptorsOf = (group: Group): readonly NodeId[] => [...group.replicas, ...group.witnesses];

/** Ballots belong to one acceptor each: round times acceptors, plus its place among them (Lamport 2001, §2.2). */
export function ownerOf(group: Group, ballot: number): NodeId {
  const acceptors = acceptorsOf(group);
  return acceptors[ballot % acceptors.length]!;
}

/**
 * k main acceptors and k − 1 auxiliary ones: any k of them are a quorum, all the main ones together are one, and none
 * does without a main one (Lamport and Massa, §3).
 */
export function cheapConfiguration(options: CheapPaxos, main: readonly NodeId[], from: number): Configuration {
  const auxiliary = options.auxiliary.slice(0, Math.max(0, main.length - 1));
  const quorum = resolveQuorum({ kind: 'majority' }, [...main, ...auxiliary], () => null);
  return { from, main, auxiliary, quorums: { prepare: quorum, accept: quorum } };
}

/** Only the meeting of quorums across the phases matters (Howard et al., §3); Multi-Paxos has one family for both. */
export function initialConfiguration(options: LogPaxos, group: Group, self?: NodeId): Configuration {
  if (options.kind === 'cheap-paxos') return cheapConfiguration(options, options.main, 1);
  const main = acceptorsOf(group);
  const of = (spec: QuorumSpec) => resolveQuorum(spec, main, group.regionOf, self);
  const flexible = options.kind === 'flexible-paxos';
  const prepare = of(flexible ? options.prepare : options.quorum);
  return {
    from: 1,
    main,
    auxiliary: [],
    quorums: { prepare, accept: flexible ? of(options.accept) : prepare },
  };
}

/** The latest of `configurations`, which are in order, that has begun by `slot`. */
export function configurationAt(configurations: readonly Configuration[], slot: number): Configuration {
  let at = configurations.length - 1;
  while (at > 0 && configurations[at]!.from > slot) at--;
  return configurations[at]!;
}

export const decides = (quorum: Quorum, nodes: readonly NodeId[]): boolean =>
  isQuorum(quorum, node => nodes.includes(node));
