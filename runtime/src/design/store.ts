/** Stores: what is kept, how it is split into partitions, where each partition's replicas stand. */
import type { Coordinator, Mechanism } from './mechanism.ts';
import type { IsolationLevel, Property } from './property.ts';
import type { Quorum } from './quorum.ts';
import type { Located } from './source.ts';
import type { NodeId } from './topology.ts';

export const dataModels = ['register', 'kv', 'counter', 'set', 'list'] as const;
export type DataModel = (typeof dataModels)[number];

/** How the values of a field are spread, as far as the design says. */
export type FieldValues =
  | { readonly kind: 'listed'; readonly shares: readonly (readonly [string, number])[] }
  | { readonly kind: 'distinct'; readonly count: number; readonly zipf: number }
  | { readonly kind: 'increasing' };

export interface Field extends Located {
  readonly name: string;
  readonly type: string;
  /** `-> users.id on-delete refuse`. */
  readonly reference: { readonly store: string; readonly field: string; readonly onDelete: string | null } | null;
  readonly values: FieldValues | null;
}

export type Partitioning =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'hash';
      readonly field: string;
      readonly into: number;
      readonly scheme: 'slots' | 'modulo-nodes' | 'jump';
    }
  | { readonly kind: 'consistent-hash'; readonly field: string; readonly virtualNodes: number }
  | {
      readonly kind: 'range';
      readonly field: string;
      readonly ranges: readonly KeyRange[];
      readonly then: Partitioning | null;
    }
  | {
      readonly kind: 'list';
      readonly field: string;
      readonly lists: readonly ValueList[];
      readonly then: Partitioning | null;
    }
  | { readonly kind: 'directory'; readonly field: string; readonly store: string }
  | { readonly kind: 'columns'; readonly groups: readonly ColumnGroup[] }
  | { readonly kind: 'with'; readonly store: string };

/** `from` inclusive, `to` exclusive; null: open. Numbers and dates (ns since 1970) compare as numbers. */
export interface KeyRange extends Located {
  readonly name: string;
  readonly from: number | string | null;
  readonly to: number | string | null;
  readonly on: string;
}

export interface ValueList extends Located {
  readonly name: string;
  /** null: the rest. */
  readonly values: readonly string[] | null;
  readonly on: string;
}

export interface ColumnGroup extends Located {
  readonly name: string;
  readonly columns: readonly string[];
  readonly on: string;
}

/** Index into `Design.partitions`. */
export type PartitionId = number;

/** A replica group: one partition of one store. */
export interface Partition extends Located {
  readonly id: PartitionId;
  /** `orders.p3`, `orders.europe`; the store's own name when it is not partitioned. */
  readonly name: string;
  readonly store: string;
  /** Index within its store. */
  readonly index: number;
  /** Data copies that vote, in placement order. */
  readonly replicas: readonly NodeId[];
  readonly witnesses: readonly NodeId[];
  readonly observers: readonly NodeId[];
  readonly spares: readonly NodeId[];
  /** The quorum systems of the chosen mechanism over these replicas, by the word they stand under (`read`, `write`, `quorum`, …). */
  readonly quorums: Readonly<Record<string, Quorum>>;
}

export interface Store extends Located {
  readonly name: string;
  readonly doc: string | null;
  readonly clusters: readonly string[];
  readonly model: DataModel;
  readonly fields: readonly Field[];
  readonly recordBytes: number;
  /** null: not given. */
  readonly dataBytes: number | null;
  /** Data copies per key; `perRegion`: in each region. */
  readonly replicas: { readonly count: number; readonly perRegion: boolean };
  readonly partitioning: Partitioning;
  readonly rebalance: boolean;
  readonly staleMap: 'reject' | 'accept';
  readonly handoffWithin: 'anywhere' | 'region';
  readonly placement: 'spread' | 'random' | 'copysets';
  readonly mechanism: Mechanism & Located;
  readonly claims: readonly Property[];
  readonly partitions: readonly PartitionId[];
}

/** `update 2 accounts` reads what it then writes; `read all accounts` only reads. */
export interface Access {
  readonly kind: 'update' | 'read';
  readonly stores: readonly string[];
  /** Keys touched per store; null: all. */
  readonly keys: number | null;
}

export interface Transaction extends Located {
  readonly name: string;
  readonly doc: string | null;
  /** What it does, in this order: an update, a read, or one of each. */
  readonly accesses: readonly Access[];
  /** Update if any of them is. */
  readonly kind: 'update' | 'read';
  /** Of all accesses. */
  readonly stores: readonly string[];
  /** Of the update if there is one. */
  readonly keys: number | null;
  readonly commit:
    | { readonly kind: 'none' }
    | {
        readonly kind: 'two-phase-commit';
        readonly coordinator: Coordinator | null;
        readonly timeoutNs: number;
        readonly onTimeout: 'block' | 'abort' | 'commit';
        readonly durableLog: boolean;
        readonly presume: 'abort' | 'commit' | 'nothing';
      }
    | {
        readonly kind: 'three-phase-commit';
        readonly coordinator: Coordinator | null;
        readonly timeoutNs: number;
        readonly onTimeout: 'skeen' | 'terminate' | 'discard';
      };
  readonly isolation: IsolationLevel;
  readonly concurrency: 'locks' | 'versions';
  readonly deadlock: 'detect' | 'wait';
  readonly commitWait: boolean;
  readonly claims: readonly Property[];
}
