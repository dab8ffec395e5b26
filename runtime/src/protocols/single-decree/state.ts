/**
 * Single-decree Paxos per key: state, messages, disk.
 *
 * One instance of Paxos decides one value for ever (Lamport, "Paxos Made Simple", 2001, §2). A register that changes
 * is a sequence of instances: the value of the n-th one is what the register is after its n-th operation. Nobody starts
 * an instance before knowing what the one before has chosen. That is the register of CASPaxos (Rystsov, "CASPaxos:
 * Replicated State Machines without logs", 2018), which adopts the accepted state and applies a change to it; here
 * adopting and changing are steps of their own, so that each instance is the synod of the paper as it stands. There is
 * no log and no leader: acceptors keep one state and one instance per key.
 */
import type { Value } from '../../checkers/history.ts';
import type { Paxos } from '../../design/mechanism.ts';
import type { Quorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Ballot } from '../ballots.ts';
import type { ClientRequest, Command, DiskFormat, Io, NodeContext } from '../contract.ts';
import type { MachineImage } from '../machine.ts';

/** What one key is after so many operations, by the values that its instances have chosen. */
export interface Outcome {
  /** How many operations; the instance that chose the last of them has this number. */
  readonly instance: number;
  readonly image: MachineImage;
  /** The last proposal of each proposer that was chosen, and what it came to. */
  readonly done: Readonly<Record<NodeId, { readonly id: string; readonly output: Value | undefined }>>;
}

/** The value that one instance may choose: an operation, and what it makes of the outcome before. */
export interface Proposal {
  readonly id: string;
  readonly command: Command;
  readonly outcome: Outcome;
}

export interface Accepted {
  readonly ballot: Ballot;
  readonly proposal: Proposal;
}

/** An acceptor's part in the open instance of a key, the one after `base`. */
export interface Cell {
  /** Chosen. */
  readonly base: Outcome;
  /** maxBal: nothing below it is accepted any more. */
  readonly promised: Ballot;
  /** maxVBal and maxVal. */
  readonly accepted: Accepted | null;
}

export type PaxosMessage =
  /** 1a, for the instance after `base`; whoever is behind learns it on the way. */
  | { readonly type: 'prepare'; readonly key: string; readonly ballot: Ballot; readonly base: Outcome }
  /** 1b */
  | {
      readonly type: 'promise';
      readonly key: string;
      readonly instance: number;
      readonly ballot: Ballot;
      readonly accepted: Accepted | null;
    }
  /** 2a */
  | {
      readonly type: 'accept';
      readonly key: string;
      readonly ballot: Ballot;
      readonly base: Outcome;
      readonly proposal: Proposal;
    }
  /** 2b */
  | { readonly type: 'accepted'; readonly key: string; readonly instance: number; readonly ballot: Ballot }
  | {
      readonly type: 'nack';
      readonly key: string;
      readonly instance: number;
      readonly ballot: Ballot;
      readonly promised: Ballot;
    }
  | { readonly type: 'learn'; readonly key: string; readonly outcome: Outcome }
  | { readonly type: 'query'; readonly key: string; readonly read: number }
  | {
      readonly type: 'answer';
      readonly key: string;
      readonly read: number;
      readonly base: Outcome;
      /** Something was accepted in the instance after `base`. */
      readonly open: boolean;
    }
  /** How many operations its sender knows of some keys. */
  | { readonly type: 'versions'; readonly of: Readonly<Record<string, number>> };

export type PaxosWrite =
  | { readonly kind: 'cell'; readonly key: string; readonly cell: Cell }
  | { readonly kind: 'epoch'; readonly epoch: number };

export interface PaxosDisk {
  /** How often this node has started: no ballot of an earlier life comes again. */
  epoch: number;
  cells: Record<string, Cell>;
}

export interface Waiting {
  readonly request: ClientRequest;
  readonly sinceNs: number;
  /** Under which name, and in which instance, it has been proposed; null: acceptors have not been asked to accept it. */
  proposed: { readonly id: string; readonly instance: number } | null;
}

/** A proposer's ballot for one key. */
export interface Round {
  readonly base: Outcome;
  readonly ballot: Ballot;
  phase: 'prepare' | 'accept' | 'pause';
  promises: { readonly from: NodeId; readonly accepted: Accepted | null }[];
  accepts: NodeId[];
  proposal: Proposal | null;
}

export interface Read {
  readonly id: number;
  readonly request: ClientRequest;
  readonly sinceNs: number;
  answers: NodeId[];
  /** The latest instance that an answer told of; what was accepted there may have been chosen, and is waited for. */
  until: number;
}

/** What became final in the latest event, for monitors: promises and votes when they are on disk. */
export type Deed =
  | { readonly kind: 'asked'; readonly operation: number }
  | { readonly kind: 'promised'; readonly key: string; readonly instance: number; readonly ballot: Ballot }
  | { readonly kind: 'voted'; readonly key: string; readonly ballot: Ballot; readonly proposal: Proposal }
  /** 2a, and whose promises stand behind it. */
  | {
      readonly kind: 'proposed';
      readonly key: string;
      readonly ballot: Ballot;
      readonly proposal: Proposal;
      readonly promises: readonly NodeId[];
    };

export interface PaxosState {
  readonly context: NodeContext<Paxos>;
  readonly acceptors: readonly NodeId[];
  readonly quorum: Quorum;
  // Durable.
  epoch: number;
  cells: Record<string, Cell>;
  // Volatile.
  rounds: Record<string, Round>;
  queues: Record<string, Waiting[]>;
  reads: Read[];
  /** Highest round of a ballot seen, by key. */
  seen: Record<string, number>;
  /** How often a key's rounds have been cut short in a row. */
  attempts: Record<string, number>;
  /** Since when a key has a value that was accepted and that this node does not know to be chosen. */
  openSinceNs: Record<string, number>;
  nextId: number;
  token: number;
  unsynced: { readonly token: number; readonly deed: Deed }[];
  deeds: Deed[];
  /** Whose turn it is to hear about versions, and from which key on. */
  gossip: { peer: number; key: number };
}

export type PaxosIo = Io<PaxosMessage, PaxosWrite>;

export const paxosDisk: DiskFormat<PaxosWrite, PaxosDisk> = {
  empty: () => ({ epoch: 0, cells: {} }),
  apply(image, write) {
    if (write.kind === 'epoch') image.epoch = write.epoch;
    else image.cells[write.key] = write.cell;
  },
};

/** What is not answered is sent again. */
export const resendNs = 200_000_000;
export const tickNs = 100_000_000;
/** A request that nothing came of for so long is given back; clients usually ask somebody else before. */
export const giveUpNs = 2_000_000_000;
/** A value that somebody left behind is brought to its end after so long, by one node after the other. */
export const finishNs = 600_000_000;
export const finishStepNs = 150_000_000;
