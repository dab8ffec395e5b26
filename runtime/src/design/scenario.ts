/** Workloads, scenarios, explorations: who asks what, what goes wrong when, and what is expected then. */
import type { Distribution } from './distribution.ts';
import type { Property } from './property.ts';
import type { QuorumSpec } from './quorum.ts';
import type { Located } from './source.ts';
import type { PartitionId } from './store.ts';
import type { NodeId } from './topology.ts';

export const workloadOperations = [
  'read',
  'scan',
  'write',
  'cas',
  'delete',
  'increment',
  'add',
  'append',
  'transaction',
] as const;
export type WorkloadOperationKind = (typeof workloadOperations)[number];

/** What a scripted client can ask for: everything but scans. */
export const clientOperations = workloadOperations.filter(kind => kind !== 'scan');
export type ClientOperationKind = (typeof clientOperations)[number];

export interface MixEntry extends Located {
  readonly kind: WorkloadOperationKind;
  /** Shares of a workload sum to 1. */
  readonly share: number;
  /** `on T`; null: any target that supports it. */
  readonly on: string | null;
  /** `read by city`; null: by key. */
  readonly by: string | null;
}

export interface Workload extends Located {
  readonly name: string;
  readonly doc: string | null;
  /** Nobody has written it: it stands where the store that it tries does. */
  readonly generated: boolean;
  /** Stores and transactions. */
  readonly targets: readonly string[];
  readonly clients: number;
  /** Region, zone or cluster where the clients stand; null: beside whichever node they call. */
  readonly place: { readonly region: string; readonly zone: string | null } | null;
  /** Closed loop: each client thinks, asks, waits. Open loop: arrivals by rate over all clients, whatever is pending. */
  readonly arrival:
    | { readonly kind: 'closed'; readonly think: Distribution }
    | { readonly kind: 'open'; readonly perSecond: number };
  readonly mix: readonly MixEntry[];
  readonly keys: { readonly count: number; readonly choice: 'uniform' | 'sequential' | { readonly zipf: number } };
  readonly session: 'sticky' | 'any' | 'nearest';
  readonly sessionToken: boolean;
  readonly timeoutNs: number;
  /** Further attempts after the first, each with its own timeout. */
  readonly retries: number;
  /** Attempts of one operation carry one request id. */
  readonly idempotent: boolean;
  /** Client cache's time to live; null: none. */
  readonly cacheNs: number | null;
  /** Overrides of what the store chose; null: the store's own. */
  readonly read: {
    readonly from: 'leader' | 'followers' | 'any' | 'nearest' | null;
    readonly local: boolean;
    readonly quorum: QuorumSpec | null;
  };
  readonly write: { readonly quorum: QuorumSpec | null };
}

/** How requests want to be served, where that is not what their store has chosen. */
export type Overrides = Pick<Workload, 'read' | 'write'>;

/** In all as the store has chosen. */
export const ownWay: Overrides = { read: { from: null, local: false, quorum: null }, write: { quorum: null } };

/** undefined: in all as the store has chosen. */
export function overridesOf({ read, write }: Partial<Overrides>): Overrides | undefined {
  if (read === undefined || write === undefined) return undefined;
  const isOwn = read.from === null && !read.local && read.quorum === null && write.quorum === null;
  return isOwn ? undefined : { read, write };
}

/** What an action, a cut or a rule of a scenario is aimed at. Nodes are resolved; roles when the action fires. */
export type Target = Located &
  (
    | { readonly kind: 'nodes'; readonly text: string; readonly nodes: readonly NodeId[] }
    /** A region, zone or cluster; regions and zones include their clients. */
    | {
        readonly kind: 'place';
        readonly text: string;
        readonly nodes: readonly NodeId[];
        readonly region: string | null;
        readonly zone: string | null;
      }
    | { readonly kind: 'clients'; readonly text: string; readonly workload: string }
    | {
        readonly kind: 'role';
        readonly text: string;
        readonly role: 'leader' | 'coordinator' | 'any-follower' | 'minority' | 'majority';
        /** Name of a store, partition or transaction. */
        readonly of: string;
        readonly partitions: readonly PartitionId[];
      }
    /** All nodes not named elsewhere in the action. */
    | { readonly kind: 'rest'; readonly text: string }
    | { readonly kind: 'all'; readonly text: string }
  );

export type Value = null | boolean | number | string;

export type Verb =
  | { readonly kind: 'crash'; readonly targets: readonly Target[]; readonly losingDisk: boolean }
  | { readonly kind: 'restart'; readonly targets: readonly Target[] }
  | { readonly kind: 'pause'; readonly targets: readonly Target[] }
  | { readonly kind: 'resume'; readonly targets: readonly Target[] }
  | { readonly kind: 'isolate'; readonly targets: readonly Target[] }
  | { readonly kind: 'cut'; readonly a: readonly Target[]; readonly b: readonly Target[]; readonly oneWay: boolean }
  | { readonly kind: 'heal' }
  | {
      readonly kind: 'degrade';
      /** null, null: every link. */
      readonly a: readonly Target[] | null;
      readonly b: readonly Target[] | null;
      readonly loss: number | null;
      readonly duplicate: number | null;
      readonly reorder: number | null;
      /** Added to every message's latency. */
      readonly latency: Distribution | null;
      readonly bitsPerSecond: number | null;
    }
  | { readonly kind: 'slow'; readonly targets: readonly Target[]; readonly factor: number }
  /** Moves the wall clock once. */
  | { readonly kind: 'skew'; readonly targets: readonly Target[]; readonly byNs: number }
  | { readonly kind: 'drift'; readonly targets: readonly Target[]; readonly ppm: number }
  | { readonly kind: 'fail-disk'; readonly targets: readonly Target[] }
  | {
      readonly kind: 'add';
      readonly nodes: readonly NodeId[];
      readonly store: string;
      readonly as: 'voter' | 'observer';
    }
  | { readonly kind: 'remove'; readonly nodes: readonly Target[]; readonly store: string }
  | { readonly kind: 'promote'; readonly targets: readonly Target[]; readonly store: string }
  | { readonly kind: 'move'; readonly partition: PartitionId; readonly to: string; readonly nodes: readonly NodeId[] }
  | {
      readonly kind: 'lose';
      readonly message: string;
      readonly from: readonly Target[] | null;
      readonly to: readonly Target[] | null;
    }
  | {
      readonly kind: 'delay';
      readonly message: string;
      readonly from: readonly Target[] | null;
      readonly to: readonly Target[] | null;
      readonly byNs: number;
    }
  | {
      readonly kind: 'operation';
      readonly client: string;
      readonly operation: ClientOperationKind;
      readonly key: string;
      /** write, add, append: the value; increment: the amount; cas: the replacement. */
      readonly value: Value;
      /** cas: the expected value. */
      readonly expected: Value;
      readonly via: readonly Target[] | null;
      /** Store or transaction. */
      readonly on: string;
    };

export type Trigger =
  | { readonly kind: 'at'; readonly ns: number }
  | { readonly kind: 'every'; readonly periodNs: number; readonly fromNs: number; readonly untilNs: number }
  /** The first time that a message of this type reaches (is handled by) or leaves one of the targets. */
  | {
      readonly kind: 'when';
      readonly message: string;
      readonly edge: 'reaches' | 'leaves';
      readonly targets: readonly Target[];
    };

export interface Action extends Located {
  readonly trigger: Trigger;
  readonly verb: Verb;
  /** Undoes itself after this long; null: stays. */
  readonly forNs: number | null;
  /** The action as written, one line. */
  readonly text: string;
}

export const chaosVerbs = ['crash', 'cut', 'pause', 'isolate', 'slow', 'skew'] as const;
export type ChaosVerb = (typeof chaosVerbs)[number];

export interface Chaos extends Located {
  readonly fromNs: number;
  readonly untilNs: number;
  readonly parts: readonly {
    readonly verb: ChaosVerb;
    readonly upTo: number;
    readonly everyNs: number;
    /** null: any node. */
    readonly targets: readonly Target[] | null;
  }[];
}

export interface Expectation extends Located {
  readonly property: Property;
  /** `expect violation P`: the scenario is there to show P fail. */
  readonly violation: boolean;
  /** Store or transaction; null: all that the scenario touches. */
  readonly of: string | null;
  readonly fromNs: number | null;
  readonly untilNs: number | null;
}

export interface Scenario extends Located {
  readonly name: string;
  readonly doc: string | null;
  /** Made by elaboration (`default`, `survives …`), not written. */
  readonly generated: boolean;
  readonly runs: readonly { readonly workload: string | null; readonly forNs: number }[];
  readonly seeds: number;
  readonly settleNs: number;
  readonly actions: readonly Action[];
  readonly chaos: readonly Chaos[];
  readonly expectations: readonly Expectation[];
}

/** What an exploration bounds. */
export const boundedEvents = ['crash', 'loss', 'duplicate', 'timeout', 'change'] as const;
export type BoundedEvent = (typeof boundedEvents)[number];

export interface Exploration extends Located {
  readonly name: string;
  /** Store or transaction. */
  readonly of: string;
  readonly operations: readonly { readonly kind: WorkloadOperationKind; readonly count: number }[];
  readonly atMost: Readonly<Partial<Record<BoundedEvent, number>>>;
  readonly expectations: readonly Expectation[];
}
