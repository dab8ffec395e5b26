/** What the parts of a random design have to know of its stores, so that what they say of them is valid. */
import type { DataModel } from '@dsys/runtime/design/store';
import type { Choices } from './choices.ts';
import type { Node, Places } from './places.ts';
import { nodesOf } from './places.ts';

/** One set of clusters that partitions stand on, and how many copies are kept there. */
export interface Home {
  readonly clusters: readonly string[];
  readonly copies: number;
  readonly witnesses: number;
}

export interface StoreSketch {
  readonly name: string;
  /** Fields of the record; none: the store may have any field. */
  readonly fields: readonly string[];
  readonly homes: readonly Home[];
  /** Nodes that hold every key, in the order of placement; none where that is not known. */
  readonly holders: readonly Node[];
  /** Those that vote besides. */
  readonly witnesses: readonly Node[];
  readonly observers: readonly Node[];
  /** Each of them, by its whole name: `orders.europe.p0`. */
  readonly partitions: readonly string[];
  /** What it says of its data; null: nothing. */
  readonly model: DataModel | null;
  /** It has neither replication nor consensus. */
  readonly isOneCopy: boolean;
  /** Its text without record, mechanism and claims. */
  readonly head: string;
  readonly partitioning: string | null;
  readonly replicas: string | null;
}

export interface TransactionSketch {
  readonly name: string;
  readonly stores: readonly StoreSketch[];
}

export interface Sketch {
  readonly places: Places;
  readonly stores: readonly StoreSketch[];
  readonly transactions: readonly TransactionSketch[];
  readonly workloads: readonly string[];
}

export const copiesOf = ({ homes }: StoreSketch): number => Math.min(...homes.map(({ copies }) => copies));

export const votersOf = ({ homes }: StoreSketch): number =>
  Math.min(...homes.map(({ copies, witnesses }) => copies + witnesses));

export const fieldOf = (c: Choices, { fields }: StoreSketch): string =>
  c.pick(fields.length > 0 ? fields : ['id', 'country', 'size']);

/** The nodes of some clusters that have a role, in the order of placement. */
export const nodesOn = (places: Places, clusters: readonly string[], role: Node['role']): Node[] =>
  clusters.flatMap(cluster => nodesOf(places, role).filter(node => node.cluster === cluster));
