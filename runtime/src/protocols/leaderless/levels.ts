/** The quorums by which a coordinator serves a request: the store's, or those that the request asks for. */
import { type Quorum, type QuorumSpec, resolveQuorum } from '../../design/quorum.ts';
import type { ClientRequest } from '../contract.ts';
import { seenBy } from '../overrides.ts';
import { leaderless } from './descriptor.ts';
import type { LeaderlessState } from './state.ts';

/** @param request for writes and for reads: with read-write-back each has to do with both */
export function levelOf(state: LeaderlessState, { overrides }: ClientRequest, operation: 'read' | 'write'): Quorum {
  if (overrides === undefined) return state[operation];
  return resolved(state, seenBy(leaderless, state.context.options, overrides)[operation]);
}

/** Once for each spec: many requests ask alike. */
function resolved({ context, levels }: LeaderlessState, spec: QuorumSpec): Quorum {
  const { group, self } = context;
  const text = JSON.stringify(spec);
  levels[text] ??= resolveQuorum(spec, group.replicas, node => group.regionOf(node), self);
  return levels[text];
}
