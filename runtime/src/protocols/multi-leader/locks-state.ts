/** Pessimistic locks: what a leader grants, and what it wants of others. Tokens rise with every grant. */
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import type { Positions } from './state.ts';

/** A fencing token; in it who asked, so that no two are the same. */
export type Token = number;

const nodes = 4096;

/** This node's next token above `token`. */
export const tokenAfter = (token: Token, self: NodeId): Token => (Math.floor(token / nodes) + 1) * nodes + self;
export const showToken = (token: Token): number => Math.floor(token / nodes);

export interface LockEntry {
  /** The highest that was granted here. */
  readonly token: Token;
  readonly holder: NodeId;
  readonly held: boolean;
}

export interface Wanted {
  readonly key: string;
  token: Token;
  phase: 'asking' | 'catching up' | 'writing' | 'pausing';
  /** Writes that wait for the lock, oldest first, with the time since when. */
  queue: { readonly request: ClientRequest; readonly sinceNs: number }[];
  granted: NodeId[];
  /** Who holds the lock at those that do not grant it. */
  blockers: Record<NodeId, NodeId>;
  /** What those that granted it have: writes made under it before are among it. */
  behind: Positions;
  /** When the token was asked for: the lease counts from then. */
  askedNs: number;
  sentNs: number;
  /** Numbers of the writes made under it that are not acknowledged yet. */
  writes: number[];
}

export interface Locks {
  /** What this leader has granted. */
  table: Record<string, LockEntry>;
  /** Who waits here for a lock that another holds, by key, longest first. Lost in a crash: they ask again. */
  waiting: Record<string, readonly { readonly from: NodeId; readonly token: Token }[]>;
  /** What this node asks for. */
  wanted: Record<string, Wanted>;
  /** The highest token heard of, by key. */
  highest: Record<string, Token>;
}

export type LockMessage =
  | { readonly type: 'lock-request'; readonly key: string; readonly token: Token }
  | { readonly type: 'lock-grant'; readonly key: string; readonly token: Token; readonly positions: Positions }
  /** Not granted: `holder` has it, or (null) a higher token was granted before. */
  | {
      readonly type: 'lock-busy';
      readonly key: string;
      readonly token: Token;
      readonly holder: NodeId | null;
      readonly highest: Token;
    }
  | { readonly type: 'lock-release'; readonly key: string; readonly token: Token }
  /** Goes along who waits for whom; when it comes back to `initiator`, they wait in a circle. */
  | {
      readonly type: 'lock-probe';
      readonly key: string;
      readonly initiator: NodeId;
      readonly token: Token;
      /** The highest token on its way. */
      readonly highest: Token;
      readonly hops: number;
    };

export interface LockWrite {
  readonly kind: 'lock';
  readonly key: string;
  readonly entry: LockEntry;
}
