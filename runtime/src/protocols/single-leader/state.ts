/**
 * Single-leader (primary–backup) replication: state, messages, disk. Positions in the log are (epoch, sequence), as
 * MySQL's global transaction ids or PostgreSQL's (timeline, LSN); the log calls the epoch an entry's `term`.
 */
import type { SingleLeader } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest, ClientRequest, Command, DiskFormat, Io, NodeContext } from '../contract.ts';
import { compactLog, emptyLog, type Log, writeEntries } from '../log.ts';
import type { Machine, MachineImage } from '../machine.ts';

export type Entry =
  | {
      readonly term: number;
      readonly kind: 'command';
      readonly command: Command;
      readonly session: ClientRequest['session'];
    }
  /** First entry of an epoch: whoever has it knows where the epoch begins. */
  | { readonly term: number; readonly kind: 'epoch' }
  | { readonly term: number; readonly kind: 'members'; readonly members: readonly NodeId[] };

/** The state up to a position, for replicas whose next entry is no longer in the log. */
export interface BaseImage {
  readonly sequence: number;
  readonly epoch: number;
  readonly members: readonly NodeId[];
  readonly image: MachineImage;
}

export type SingleLeaderMessage =
  | {
      readonly type: 'log-ship';
      readonly epoch: number;
      readonly prevSequence: number;
      readonly prevEpoch: number;
      readonly entries: readonly Entry[];
      /** Acknowledged to clients up to here. */
      readonly committed: number;
      readonly round: number;
    }
  | { readonly type: 'heartbeat'; readonly epoch: number; readonly committed: number; readonly round: number }
  | {
      readonly type: 'heartbeat-ack';
      readonly epoch: number;
      readonly sequence: number;
      readonly lastEpoch: number;
      readonly round: number;
    }
  | {
      readonly type: 'ack-received' | 'ack-applied';
      readonly epoch: number;
      readonly sequence: number;
      readonly round: number;
    }
  /** The shipped entries do not follow what stands here: send from `from` on; `clone`: send everything. */
  | {
      readonly type: 'fetch-gap';
      readonly epoch: number;
      readonly from: number;
      readonly clone: boolean;
      readonly round: number;
    }
  | { readonly type: 'snapshot'; readonly epoch: number; readonly base: BaseImage; readonly round: number }
  /** May I take over in this epoch? */
  | { readonly type: 'promote'; readonly epoch: number; readonly sequence: number; readonly lastEpoch: number }
  | {
      readonly type: 'promote-vote';
      readonly epoch: number;
      readonly granted: boolean;
      readonly sequence: number;
      readonly lastEpoch: number;
    }
  /**
   * You are the most advanced of those consulted: lead this epoch. `ordered`: this epoch's leader hands over; ask for
   * the next one (the message may come late, when others have asked already).
   */
  | { readonly type: 'take-over'; readonly epoch: number; readonly ordered: boolean }
  /** This epoch has a leader; older ones are over. */
  | { readonly type: 'fence'; readonly epoch: number };

export type SingleLeaderWrite =
  | { readonly kind: 'epoch'; readonly epoch: number; readonly leads: boolean }
  | { readonly kind: 'entries'; readonly from: number; readonly entries: readonly Entry[] }
  | { readonly kind: 'base'; readonly base: BaseImage; readonly whole: boolean }
  /** `rejoin keep`: what was executed stays executed, although the log forgets it. */
  | { readonly kind: 'errant'; readonly entries: readonly Entry[] };

export interface SingleLeaderDisk {
  epoch: number;
  leads: boolean;
  base: BaseImage | null;
  log: Log<Entry>;
  errant: Entry[];
}

/** What a leader knows of one follower. */
export interface Follower {
  next: number;
  /** Entries that it acknowledged by the store's rule (received or applied), up to this sequence. */
  acknowledged: number;
  round: number;
  heardNs: number;
  inFlight: number;
  /** Left out of the synchronous set (`on-replica-down drop`) until it has caught up. */
  dropped: boolean;
}

export interface Waiting {
  readonly request: ClientRequest;
  readonly sinceNs: number;
}

export interface SingleLeaderState {
  readonly context: NodeContext<SingleLeader>;
  // Durable.
  /** Highest epoch seen: with fencing, nothing older is accepted. */
  epoch: number;
  log: Log<Entry>;
  base: BaseImage | null;
  errant: Entry[];
  // Volatile.
  role: 'follower' | 'candidate' | 'leader';
  leader: NodeId | null;
  members: readonly NodeId[];
  membersSequence: number;
  machine: Machine;
  applied: number;
  /** Leader: acknowledged to clients up to here. Follower: what it heard of that. */
  committed: number;
  /** Own log entries known to be on disk, as leader. */
  synced: number;
  leaderHeardNs: number;
  /** Gaps between the leader's signs of life, for phi accrual. */
  gaps: number[];
  // Candidate.
  votes: { node: NodeId; sequence: number; lastEpoch: number }[];
  // Leader.
  followers: Record<NodeId, Follower>;
  /** Requests to answer once their entry is acknowledged, by sequence. */
  pending: Record<number, Waiting>;
  reads: { request: ClientRequest; round: number }[];
  round: number;
  roundStarts: { round: number; ns: number }[];
  confirmedRound: number;
  /** Start of the latest round that was echoed widely enough to rule a promotion out. */
  confirmedNs: number;
  /**
   * Sequence of the entry with which this leader's epoch began: until it is acknowledged, what was taken over from the
   * log may still be lost with this leader, and nobody may read it (the no-op of Raft, thesis §6.4).
   */
  readsFrom: number;
  /** Fencing: nobody may be told anything before promotions elsewhere are ruled out again. */
  suspended: boolean;
  /** Semi-synchronous replication has fallen back to asynchronous. */
  degraded: boolean;
  /** Copies of the state by age, until the log's retention lets one replace the entries before it. */
  checkpoints: { readonly base: BaseImage; readonly takenNs: number }[];
  /** A shipment in the background is due (asynchronous mode). */
  shipping: boolean;
  switchover: { readonly request: AdminRequest; readonly target: NodeId; sent: boolean } | null;
  promotion: AdminRequest | null;
  /** Operations whose clients were told "error" although the write may stand (`on-failure error`): for monitors. */
  errors: number[];
}

export type SingleLeaderIo = Io<SingleLeaderMessage, SingleLeaderWrite>;

export const singleLeaderDisk: DiskFormat<SingleLeaderWrite, SingleLeaderDisk> = {
  empty: () => ({ epoch: 0, leads: false, base: null, log: emptyLog(), errant: [] }),
  apply(image, write) {
    switch (write.kind) {
      case 'epoch':
        image.epoch = write.epoch;
        image.leads = write.leads;
        break;
      case 'entries':
        writeEntries(image.log, write.from, write.entries);
        break;
      case 'base':
        image.base = write.base;
        if (write.whole) {
          image.log = emptyLog(write.base.sequence, write.base.epoch);
          image.errant = [];
        } else compactLog(image.log, write.base.sequence, write.base.epoch);
        break;
      case 'errant':
        image.errant = [...image.errant, ...write.entries];
        break;
    }
  },
};
