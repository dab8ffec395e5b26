/** What a conflict policy decides: who may write when, in what order replicas apply, and whom a write waits for. */
import type { MultiLeader } from '../../design/mechanism.ts';
import { majorityOf } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest, ClientRequest } from '../contract.ts';
import { avoidance } from './homes.ts';
import { immediate } from './immediate.ts';
import { locking } from './lock-holder.ts';
import type { MultiLeaderIo, MultiLeaderMessage, MultiLeaderState, Pending, Write } from './state.ts';
import { versionChecks } from './version-check.ts';

export interface Policy {
  /** A replica takes a write only when it has all that the write's origin had (causal delivery). */
  readonly causal: boolean;
  /** Of two writes of a key the one with the higher stamp is shown; else the one that came last. */
  readonly ordered: boolean;
  /** How many leaders must have a write on disk before its client is told; 1: the origin is enough. */
  readonly copies: number;
  /** A client's write, at a leader. */
  begin(state: MultiLeaderState, request: ClientRequest, io: MultiLeaderIo): void;
  /** Who begins writes of the key; undefined: any leader. */
  homeOf?(state: MultiLeaderState, key: string): NodeId;
  /** The write comes too late to count as acknowledged here. */
  refuses?(state: MultiLeaderState, write: Write): boolean;
  /** Something has come, from here or elsewhere. */
  took?(state: MultiLeaderState, write: Write, io: MultiLeaderIo): void;
  /** A write of this node's is acknowledged, or was given up. */
  ended?(state: MultiLeaderState, pending: Pending, acknowledged: boolean, io: MultiLeaderIo): void;
  receive?(state: MultiLeaderState, from: NodeId, message: MultiLeaderMessage, io: MultiLeaderIo): void;
  timer?(state: MultiLeaderState, name: string, io: MultiLeaderIo): void;
  tick?(state: MultiLeaderState, io: MultiLeaderIo): void;
  booted?(state: MultiLeaderState, io: MultiLeaderIo): void;
  administer?(state: MultiLeaderState, request: AdminRequest, io: MultiLeaderIo): void;
}

export function policyOf({ conflicts }: MultiLeader, leaders: readonly NodeId[]): Policy {
  const majority = majorityOf(leaders.length);
  switch (conflicts.kind) {
    case 'none':
      return { causal: false, ordered: false, copies: 1, begin: immediate };
    case 'last-write-wins':
      return { causal: false, ordered: true, copies: 1, begin: immediate };
    case 'merge':
      return { causal: conflicts.type !== 'lww-register', ordered: false, copies: 1, begin: immediate };
    case 'pessimistic-lock':
      return { ...locking(conflicts), copies: conflicts.grantedBy === 'all' ? leaders.length : majority };
    case 'optimistic-lock':
      return { ...versionChecks(conflicts), copies: conflicts.check === 'quorum' ? majority : 1 };
    case 'avoid':
      return { ...avoidance(conflicts), copies: 1 };
    case 'siblings':
      throw new Error('siblings between leaders are refused before the run');
  }
}
