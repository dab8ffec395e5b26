/**
 * The protocol contract. A protocol is a pure state machine: it holds no clock, no randomness and no I/O, gets events
 * and answers through a narrow `io`. A handler may change its own state and nothing else (never a message, an operation
 * or a disk image), and does the same for the same state and event; that is what lets a run be repeated, any moment
 * be rebuilt by replay, and the same code be explored exhaustively. State, messages and disk images are plain data.
 */
import type { OperationKind, Value } from '../checkers/history.ts';
import type { MechanismKind } from '../design/mechanism.ts';
import type { MapValue } from '../design/partition-map.ts';
import type { PropertyKind } from '../design/property.ts';
import type { QuorumSpec } from '../design/quorum.ts';
import type { Overrides } from '../design/scenario.ts';
import type { DataModel } from '../design/store.ts';
import type { MessageClass, NodeId } from '../design/topology.ts';
import type { Machine } from './machine.ts';
import type { Ownership, Shard } from './ownership.ts';

/** A replica group as its members know it from the start; membership changes are the protocol's own business. */
export interface Group {
  readonly name: string;
  readonly replicas: readonly NodeId[];
  readonly witnesses: readonly NodeId[];
  readonly observers: readonly NodeId[];
  readonly spares: readonly NodeId[];
  readonly model: DataModel;
  /** Who coordinates writes in place of the replicas; undefined: replicas do. */
  readonly coordinators?: Coordinators;
  /** What keys it owns, where that changes in the run; undefined: it does not. */
  readonly shard?: Shard;
  /** Quorums that workloads ask for in place of the mechanism's; undefined: none does. */
  readonly levels?: readonly QuorumSpec[];
  /** Stand-ins for absent replicas come from their own region alone; undefined: from anywhere. */
  readonly handoffWithin?: 'region';
  /** null: the design names no regions. */
  regionOf(node: NodeId): string | null;
  /** What stands in this field of the key's record. */
  fieldOf(key: string, field: string): string;
}

/** Nodes that coordinate a group's writes and are its members for that, whether or not they hold a copy. */
export interface Coordinators {
  readonly nodes: readonly NodeId[];
  /** The group that chooses their decisions; null: there is one of them, and it decides on its own disk. */
  readonly decisions: string | null;
}

export interface NodeContext<C> {
  readonly self: NodeId;
  readonly group: Group;
  /** The mechanism's options, every default filled in. */
  readonly options: C;
}

/** What a client wants done to one key. */
export interface Command {
  readonly kind: OperationKind;
  readonly key: string;
  readonly input: Value;
  /**
   * Which operation of the history this is; -1 for none, and a number of its own below that for a part of one, as a read
   * of one of several keys. For monitors and for the judgement of lost writes:
   * no handler may decide by it.
   */
  readonly operation: number;
}

/** Which command of a transaction it is (`prepare`, `commit`, …); undefined: none. */
export const transactionWord = ({ kind, input }: Command): string | undefined =>
  kind === 'transaction' && Array.isArray(input) && typeof input[0] === 'string' ? input[0] : undefined;

/** One attempt of one operation. */
export interface ClientRequest {
  /** Unique per attempt. */
  readonly id: number;
  readonly command: Command;
  /** Identifies the operation over its attempts, when the client retries idempotently (Raft thesis §6.3). */
  readonly session: { readonly client: number; readonly sequence: number } | null;
  /** How many attempts came before. */
  readonly attempt: number;
  /** What a client session sends along for protocols whose clients merge; undefined: no session asks. */
  readonly carried?: Carried;
  /** How its workload wants it to be served; undefined: as the store has chosen. */
  readonly overrides?: Overrides;
}

/** Who asks, and what it knows. */
export interface Carried {
  readonly client: number;
  /** Its operations count from 1; all attempts of one have the same number. */
  readonly sequence: number;
  /** What the client was last given with an answer about this key (`Reply.context`), unread; undefined: nothing. */
  readonly context: unknown;
  /** What its session has seen of this group (`Reply.token`); null: nothing yet; undefined: it carries no tokens. */
  readonly token?: unknown;
  /** By which map its session has found this group, if it carries tokens: nobody who has not come so far is heard. */
  readonly epoch?: number;
}

/** What an operator asks of a group. */
export type AdminRequest =
  | {
      readonly kind: 'change-members';
      readonly id: number;
      readonly add: readonly NodeId[];
      readonly remove: readonly NodeId[];
      readonly as: 'voter' | 'observer';
    }
  /** Make this node the leader. */
  | { readonly kind: 'promote'; readonly id: number; readonly node: NodeId };

/** The map of a store by which somebody was refused. */
export type StoreMap = readonly [store: string, map: MapValue];

export type Reply =
  | {
      readonly kind: 'ok';
      readonly output: Value;
      /** For the client to keep, and to send along with what it asks of this key next (the context of Dynamo §4.4). */
      readonly context?: unknown;
      /** Several values stand side by side, all of them; what a read's client makes of them is the `output`. */
      readonly siblings?: readonly Value[];
      /** How far what answered had come, for clients that carry tokens; whoever runs protocols adds it. */
      readonly token?: unknown;
    }
  /** Took no effect here; another node may serve it, or (with `map`: the one by which it was refused) another group. */
  | { readonly kind: 'refused'; readonly why: string; readonly leader: NodeId | null; readonly map?: StoreMap }
  /** Took no effect and never will, by what the protocol believes. */
  | { readonly kind: 'failed'; readonly why: string; readonly map?: StoreMap }
  /** May have taken effect. */
  | { readonly kind: 'unknown'; readonly why: string };

export interface Io<M, W> {
  /** To a member of the same group. To oneself: delivered next, without a network. */
  send(to: NodeId, message: M): void;
  /**
   * Writes to disk. Whatever this node sends, answers or calls for this group from here on leaves only when the write
   * has been synced; a crash in between loses both. `token`: `persisted` is called with it after the sync.
   */
  persist(write: W, token?: number): void;
  /**
   * Answers an attempt or an operator; a second answer is ignored by who asked. An answer that waits for the disk is
   * looked at again before it leaves: from `untilNs` of the monotonic clock on nobody may rely on it any more, and who
   * asked is told that the outcome is unknown. It is the lease that careful code checks after the sync has returned.
   */
  reply(request: { readonly id: number }, reply: Reply, untilNs?: number): void;
  /** Hands a request on to another member, whose answer comes back through this node. */
  forward(request: ClientRequest, to: NodeId): void;
  /** (Re)arms a timer to fire after a time drawn from [minNs, maxNs] of this node's clock. */
  setTimer(name: string, minNs: number, maxNs: number): void;
  cancelTimer(name: string): void;
  /** Reads this node's clocks: skewed and drifting. */
  wallNs(): number;
  monotonicNs(): number;
  /** Uses another group as a service: `answered` is called with the token and its answer, or with `unknown` on timeout. */
  call(group: string, command: Command, token: number): void;
  /** The epoch in which this node's own member of another group leads it; -1: it does not, or there is none. */
  leads(group: string): number;
  /** Names what just happened, for the trace ("steps down: term 4 seen"). Cheap when nothing records. */
  note(text: string): void;
}

export interface Message {
  readonly type: string;
}

/** What stands on a member's disk: writes are applied to the image in order, each when it has been synced. */
export interface DiskFormat<W, D> {
  empty(): D;
  /** Changes the image in place. */
  apply(image: D, write: W): void;
}

/** God's eye on one group: live members' states by node; a crashed member has none. */
export interface GroupView<S> {
  readonly group: Group;
  readonly states: ReadonlyMap<NodeId, S>;
  nameOf(node: NodeId): string;
}

/**
 * Watches one run of one group and outlives crashes. `step` is called after every event of `node`; it answers with
 * a sentence when the invariant is broken. It must cost no more than what the event changed.
 */
export interface Monitor<S> {
  step(node: NodeId, state: S, view: GroupView<S>): string | undefined;
  crashed?(node: NodeId): void;
  /** A client was told `ok`, with this output. `overrides`: how it had asked to be served. */
  acknowledged?(
    node: NodeId,
    command: Command,
    view: GroupView<S>,
    output: Value,
    overrides: Overrides | undefined,
  ): string | undefined;
}

export interface Invariant<S, C> {
  /** The paper's name: `ElectionSafety`. */
  readonly name: string;
  /** Where it is stated. */
  readonly source: string;
  readonly means: string;
  /** Properties of users that fail with it: under `expect violation P` a broken invariant that protects P is excused. */
  readonly protects: readonly PropertyKind['kind'][];
  /** Why these options give it up; undefined: promised, and checked in every run. */
  givenUp(options: C, group: Group): string | undefined;
  monitor(group: Group, options: C): Monitor<S>;
}

/**
 * Session tokens (Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", PDIS 1994, §5): a client
 * carries how far what it has seen had come, and a member that has not come as far
 * is not heard when it answers a read. Where writes could be ordered before that, the protocol itself lets them wait.
 */
export interface SessionTokens<S> {
  /** How far this member's data has come. */
  of(state: S): unknown;
  covers(state: S, token: unknown): boolean;
  /** As far as both. */
  join(one: unknown, other: unknown): unknown;
}

/** Of a protocol without a log whose keys can change hands all the same: each member knows for itself what it owns. */
export interface Owners<S, C> {
  of(state: S): { readonly ownership: Ownership | null };
  /** Whether these members could complete an operation by themselves. */
  couldServe(group: Group, options: C, has: (node: NodeId) => boolean): boolean;
}

/** `S` state, `M` messages, `W` disk writes, `D` disk image, `C` options. */
export interface Protocol<S, M extends Message, W, D, C> {
  readonly kind: MechanismKind;
  /** Every message type, with a line on what it is for. */
  readonly messages: Readonly<Record<M['type'], string>>;
  classOf(message: M): MessageClass;
  readonly disk: DiskFormat<W, D>;
  /** Size on the wire, for links with bandwidth. */
  bytes(message: M, recordBytes: number): number;
  /** Also after a crash: only the disk image survives; undefined: first boot, or the disk was lost. */
  boot(context: NodeContext<C>, image: D | undefined, io: Io<M, W>): S;
  request(state: S, request: ClientRequest, io: Io<M, W>): void;
  administer(state: S, request: AdminRequest, io: Io<M, W>): void;
  receive(state: S, from: NodeId, message: M, io: Io<M, W>): void;
  timer(state: S, name: string, io: Io<M, W>): void;
  persisted?(state: S, token: number, io: Io<M, W>): void;
  answered?(state: S, token: number, reply: Reply, io: Io<M, W>): void;
  /** The epoch (term, ballot) in which this member believes to lead; -1: it does not. Without leaders: undefined. */
  readonly leads?: (state: S) => number;
  /** Transactions that hold locks at this member and whose outcome it does not know: for the judgement of blocking. */
  inDoubt?(state: S): Iterable<{ readonly id: string; readonly key: string; readonly operation: number }>;
  /** Who belongs to the group, as this member knows it; undefined: membership never changes. */
  readonly members?: (state: S) => readonly NodeId[];
  /** Fields worth watching: their changes go into the trace. */
  readonly watched: Readonly<Record<string, (state: S) => string | number | boolean | null>>;
  /** Watched fields whose number is a node: the trace names it. */
  readonly watchedNodes?: ReadonlySet<string>;
  /** The data as a client that reads this member alone would find it. */
  contents(state: S): Readonly<Record<string, Value>>;
  /** Everything that a client may still be told, where several values stand side by side; undefined: `contents` is all. */
  sideBySide?(state: S): Readonly<Record<string, readonly Value[]>>;
  /** The replicated machine; without one, the group is no participant of transactions over several. */
  machine?(state: S): Machine;
  /** undefined: what its machine says stands for the group. */
  readonly owners?: Owners<S, C>;
  /** Whether all that this member's machine holds stands for good, for monitors; undefined: it always does. */
  settled?(state: S): boolean;
  /** Transactions under way that this member coordinates: for `coordinator of T`. */
  coordinates?(state: S): number;
  /** Operations that this member's surviving history has applied (`Command.operation`), for the judgement of lost writes. */
  applied(state: S): Iterable<number>;
  /** undefined: no member ever answers with less than another had shown before, or the protocol minds contexts itself. */
  readonly tokens?: SessionTokens<S>;
  /**
   * Operations that this member does not show, each with the one that it shows instead and that had not seen it, for the
   * judgement of lost updates; undefined: it cannot tell.
   */
  discarded?(state: S): ReadonlyMap<number, number> | undefined;
  readonly invariants: readonly Invariant<S, C>[];
}

/** Whoever runs protocols does not know their types; the protocol alone does. */
// biome-ignore lint/suspicious/noExplicitAny: existential over a protocol's private types
export type AnyProtocol = Protocol<any, any, any, any, any>;
