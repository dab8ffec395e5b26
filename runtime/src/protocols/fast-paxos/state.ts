/**
 * Fast Paxos (Lamport, "Fast Paxos", Distributed Computing 2006): state, messages, disk.
 *
 * The log is a sequence of instances, its slots. Round 1 of every slot is fast and open from the start: nothing can have
 * been chosen before it, so acceptors boot as if they had got its "any" message, and proposers send to them directly.
 * Round 2 recovers from a collision in round 1 by its votes alone: it is classic and belongs to one coordinator per slot
 * (`recovery coordinated`), or fast, and every acceptor picks for itself (`uncoordinated`). All rounds above are classic
 * ballots, with a phase 1 of their own, of whoever believes that a slot has been left behind.
 */
import type { Value as Data } from '../../checkers/history.ts';
import type { FastPaxos } from '../../design/mechanism.ts';
import type { Quorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Ballot } from '../ballots.ts';
import type { ClientRequest, DiskFormat, Io, NodeContext } from '../contract.ts';
import type { Machine, MachineImage } from '../machine.ts';

export const fastRound: Ballot = 1;
export const recoveryRound: Ballot = 2;

/** What a slot chooses: the requests that a proposer had when it was its turn. */
export interface Value {
  readonly id: string;
  /** -1: nothing, to fill a slot that nobody wants. */
  readonly proposer: NodeId;
  readonly entries: readonly Pick<ClientRequest, 'command' | 'session'>[];
}

/** An acceptor's part in a slot. */
export interface Vote {
  /** rnd: nothing below it is accepted any more. */
  readonly rnd: Ballot;
  /** vrnd, vval: the latest vote; 0 and null: none. */
  readonly vrnd: Ballot;
  readonly vval: Value | null;
}

/** The last value of a proposer that was applied, and what its entries came to. */
export interface Done {
  readonly id: string;
  readonly outputs: readonly (Data | undefined)[];
}

/** Everything up to a slot. */
export interface Snapshot {
  readonly applied: number;
  readonly image: MachineImage;
  readonly done: Readonly<Record<NodeId, Done>>;
}

export type FastMessage =
  /** From a proposer to every acceptor, without a detour. */
  | { readonly type: 'propose'; readonly slot: number; readonly value: Value }
  /** 1a */
  | { readonly type: 'prepare'; readonly slot: number; readonly rnd: Ballot }
  /** 1b */
  | { readonly type: 'promise'; readonly slot: number; readonly rnd: Ballot; readonly vote: Vote }
  /** 2a */
  | { readonly type: 'accept'; readonly slot: number; readonly rnd: Ballot; readonly value: Value }
  /** 2b, to everyone: all nodes learn, and all see a collision. */
  | { readonly type: 'accepted'; readonly slot: number; readonly rnd: Ballot; readonly value: Value }
  | { readonly type: 'nack'; readonly slot: number; readonly rnd: Ballot; readonly promised: Ballot }
  | { readonly type: 'learn'; readonly slot: number; readonly value: Value }
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly type: 'query'; readonly read: number }
  | { readonly type: 'answer'; readonly read: number; readonly top: number }
  /** How far its sender is: sent now and then, so that who lags is helped, and who is silent is noticed. */
  | { readonly type: 'progress'; readonly applied: number; readonly top: number };

export type FastWrite =
  | { readonly kind: 'epoch'; readonly epoch: number }
  | { readonly kind: 'vote'; readonly slot: number; readonly vote: Vote }
  | { readonly kind: 'chosen'; readonly slot: number; readonly value: Value }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot };

export interface FastDisk {
  /** How often this node has started: no ballot of an earlier life comes again. */
  epoch: number;
  votes: Record<number, Vote>;
  chosen: Record<number, Value>;
  snapshot: Snapshot | null;
}

/** A coordinator's round in a slot. */
export interface Round {
  readonly rnd: Ballot;
  phase: 'prepare' | 'accept' | 'pause';
  promises: { readonly from: NodeId; readonly vote: Vote }[];
  value: Value | null;
}

/** What this node has sent to the acceptors and does not know to be chosen anywhere yet; one at a time. */
export interface Proposed {
  readonly value: Value;
  readonly requests: readonly ClientRequest[];
  slot: number;
  readonly sinceNs: number;
  sentNs: number;
}

export interface Read {
  readonly id: number;
  readonly request: ClientRequest;
  readonly sinceNs: number;
  answers: NodeId[];
  /** The highest slot in which anybody who answered has voted: what was acknowledged before stands up to there. */
  until: number;
}

/** Votes of one slot as they have been heard of: by round, then by node. */
export type Tally = Record<Ballot, Record<NodeId, Value>>;

/** What became final in the latest event, for monitors: votes and promises when they are on disk. */
export type Deed =
  | { readonly kind: 'promised'; readonly slot: number; readonly rnd: Ballot }
  | { readonly kind: 'voted'; readonly slot: number; readonly rnd: Ballot; readonly value: Value }
  /** A coordinator or an acceptor picked a value for a round, by what a quorum had voted before. */
  | {
      readonly kind: 'picked';
      readonly slot: number;
      readonly rnd: Ballot;
      readonly value: Value;
      readonly quorum: readonly NodeId[];
    }
  | {
      readonly kind: 'learned';
      readonly slot: number;
      readonly rnd: Ballot;
      readonly value: Value;
      readonly voters: readonly NodeId[];
    };

export interface FastState {
  readonly context: NodeContext<FastPaxos>;
  readonly acceptors: readonly NodeId[];
  readonly classic: Quorum;
  readonly fast: Quorum;
  // Durable.
  epoch: number;
  votes: Record<number, Vote>;
  /** Chosen, from `kept` on. */
  chosen: Record<number, Value>;
  snapshot: Snapshot | null;
  // Volatile.
  machine: Machine;
  done: Record<NodeId, Done>;
  /** All slots up to here are applied. */
  applied: number;
  /** Slots below are known by the machine only. */
  kept: number;
  /** The highest slot that this node has voted in or knows to be chosen. */
  top: number;
  /** The highest slot that it has heard of. */
  heardTop: number;
  tallies: Record<number, Tally>;
  rounds: Record<number, Round>;
  /** Slots in which something was seen to happen and nothing to be chosen, and since when. */
  openSinceNs: Record<number, number>;
  seen: Record<number, number>;
  attempts: Record<number, number>;
  inbox: { readonly request: ClientRequest; readonly sinceNs: number }[];
  proposed: Proposed | null;
  reads: Read[];
  heardNs: Record<NodeId, number>;
  /** How far others were when they last told. */
  peers: Record<NodeId, number>;
  ticks: number;
  nextId: number;
  token: number;
  unsynced: { readonly token: number; readonly deed: Deed }[];
  deeds: Deed[];
}

export type FastIo = Io<FastMessage, FastWrite>;

export const fastDisk: DiskFormat<FastWrite, FastDisk> = {
  empty: () => ({ epoch: 0, votes: {}, chosen: {}, snapshot: null }),
  apply(image, write) {
    switch (write.kind) {
      case 'epoch':
        image.epoch = write.epoch;
        break;
      case 'vote':
        image.votes[write.slot] = write.vote;
        break;
      case 'chosen':
        image.chosen[write.slot] = write.value;
        break;
      case 'snapshot':
        image.snapshot = write.snapshot;
        for (const part of [image.votes, image.chosen])
          for (const slot of Object.keys(part)) if (Number(slot) <= write.snapshot.applied) delete part[Number(slot)];
        break;
    }
  },
};

export const isFast = (state: Pick<FastState, 'context'>, rnd: Ballot): boolean =>
  rnd === fastRound || (rnd === recoveryRound && state.context.options.recovery === 'uncoordinated');

/** Slots are dealt in turn to who recovers them by their round 2. */
export const coordinatorOf = (state: FastState, slot: number): NodeId =>
  state.acceptors[slot % state.acceptors.length]!;

export const tickNs = 50_000_000;
export const resendNs = 150_000_000;
/** A request that nothing came of for so long is given back. */
export const giveUpNs = 2_000_000_000;
/** Who was not heard for so long is not waited for. */
export const silentNs = 300_000_000;
/** A slot that nobody has finished for so long is taken up, by one node after the other. */
export const patienceNs = 200_000_000;
export const patienceStepNs = 100_000_000;
/** Rounds share a few timers, for slots go on for ever; the few that are open at a time hardly meet. */
export const timerOf = (slot: number): string => `slot ${slot % 64}`;
