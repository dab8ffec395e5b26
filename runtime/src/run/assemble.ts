/** Builds a simulation from a design: nodes with clocks and disks, the network, replica groups with their members. */
import type { Design } from '../design/design.ts';
import type { Partition, PartitionId, Store } from '../design/store.ts';
import { createClock } from '../kernel/clock.ts';
import { createDisk } from '../kernel/disk.ts';
import { createIo } from '../kernel/member.ts';
import { createNetwork, type Place } from '../kernel/network.ts';
import { createQueue } from '../kernel/queue.ts';
import { createStreams, streamIn } from '../kernel/random.ts';
import type { GroupRun, Hooks, Member, Node, Simulation } from '../kernel/simulation.ts';
import type { Tracer } from '../kernel/tracer.ts';
import type { AnyProtocol, Group } from '../protocols/contract.ts';
import { groupOf, membersOf } from '../protocols/group.ts';
import type { Shard } from '../protocols/ownership.ts';
import { protocolOf } from '../protocols/registry.ts';

/** A design that reads well but cannot be executed (yet): says which part, and never substitutes another. */
export class NotExecutable extends Error {
  readonly store: string;
  constructor(store: string, why: string) {
    super(why);
    this.name = 'NotExecutable';
    this.store = store;
  }
}

export function createSimulation(
  design: Design,
  stores: readonly Store[],
  seed: number,
  trace: Tracer,
  hooks: Hooks,
  protocolFor: (store: Store) => AnyProtocol = protocolOf,
  hidden: readonly GroupPlan[] = [],
  shards: ReadonlyMap<PartitionId, Shard> = new Map(),
): Simulation {
  const streams = createStreams(seed);
  const nodes = design.nodes.map(
    (spec): Node => ({
      id: spec.id,
      spec,
      up: false,
      incarnation: 0,
      paused: false,
      backlog: [],
      clock: createClock(spec.clock, streamIn(streams, `clock:${spec.name}`)),
      disk: createDisk(spec.disk.fsync, spec.disk.volatile, streamIn(streams, `disk:${spec.name}`)),
      slow: 1,
      busyUntilNs: 0,
      members: [],
    }),
  );
  const places = design.nodes.map(
    (spec): Place => ({ node: spec.id, region: spec.region, zone: spec.zone, beside: false }),
  );
  const sim: Simulation = {
    design,
    streams,
    now: 0,
    queue: createQueue(),
    nodes,
    groups: [],
    ports: new Map(),
    network: createNetwork(places, design.links, streamIn(streams, 'network')),
    trace,
    hooks,
    cause: -1,
    broken: [],
    handled: 0,
    timerRandom: streamIn(streams, 'timers'),
    stopped: false,
    heldBy: new Map(),
  };
  for (const store of withServices(design, stores)) {
    const protocol = protocolFor(store);
    for (const id of store.partitions)
      createGroup(sim, {
        partition: design.partitions[id]!,
        group: { ...groupOf(sim.design, store, design.partitions[id]!), shard: shards.get(id) },
        protocol,
        options: store.mechanism,
        recordBytes: store.recordBytes,
        written: { at: store.mechanism.at, declaration: `store ${store.name}` },
      });
  }
  for (const plan of hidden) createGroup(sim, plan);
  return sim;
}

/** Stores that others use as a service (a directory, a configuration master) run along. */
function withServices(design: Design, stores: readonly Store[]): readonly Store[] {
  const all = new Set(stores);
  for (const store of all) {
    const { mechanism, partitioning } = store;
    const names = [
      mechanism.kind === 'chain' ? mechanism.master : null,
      mechanism.kind === 'single-leader' && mechanism.failover.manager.kind === 'store'
        ? mechanism.failover.manager.store
        : null,
      partitioning.kind === 'directory' ? partitioning.store : null,
    ];
    for (const used of design.stores) if (names.includes(used.name)) all.add(used);
  }
  return design.stores.filter(store => all.has(store));
}

/** What a replica group is made of: a partition of a store, or what the runtime itself needs to execute the design. */
export interface GroupPlan {
  readonly partition: Partition;
  readonly group: Group;
  readonly protocol: AnyProtocol;
  readonly options: unknown;
  readonly recordBytes: number;
  readonly written: GroupRun['written'];
}

function createGroup(sim: Simulation, plan: GroupPlan): void {
  const { partition, group, protocol, options, recordBytes, written } = plan;
  const states = new Map<number, unknown>();
  const run: GroupRun = {
    partition,
    group,
    protocol,
    recordBytes,
    written,
    sources: new Map(),
    members: new Map(),
    states,
    view: { group, states, nameOf: node => sim.nodes[node]!.spec.name },
    monitors: protocol.invariants.map(invariant => ({
      name: invariant.name,
      monitor: invariant.monitor(group, options),
      broken: false,
    })),
  };
  for (const id of membersOf(group)) {
    const node = sim.nodes[id]!;
    const member: Member = {
      index: node.members.length,
      node,
      partition,
      protocol,
      options,
      group,
      io: createIo(sim, () => member) as unknown as Member['io'],
      state: undefined,
      image: undefined,
      timers: new Map(),
      written: 0,
      synced: 0,
      held: [],
      returns: new Map(),
      lastRow: -1,
      leads: -1,
      watched: {},
    };
    node.members.push(member);
    run.members.set(id, member);
  }
  sim.groups[partition.id] = run;
}
