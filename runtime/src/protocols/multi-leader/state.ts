/**
 * Multi-leader replication: state, messages, disk. Each leader numbers the writes that it takes, in a *stream* of its own;
 * every replica keeps all streams and knows how much it has of each, so that any two can bring each other up to date
 * (Demers et al., "Epidemic Algorithms", PODC 1987; Golding's timestamped anti-entropy, 1992; Bayou, SOSP 1997, §3).
 */
import type { Value } from '../../checkers/history.ts';
import type { MultiLeader } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest, DiskFormat, Io, NodeContext, Reply } from '../contract.ts';
import type { Seen } from '../copies.ts';
import type { Doer } from '../deeds.ts';
import type { Version } from '../versions/siblings.ts';
import type { ClockState, Stamp } from '../versions/stamps.ts';
import type { HomeMessage, Homes, HomeWrite } from './homes-state.ts';
import type { LockMessage, Locks, LockWrite } from './locks-state.ts';
import type { Policy } from './policy.ts';
import type { Checks, VersionMessage, VersionWrite } from './version-check-state.ts';

/** A node's writes since its disk was empty: `NODE.BORN`. A node that lost its disk begins another. */
export type StreamName = string;

/** How many writes of each stream somebody has, without gaps. */
export type Positions = Readonly<Record<StreamName, number>>;

/** What a write does to its key. */
export type Effect =
  /** The key's object is in this state from then on. `deleted`: as if it had never been. */
  | { readonly kind: 'put'; readonly state: Value; readonly deleted: boolean }
  /** This is merged into what stands there: a piece of a replicated data type's state. */
  | { readonly kind: 'merge'; readonly delta: unknown }
  /** It stands beside what its client had not been told. `told`: ids of what it had. */
  | {
      readonly kind: 'sibling';
      readonly version: Version;
      readonly state: Value;
      readonly deleted: boolean;
      readonly told: readonly string[];
    };

export interface Write {
  readonly stream: StreamName;
  /** Position in its stream, from 1. */
  readonly number: number;
  readonly key: string;
  readonly effect: Effect;
  /** Orders the writes of a key, where the policy orders them: clock, fencing token, version, or epoch. */
  readonly stamp: Stamp;
  /** What its origin had when it wrote. */
  readonly after: Positions;
  /** Operation of the history, for monitors and the judgement of lost writes; -1: none. */
  readonly operation: number;
  /** What its client is told. */
  readonly output: Value;
  /** Which operation of which client, where it retries idempotently. */
  readonly session: ClientRequest['session'];
}

/** What a replica has of a key: the write that it shows. */
export interface Cell {
  readonly write: Write;
  /** Of the key's object, or of its replicated data type. */
  readonly state: unknown;
  readonly deleted: boolean;
}

export type MultiLeaderMessage =
  /** Writes of one stream, in order. */
  | { readonly type: 'replicate'; readonly writes: readonly Write[] }
  /** On disk up to these positions. `refused`: numbers of writes in them whose fencing token was too old. */
  | { readonly type: 'received'; readonly positions: Positions; readonly refused: readonly number[] }
  /** What the sender has: whoever gets it sends what is missing. `asks`: and tells what it has itself. */
  | { readonly type: 'positions'; readonly positions: Positions; readonly asks: boolean }
  /** To a leader: this was asked of a replica that is none, or of another value's home, which has `after`. */
  | { readonly type: 'relay'; readonly request: ClientRequest; readonly after: Positions }
  /** Its answer; `after`: the replica that was asked gives it when it has these writes itself. */
  | { readonly type: 'relayed'; readonly id: number; readonly reply: Reply; readonly after: Positions }
  | LockMessage
  | VersionMessage
  | HomeMessage;

export type MultiLeaderWrite =
  | { readonly kind: 'life'; readonly life: number; readonly born: number }
  | { readonly kind: 'write'; readonly write: Write; readonly refused: boolean }
  | LockWrite
  | VersionWrite
  | HomeWrite;

export interface MultiLeaderDisk {
  /** How often this node has started with this disk, and its wall clock when it first did. */
  life: number;
  born: number;
  /** All writes, in the order in which they came. */
  arrived: { readonly write: Write; readonly refused: boolean }[];
  locks: Record<string, Locks['table'][string]>;
  votes: Record<string, Checks['votes'][string]>;
  homes: Homes['durable'] | null;
}

/** A write of this node's that somebody waits for. */
export interface Pending {
  readonly write: Write;
  readonly request: ClientRequest | null;
  readonly sinceNs: number;
  /** Who has it on disk, this node included when it has. */
  readonly has: NodeId[];
  /** Who has refused it. */
  readonly refused: NodeId[];
}

/** A write that was handed to a leader. */
export interface Relay {
  readonly request: ClientRequest;
  readonly sinceNs: number;
  answer: { readonly reply: Reply; readonly after: Positions } | null;
}

/** What became final in the latest event, for monitors. */
export type Deed =
  /** The node begins, with what is on its disk. */
  | { readonly kind: 'boots'; readonly positions: Positions }
  /**
   * A write is on disk. `shown`: the write that the key then shows, `value` what a read finds. `installed`: it is the one,
   * or was merged.
   */
  | {
      readonly kind: 'took';
      readonly write: Write;
      readonly shown: Write;
      readonly value: Value;
      readonly installed: boolean;
      /** Its fencing token or epoch was too old: it does not count as acknowledged. */
      readonly refused: boolean;
      /** Ids of what then stands side by side; without siblings: none. */
      readonly beside: readonly string[];
    }
  /** A write begins: its origin is about to put it on disk. */
  | { readonly kind: 'writes'; readonly write: Write }
  | { readonly kind: 'holds'; readonly key: string; readonly token: number }
  | { readonly kind: 'gives up'; readonly key: string; readonly token: number }
  | { readonly kind: 'granted'; readonly key: string; readonly token: number; readonly to: NodeId }
  | {
      readonly kind: 'freed';
      readonly key: string;
      readonly token: number;
      readonly by: NodeId;
      readonly expired: boolean;
    };

export interface MultiLeaderState extends Doer<Deed> {
  readonly context: NodeContext<MultiLeader>;
  readonly policy: Policy;
  /** Who takes writes; of these, those that hold this partition. */
  readonly leaders: readonly NodeId[];
  /** Everybody who holds data, this node too if it does. */
  readonly holders: readonly NodeId[];
  // Durable.
  readonly life: number;
  readonly stream: StreamName;
  streams: Record<StreamName, Write[]>;
  /** Per stream, numbers of writes whose fencing token was too old when they came. */
  refused: Record<StreamName, number[]>;
  cells: Record<string, Cell>;
  /** All writes that happened before what is here, whether or not they are here themselves. */
  heard: Record<StreamName, number>;
  /** Operations of clients that retry idempotently: the latest of each, with its answer. */
  sessions: Record<number, { readonly sequence: number; readonly output: Value }>;
  /** Writes that this replica does not show, for those that it shows instead and that had not seen them. */
  discarded: Map<number, number>;
  locks: Locks;
  checks: Checks;
  homes: Homes;
  // Volatile.
  readonly clock: ClockState;
  /** Writes that came before what they follow, by stream. */
  early: Record<StreamName, Write[]>;
  /** By number in this node's stream. */
  pending: Record<number, Pending>;
  /** By request: what was handed to leaders, and from whom this leader has others' requests. */
  relays: Record<number, Relay>;
  relayed: Record<number, NodeId>;
  /** Requests that wait for what their replicas had, or their clients were told. */
  behind: { readonly request: ClientRequest; readonly after: Positions; readonly sinceNs: number }[];
  /** What each other node has told that it has. */
  known: Record<NodeId, Positions>;
  /** When writes were last sent to it, on the monotonic clock. */
  sentNs: Record<NodeId, number>;
  heardNs: Record<NodeId, number>;
  seen: Seen;
  nextId: number;
  /** Whose turn is next to be told what is here. */
  peer: number;
  /** Writes given up because of a conflict. */
  conflicts: number;
  deeds: Deed[];
}

export type MultiLeaderIo = Io<MultiLeaderMessage, MultiLeaderWrite>;

export const multiLeaderDisk: DiskFormat<MultiLeaderWrite, MultiLeaderDisk> = {
  empty: () => ({ life: 0, born: 0, arrived: [], locks: {}, votes: {}, homes: null }),
  apply(image, write) {
    switch (write.kind) {
      case 'life':
        image.life = write.life;
        image.born = write.born;
        return;
      case 'write':
        image.arrived.push({ write: write.write, refused: write.refused });
        return;
      case 'lock':
        image.locks[write.key] = write.entry;
        return;
      case 'vote':
        image.votes[write.key] = write.vote;
        return;
      case 'homes':
        image.homes = write.homes;
        return;
    }
  },
};

export const nodeOf = (stream: StreamName): NodeId => Number(stream.slice(0, stream.indexOf('.')));

export const positionsOf = ({ streams }: MultiLeaderState): Positions => {
  const positions: Record<StreamName, number> = {};
  for (const name in streams) positions[name] = streams[name]!.length;
  return positions;
};

/** Does `positions` include the write? */
export const includes = (positions: Positions, { stream, number }: Pick<Write, 'stream' | 'number'>): boolean =>
  (positions[stream] ?? 0) >= number;

/** Is all of `other` in what the node has? */
export function hasAll({ streams }: MultiLeaderState, other: Positions): boolean {
  for (const name in other) if ((streams[name]?.length ?? 0) < other[name]!) return false;
  return true;
}

export const tickNs = 50_000_000;
/** What is not acknowledged is sent again. */
export const resendNs = 300_000_000;
/** An operation that nothing came of for so long is given back. */
export const giveUpNs = 2_000_000_000;
/** Each node tells another one what it has, about so often. */
export const gossipNs = 200_000_000;
/** A leader that was not heard for so long is not the one that requests are forwarded to. */
export const silentNs = 1_500_000_000;
/** Writes in one message. */
export const batchSize = 64;
/** Writes of one stream that are kept before their turn. */
export const earlyMax = 1_024;
