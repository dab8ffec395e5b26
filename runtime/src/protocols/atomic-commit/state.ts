/**
 * Atomic commit as a store's replication: every write is a transaction on one key in which all replicas take part
 * (Gray and Lamport 2006, §3). What two and three phases have in common: transactions, locks, what stands on disk.
 */

import type { Value } from '../../checkers/history.ts';
import type { Coordinator } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest, Command, DiskFormat, Group, Io, Message, NodeContext, Reply } from '../contract.ts';
import { membersOf } from '../group.ts';
import { applyAgreed, emptyMachine, type Machine } from '../machine.ts';

export type Outcome = 'commit' | 'abort';

export interface Transaction {
  readonly id: string;
  readonly coordinator: NodeId;
  /** Who numbered it: its coordinator, or the replica that a client has asked. */
  readonly origin: NodeId;
  /** Rises with every transaction of its origin, over its restarts. */
  readonly number: number;
  /** When its request reached the origin, on that node's clock. The older transaction waits for the younger. */
  readonly ageNs: number;
  readonly command: Command;
  readonly session: ClientRequest['session'];
}

/** Voted yes; in three phases also: knows that all have. */
export type VoteStatus = 'prepared' | 'precommitted';

/** A transaction that this node has voted for and whose outcome it does not know. */
export interface Open {
  readonly tx: Transaction;
  status: VoteStatus;
  /** On the monotonic clock: when the vote was given, when the coordinator was last heard, when to act. */
  readonly sinceNs: number;
  heardNs: number;
  dueNs: number;
  /** It was found on the disk after a crash: this node did not see what happened meanwhile. */
  readonly recovered: boolean;
  /** Three phases: how far this node is with deciding without the coordinator, and whom it has heard. */
  termination?: Termination | undefined;
}

/** `electing`: others were asked to take over. `following`: another one has. The other two: this node has. */
export interface Termination {
  readonly phase: 'electing' | 'asking' | 'precommitting' | 'following';
  /** States that were told; when pre-committing, those that have not acknowledged. */
  responses: Record<NodeId, Extract<CommitMessage, { type: 'state-response' }>>;
}

/** A write that waits for earlier ones on its key, or for another try. */
export interface Queued {
  readonly request: ClientRequest;
  readonly ageNs: number;
  readonly deadlineNs: number;
  notBeforeNs: number;
  tries: number;
}

/** A transaction that this node coordinates. */
export interface Led {
  readonly tx: Transaction;
  /** null: nobody waits for it any more: its client was told, or the coordinator has crashed since. */
  queued: Queued | null;
  /**
   * `locking`: waits for the lock on its own copy. `beginning`, `deciding`: what it writes down is on its way to the disk,
   * or to the group that chooses its decisions.
   */
  phase: 'locking' | 'beginning' | 'voting' | 'precommitting' | 'deciding' | 'committed' | 'aborted';
  /** What it asks that group to choose. */
  wants: Outcome;
  /** What the command will answer, as a participant has said: a coordinator without a copy cannot tell. */
  output: Value;
  /** Others that have voted yes, or are pre-committed, or have acknowledged the decision: by phase. */
  heard: NodeId[];
  /** The phase's timeout; when to repeat what was not answered. */
  deadlineNs: number;
  dueNs: number;
}

/** What has just happened to a transaction at this node: monitors read it after the event. */
export interface Change {
  readonly tx: Transaction;
  readonly status: VoteStatus | 'committed' | 'aborted' | 'nothing to commit';
  /** What it was here before; undefined: not known. */
  readonly from: VoteStatus | undefined;
  /** The node had crashed since it voted. */
  readonly recovered: boolean;
  /** At the coordinator: how many have voted yes, its own copy included; elsewhere 0. */
  readonly votes: number;
}

export interface Decided {
  readonly origin: NodeId;
  readonly number: number;
  readonly outcome: Outcome;
}

/** What a node's memory and its disk both hold. */
export interface Leading {
  readonly node: NodeId;
  readonly life: number;
  readonly term: number;
}

export interface Ledger {
  /** A coordinator that is no replica has none: its machine stays empty. */
  holdsCopy: boolean;
  machine: Machine;
  outcomes: Record<string, Decided>;
  /** By origin: everything before this number is over, and a message that asks to vote on it comes too late. */
  floors: Record<NodeId, number>;
}

export interface CommitDisk extends Ledger {
  lives: number;
  open: Record<string, { readonly tx: Transaction; readonly status: VoteStatus }>;
  /** Begun by this coordinator and not decided: presumed commit, presumed nothing. */
  begun: Record<string, Transaction>;
  /** Decided by this coordinator and not acknowledged by all. */
  decided: Record<
    string,
    { readonly tx: Transaction; readonly outcome: Outcome; readonly awaiting: readonly NodeId[] }
  >;
}

export type CommitWrite =
  | { readonly kind: 'life'; readonly lives: number; readonly model: Group['model']; readonly holdsCopy: boolean }
  | { readonly kind: 'vote'; readonly tx: Transaction; readonly status: VoteStatus; readonly floor: number }
  | { readonly kind: 'begin'; readonly tx: Transaction }
  | {
      readonly kind: 'outcome';
      readonly tx: Transaction;
      readonly outcome: Outcome;
      readonly floor: number;
      /** Whose acknowledgements its coordinator waits for; nobody's for a participant. */
      readonly awaiting: readonly NodeId[];
    }
  | { readonly kind: 'end'; readonly id: string };

export interface CommitOptions {
  readonly coordinator: Coordinator | null;
  readonly timeoutNs: number;
}

export interface CommitState<C extends CommitOptions = CommitOptions> extends Ledger {
  readonly context: NodeContext<C>;
  /** This boot's number, and how many transactions it has begun. */
  readonly life: number;
  begun: number;
  open: Record<string, Open>;
  led: Record<string, Led>;
  /** Who holds a key's lock, and who waits for it. */
  locks: Record<string, Transaction>;
  waiting: Record<string, Transaction[]>;
  /** Writes by key, in the order in which they came; reads that wait for a transaction in doubt. */
  queues: Record<string, Queued[]>;
  reads: { readonly request: ClientRequest; readonly deadlineNs: number }[];
  /** By key: the transaction on it that this node coordinates now. */
  active: Record<string, string>;
  /**
   * Who coordinates apart from the replicas, as far as is known here, in which of its lives, and since which term of the
   * group that chooses decisions; without one, its life.
   */
  leading: Leading | null;
  /** The term in which this node leads it; -1: it does not. When it last said so. */
  term: number;
  announcedNs: number;
  /** What was asked of the group that chooses decisions, or of the disk, by token. */
  calls: Record<number, { readonly id: string; readonly kind: 'begin' | 'decide' | 'look'; readonly wants: Outcome }>;
  token: number;
  /** Ids of the latest attempts that came. */
  seen: readonly number[];
  /** Transactions of other origins that need not be begun here any more: they were, or somebody was told of them. */
  begunOnce: Record<string, Pick<Transaction, 'origin' | 'number'>>;
  /** Requests of transactions that this replica has begun. */
  asked: Record<string, ClientRequest>;
  /** Keys whose lock was given back in this event. */
  freed: string[];
  changes: Change[];
}

/** The messages that two and three phases share, each by its own name. */
export type CommitMessage = Message &
  (
    | { readonly type: 'prepare' | 'can-commit'; readonly tx: Transaction; readonly floor: number }
    /** `output`: what the command will answer, for a coordinator without a copy. */
    | { readonly type: 'yes'; readonly tx: Transaction; readonly output?: Value }
    /** `answer`: what its client was to be told when it was executed, for the same. */
    | {
        readonly type: 'no';
        readonly tx: Transaction;
        readonly why: 'locked' | 'executed' | 'aborted';
        readonly answer?: Reply;
      }
    /** To all: this node coordinates, apart from the replicas, from this term on. */
    | ({ readonly type: 'leading' } & Omit<Leading, 'node'>)
    /** A replica has voted for what its client wants. `life`: of the coordinator, as far as it knows. */
    | {
        readonly type: 'begin';
        readonly tx: Transaction;
        readonly floor: number;
        readonly life: number;
        readonly output: Value;
      }
    | { readonly type: 'commit' | 'do-commit' | 'abort'; readonly tx: Transaction }
    | { readonly type: 'ack'; readonly tx: Transaction }
    | { readonly type: 'inquire'; readonly tx: Transaction }
    | { readonly type: 'pre-commit' | 'ack-pre' | 'elect-termination'; readonly tx: Transaction }
    /** `takesOver`: to decide by the answers; else the asker was down, and wants to know. */
    | { readonly type: 'state-request'; readonly tx: Transaction; readonly takesOver: boolean }
    | {
        readonly type: 'state-response';
        readonly tx: Transaction;
        readonly status: VoteStatus | 'initial' | 'committed' | 'aborted';
        readonly recovered: boolean;
      }
  );

/** Words on the messages of one of the two protocols. */
export type CommitMessages = Readonly<Record<CommitMessage['type'], string>>;

export type CommitIo = Io<CommitMessage, CommitWrite>;

/** In what two and three phases differ. */
export interface Flow<C extends CommitOptions> {
  readonly ask: 'prepare' | 'can-commit';
  readonly tell: 'commit' | 'do-commit';
  /** Whether records are on disk before what they record is said. */
  durable(options: C): boolean;
  /** Whether the coordinator writes down that it begins, before it asks. */
  writesBeginning(options: C): boolean;
  /** Whether this outcome is written down by the coordinator before it is told. */
  writes(outcome: Outcome, options: C): boolean;
  /** Whether participants acknowledge it, so that it can be forgotten. */
  acknowledged(outcome: Outcome, options: C): boolean;
  /** All have voted yes. */
  agreed(state: CommitState<C>, led: Led, io: CommitIo): void;
  /** Somebody is in doubt about a transaction of this coordinator that it has no record of. */
  presume(options: C): Outcome | undefined;
  /** How long a participant waits for the coordinator before it does something about it. */
  silenceNs(options: C): number;
  /** Whether a replica that a client asks votes before a coordinator apart from it has heard of the transaction. */
  votesAhead(options: C): boolean;
  /** A lock that somebody waits for is held by a transaction in doubt. */
  hurry(state: CommitState<C>, open: Open, io: CommitIo): void;
}

export const coordinatorOf = (options: CommitOptions): NodeId | null =>
  options.coordinator?.kind === 'node' ? options.coordinator.node : null;

/** Everybody else who may know of a transaction. */
export const othersOf = ({ context: { group, self } }: CommitState): readonly NodeId[] =>
  membersOf(group).filter(node => node !== self);

/** The group that chooses the decisions of a replicated coordinator; null: a coordinator's own disk. */
export const decisionsOf = ({ context: { group } }: CommitState): string | null =>
  group.coordinators?.decisions ?? null;

/**
 * Whom a coordinator asks to vote. Its own copy's vote stands in its decision, which is on the same disk; where a group
 * chooses decisions, its own copy votes like all others.
 */
export const participantsOf = (state: CommitState): readonly NodeId[] =>
  decisionsOf(state) !== null
    ? state.context.group.replicas
    : state.context.group.replicas.filter(node => node !== state.context.self);

/** Whether a coordinator has a vote that nobody sends it. */
export const votesItself = (state: CommitState): boolean => state.holdsCopy && decisionsOf(state) === null;

/** How long the sender of a message waits before it repeats it: messages can be lost. */
export const patienceNs = ({ timeoutNs }: CommitOptions): number => Math.max(1, Math.floor(timeoutNs / 4));

/** Wait-die (Rosenkrantz, Stearns and Lewis 1978): waits go from older to younger only, so nobody waits in a circle. */
export const isOlder = (a: Transaction, b: Transaction): boolean =>
  a.ageNs !== b.ageNs ? a.ageNs < b.ageNs : a.origin !== b.origin ? a.origin < b.origin : a.number < b.number;

export const describe = ({ id, command }: Transaction): string => `transaction ${id} (${command.kind} ${command.key})`;

/** Everything that this node has numbered before it is over: decided, and acknowledged where that is asked for. */
export function floorOf(state: CommitState): number {
  let floor = numberOf(state.life, state.begun + 1);
  for (const all of [state.led, state.open])
    for (const id in all) {
      const { origin, number } = all[id]!.tx;
      if (origin === state.context.self) floor = Math.min(floor, number);
    }
  return floor;
}

/** How many attempts a node remembers, to know the second copy of one. */
const seenMax = 256;

/** False: it came before. */
export function isFirst(state: CommitState, attempt: number): boolean {
  if (state.seen.includes(attempt)) return false;
  state.seen = [...state.seen.slice(1 - seenMax), attempt];
  return true;
}

/** Kept until their origin says that they are over. */
export function beginNoMore(state: CommitState, { id, origin, number }: Transaction): void {
  if (origin !== state.context.self) state.begunOnce[id] = { origin, number };
}

/** So many transactions can be numbered in one life. */
const perLife = 10_000_000;

export const numberOf = (life: number, begun: number): number => life * perLife + begun;
export const lifeOf = (number: number): number => Math.floor(number / perLife);

/** Notes an outcome and, where it is commit, executes it. Answers the output; undefined: it was known, or an abort. */
export function settleIn(ledger: Ledger, tx: Transaction, outcome: Outcome) {
  if (ledger.outcomes[tx.id] !== undefined) return undefined;
  ledger.outcomes[tx.id] = { origin: tx.origin, number: tx.number, outcome };
  return outcome === 'commit' && ledger.holdsCopy ? applyAgreed(ledger.machine, tx.command, tx.session) : undefined;
}

/** What came before the floor is over: it need not be remembered, for nobody may ask to vote on it again. */
export function raiseFloor(ledger: Ledger, origin: NodeId, floor: number): void {
  if (floor <= (ledger.floors[origin] ?? 0)) return;
  ledger.floors[origin] = floor;
  for (const id in ledger.outcomes) {
    const one = ledger.outcomes[id]!;
    if (one.origin === origin && one.number < floor) delete ledger.outcomes[id];
  }
}

export const isOver = (ledger: Ledger, tx: Transaction): boolean => tx.number < (ledger.floors[tx.origin] ?? 0);

export const commitDisk: DiskFormat<CommitWrite, CommitDisk> = {
  empty: () => ({
    lives: 0,
    holdsCopy: true,
    machine: emptyMachine('kv'),
    outcomes: {},
    floors: {},
    open: {},
    begun: {},
    decided: {},
  }),
  apply(image, write) {
    switch (write.kind) {
      case 'life':
        if (image.lives === 0) image.machine = emptyMachine(write.model);
        image.lives = write.lives;
        image.holdsCopy = write.holdsCopy;
        break;
      case 'vote':
        raiseFloor(image, write.tx.origin, write.floor);
        if (image.outcomes[write.tx.id] === undefined) image.open[write.tx.id] = { tx: write.tx, status: write.status };
        break;
      case 'begin':
        image.begun[write.tx.id] = write.tx;
        break;
      case 'outcome': {
        const { tx, outcome, awaiting } = write;
        raiseFloor(image, tx.origin, write.floor);
        settleIn(image, tx, outcome);
        delete image.open[tx.id];
        delete image.begun[tx.id];
        if (awaiting.length > 0) image.decided[tx.id] = { tx, outcome, awaiting };
        break;
      }
      case 'end':
        delete image.decided[write.id];
        break;
    }
  },
};
