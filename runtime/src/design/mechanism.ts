/**
 * How a store's copies are kept and agreed on: one variant per mechanism of the language, every option filled in.
 * Durations in ns. The words are the language's own.
 */
import type { QuorumSpec } from './quorum.ts';
import type { NodeId } from './topology.ts';

export type Mechanism =
  | OneCopy
  | SingleLeader
  | MultiLeader
  | Leaderless
  | Chain
  | Raft
  | Paxos
  | MultiPaxos
  | FastPaxos
  | CheapPaxos
  | FlexiblePaxos
  | TwoPhaseCommit
  | ThreePhaseCommit
  | EPaxos;

export type MechanismKind = Mechanism['kind'];

/** Neither replication nor consensus was chosen. */
export interface OneCopy {
  readonly kind: 'one-copy';
}

export interface Failover {
  readonly mode: 'automatic' | 'manual' | 'none';
  readonly detect:
    | { readonly kind: 'timeout'; readonly ns: number }
    | { readonly kind: 'phi'; readonly threshold: number };
  readonly promote: 'most-advanced' | 'any';
  /** How many replicas a promotion must hear from. */
  readonly consult: QuorumSpec;
  readonly fencing: boolean;
  /** Who decides a promotion. */
  readonly manager:
    | { readonly kind: 'peers' }
    | { readonly kind: 'node'; readonly node: NodeId }
    | { readonly kind: 'store'; readonly store: string };
}

export interface SingleLeader {
  readonly kind: 'single-leader';
  /** Follower acknowledgements that a write waits for; null: all replicas (synchronous); 0: none (asynchronous). */
  readonly mode: 'synchronous' | 'semi-synchronous' | 'asynchronous';
  /** semi-synchronous: followers that must acknowledge; else null. */
  readonly acknowledgements: QuorumSpec | null;
  /** Declared leader; null: each partition's first replica. */
  readonly leader: NodeId | null;
  readonly read: 'leader' | 'followers' | 'any' | 'nearest';
  /** `read from leader checked | lease D | local`. */
  readonly leaderRead:
    | { readonly kind: 'checked' }
    | { readonly kind: 'lease'; readonly ns: number }
    | { readonly kind: 'local' };
  readonly failover: Failover;
  readonly onReplicaDown: 'block' | 'drop';
  /** semi-synchronous: after this long without an acknowledgement go on asynchronously; null: never. */
  readonly fallbackAfterNs: number | null;
  readonly acknowledge: 'applied' | 'received';
  readonly onFailure: 'unknown' | 'error';
  readonly logRetentionNs: number;
  readonly log: 'global-ids' | 'positions';
  readonly rejoin: 'rewind' | 'reclone' | 'keep';
}

export type ClockKind = 'physical' | 'lamport' | 'hybrid';
export type VersionBy = 'vector' | 'dotted-vector' | 'lamport';

export type ConflictPolicy =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'pessimistic-lock';
      readonly leaseNs: number | null;
      readonly fencing: boolean;
      readonly grantedBy: 'majority' | 'all';
    }
  | { readonly kind: 'optimistic-lock'; readonly check: 'home' | 'quorum' | 'local' }
  | { readonly kind: 'last-write-wins'; readonly clock: ClockKind }
  | { readonly kind: 'siblings'; readonly by: VersionBy; readonly per: 'server' | 'client' }
  | { readonly kind: 'merge'; readonly type: 'g-counter' | 'pn-counter' | 'g-set' | 'or-set' | 'lww-register' }
  | {
      readonly kind: 'avoid';
      readonly field: string;
      readonly homes: readonly (readonly [string, NodeId])[];
      readonly onMove: 'drain' | 'fence' | 'none';
    };

export interface MultiLeader {
  readonly kind: 'multi-leader';
  readonly mode: 'synchronous' | 'asynchronous';
  readonly leaders: readonly NodeId[];
  readonly conflicts: ConflictPolicy;
}

export interface Leaderless {
  readonly kind: 'leaderless';
  readonly read: QuorumSpec;
  readonly write: QuorumSpec;
  readonly sloppy: boolean;
  /** null: off. */
  readonly hintedHandoffNs: number | null;
  readonly readRepair: boolean;
  readonly readWriteBack: boolean;
  /** null: off. */
  readonly antiEntropyNs: number | null;
  readonly resolve:
    | { readonly kind: 'last-write-wins'; readonly clock: ClockKind }
    | { readonly kind: 'siblings'; readonly by: VersionBy; readonly per: 'server' | 'client' };
  readonly tombstonesNs: number;
  readonly cas: 'refuse' | 'paxos' | 'local';
}

export interface Chain {
  readonly kind: 'chain';
  /** The store that keeps the configuration; null: none. */
  readonly master: string | null;
  readonly read: 'tail' | 'any';
  readonly resend: boolean;
}

export interface Raft {
  readonly kind: 'raft';
  readonly electionTimeoutNs: readonly [number, number];
  readonly heartbeatNs: number;
  readonly read:
    | { readonly kind: 'index' }
    | { readonly kind: 'lease'; readonly ns: number }
    | { readonly kind: 'log' }
    | { readonly kind: 'local' };
  /** `local from any`: followers answer from their own state too. */
  readonly readFromAny: boolean;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  readonly leaderStickiness: boolean;
  readonly durableVotes: boolean;
  readonly commitOldTerms: boolean;
  readonly membership: 'joint' | 'single' | 'single-early' | 'unsafe';
  readonly newVoters: 'catch-up' | 'at-once';
  readonly deduplicate: boolean;
  readonly quorum: QuorumSpec;
  /** Entries between snapshots; null: never. */
  readonly snapshotEvery: number | null;
}

export type Retry = { readonly kind: 'randomized' } | { readonly kind: 'fixed'; readonly ns: number };

interface PaxosOptions {
  readonly retry: Retry;
  readonly durablePromises: boolean;
  readonly adopt: 'highest' | 'first';
}

export interface Paxos extends PaxosOptions {
  readonly kind: 'paxos';
  readonly quorum: QuorumSpec;
}

export interface MultiPaxos extends PaxosOptions {
  readonly kind: 'multi-paxos';
  readonly leaseNs: number | null;
  readonly quorum: QuorumSpec;
}

export interface FastPaxos extends PaxosOptions {
  readonly kind: 'fast-paxos';
  readonly classic: QuorumSpec;
  readonly fast: QuorumSpec;
  readonly recovery: 'coordinated' | 'uncoordinated';
}

export interface CheapPaxos extends PaxosOptions {
  readonly kind: 'cheap-paxos';
  readonly main: readonly NodeId[];
  readonly auxiliary: readonly NodeId[];
  readonly reconfigureNs: number;
}

export interface FlexiblePaxos extends PaxosOptions {
  readonly kind: 'flexible-paxos';
  readonly prepare: QuorumSpec;
  readonly accept: QuorumSpec;
}

export type Coordinator = { readonly kind: 'node'; readonly node: NodeId } | ReplicatedCoordinator;

/** A Raft group on a cluster: its voters, and what is chosen for it, as for a store with `consensus raft` there. */
export interface ReplicatedCoordinator {
  readonly kind: 'raft';
  readonly on: string;
  readonly nodes: readonly NodeId[];
  readonly raft: Raft;
}

export interface TwoPhaseCommit {
  readonly kind: 'two-phase-commit';
  /** null: whichever node a client asks. */
  readonly coordinator: Coordinator | null;
  readonly timeoutNs: number;
  readonly onTimeout: 'block' | 'abort' | 'commit';
  readonly durableLog: boolean;
  readonly presume: 'abort' | 'commit' | 'nothing';
}

export interface ThreePhaseCommit {
  readonly kind: 'three-phase-commit';
  readonly coordinator: Coordinator | null;
  readonly timeoutNs: number;
  readonly onTimeout: 'skeen' | 'terminate' | 'discard';
}

/** Recognised and judged, never executed. */
export interface EPaxos {
  readonly kind: 'epaxos';
  readonly fast: QuorumSpec | null;
}
