/** Optimistic locks: votes for the next version of a key, and writes that wait for them. */
import type { Value } from '../../checkers/history.ts';
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import type { Effect, Positions } from './state.ts';

/** This leader agrees to version `version` of the key only from this attempt. */
export interface Vote {
  readonly version: number;
  readonly by: NodeId;
  /** Number of the attempt; -1: it was given up, and the version is what stood before. */
  readonly attempt: number;
}

/** A write that waits for others to agree. */
export interface Attempt {
  readonly number: number;
  readonly request: ClientRequest;
  readonly key: string;
  /** The version that it was based on. */
  readonly base: number;
  readonly effect: Effect;
  readonly output: Value;
  readonly after: Positions;
  readonly sinceNs: number;
  sentNs: number;
  agreed: NodeId[];
  refused: NodeId[];
}

export interface Checks {
  votes: Record<string, Vote>;
  /** Since when a vote has been in doubt, and asked about, on the monotonic clock. */
  doubts: Record<string, number>;
  attempts: Record<number, Attempt>;
}

export type VersionMessage =
  /** To the home of the key: write this if `base` is its version. */
  | {
      readonly type: 'write-if';
      readonly key: string;
      readonly base: number;
      readonly attempt: number;
      readonly effect: Effect;
      readonly output: Value;
      /** What the sender had, when it worked out the write. */
      readonly after: Positions;
      readonly operation: number;
      readonly session: ClientRequest['session'];
    }
  | { readonly type: 'written'; readonly attempt: number }
  /** To the leaders: agree that the version after `base` is this attempt's. */
  | { readonly type: 'vote-request'; readonly key: string; readonly base: number; readonly attempt: number }
  | { readonly type: 'agreed'; readonly attempt: number }
  | { readonly type: 'conflict'; readonly attempt: number; readonly version: number }
  /** What became of the attempt that was agreed to? */
  | { readonly type: 'inquire'; readonly key: string; readonly attempt: number }
  | { readonly type: 'cancel'; readonly key: string; readonly attempt: number };

export interface VersionWrite {
  readonly kind: 'vote';
  readonly key: string;
  readonly vote: Vote;
}
