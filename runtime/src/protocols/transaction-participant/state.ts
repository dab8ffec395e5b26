/** What a participant's replicas know of transactions in doubt. Nothing of it is on a disk: their machine's log is. */
import type { Io, NodeContext } from '../contract.ts';
import type { InDoubt, Status } from '../transaction-phases.ts';

export interface ParticipantOptions {
  /** Of the transaction's declaration; ids begin with it. */
  readonly name: string;
  /** The group that holds the partition. */
  readonly group: string;
  readonly timeoutNs: number;
  readonly policy: 'abort' | 'commit' | 'skeen' | 'terminate' | 'discard';
  /** Of this node among all replicas of all participants: the lower, the sooner it takes over. */
  readonly rankOf: Readonly<Record<number, number>>;
}

/** `asking`: for states; `attempting`: brings them to the outcome that follows from these; `telling`: the outcome. */
export interface Termination {
  readonly round: number;
  phase: 'asking' | 'attempting' | 'telling';
  /** By group: its state, and the round of its latest attempt. */
  responses: Record<string, { readonly status: Status; readonly attempt: number }>;
  /** Groups that have not done yet what this phase is for. */
  waiting: string[];
  outcome: 'commit' | 'abort';
  /** Monotonic ns: whoever has not answered by then has failed. */
  dueNs: number;
}

export interface Doubt {
  readonly id: string;
  readonly groups: readonly string[];
  status: InDoubt[2];
  round: number;
  /** Monotonic ns at which this state was first seen. */
  sinceNs: number;
  /** Found after this participant had been silent: others may have decided without it. */
  readonly recovered: boolean;
  /** Monotonic ns; a recovered one asks now and then. */
  askedNs: number;
  termination: Termination | undefined;
}

export type Call =
  | { readonly kind: 'look'; readonly askedNs: number }
  | { readonly kind: 'time-out'; readonly id: string }
  | { readonly kind: 'ask'; readonly id: string; readonly group: string }
  | {
      readonly kind: 'state' | 'attempt' | 'outcome';
      readonly id: string;
      readonly group: string;
      readonly round: number;
    };

export interface ParticipantState {
  readonly context: NodeContext<ParticipantOptions>;
  doubts: Record<string, Doubt>;
  calls: Record<number, Call>;
  token: number;
  /** A look at the machine is under way. */
  looking: boolean;
  /** Monotonic ns of the last answer from this participant's own log; -∞: none in this life. */
  heardNs: number;
  /** Ids that it has decided alone, or told others; for the trace. */
  timedOut: number;
}

export type ParticipantIo = Io<never, never>;

/**
 * How long a participant waits for the next word. The coordinator may take one timeout over the votes and another one
 * over the pre-commits, and what it says may find a group that has to elect a leader first.
 */
export const patienceNs = ({ timeoutNs, policy }: ParticipantOptions): number =>
  policy === 'abort' || policy === 'commit' ? timeoutNs : 3 * timeoutNs;

/** How long the others are waited for: each may have to elect a leader first. */
export const answerNs = ({ timeoutNs }: ParticipantOptions): number => 2 * timeoutNs;

/** Those with a higher rank wait a little longer, so that the first that is up takes over (an election by turns). */
export const turnNs = ({ context: { options, self } }: ParticipantState): number =>
  Math.min(options.timeoutNs, ((options.rankOf[self] ?? 0) * options.timeoutNs) / 8);

/** Without an answer from its own log for so long, a participant has failed, and has recovered when there is one. */
export const silentNs = ({ timeoutNs }: ParticipantOptions): number => timeoutNs;

export const lookNs = ({ timeoutNs }: ParticipantOptions): readonly [number, number] => [timeoutNs / 4, timeoutNs / 2];
