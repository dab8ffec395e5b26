/**
 * Leaderless replication: state, messages, disk. Whichever replica a client asks coordinates; it sends to all replicas
 * of the key and waits for a quorum (Gifford, "Weighted Voting", SOSP 1979; DeCandia et al., "Dynamo", SOSP 2007, §4.5).
 */
import type { Value } from '../../checkers/history.ts';
import type { ClockKind, Leaderless } from '../../design/mechanism.ts';
import type { Quorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import { modelNamed } from '../../model/model.ts';
import type { ClientRequest, DiskFormat, Io, NodeContext } from '../contract.ts';
import type { Doer } from '../deeds.ts';
import type { ClockState, Stamp } from '../versions/stamps.ts';

/** What a replica keeps of a key: the write with the highest stamp that it has seen. */
export interface Cell {
  readonly stamp: Stamp;
  /** State of the key's object after that write. */
  readonly state: Value;
  /** It was a deletion: this is a tombstone. */
  readonly deleted: boolean;
  /** Operation of the history, for monitors and the judgement of lost writes; -1: none. */
  readonly operation: number;
}

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
  /** Stamps of all keys in leaves that differ. */
  | { readonly type: 'versions'; readonly leaves: readonly number[]; readonly of: Readonly<Record<string, Stamp>> }
  | { readonly type: 'want'; readonly keys: readonly string[] };

export type LeaderlessWrite =
  | { readonly kind: 'life'; readonly life: number }
  | { readonly kind: 'cell'; readonly key: string; readonly cell: Cell }
  /** A write that a later one has superseded before it came. */
  | { readonly kind: 'superseded'; readonly operation: number }
  /** A tombstone is collected. */
  | { readonly kind: 'forget'; readonly key: string }
  | { readonly kind: 'hint'; readonly id: number; readonly hint: Hint }
  | { readonly kind: 'unhint'; readonly id: number };

export interface LeaderlessDisk {
  life: number;
  cells: Record<string, Cell>;
  hints: Record<number, Hint>;
  /** Operations that this replica has taken, or has found superseded when they came. */
  applied: Record<number, true>;
}

/** A write that this node coordinates. */
export interface Put {
  readonly by: number;
  readonly request: ClientRequest;
  readonly key: string;
  readonly cell: Cell;
  readonly sinceNs: number;
  sentNs: number;
  /** Replicas that have it, themselves or by a stand-in. */
  stored: NodeId[];
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
  phase: 'asking' | 'writing back' | 'answered';
  /** Writing back: what, and who has it. */
  newest: Cell | null;
  has: NodeId[];
}

/** What became final in the latest event, for monitors. */
export type Deed =
  | { readonly kind: 'stamped'; readonly key: string; readonly operation: number; readonly stamp: Stamp }
  /** On disk; or a later write of the key is. */
  | { readonly kind: 'stored'; readonly key: string; readonly stamp: Stamp; readonly cell: Stamp }
  | { readonly kind: 'held'; readonly key: string; readonly stamp: Stamp; readonly target: NodeId }
  /** A hint is no longer kept, as its target has said that it has the write. */
  | { readonly kind: 'handed'; readonly key: string; readonly stamp: Stamp; readonly target: NodeId }
  | { readonly kind: 'collected'; readonly key: string; readonly stamp: Stamp }
  | { readonly kind: 'asks'; readonly key: string; readonly operation: number }
  | { readonly kind: 'answers'; readonly key: string; readonly operation: number; readonly stamp: Stamp | null };

export interface LeaderlessState extends Doer<Deed> {
  readonly context: NodeContext<Leaderless>;
  /** Replicas of the keys; others only stand in. */
  readonly homes: readonly NodeId[];
  readonly read: Quorum;
  readonly write: Quorum;
  readonly clockKind: ClockKind;
  // Durable.
  life: number;
  cells: Record<string, Cell>;
  hints: Record<number, Hint>;
  applied: Record<number, true>;
  // Volatile.
  readonly clock: ClockState;
  puts: Record<number, Put>;
  gets: Record<number, Get>;
  /** When each other node was last heard, on the monotonic clock; and since when it has owed an answer. */
  heardNs: Record<NodeId, number>;
  silentNs: Record<NodeId, number>;
  /** When a tombstone was first seen here, on the monotonic clock. */
  deletedNs: Record<string, number>;
  /** XOR of the hashes of the cells in each leaf of the Merkle tree. */
  readonly leaves: number[];
  /** Attempts that came lately, and when: the network may bring a request twice. */
  seen: Record<number, number>;
  nextId: number;
  deeds: Deed[];
  /** Whose turn anti-entropy is. */
  peer: number;
}

export type LeaderlessIo = Io<LeaderlessMessage, LeaderlessWrite>;

export const leaderlessDisk: DiskFormat<LeaderlessWrite, LeaderlessDisk> = {
  empty: () => ({ life: 0, cells: {}, hints: {}, applied: {} }),
  apply(image, write) {
    switch (write.kind) {
      case 'life':
        image.life = write.life;
        return;
      case 'cell':
        image.cells[write.key] = write.cell;
        if (write.cell.operation >= 0) image.applied[write.cell.operation] = true;
        return;
      case 'superseded':
        image.applied[write.operation] = true;
        return;
      case 'forget':
        delete image.cells[write.key];
        return;
      case 'hint':
        image.hints[write.id] = write.hint;
        return;
      case 'unhint':
        delete image.hints[write.id];
        return;
    }
  },
};

/** What a read finds in a cell; null: the key was never written. */
export function readingOf({ context }: LeaderlessState, cell: Cell | null): Value {
  const model = modelNamed(context.group.model)!;
  return model.apply(cell?.state ?? model.initial(null), { kind: 'read', input: null }).output;
}

export const tickNs = 50_000_000;
/** What is not answered is sent again, and a replica that does not answer for so long is thought to be away. */
export const resendNs = 300_000_000;
/** An operation that nothing came of for so long is given back. */
export const giveUpNs = 2_000_000_000;
/** For so long a copy of a request is known as one. */
export const seenNs = 5_000_000_000;
/** A read looks for replicas to repair for so long. */
export const repairNs = 1_000_000_000;
