/**
 * Leaderless replication: state, messages, disk. Whichever replica a client asks coordinates; it sends to all replicas
 * of the key and waits for a quorum (Gifford, "Weighted Voting", SOSP 1979; DeCandia et al., "Dynamo", SOSP 2007, §4.5).
 */
import type { Value } from '../../checkers/history.ts';
import type { ClockKind, Leaderless } from '../../design/mechanism.ts';
import type { MapValue } from '../../design/partition-map.ts';
import type { Quorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Ballot } from '../ballots.ts';
import type { ClientRequest, DiskFormat, Io, NodeContext } from '../contract.ts';
import type { Seen } from '../copies.ts';
import type { Doer } from '../deeds.ts';
import type { Ownership } from '../ownership.ts';
import type { Versioned } from '../versions/siblings.ts';
import type { ClockState, Stamp } from '../versions/stamps.ts';
import type { Actor } from '../versions/vectors.ts';

/** One write of a key, as replicas keep it. */
export interface Write extends Versioned {
  readonly stamp: Stamp;
  /** State of the key's object after it. */
  readonly state: Value;
  /** It was a deletion: this is a tombstone. */
  readonly deleted: boolean;
  /** Operation of the history, for monitors and the judgement of lost writes; -1: none. */
  readonly operation: number;
  /** Of a compare-and-set: the proposals decided upon its stamp so far, the latest last, no more than `decidedMax`. */
  readonly decided?: readonly string[];
}

/** What an acceptor has promised for a key, and what it has accepted upon the write that stands there. */
export interface Acceptance {
  readonly promised: Ballot;
  readonly accepted: { readonly upon: string; readonly ballot: Ballot; readonly write: Write } | null;
}

/** What is kept of a key: writes of which none replaces another, at least one; if the last one wins, that one. */
export type Cell = readonly Write[];

export type Cells = Readonly<Record<string, Cell>>;

/** Enough of a write to tell what it replaces. */
export type Stub = Pick<Write, 'stamp' | 'version'>;

/** A write kept for a replica that did not answer (Dynamo §4.6). */
export interface Hint {
  readonly target: NodeId;
  readonly key: string;
  readonly cell: Cell;
}

export type LeaderlessMessage =
  /** `by`: coordinator's number of the write, 0 for none; `hint`: sender's number of a hint, 0 for none. */
  | { readonly type: 'store'; readonly key: string; readonly cell: Cell; readonly by: number; readonly hint: number }
  | { readonly type: 'stored'; readonly key: string; readonly by: number; readonly hint: number }
  /** To a stand-in of a sloppy quorum: keep this for `target`. */
  | { readonly type: 'hold'; readonly key: string; readonly cell: Cell; readonly by: number; readonly target: NodeId }
  | { readonly type: 'held'; readonly by: number; readonly target: NodeId }
  | { readonly type: 'fetch'; readonly key: string; readonly by: number }
  | { readonly type: 'found'; readonly key: string; readonly by: number; readonly cell: Cell | null }
  /** What a read has found is sent to who has older: after the answer (repair), or before it (write-back, with `by`). */
  | { readonly type: 'repair'; readonly key: string; readonly cell: Cell; readonly by: number }
  /** Hashes of some nodes of the Merkle tree, by their numbers in it. */
  | { readonly type: 'compare'; readonly hashes: Readonly<Record<number, number>> }
  /** What stands under the keys in leaves that differ. */
  | {
      readonly type: 'versions';
      readonly leaves: readonly number[];
      readonly of: Readonly<Record<string, readonly Stub[]>>;
    }
  | { readonly type: 'want'; readonly keys: readonly string[] }
  // Compare-and-set by Paxos; `session` of the operation, for who is asked for it again.
  | {
      readonly type: 'prepare';
      readonly key: string;
      readonly by: number;
      readonly ballot: Ballot;
      readonly session: ClientRequest['session'];
    }
  | {
      readonly type: 'promise';
      readonly key: string;
      readonly by: number;
      readonly ballot: Ballot;
      readonly cell: Cell | null;
      /** Upon what stands there. */
      readonly accepted: { readonly ballot: Ballot; readonly write: Write } | null;
      /** It has accepted this operation's proposal before. */
      readonly tried: boolean;
    }
  /** `upon`: what the change was made upon, null: nothing. */
  | {
      readonly type: 'propose';
      readonly key: string;
      readonly by: number;
      readonly ballot: Ballot;
      readonly upon: Cell | null;
      readonly write: Write;
      readonly session: ClientRequest['session'];
    }
  | { readonly type: 'accepted'; readonly key: string; readonly by: number; readonly ballot: Ballot }
  /** A higher ballot was promised, or something else stands there by now. */
  | { readonly type: 'outbid'; readonly by: number; readonly ballot: Ballot; readonly promised: Ballot }
  // Keys that change hands (`owning`); `by`: coordinator's number of an operator's order, or of a read or write.
  /** `copies`: only tell, and go on serving. */
  | { readonly type: 'give'; readonly by: number; readonly map: MapValue; readonly copies: boolean }
  | { readonly type: 'given'; readonly by: number; readonly cells: Cells; readonly operations: readonly number[] }
  | {
      readonly type: 'take';
      readonly by: number;
      readonly map: MapValue;
      readonly cells: Cells;
      readonly operations: readonly number[];
      /** By the map before this one the group owned nothing. */
      readonly anew: boolean;
    }
  | { readonly type: 'taken'; readonly by: number }
  | { readonly type: 'drop'; readonly by: number; readonly map: MapValue }
  | { readonly type: 'dropped'; readonly by: number }
  /** The sender serves the key no more, or not yet: the map by which it goes. */
  | { readonly type: 'stale'; readonly by: number; readonly map: MapValue }
  /** `whole`: it has all that this epoch brings; `cleared`: and nothing else; `answers`: it does not ask. */
  | {
      readonly type: 'epoch';
      readonly epoch: number;
      readonly whole: boolean;
      readonly cleared: boolean;
      readonly answers: boolean;
    }
  /** For who is behind: everything that the group owns. */
  | {
      readonly type: 'catch-up';
      readonly map: MapValue;
      readonly cells: Cells;
      readonly operations: readonly number[];
    };

export type LeaderlessWrite =
  | { readonly kind: 'life'; readonly life: number; readonly actor: Actor }
  | { readonly kind: 'cell'; readonly key: string; readonly cell: Cell }
  /** Writes that later ones had replaced before they came. */
  | { readonly kind: 'superseded'; readonly operations: readonly number[] }
  /** A tombstone is collected. */
  | { readonly kind: 'forget'; readonly key: string; readonly floor: number }
  | { readonly kind: 'hint'; readonly id: number; readonly hint: Hint }
  | { readonly kind: 'unhint'; readonly id: number }
  | {
      readonly kind: 'acceptance';
      readonly key: string;
      readonly acceptance: Acceptance;
      /** Whose proposal was accepted. */
      readonly session: ClientRequest['session'];
    }
  | { readonly kind: 'owns'; readonly owned: Owned };

/**
 * By which map a replica goes, which one went before, while what the change brings has not come, and whether it was told
 * to keep nothing that is another's.
 */
export type Owned = readonly [map: MapValue, before: MapValue | null, isCleared: boolean];

export interface LeaderlessDisk {
  life: number;
  /** In whose name this disk counts writes: one that replaces a lost one counts in another. */
  actor: Actor;
  /** Its events up to here may have been forgotten with tombstones. */
  floor: number;
  cells: Record<string, Cell>;
  hints: Record<number, Hint>;
  /** Operations that this replica has taken, or has found superseded when they came. */
  applied: Record<number, true>;
  acceptances: Record<string, Acceptance>;
  /** By client, the latest of its operations whose proposal was accepted here. */
  tried: Record<number, number>;
  /** Left out where keys never change hands, and until they first do. */
  owned?: Owned;
}

/** A write that this node coordinates. */
export interface Put {
  readonly by: number;
  readonly request: ClientRequest;
  readonly key: string;
  readonly cell: Cell;
  /** What its client is told. */
  readonly output: Value;
  /** For the client to keep; undefined: it needs none. */
  readonly context: Cell | undefined;
  readonly sinceNs: number;
  sentNs: number;
  /** Replicas that have it, themselves or by a stand-in. */
  stored: NodeId[];
  /** Replicas that do not serve the key. */
  stale: NodeId[];
  answered: boolean;
  /** Missing replicas, and which stand-in was asked for each; hints of this node's own are under itself. */
  standIns: Record<NodeId, NodeId>;
}

/** A read that this node coordinates. */
export interface Get {
  readonly by: number;
  readonly request: ClientRequest;
  readonly key: string;
  readonly sinceNs: number;
  sentNs: number;
  /** What each replica has told. */
  found: { readonly from: NodeId; readonly cell: Cell | null }[];
  /** Replicas that do not serve the key. */
  stale: NodeId[];
  phase: 'asking' | 'writing back' | 'answered';
  /** What a quorum has together. */
  together: Cell | null;
  /** Writing back: who has it. */
  has: NodeId[];
}

/** A compare-and-set that this node coordinates by Paxos. */
export interface Change {
  /** Number of the round: answers to earlier ones do not count. */
  by: number;
  readonly request: ClientRequest;
  readonly key: string;
  /** Names what it proposes; the same for all attempts of an operation that is retried idempotently. */
  readonly id: string;
  readonly sinceNs: number;
  sentNs: number;
  phase: 'preparing' | 'proposing' | 'pausing' | 'storing';
  ballot: Ballot;
  /** How often it was outbid in a row. */
  attempt: number;
  promises: { readonly from: NodeId; readonly m: Extract<LeaderlessMessage, { type: 'promise' }> }[];
  /** What it has found, what it proposes upon it, and who has accepted that. */
  upon: Cell | null;
  write: Write | null;
  accepted: NodeId[];
  /** Stamp upon which it has made its own proposal last; undefined: it has made none. */
  proposedUpon: Stamp | null | undefined;
  /** Storing: what, who has it, and what the client is told then; undefined: it goes on with its own change. */
  cell: Cell;
  has: NodeId[];
  output: boolean | undefined;
}

/** What an operator asks of the group, and this node of its replicas. */
export interface Order {
  readonly by: number;
  readonly request: ClientRequest;
  readonly asked: Extract<LeaderlessMessage, { type: 'give' | 'take' | 'drop' }>;
  readonly sinceNs: number;
  sentNs: number;
  /** Who has done it; of `give` with what. */
  done: { readonly from: NodeId; readonly cells: Cells; readonly operations: readonly number[] }[];
}

/** What became final in the latest event, for monitors. */
export type Deed =
  /** A new write, and the ids of the writes that its client was told of before. */
  | {
      readonly kind: 'written';
      readonly key: string;
      readonly operation: number;
      readonly write: Write;
      readonly told: readonly string[];
    }
  /** What came is on disk, or something that replaces it: what stands there now, and what stood there before. */
  | {
      readonly kind: 'stored';
      readonly key: string;
      readonly came: Cell;
      readonly before: Cell;
      readonly cell: Cell;
    }
  | { readonly kind: 'held'; readonly key: string; readonly came: Cell; readonly target: NodeId }
  /** A hint is no longer kept, as its target has said that it has the write. */
  | { readonly kind: 'handed'; readonly key: string; readonly came: Cell; readonly target: NodeId }
  | { readonly kind: 'collected'; readonly key: string; readonly cell: Cell }
  /** Another group owns it. */
  | { readonly kind: 'dropped'; readonly key: string }
  | { readonly kind: 'asks'; readonly key: string; readonly operation: number }
  | { readonly kind: 'promised'; readonly key: string; readonly ballot: Ballot }
  | { readonly kind: 'accepted'; readonly key: string; readonly ballot: Ballot; readonly write: Write }
  | { readonly kind: 'answers'; readonly key: string; readonly operation: number; readonly cell: Cell };

export interface LeaderlessState extends Doer<Deed> {
  readonly context: NodeContext<Leaderless>;
  /** Replicas of the keys; others only stand in. */
  readonly homes: readonly NodeId[];
  readonly read: Quorum;
  readonly write: Quorum;
  /** Those that requests have asked for in their place, by what they asked. */
  readonly levels: Record<string, Quorum>;
  readonly clockKind: ClockKind;
  // Durable.
  life: number;
  actor: Actor;
  floor: number;
  cells: Record<string, Cell>;
  hints: Record<number, Hint>;
  applied: Record<number, true>;
  acceptances: Record<string, Acceptance>;
  tried: Record<number, number>;
  /** null: the keys of the group are always the same. */
  ownership: Ownership | null;
  /** It keeps nothing that by its map is another's. */
  isCleared: boolean;
  // Volatile.
  readonly clock: ClockState;
  puts: Record<number, Put>;
  gets: Record<number, Get>;
  changes: Record<number, Change>;
  orders: Record<number, Order>;
  /** Replicas that have said that they are new, for who may be new itself. */
  newcomers: NodeId[];
  /** Highest round heard of. */
  round: number;
  /** Last stamp given beyond what the clock says. */
  exceeding: Stamp | null;
  /** When each other node was last heard, on the monotonic clock; and since when it has owed an answer. */
  heardNs: Record<NodeId, number>;
  silentNs: Record<NodeId, number>;
  /** When a tombstone was first seen here, on the monotonic clock. */
  deletedNs: Record<string, number>;
  /** XOR of the hashes of the writes in each leaf of the Merkle tree. */
  readonly leaves: number[];
  seen: Seen;
  nextId: number;
  deeds: Deed[];
  /** Whose turn anti-entropy is, and who is told of maps next. */
  peer: number;
  turn: number;
}

export type LeaderlessIo = Io<LeaderlessMessage, LeaderlessWrite>;

export const leaderlessDisk: DiskFormat<LeaderlessWrite, LeaderlessDisk> = {
  empty: () => ({ life: 0, actor: '', floor: 0, cells: {}, hints: {}, applied: {}, acceptances: {}, tried: {} }),
  apply(image, write) {
    switch (write.kind) {
      case 'life':
        image.life = write.life;
        image.actor = write.actor;
        return;
      case 'cell':
        image.cells[write.key] = write.cell;
        for (const { operation } of write.cell) if (operation >= 0) image.applied[operation] = true;
        return;
      case 'superseded':
        for (const operation of write.operations) image.applied[operation] = true;
        return;
      case 'forget':
        delete image.cells[write.key];
        image.floor = Math.max(image.floor, write.floor);
        return;
      case 'hint':
        image.hints[write.id] = write.hint;
        return;
      case 'unhint':
        delete image.hints[write.id];
        return;
      case 'acceptance':
        image.acceptances[write.key] = write.acceptance;
        if (write.session !== null) image.tried[write.session.client] = write.session.sequence;
        return;
      case 'owns':
        image.owned = write.owned;
        return;
    }
  },
};

/** So many compare-and-sets upon one stamp can still be told apart. */
export const decidedMax = 32;

export const tickNs = 50_000_000;
/** What is not answered is sent again, and a replica that does not answer for so long is thought to be away. */
export const resendNs = 300_000_000;
/** An operation that nothing came of for so long is given back. */
export const giveUpNs = 2_000_000_000;
/** How often replicas tell each other by which map they go, where maps change. */
export const mapsNs = 400_000_000;
/** A read looks for replicas to repair for so long. */
export const repairNs = 1_000_000_000;
