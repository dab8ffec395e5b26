/**
 * State, messages and disk of Multi-Paxos (van Renesse and Altinbuken, "Paxos Made Moderately Complex", 2015, below
 * PMMC), of Flexible Paxos (Howard, Malkhi and Spiegelman, OPODIS 2016) and of Cheap Paxos (Lamport and Massa, DSN 2004).
 * Every member is replica, acceptor and possible leader at once; auxiliary acceptors and witnesses are acceptors alone.
 */
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest, ClientRequest, Command, DiskFormat, Io, NodeContext } from '../contract.ts';
import type { Machine, MachineImage } from '../machine.ts';
import { type Configuration, configurationAt, type LogPaxos } from './configuration.ts';
import { cutSlots, emptySlots, type Placed, type Proposal, putSlot, type ReportedSlot, type Slots } from './slots.ts';

/** State in place of all slots up to `slot` (PMMC §4.2); with the configurations that decide the slots behind it. */
export interface Snapshot {
  readonly slot: number;
  readonly image: MachineImage;
  readonly configurations: readonly Configuration[];
}

export type PaxosMessage =
  /** 1a: for all slots from `from` on; the candidate knows what was chosen before. */
  | {
      readonly type: 'prepare';
      readonly ballot: number;
      readonly from: number;
      /** Leases of this ballot and of those below are given up; null: by nobody. */
      readonly released: number | null;
    }
  /** 1b: everything that the acceptor has in those slots; nothing of those up to `base`, but for the snapshot. */
  | {
      readonly type: 'promise';
      readonly ballot: number;
      readonly base: number;
      readonly snapshot: Snapshot | null;
      readonly slots: readonly ReportedSlot[];
    }
  /** 2a. What is chosen up to `chosenUpTo` was chosen under this ballot, or is known to its leader as chosen. */
  | {
      readonly type: 'accept';
      readonly ballot: number;
      readonly entries: readonly Placed[];
      readonly chosenUpTo: number;
    }
  /** 2b. */
  | { readonly type: 'accepted'; readonly ballot: number; readonly slots: readonly number[] }
  /** Another ballot has been promised. */
  | { readonly type: 'nack'; readonly ballot: number; readonly promised: number }
  | {
      readonly type: 'heartbeat';
      readonly ballot: number;
      readonly chosenUpTo: number;
      /** Monotonic clock of the leader: a lease runs from here. */
      readonly sentNs: number;
      /** The leader asks for its lease to be renewed. */
      readonly lease: boolean;
    }
  | {
      readonly type: 'heartbeat-response';
      readonly ballot: number;
      readonly sentNs: number;
      readonly granted: boolean;
      /** Everything up to here is on this member's disk as chosen. */
      readonly learned: number;
    }
  | { readonly type: 'catch-up'; readonly from: number }
  | {
      readonly type: 'chosen';
      readonly snapshot: Snapshot | null;
      readonly slots: readonly ReportedSlot[];
      readonly chosenUpTo: number;
    }
  /** Stand at once (an operator moves the leadership). */
  | { readonly type: 'take-over'; readonly ballot: number }
  /** To auxiliary acceptors: every main one has on its disk what was chosen up to here. */
  | { readonly type: 'forget'; readonly upTo: number };

export type PaxosWrite =
  | { readonly kind: 'promise'; readonly ballot: number }
  /** Votes; they promise their ballot, too. `chosenUpTo` rides along, so that a restart need not learn all anew. */
  | {
      readonly kind: 'accept';
      readonly ballot: number;
      readonly entries: readonly Placed[];
      readonly chosenUpTo: number;
    }
  /** Chosen proposals that this member did not vote for. */
  | { readonly kind: 'learn'; readonly slots: readonly ReportedSlot[]; readonly chosenUpTo: number }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'forget'; readonly upTo: number };

export interface PaxosDisk {
  promised: number;
  snapshot: Snapshot | null;
  slots: Slots;
  chosenUpTo: number;
}

/** What a leader knows of another member. */
export interface Peer {
  /** Monotonic ns at which it last answered. */
  heardNs: number;
  /** `sentNs` of the latest heartbeat under which it granted the lease; -Infinity: none. */
  grantNs: number;
  /** Everything up to here is on its disk as chosen. */
  learned: number;
  /** Heartbeats sent to it since it last answered. */
  missed: number;
}

/** What the last event did, for monitors: no handler decides by it. */
export interface Fresh {
  requested: Command[];
  proposed: Placed[];
  voted: ReportedSlot[];
  /** Promises and votes that are on disk now. */
  synced: { readonly ballot: number; readonly votes: readonly ReportedSlot[] }[];
  learned: Placed[];
  applied: { readonly slot: number; readonly proposal: Proposal; readonly tookEffect: boolean }[];
  /** Up to where a snapshot took the place of slots that were not applied here. */
  installed: number | null;
  served: { readonly id: number }[];
  /** A round of heartbeats or prepares was sent to the main acceptors. */
  asked: boolean;
  /** Who answered such a round. */
  answered: NodeId | null;
  /** Auxiliary acceptors that were asked for a promise or a vote, or told of a leader. */
  called: NodeId[];
}

export const nothingFresh = (): Fresh => ({
  requested: [],
  proposed: [],
  voted: [],
  synced: [],
  learned: [],
  applied: [],
  installed: null,
  served: [],
  asked: false,
  answered: null,
  called: [],
});

/** What an acceptor has promised a candidate. */
export interface Promised {
  readonly node: NodeId;
  readonly base: number;
  readonly slots: readonly ReportedSlot[];
}

export interface PaxosState {
  readonly context: NodeContext<LogPaxos>;
  /** All that the design names: ballots are numbered by them. */
  readonly acceptors: readonly NodeId[];
  /** Those that decide the slots from `applied + 1` on, in order. */
  configurations: Configuration[];
  // Durable: written before any message that depends on it leaves (Lamport 2001, §2.4).
  promised: number;
  slots: Slots;
  snapshot: Snapshot | null;
  // Volatile.
  role: 'follower' | 'candidate' | 'leader';
  leader: NodeId | null;
  /** Own ballot, while candidate or leader. */
  ballot: number;
  /** Highest ballot heard of. */
  seen: number;
  /** Everything up to here is chosen and applied; grows without gaps. */
  applied: number;
  /** What of that the disk was told last. */
  learnedOnDisk: number;
  machine: Machine;
  /** How often candidates got in each other's way lately: between leaders, patience doubles with it (PMMC §3). */
  attempts: number;
  /** Heartbeats since that last changed. */
  steady: number;
  /** Who may read by itself, under which ballot, and how long this acceptor promises nothing to anybody else. */
  granted: { readonly to: NodeId | null; readonly ballot: number; readonly untilNs: number };
  /** Writes under way, by token. */
  unsynced: Record<number, { readonly ballot: number; readonly votes: readonly ReportedSlot[] }>;
  lastToken: number;
  /** Candidate or leader: a main acceptor does not answer, so auxiliary ones are asked, too. */
  calling: boolean;
  // Candidate only.
  preparedFrom: number;
  /** The leader before has given up the leases of its ballot; null: it has not. */
  released: number | null;
  /** In the order in which they came. */
  promises: Promised[];
  // Leader only.
  /** Who has promised the ballot. */
  promisedBy: NodeId[];
  /** What promises bind it to in slots that it has not proposed yet. */
  bound: Record<number, { readonly ballot: number; readonly proposal: Proposal }>;
  nextSlot: number;
  /** Last slot that earlier ballots may have touched. */
  recoveredUpTo: number;
  /** Main acceptors that the next slot is to propose; null: no change is wanted. */
  wanted: readonly NodeId[] | null;
  /** Slots up to here are proposed without waiting for commands, so that a new configuration begins. */
  fillUpTo: number;
  /** Requests that have no slot yet. */
  waiting: ClientRequest[];
  /** Who has accepted a slot that is not chosen yet. */
  acceptedBy: Record<number, NodeId[]>;
  /** Requests to answer when their slot is applied. */
  pending: Record<number, ClientRequest>;
  peers: Record<NodeId, Peer>;
  /** Slots below were sent before the last heartbeat: what is not accepted by now may be lost. */
  resendBelow: number;
  leaseUntilNs: number;
  /** Somebody was told to take over: whenever that order arrives, acceptors will not be patient. No lease any more under this ballot. */
  leaseForfeited: boolean;
  handOver: { readonly request: AdminRequest; readonly target: NodeId } | null;
  /** Auxiliary acceptors have voted on slots up to here under this leader. */
  calledUpTo: number;
  fresh: Fresh;
}

export type PaxosIo = Io<PaxosMessage, PaxosWrite>;

export const leaseOf = (options: LogPaxos): number | null => (options.kind === 'multi-paxos' ? options.leaseNs : null);

/** Auxiliary acceptors vote, and learn nothing (Lamport and Massa, §3). */
export const isAuxiliary = ({ context: { options, self } }: PaxosState): boolean =>
  options.kind === 'cheap-paxos' && options.auxiliary.includes(self);

export const currentConfiguration = (state: PaxosState): Configuration =>
  configurationAt(state.configurations, state.applied + 1);

export const lastConfiguration = ({ configurations }: PaxosState): Configuration =>
  configurations[configurations.length - 1]!;

/** Whom a leader or candidate asks to decide a slot of `configuration`; itself is among them. */
export function askedOf(state: PaxosState, { main, auxiliary }: Configuration): readonly NodeId[] {
  return state.calling ? [...main, ...auxiliary] : main;
}

export const paxosDisk: DiskFormat<PaxosWrite, PaxosDisk> = {
  empty: () => ({ promised: 0, snapshot: null, slots: emptySlots(), chosenUpTo: 0 }),
  apply(image, write) {
    switch (write.kind) {
      case 'promise':
        image.promised = write.ballot;
        return;
      case 'accept':
        image.promised = write.ballot;
        for (const { slot, proposal } of write.entries)
          putSlot(image.slots, slot, { ballot: write.ballot, proposal, chosen: false });
        image.chosenUpTo = write.chosenUpTo;
        return;
      case 'learn':
        for (const { slot, ...known } of write.slots) putSlot(image.slots, slot, known);
        image.chosenUpTo = write.chosenUpTo;
        return;
      case 'snapshot':
        image.snapshot = write.snapshot;
        cutSlots(image.slots, write.snapshot.slot);
        image.chosenUpTo = Math.max(image.chosenUpTo, write.snapshot.slot);
        return;
      case 'forget':
        cutSlots(image.slots, write.upTo);
    }
  },
};

/**
 * Writes, and remembers what is to be told once the write is on disk; `durable-promises off` skips the disk, and a
 * crash forgets it.
 */
export function save(
  state: PaxosState,
  write: PaxosWrite,
  promise: { readonly ballot: number; readonly votes: readonly ReportedSlot[] } | null,
  io: PaxosIo,
): number | null {
  const durable = state.context.options.durablePromises;
  if ('chosenUpTo' in write) state.learnedOnDisk = write.chosenUpTo;
  if (promise === null) {
    if (durable) io.persist(write);
    return null;
  }
  const token = ++state.lastToken;
  state.unsynced[token] = promise;
  if (durable) io.persist(write, token);
  return durable ? null : token;
}
