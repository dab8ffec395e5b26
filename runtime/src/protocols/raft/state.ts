/** Raft's state, messages and disk (Ongaro & Ousterhout, ATC'14, Fig. 2; Ongaro's thesis, 2014). */
import type { Raft } from '../../design/mechanism.ts';
import type { Quorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest, ClientRequest, Command, DiskFormat, Io, NodeContext } from '../contract.ts';
import { cloneLog, compactLog, emptyLog, type Log, writeEntries } from '../log.ts';
import { emptyMachine, type Machine, type MachineImage, takeImage } from '../machine.ts';

/** Who votes and who only receives; while `old` is set the configuration is joint (thesis §4.3). */
export interface Configuration {
  readonly voters: readonly NodeId[];
  readonly old: readonly NodeId[] | null;
  readonly observers: readonly NodeId[];
}

export type Entry =
  | { readonly term: number; readonly kind: 'no-op' }
  | {
      readonly term: number;
      readonly kind: 'command';
      readonly command: Command;
      readonly session: ClientRequest['session'];
    }
  | { readonly term: number; readonly kind: 'configuration'; readonly configuration: Configuration };

export interface Snapshot {
  readonly index: number;
  readonly term: number;
  readonly configuration: Configuration;
  readonly image: MachineImage;
}

export type RaftMessage =
  | {
      readonly type: 'pre-vote' | 'request-vote';
      readonly term: number;
      readonly lastIndex: number;
      readonly lastTerm: number;
      readonly transfer: boolean;
    }
  | { readonly type: 'pre-vote-response' | 'vote'; readonly term: number; readonly granted: boolean }
  | {
      readonly type: 'append-entries';
      readonly term: number;
      readonly prevIndex: number;
      readonly prevTerm: number;
      readonly entries: readonly Entry[];
      readonly commitIndex: number;
      /** Leadership check that this message belongs to: reads wait for a quorum to echo it. */
      readonly round: number;
    }
  | {
      readonly type: 'append-entries-response';
      readonly term: number;
      readonly success: boolean;
      /** success: last index known to match; else where the leader should try next. */
      readonly index: number;
      readonly round: number;
    }
  | { readonly type: 'install-snapshot'; readonly term: number; readonly snapshot: Snapshot; readonly round: number }
  | { readonly type: 'timeout-now'; readonly term: number };

export type RaftWrite =
  | { readonly kind: 'term'; readonly term: number; readonly votedFor: NodeId | null }
  /** Replaces everything from index `from` on. */
  | { readonly kind: 'entries'; readonly from: number; readonly entries: readonly Entry[] }
  /** Replaces everything up to the snapshot's index; `whole`: and everything after it. */
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot; readonly whole: boolean };

export interface RaftDisk {
  term: number;
  votedFor: NodeId | null;
  snapshot: Snapshot | null;
  log: Log<Entry>;
}

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** What a leader knows of one peer. */
export interface Peer {
  /** Next entry to send. */
  next: number;
  /** Highest entry known to be on its disk. */
  match: number;
  /** Appends sent and not yet answered: bounds pipelining. */
  inFlight: number;
  /** Highest leadership round that it echoed. */
  round: number;
  /** Monotonic ns at which it last answered. */
  heardNs: number;
}

/** A read that waits for its round to be echoed by a quorum and for its index to be applied (thesis §6.4). */
export interface PendingRead {
  readonly request: ClientRequest;
  /** 0 until a round was started for it. */
  round: number;
  index: number;
}

/** A membership change under way (thesis ch. 4). */
export interface Change {
  readonly request: Extract<AdminRequest, { kind: 'change-members' }>;
  /** Servers being brought up to date before they vote (§4.2.1). */
  learners: { node: NodeId; round: number; target: number; startedNs: number }[];
  /** `learners` first; then `wait` for a commit of this term; then `joint` / `final` until that entry commits. */
  phase: 'catch-up' | 'wait' | 'joint' | 'final';
  /** Index of the configuration entry that is waited for. */
  index: number;
}

export interface RaftState {
  readonly context: NodeContext<Raft>;
  // Durable (Fig. 2): written before any message that depends on it leaves.
  term: number;
  votedFor: NodeId | null;
  log: Log<Entry>;
  snapshot: Snapshot | null;
  // Volatile.
  role: Role;
  leader: NodeId | null;
  commitIndex: number;
  lastApplied: number;
  machine: Machine;
  /** Latest configuration in the log, committed or not: it counts from the moment it is appended (§4.1). */
  configuration: Configuration;
  configurationIndex: number;
  /** One quorum system, two while joint; kept beside the configuration. */
  quorums: readonly Quorum[];
  /** Nodes that granted the (pre-)vote under way. */
  votes: NodeId[];
  /** Monotonic ns at which a current leader was last heard; -Infinity: never. */
  leaderHeardNs: number;
  /** The vote under way was ordered by the previous leader: voters must not ignore it. */
  transferring: boolean;
  // Leader only.
  peers: Record<NodeId, Peer>;
  /** Requests to answer when their entry is applied, by index. */
  pending: Record<number, ClientRequest>;
  reads: PendingRead[];
  round: number;
  /** Monotonic ns at which recent rounds started; the lease runs from there, not from the answers (§6.4.1). */
  roundStarts: { round: number; ns: number }[];
  confirmedRound: number;
  leaseUntilNs: number;
  /** Somebody was told to stand at once: whenever that order arrives, voters will not be patient. No lease any more in this term. */
  leaseForfeited: boolean;
  change: Change | null;
  transfer: { readonly request: AdminRequest; readonly target: NodeId; sent: boolean } | null;
  // For monitors: counted, never read by a handler.
  served: { readonly id: number; readonly index: number; readonly lease: boolean }[];
  lastServed: number;
}

export type RaftIo = Io<RaftMessage, RaftWrite>;

export const raftDisk: DiskFormat<RaftWrite, RaftDisk> = {
  empty: () => ({ term: 0, votedFor: null, snapshot: null, log: emptyLog() }),
  apply(image, write) {
    switch (write.kind) {
      case 'term':
        image.term = write.term;
        image.votedFor = write.votedFor;
        break;
      case 'entries':
        writeEntries(image.log, write.from, write.entries);
        break;
      case 'snapshot':
        image.snapshot = write.snapshot;
        if (write.whole) image.log = emptyLog(write.snapshot.index, write.snapshot.term);
        else compactLog(image.log, write.snapshot.index, write.snapshot.term);
        break;
    }
  },
};

/** The state that a disk image restores to, before anything volatile. */
export function restoredLog(image: RaftDisk): Log<Entry> {
  return cloneLog(image.log);
}

export function snapshotOf(state: RaftState, index: number, term: number, configuration: Configuration): Snapshot {
  return { index, term, configuration, image: takeImage(state.machine) };
}

export const newMachine = (context: NodeContext<Raft>): Machine =>
  emptyMachine(context.group.model, context.group.shard);
