/** What a coordinator of transactions knows, and what of it stands on its disk. */
import type { Value } from '../../checkers/history.ts';
import type { IsolationLevel } from '../../design/property.ts';
import type { ClientRequest, DiskFormat, Io, NodeContext, StoreMap } from '../contract.ts';
import type { Step } from '../transactions.ts';

export interface CoordinatorOptions {
  /** Of the transaction's declaration; ids begin with it. */
  readonly name: string;
  /** False: steps are single operations, one after the other. */
  readonly atomic: boolean;
  /** With a pre-commit between votes and outcome: the participants finish without their coordinator. */
  readonly threePhases: boolean;
  /** Groups that hold the partitions of its stores. */
  readonly groups: readonly string[];
  /** Group of the Raft store that decisions are written to; null: the coordinator's own disk. */
  readonly decisions: string | null;
  readonly timeoutNs: number;
  readonly durableLog: boolean;
  readonly presume: 'abort' | 'commit' | 'nothing';
  readonly isolation: IsolationLevel;
  readonly deadlock: 'detect' | 'wait';
  /** null: kept apart by locks. */
  readonly versions: VersionOptions | null;
}

export interface VersionOptions {
  /** How long participants keep old versions for those that began earlier, in ns. */
  readonly keepNs: number;
  /** Between the commit timestamp and the moment at which anybody is told, on its own clock, in ns; null: nobody waits. */
  readonly waitNs: number | null;
}

/**
 * `deciding`: the decision is on its way to the Raft store; until it answers nobody knows. `finding`: the participants
 * decide without it, and it asks them.
 */
export type Phase = 'preparing' | 'precommitting' | 'finding' | 'deciding' | 'committing' | 'aborting';

/** What stays the same when a transaction that had to give way is begun again. */
export type Restart = Pick<Open, 'parts' | 'age' | 'deadlineNs'> & {
  readonly request: ClientRequest;
  /** The start timestamp has to reach it: at an earlier one it would meet the same again. */
  readonly above: number;
};

export interface Open {
  readonly id: string;
  /** That prepare, and are told the outcome; with versions, some of `parts` may only read. */
  readonly groups: readonly string[];
  phase: Phase;
  /** null: taken over, or found on the disk after a restart. */
  request: ClientRequest | null;
  /** By group: its steps, and at which places of the request they stand. */
  readonly parts: Readonly<Record<string, { readonly steps: readonly Step[]; readonly places: readonly number[] }>>;
  readonly age: number;
  /** Start timestamp: all participants read as of it. */
  readonly start: number;
  /** With versions: the largest timestamp that was voted; once it is to commit, that of the commit. */
  stamp: number | null;
  /** Monotonic ns. */
  readonly deadlineNs: number;
  /** By group: what was read. */
  votes: Record<string, readonly Value[]>;
  /** Groups that are pre-committed, and until when (monotonic ns) the others are waited for. */
  precommitted: string[];
  acknowledgeByNs: number;
  /** Groups that know the outcome. */
  acknowledged: string[];
  /** What it wants to write to the Raft store. */
  wants: 'commit' | 'abort';
  why: string;
  /** By which a participant refused it. */
  map?: StoreMap;
}

/** What a call under way is about. */
export type Call =
  | {
      readonly kind: 'prepare' | 'pre-commit' | 'find' | 'outcome';
      readonly id: string;
      readonly group: string;
    }
  | { readonly kind: 'decide' | 'look'; readonly id: string }
  | { readonly kind: 'inquire'; readonly group: string };

export interface Decision {
  readonly id: string;
  readonly outcome: 'commit' | 'abort';
  readonly groups: readonly string[];
  /** Commit timestamp; null: of an abort, or by locks. */
  readonly stamp: number | null;
  // For monitors.
  /** Whoever has begun it had every vote. */
  readonly unanimous: boolean;
  /** Whoever has begun it still had time to wait. */
  readonly early: boolean;
}

export type CoordinatorWrite =
  | { readonly kind: 'boot'; readonly incarnation: number }
  /** Before the first prepare, unless absence means abort. */
  | { readonly kind: 'begin'; readonly id: string; readonly groups: readonly string[] }
  | ({ readonly kind: 'decision' } & Decision)
  /** All participants know: nobody will ask again. */
  | { readonly kind: 'forget'; readonly id: string };

export interface CoordinatorDisk {
  incarnation: number;
  begun: Record<string, readonly string[]>;
  decisions: Record<string, Decision>;
}

/** Steps as clients send them, each with the group that holds its key. */
export type RoutedStep = readonly [group: string, ...step: Step];

/** A transaction without a commit protocol, under way: what was answered so far. */
export interface Sequence {
  readonly request: ClientRequest;
  readonly steps: readonly RoutedStep[];
  readonly answers: Value[];
  /** Monotonic ns. */
  readonly deadlineNs: number;
  hasWritten: boolean;
}

export const stepPauseNs = 10_000_000;

export interface CoordinatorState {
  readonly context: NodeContext<CoordinatorOptions>;
  /** Of this life: no id of an earlier one comes again. */
  readonly incarnation: number;
  counted: number;
  /** Attempts that were begun in this life: a request that the network doubles is one transaction. */
  begun: Record<number, true>;
  open: Record<string, Open>;
  calls: Record<number, Call>;
  token: number;
  /** Calls to be made again after a pause: nobody knew, or somebody held a lock. */
  again: Call[];
  /** To be begun again after a pause, as old as they were: they had to give way to somebody older. */
  restarts: Restart[];
  /** Decided to commit, at a timestamp that is not surely past: nobody is told yet. */
  waiting: string[];
  /** Without a commit protocol: by the token of the step under way, and those that wait for a pause. */
  steps: Record<number, Sequence>;
  paused: Sequence[];
  /** The timer of deadlines is armed. */
  watching: boolean;
  /** Monotonic ns at which it was armed last, or has fired. */
  checkedNs: number;
  /** Groups that are being asked for what is in doubt. */
  asking: string[];
  /** Of earlier lives, finished in this one: an answer that was on its way meanwhile may still call them in doubt. */
  finished: Record<string, true>;
  /** In doubt, and not begun in this life: monotonic ns at which each was first heard of. */
  suspects: Record<string, number>;
  // For monitors: counted, never read by a handler. A decision is one when it stands where it has to.
  decided: Decision[];
  /** On their way to the disk, by token. */
  writing: Record<number, Decision>;
}

export type CoordinatorIo = Io<never, CoordinatorWrite>;

export const coordinatorDisk: DiskFormat<CoordinatorWrite, CoordinatorDisk> = {
  empty: () => ({ incarnation: 0, begun: {}, decisions: {} }),
  apply(image, write) {
    switch (write.kind) {
      case 'boot':
        image.incarnation = write.incarnation;
        break;
      case 'begin':
        image.begun[write.id] = write.groups;
        break;
      case 'decision':
        delete image.begun[write.id];
        image.decisions[write.id] = write;
        break;
      case 'forget':
        delete image.begun[write.id];
        delete image.decisions[write.id];
        break;
    }
  },
};

/** Ids of one node's transactions; of all nodes where any of them may finish what another has begun. */
export const prefixOf = ({ context: { self, options } }: CoordinatorState): string =>
  options.decisions === null ? `${options.name}#${self}.` : `${options.name}#`;
