/** What the options mean as numbers and sets: who must acknowledge, who must be consulted, when to suspect. */
import { normalCdf } from '../../design/distribution.ts';
import type { SingleLeader } from '../../design/mechanism.ts';
import { isQuorum, majorityOf, type Quorum, resolveQuorum, smallestQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Group } from '../contract.ts';
import type { SingleLeaderState } from './state.ts';

/** Everyone who may be asked about a promotion. */
export const electorate = (state: SingleLeaderState): readonly NodeId[] => [
  ...state.members,
  ...state.context.group.witnesses,
];

/** Members that hold data, without the leader and the observers. */
export const followersOf = (state: SingleLeaderState): readonly NodeId[] =>
  state.members.filter(node => node !== state.context.self);

/**
 * Replicas that a promotion must hear from, the promoted one included. `majority` counts all members, so that two
 * majorities meet; a number or `all` counts the followers that are left.
 */
export function consultQuorum(
  options: SingleLeader,
  members: readonly NodeId[],
  oldLeader: NodeId | null,
  group: Group,
): Quorum {
  const others = members.filter(node => node !== oldLeader);
  const { consult } = options.failover;
  if (consult.kind === 'majority') return { kind: 'nodes', need: majorityOf(members.length), of: members };
  return resolveQuorum(consult, others, node => group.regionOf(node));
}

/** Could everyone who is not in `heard` promote somebody else among themselves? */
export function promotionPossibleWithout(state: SingleLeaderState, heard: (node: NodeId) => boolean): boolean {
  const { options, group, self } = state.context;
  if (options.failover.mode === 'none') return false;
  const quorum = consultQuorum(options, electorate(state), self, group);
  return isQuorum(quorum, node => node !== self && !heard(node));
}

/** Has the write at `sequence` reached all that the mode asks for? */
export function isAcknowledged(state: SingleLeaderState, sequence: number): boolean {
  const { options, group } = state.context;
  if (state.synced < sequence) return false;
  const has = (node: NodeId) => (state.followers[node]?.acknowledged ?? 0) >= sequence;
  switch (options.mode) {
    case 'asynchronous':
      return true;
    case 'semi-synchronous':
      if (state.degraded) return true;
      return isQuorum(
        resolveQuorum(options.acknowledgements!, followersOf(state), node => group.regionOf(node)),
        has,
      );
    case 'synchronous':
      return followersOf(state).every(node => state.followers[node]?.dropped || has(node));
  }
}

/** Followers that hold a write when it is acknowledged, at least: k. */
export function acknowledgedCopies(options: SingleLeader, followers: number): number {
  if (options.mode === 'asynchronous') return 0;
  if (options.mode === 'synchronous') return followers;
  const { acknowledgements } = options;
  if (acknowledgements!.kind === 'count') return acknowledgements!.count;
  return smallestQuorum(
    resolveQuorum(
      acknowledgements!,
      Array.from({ length: followers }, (_, i) => i),
      () => null,
    ),
  );
}

/**
 * Why a promotion can miss acknowledged writes; undefined: it cannot. Writes are on k of m followers and P followers
 * are consulted: with P + k ≤ m both sets can be disjoint (quorum intersection). Witnesses are consulted and know nothing.
 */
export function promotionCanMiss(options: SingleLeader, replicas: readonly NodeId[], group: Group): string | undefined {
  const { failover } = options;
  if (failover.mode === 'none') return undefined;
  const m = replicas.length - 1;
  const k = acknowledgedCopies(options, m);
  if (k === 0) return 'asynchronous replication: no follower needs to have an acknowledged write';
  if (options.fallbackAfterNs !== null) return 'replication falls back to asynchronous';
  if (options.mode === 'synchronous' && options.onReplicaDown === 'drop') return 'replicas that are down are left out';
  if (failover.promote === 'any' && k < m) return 'any replica is promoted, however far behind';
  const electorate = [...replicas, ...group.witnesses];
  const asked = smallestQuorum(consultQuorum(options, electorate, replicas[0]!, group));
  const consulted = Math.max(0, asked - group.witnesses.length);
  if (consulted + k <= m)
    return `${consulted} of ${m} followers are consulted and ${k} hold a write: ${consulted} + ${k} ≤ ${m}`;
  return undefined;
}

/** Detection time in ns; phi accrual is turned into the time at which a regular heartbeat would be overdue by it. */
export function detectNs(options: SingleLeader): number {
  const { detect } = options.failover;
  return detect.kind === 'timeout' ? detect.ns : phiHeartbeatNs * 10;
}

const phiHeartbeatNs = 100_000_000;

export const heartbeatNs = (options: SingleLeader): number =>
  options.failover.detect.kind === 'phi'
    ? phiHeartbeatNs
    : Math.max(1_000_000, Math.floor(options.failover.detect.ns / 6));

/** Gaps that phi is computed from (the window of the paper), and the least deviation that is believed. */
export const phiWindow = 100;
const phiLeastDeviation = 0.1;

/**
 * Suspicion level φ = −log10(1 − F(t)), F normal with the mean and deviation of recent gaps (Hayashibara et al.,
 * SRDS'04, §4.2).
 */
export function phi(gaps: readonly number[], silentNs: number): number {
  const mean = gaps.length === 0 ? phiHeartbeatNs : gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) * (gap - mean), 0) / Math.max(1, gaps.length);
  const deviation = Math.max(Math.sqrt(variance), mean * phiLeastDeviation);
  const later = 1 - normalCdf((silentNs - mean) / deviation);
  return later <= 0 ? Number.POSITIVE_INFINITY : -Math.log10(later);
}

export function suspects(state: SingleLeaderState, nowNs: number): boolean {
  const silent = nowNs - state.leaderHeardNs;
  const { detect } = state.context.options.failover;
  return detect.kind === 'timeout' ? silent >= detect.ns : phi(state.gaps, silent) > detect.threshold;
}
