/**
 * One simulated run: virtual time, nodes, members of replica groups, and whoever listens. This file holds the shapes
 * and the loop; `network`, `disk`, `clock`, `member`, `nodes` and `faults` do the work.
 */

import type { Design } from '../design/design.ts';
import type { SourceRange } from '../design/source.ts';
import type { Partition, PartitionId } from '../design/store.ts';
import type { NodeId, NodeSpec } from '../design/topology.ts';
import type {
  AdminRequest,
  AnyProtocol,
  ClientRequest,
  Command,
  Group,
  GroupView,
  Io,
  Monitor,
  Reply,
} from '../protocols/contract.ts';
import type { NodeClock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { Endpoint, Network } from './network.ts';
import { type EventQueue, peekTime, pop, push } from './queue.ts';
import { type RandomStream, type Streams, streamIn } from './random.ts';
import { noSource, type Tracer } from './tracer.ts';

export interface Node {
  readonly id: NodeId;
  readonly spec: NodeSpec;
  up: boolean;
  /** Counts boots: what was scheduled for an earlier life is ignored. */
  incarnation: number;
  paused: boolean;
  /** What arrived or fell due while paused, in order. */
  backlog: (() => void)[];
  readonly clock: NodeClock;
  readonly disk: Disk;
  /** Factor on processing and disk times. */
  slow: number;
  /** Until then the processor is taken. */
  busyUntilNs: number;
  readonly members: Member[];
}

export interface Timer {
  readonly name: string;
  /** On the node's timer clock; `Infinity`: cancelled. */
  deadlineNs: number;
  /** Virtual time of the one queued event that will look at this timer; `Infinity`: none. */
  queuedNs: number;
  /** Of the queued event: earlier ones are stale. */
  ticket: number;
  /** Trace row that armed it. */
  cause: number;
}

/** One node's part in one replica group. */
export interface Member {
  readonly index: number;
  readonly node: Node;
  readonly partition: Partition;
  readonly protocol: AnyProtocol;
  readonly options: unknown;
  readonly group: Group;
  readonly io: Io<never, never>;
  /** undefined while the node is down. */
  state: unknown;
  /** What stands on disk; undefined: never booted, or the disk was lost. */
  image: unknown;
  readonly timers: Map<string, Timer>;
  /** Writes given to the disk, and how many of them are synced. */
  written: number;
  synced: number;
  /** What may leave only after that many writes are synced. */
  held: { readonly barrier: number; readonly cause: number; readonly leave: () => void }[];
  /** Whom to answer, by attempt. */
  readonly returns: Map<
    number,
    { readonly to: Endpoint; readonly hops: number; readonly request: ClientRequest | null }
  >;
  /** Epoch in which it believes to lead; -1: it does not. */
  leads: number;
  readonly watched: Record<string, unknown>;
  /** Trace row of what it handled last; -1: nothing yet. */
  lastRow: number;
}

/** A replica group at run time. */
export interface GroupRun {
  readonly partition: Partition;
  readonly group: Group;
  readonly protocol: AnyProtocol;
  readonly recordBytes: number;
  /** Where its store's mechanism is written. */
  readonly written: { readonly at: SourceRange; readonly declaration: string };
  /** The tracer's number of that place, by what is handled. */
  readonly sources: Map<string, number>;
  readonly members: Map<NodeId, Member>;
  readonly states: Map<NodeId, unknown>;
  /** What monitors see of it. */
  readonly view: GroupView<unknown>;
  readonly monitors: { readonly name: string; readonly monitor: Monitor<unknown>; broken: boolean }[];
}

export interface InvariantBroken {
  readonly invariant: string;
  readonly partition: PartitionId;
  readonly why: string;
  readonly event: number;
  readonly timeNs: number;
}

/** An acknowledged write, as the judgement of split brain needs it. */
export interface Acknowledgement {
  readonly partition: PartitionId;
  readonly node: NodeId;
  /** Epoch in which the node led when it decided to answer; -1: without leadership. */
  readonly epoch: number;
  readonly timeNs: number;
  readonly operation: number;
  readonly event: number;
}

export type Body =
  | { readonly kind: 'protocol'; readonly partition: PartitionId; readonly message: { readonly type: string } }
  | {
      readonly kind: 'request';
      readonly partition: PartitionId;
      readonly request: ClientRequest;
      readonly hops: number;
    }
  | { readonly kind: 'admin'; readonly partition: PartitionId; readonly request: AdminRequest }
  | { readonly kind: 'reply'; readonly partition: PartitionId; readonly id: number; readonly reply: Reply };

/** Those outside the replica groups: clients, operators, services in use by protocols. */
export interface Port {
  readonly endpoint: Endpoint;
  /** An answer reached it. `row` is the trace row of the delivery. */
  receive(from: Endpoint, id: number, reply: Reply, row: number): void;
  paused: boolean;
  backlog: (() => void)[];
}

export interface Hooks {
  /** A node asked another group for something. */
  call(member: Member, group: string, command: Command, token: number): void;
  /** A message of this type leaves or is about to be handled; true: do not handle it (the node is gone). */
  edge(edge: 'leaves' | 'reaches', type: string, endpoint: Endpoint, partition: PartitionId): void;
  leadership(member: Member, before: number): void;
  acknowledged(acknowledgement: Acknowledgement): void;
  /** A message is being sent: which of its copies is to be lost where it would arrive, from 0; -1 or left out: none. */
  loses?(from: Endpoint, to: Endpoint, type: string): number;
}

export interface Simulation {
  readonly design: Design;
  readonly streams: Streams;
  now: number;
  readonly queue: EventQueue;
  readonly nodes: Node[];
  readonly groups: GroupRun[];
  readonly ports: Map<Endpoint, Port>;
  readonly network: Network;
  readonly trace: Tracer;
  readonly hooks: Hooks;
  /** Trace row of the event being handled: cause of whatever it brings about. -1 until a handler has said so. */
  cause: number;
  readonly broken: InvariantBroken[];
  /** Events handled so far. */
  handled: number;
  readonly timerRandom: RandomStream;
  /** Set by whoever wants the loop to end early. */
  stopped: boolean;
  /** Groups that hold what others held at first: partitions that have moved. */
  readonly heldBy: Map<PartitionId, PartitionId>;
}

/** A named random stream of this run: using one does not disturb the others. */
export const randomOf = (sim: Pick<Simulation, 'streams'>, name: string): RandomStream => streamIn(sim.streams, name);

export function schedule(sim: Simulation, atNs: number, run: () => void): void {
  push(sim.queue, atNs, 0, 0, 0, 0, run);
}

/**
 * Runs until nothing is due before `untilNs` (exclusive), the event limit is reached, someone stopped the run, or `hold`,
 * asked before each event, answers true; a run that was held goes on as if it had not been.
 */
export function runUntil(
  sim: Simulation,
  untilNs: number,
  eventLimit: number,
  hold?: () => boolean,
): 'time' | 'limit' | 'stopped' | 'held' {
  const { queue } = sim;
  for (let next = peekTime(queue); next < untilNs; next = peekTime(queue)) {
    if (sim.stopped) return 'stopped';
    if (hold?.() === true) return 'held';
    if (sim.handled >= eventLimit) return 'limit';
    sim.now = next;
    const slot = pop(queue);
    sim.handled++;
    sim.cause = -1;
    (queue.ref[slot] as () => void)();
  }
  sim.now = Math.max(sim.now, untilNs);
  return 'time';
}

export const nodeName = (sim: Simulation, node: NodeId): string => sim.nodes[node]!.spec.name;

/** Where the mechanism that handles such a message, or timer, of a group is written. */
export function handlerSource(sim: Simulation, partition: PartitionId, handler: string): number {
  if (!sim.trace.detailed) return noSource;
  const { sources, written } = sim.groups[partition]!;
  let source = sources.get(handler);
  if (source === undefined) {
    source = sim.trace.source(written.at, written.declaration, handler);
    sources.set(handler, source);
  }
  return source;
}

export const memberOf = (sim: Simulation, partition: PartitionId, node: NodeId): Member | undefined =>
  sim.groups[partition]!.members.get(node);
