/**
 * State, messages and disk of Multi-Paxos (van Renesse and Altinbuken, "Paxos Made Moderately Complex", 2015, below
 * PMMC) with the two quorum families of Flexible Paxos (Howard, Malkhi and Spiegelman, OPODIS 2016).
 * Every member is replica, acceptor and possible leader at once.
 */
import type { FlexiblePaxos, MultiPaxos } from '../../design/mechanism.ts';
import { type Quorum, resolveQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest, ClientRequest, Command, DiskFormat, Group, Io, NodeContext } from '../contract.ts';
import type { Machine } from '../machine.ts';

export type LogPaxos = MultiPaxos | FlexiblePaxos;

/** What a slot can hold; a no-op fills the holes that a dead leader left. */
export type Proposal =
  | { readonly kind: 'no-op' }
  | { readonly kind: 'command'; readonly command: Command; readonly session: ClientRequest['session'] };

/** A proposal in its slot; slots count from 1. */
export interface Placed {
  readonly slot: number;
  readonly proposal: Proposal;
}

/** What an acceptor knows of a slot: its latest vote, or the chosen proposal that it was told of. */
export interface Slot {
  readonly ballot: number;
  readonly proposal: Proposal;
  readonly chosen: boolean;
}

export interface ReportedSlot extends Slot {
  readonly slot: number;
}

export type PaxosMessage =
  /** 1a: for all slots from `from` on; the candidate knows what was chosen before. */
  | { readonly type: 'prepare'; readonly ballot: number; readonly from: number }
  /** 1b: everything that the acceptor has in those slots. */
  | { readonly type: 'promise'; readonly ballot: number; readonly slots: readonly ReportedSlot[] }
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
    }
  | { readonly type: 'catch-up'; readonly from: number }
  | { readonly type: 'chosen'; readonly slots: readonly ReportedSlot[]; readonly chosenUpTo: number }
  /** Stand at once (an operator moves the leadership). */
  | { readonly type: 'take-over'; readonly ballot: number };

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
  | { readonly kind: 'learn'; readonly slots: readonly ReportedSlot[]; readonly chosenUpTo: number };

export interface PaxosDisk {
  promised: number;
  /** By slot; `null`: nothing known of it. */
  slots: (Slot | null)[];
  chosenUpTo: number;
}

/** What a leader knows of another member. */
export interface Peer {
  /** Monotonic ns at which it last answered. */
  heardNs: number;
  /** `sentNs` of the latest heartbeat under which it granted the lease; -Infinity: none. */
  grantNs: number;
}

/** What the last event did, for monitors: no handler decides by it. */
export interface Fresh {
  requested: Command[];
  proposed: Placed[];
  voted: ReportedSlot[];
  /** Promises and votes that are on disk now. */
  synced: { readonly ballot: number; readonly votes: readonly ReportedSlot[] }[];
  learned: Placed[];
  applied: { readonly slot: number; readonly tookEffect: boolean }[];
  served: { readonly id: number }[];
}

export const nothingFresh = (): Fresh => ({
  requested: [],
  proposed: [],
  voted: [],
  synced: [],
  learned: [],
  applied: [],
  served: [],
});

export interface PaxosState {
  readonly context: NodeContext<LogPaxos>;
  readonly acceptors: readonly NodeId[];
  readonly quorums: Quorums;
  // Durable: written before any message that depends on it leaves (Lamport 2001, §2.4).
  promised: number;
  slots: (Slot | null)[];
  // Volatile.
  role: 'follower' | 'candidate' | 'leader';
  leader: NodeId | null;
  /** Own ballot, while candidate or leader. */
  ballot: number;
  /** Highest ballot heard of. */
  seen: number;
  /** Everything up to here is chosen and applied; grows without gaps. */
  applied: number;
  machine: Machine;
  /** Campaigns since a leader was last heard: spreads the next one (PMMC §3). */
  attempts: number;
  /** Who may read by itself, and how long this acceptor promises nothing to anybody else. */
  granted: { readonly to: NodeId | null; readonly untilNs: number };
  /** Writes under way, by token. */
  unsynced: Record<number, { readonly ballot: number; readonly votes: readonly ReportedSlot[] }>;
  lastToken: number;
  // Candidate only.
  preparedFrom: number;
  /** In the order in which they came. */
  promises: { readonly node: NodeId; readonly slots: readonly ReportedSlot[] }[];
  // Leader only.
  nextSlot: number;
  /** Last slot that earlier ballots may have touched. */
  recoveredUpTo: number;
  /** Who has accepted a slot that is not chosen yet. */
  acceptedBy: Record<number, NodeId[]>;
  /** Requests to answer when their slot is applied. */
  pending: Record<number, ClientRequest>;
  peers: Record<NodeId, Peer>;
  /** Slots below were sent before the last heartbeat: what is not accepted by now may be lost. */
  resendBelow: number;
  leaseUntilNs: number;
  handOver: { readonly request: AdminRequest; readonly target: NodeId } | null;
  fresh: Fresh;
}

export type PaxosIo = Io<PaxosMessage, PaxosWrite>;

export interface Quorums {
  /** Phase 1. */
  readonly prepare: Quorum;
  /** Phase 2. */
  readonly accept: Quorum;
}

export const acceptorsOf = (group: Group): readonly NodeId[] => [...group.replicas, ...group.witnesses];

/** Ballots belong to one acceptor each: round times acceptors, plus its place among them (Lamport 2001, §2.2). */
export function ownerOf(group: Group, ballot: number): NodeId {
  const acceptors = acceptorsOf(group);
  return acceptors[ballot % acceptors.length]!;
}

/** Only their meeting across the phases matters (Howard et al., §3); Multi-Paxos has one family for both. */
export function quorumsOf(options: LogPaxos, group: Group, self?: NodeId): Quorums {
  const of = (spec: MultiPaxos['quorum']) => resolveQuorum(spec, acceptorsOf(group), group.regionOf, self);
  if (options.kind === 'flexible-paxos') return { prepare: of(options.prepare), accept: of(options.accept) };
  const quorum = of(options.quorum);
  return { prepare: quorum, accept: quorum };
}

export const leaseOf = (options: LogPaxos): number | null => (options.kind === 'multi-paxos' ? options.leaseNs : null);

/** Acceptors are patient for longer than the lease, by this part of it: clocks may differ by as much in rate. */
export const leaseMargin = 1 / 8;

export const paxosDisk: DiskFormat<PaxosWrite, PaxosDisk> = {
  empty: () => ({ promised: 0, slots: [null], chosenUpTo: 0 }),
  apply(image, write) {
    if (write.kind === 'promise') {
      image.promised = write.ballot;
      return;
    }
    if (write.kind === 'accept') {
      image.promised = write.ballot;
      for (const { slot, proposal } of write.entries)
        putSlot(image.slots, slot, { ballot: write.ballot, proposal, chosen: false });
    } else for (const { slot, ...known } of write.slots) putSlot(image.slots, slot, known);
    image.chosenUpTo = write.chosenUpTo;
  },
};

/** Keeps the list free of gaps that are not `null`. A slot that is chosen stays so. */
export function putSlot(slots: (Slot | null)[], slot: number, known: Slot): void {
  while (slots.length < slot) slots.push(null);
  slots[slot] = slots[slot]?.chosen === true ? { ...known, chosen: true } : known;
}

/** What is known of the slots from `from` on. */
export function reportFrom(
  slots: readonly (Slot | null)[],
  from: number,
  limit = Number.POSITIVE_INFINITY,
): ReportedSlot[] {
  const found: ReportedSlot[] = [];
  for (let slot = from; slot < slots.length && found.length < limit; slot++) {
    const known = slots[slot]!;
    if (known !== null) found.push({ slot, ...known });
  }
  return found;
}

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
  if (promise === null) {
    if (durable) io.persist(write);
    return null;
  }
  const token = ++state.lastToken;
  state.unsynced[token] = promise;
  if (durable) io.persist(write, token);
  return durable ? null : token;
}
