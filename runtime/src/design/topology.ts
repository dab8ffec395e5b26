/** Regions, nodes, links: where things stand and what lies between them. Durations in ns, rates per second. */
import type { Distribution } from './distribution.ts';
import type { Located } from './source.ts';

/** Index into `Design.nodes`: declaration order over all clusters. */
export type NodeId = number;

export interface Region extends Located {
  readonly name: string;
  /** Qualified: `frankfurt.a`. */
  readonly zones: readonly string[];
}

/** `witness` votes and stores no data; `observer` stores data and does not vote; `spare` is empty until added. */
export type NodeRole = 'member' | 'witness' | 'observer' | 'spare';

export interface Disk {
  /** Time until a write is durable. */
  readonly fsync: Distribution;
  /** Nothing survives a crash. */
  readonly volatile: boolean;
}

export interface Clock {
  /** Width of the band of wall-clock offsets: each node's lies within ± skew / 2. */
  readonly skewNs: number;
  /** Bound of the rate error of both clocks, parts per million. */
  readonly driftPpm: number;
  /** Offset beyond which a node must not trust its stamps; null: no guard. */
  readonly maxOffsetNs: number | null;
  readonly timers: 'monotonic' | 'wall';
}

export interface Reliability {
  readonly mtbfNs: number;
  readonly mttrNs: number;
}

/** Operations per second that a node can serve; null: unbounded. */
export interface Capacity {
  readonly readPerSecond: number | null;
  readonly writePerSecond: number | null;
}

export interface NodeSpec extends Located {
  readonly id: NodeId;
  readonly name: string;
  readonly cluster: string;
  readonly role: NodeRole;
  /** null: the design names no regions; all such nodes share one site. */
  readonly region: string | null;
  /** Qualified (`frankfurt.a`); null: the region has no zones or none was named. */
  readonly zone: string | null;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly reliability: Reliability;
  readonly capacity: Capacity;
}

export interface Cluster extends Located {
  readonly name: string;
  readonly nodes: readonly NodeId[];
}

/**
 * What a message is for, as far as latency models distinguish it (PBS's W, A, R, S; client hop; control traffic).
 * Every message of every protocol belongs to one.
 */
export const messageClasses = [
  'write-request',
  'write-acknowledge',
  'read-request',
  'read-response',
  'client',
  'control',
] as const;
export type MessageClass = (typeof messageClasses)[number];

/** One end of a link rule; null: anywhere. Clients stand in regions and zones, never in clusters. */
export interface LinkEnd {
  readonly nodes: readonly NodeId[];
  readonly regions: readonly string[];
  readonly zones: readonly string[];
}

export interface LinkProperties {
  /** Per class; `all` is for the classes that have none of their own. */
  readonly latency: Partial<Record<MessageClass | 'all', Distribution>>;
  /** Probabilities per message, 0..1. */
  readonly loss?: number;
  readonly duplicate?: number;
  readonly reorder?: number;
  readonly bitsPerSecond?: number;
}

/**
 * Rules are applied in the order of `Design.links`, each overriding what it names; elaboration orders them from
 * the general to the specific (default, regions, zones, clusters, nodes; then as written).
 */
export interface LinkRule extends Located, LinkProperties {
  readonly from: LinkEnd | null;
  readonly to: LinkEnd | null;
  /** Also from `to` to `from`. */
  readonly bothWays: boolean;
}

/** What the design must expect; rules judge against it. Durations in ns, `Infinity`: unbounded. */
export interface FaultModel extends Located {
  readonly outageNs: number;
  readonly pauseNs: number;
  readonly cutNs: number;
  readonly delayNs: number;
  readonly corruption: boolean;
  /** False where the value is the default and was not written. */
  readonly declared: {
    readonly outage: boolean;
    readonly pause: boolean;
    readonly cut: boolean;
    readonly delay: boolean;
  };
}
