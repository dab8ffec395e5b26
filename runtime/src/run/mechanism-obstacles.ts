/** What the protocol of each mechanism does not do: groups of other members, changes of membership, other deciders. */

import type { Design } from '../design/design.ts';
import type { ConflictPolicy, Mechanism, MechanismKind } from '../design/mechanism.ts';
import type { Scenario } from '../design/scenario.ts';
import type { Located } from '../design/source.ts';
import type { DataModel, Partition, Store } from '../design/store.ts';
import { modelNamed } from '../model/model.ts';
import { crdtNamed, modelsOf } from '../protocols/crdts/crdts.ts';
import { writable } from '../protocols/leaderless/cells.ts';
import { writableBeside } from '../protocols/multi-leader/side-by-side.ts';
import { findProtocol } from '../protocols/registry.ts';
import type { Obstacle } from './executable.ts';
import { whyNoChange } from './membership.ts';
import { whyNoMove } from './move-obstacles.ts';
import { mapChangeOf } from './partitions.ts';
import { named } from './words.ts';

/** What keeps this store from being executed in the scenario because of its mechanism. */
export function* mechanismObstacles(design: Design, scenario: Scenario, store: Store): Iterable<Obstacle> {
  const { mechanism } = store;
  for (const why of whyNot(design, store, mechanism))
    yield at(mechanism, `store ${store.name} can be checked, but not executed: ${why}`);
  yield* operationObstacles(design, scenario, store);
  for (const action of scenario.actions) {
    const { verb } = action;
    if (verb.kind !== 'add' && verb.kind !== 'remove' && verb.kind !== 'promote' && verb.kind !== 'move') continue;
    if (mapChangeOf(design, action) === store) {
      const why = whyNoMove(design, scenario, store, action);
      if (why !== undefined) yield at(action, `${store.name} can take no ${verb.kind}: ${why}`);
      continue;
    }
    const isIts = verb.kind === 'move' ? store.partitions.includes(verb.partition) : verb.store === store.name;
    const why = isIts ? whyNoChange(mechanism, verb) : undefined;
    if (why !== undefined) yield at(action, `${store.name} can take no ${verb.kind}: ${why}`);
  }
}

/** Operations that the store's model knows and its conflict policy does not. */
function* operationObstacles(design: Design, scenario: Scenario, store: Store): Iterable<Obstacle> {
  const { mechanism, name, model } = store;
  if (mechanism.kind !== 'multi-leader') return;
  const { kinds } = modelNamed(model)!;
  const say = (where: Located, kind: string): Obstacle[] => {
    const why = kinds.some(one => one === kind) ? whyNoOperation(mechanism.conflicts, model, kind) : undefined;
    return why === undefined ? [] : [at(where, `${name} takes no ${kind}: ${why}`)];
  };
  for (const action of scenario.actions)
    if (action.verb.kind === 'operation' && action.verb.on === name) yield* say(action, action.verb.operation);
  for (const run of scenario.runs) {
    const workload = design.workloads.find(one => one.name === run.workload);
    if (workload?.targets.includes(name) !== true) continue;
    for (const entry of workload.mix) if (entry.on === null || entry.on === name) yield* say(entry, entry.kind);
  }
}

function whyNoOperation(conflicts: ConflictPolicy, model: DataModel, kind: string): string | undefined {
  if (kind === 'read') return undefined;
  switch (conflicts.kind) {
    case 'none':
    case 'last-write-wins':
      return modelNamed(model)!.overwrites.some(one => one === kind)
        ? undefined
        : 'it needs an order of all writes, which nobody gives here: let writes take turns (conflicts optimistic-lock)';
    case 'merge':
      return crdtNamed(conflicts.type).kinds.some(one => one === kind)
        ? undefined
        : `a ${conflicts.type} knows only ${crdtNamed(conflicts.type).kinds.join(' and ')}`;
    case 'siblings':
      return writableBeside(modelNamed(model)!).some(one => one === kind)
        ? undefined
        : 'it needs an order of all writes, which nobody gives here: let writes take turns (conflicts optimistic-lock)';
    default:
      return undefined;
  }
}

const at = (where: Located, message: string): Obstacle => ({ at: where.at, message });

function whyNot(design: Design, store: Store, mechanism: Mechanism): readonly string[] {
  const partitions = store.partitions.map(id => design.partitions[id]!);
  switch (mechanism.kind) {
    case 'single-leader':
      return failover(design, partitions, mechanism.failover);
    case 'chain': {
      const others = partitions.flatMap(({ witnesses, observers }) => [...witnesses, ...observers]);
      return [
        ...(others.length > 0
          ? [`a chain has neither witnesses nor observers: ${named(design, others)} has no place`]
          : []),
        ...(mechanism.master === null ? [] : noMaster(design, mechanism.master)),
      ];
    }
    case 'cheap-paxos':
      return partitions.flatMap(partition => acceptors(design, partition, mechanism));
    case 'paxos':
    case 'fast-paxos': {
      const others = partitions.flatMap(({ witnesses, observers }) => [...witnesses, ...observers]);
      return others.length === 0
        ? []
        : [
            `${named(design, others)} is no full replica, and ${mechanism.kind} with witnesses or observers is not built`,
          ];
    }
    case 'two-phase-commit':
    case 'three-phase-commit':
      return coordinator(partitions, mechanism);
    case 'leaderless':
      return leaderless(store, mechanism);
    case 'multi-leader':
      return multiLeader(design, store, partitions, mechanism);
    default:
      return [];
  }
}

type Of<K extends MechanismKind> = Extract<Mechanism, { kind: K }>;

function failover(
  design: Design,
  partitions: readonly Partition[],
  { manager, mode }: Of<'single-leader'>['failover'],
): string[] {
  if (mode !== 'automatic' || manager.kind === 'peers') return [];
  if (manager.kind === 'store') return ['a failover manager that is a store is not built yet'];
  const isMember = partitions.every(({ replicas, witnesses }) => [...replicas, ...witnesses].includes(manager.node));
  return isMember
    ? []
    : [
        `a failover manager that is no member of the group is not built yet: ${design.nodes[manager.node]!.name} holds no copy and is no witness`,
      ];
}

/** A chain's configuration is kept by compare-and-set. */
function noMaster(design: Design, name: string): string[] {
  const master = design.stores.find(one => one.name === name);
  if (master === undefined) return [`there is no store ${name} to keep its configuration`];
  const { kind } = master.mechanism;
  if (kind === 'chain') return [`its configuration would be kept by ${name}, which is a chain itself`];
  if (findProtocol(kind) === undefined) return [`its configuration is kept by ${name}, and ${kind} is not built yet`];
  return modelNamed(master.model)!.kinds.includes('cas')
    ? []
    : [`its configuration is kept by ${name}, a ${master.model}, which knows no compare-and-set`];
}

function acceptors(
  design: Design,
  { replicas, witnesses }: Partition,
  { main, auxiliary }: Of<'cheap-paxos'>,
): string[] {
  const idle = replicas.filter(node => !main.includes(node));
  const empty = main.filter(node => !replicas.includes(node));
  const strange = auxiliary.filter(node => !witnesses.includes(node));
  return [
    ...(idle.length > 0 ? [`${named(design, idle)} holds a copy, and Cheap Paxos does not name it as main`] : []),
    ...(empty.length > 0 ? [`${named(design, empty)} is a main acceptor and holds no copy`] : []),
    ...(strange.length > 0
      ? [`${named(design, strange)} is an auxiliary acceptor, which holds no data: make it a witness`]
      : []),
  ];
}

function coordinator(
  partitions: readonly Partition[],
  { kind, coordinator: one }: Of<'two-phase-commit'> | Of<'three-phase-commit'>,
): string[] {
  const found: string[] = [];
  if (one?.kind === 'raft' && kind === 'three-phase-commit')
    found.push(
      `in three-phase commit participants decide without a coordinator that is silent, and would not ask the group on ${one.on} what it chose: replicate the coordinator of two phases (consensus two-phase-commit { coordinator raft on ${one.on} }), or name one node`,
    );
  if (one?.kind === 'raft' && one.nodes.length === 0)
    found.push(`its coordinator has no nodes: ${one.on} has no full members`);
  if (partitions.some(({ witnesses, observers }) => witnesses.length + observers.length > 0))
    found.push(`${kind} asks and tells its replicas only: there can be no witnesses and no observers`);
  return found;
}

function multiLeader(
  design: Design,
  { model }: Store,
  partitions: readonly Partition[],
  { leaders, conflicts }: Of<'multi-leader'>,
): string[] {
  const found: string[] = [];
  const witnesses = partitions.flatMap(one => one.witnesses);
  if (witnesses.length > 0)
    found.push(`multi-leader replication has no votes: ${named(design, witnesses)} as a witness has no place`);
  const orphan = partitions.find(({ replicas }) => !leaders.some(node => replicas.includes(node)));
  if (orphan !== undefined) found.push(`none of its leaders holds a copy of ${orphan.name}`);
  const { overwrites } = modelNamed(model)!;
  const merge = model === 'counter' ? 'pn-counter' : model === 'set' ? 'or-set' : null;
  const way =
    merge === null
      ? 'let its writes take turns (conflicts optimistic-lock)'
      : `merge them (conflicts merge ${merge}), or let writes take turns (conflicts optimistic-lock)`;
  switch (conflicts.kind) {
    case 'none':
    case 'last-write-wins':
      if (overwrites.length === 0)
        found.push(`of two writes of a ${model} at once conflicts ${conflicts.kind} would keep one, not both: ${way}`);
      break;
    case 'merge':
      if (!modelsOf[conflicts.type].includes(model))
        found.push(
          `a ${conflicts.type} is a ${modelsOf[conflicts.type].join(' or a ')}, and the store’s model is ${model}: ${way}`,
        );
      break;
    case 'siblings':
      if (writableBeside(modelNamed(model)!).length === 0)
        found.push(
          `a client cannot make one ${model} of siblings without counting something twice or losing its order: ${way}`,
        );
      break;
    case 'avoid': {
      const away = conflicts.homes
        .map(([, node]) => node)
        .filter(node => partitions.some(({ replicas }) => !replicas.includes(node) || !leaders.includes(node)));
      if (away.length > 0) found.push(`${named(design, away)} is a home and no leader of every partition`);
      break;
    }
  }
  return found;
}

/** How else both of two writes at once are kept. */
const wayOut: Readonly<Partial<Record<DataModel, string>>> = {
  set: 'resolve siblings by dotted-vector, whose clients merge sets',
  counter: 'let leaders merge it (replication multi-leader, conflicts merge pn-counter)',
};

function leaderless({ name, model }: Store, mechanism: Of<'leaderless'>): string[] {
  const { resolve, cas } = mechanism;
  const type = modelNamed(model)!;
  const found: string[] = [];
  if (cas !== 'refuse' && resolve.kind === 'siblings')
    found.push(
      `cas ${cas} compares with one value, and siblings can be several: resolve last-write-wins, or leave compare-and-set out (cas refuse)`,
    );
  if (resolve.kind === 'siblings') {
    if (!type.kinds.some(kind => writable(mechanism, type).includes(kind)))
      found.push(
        `a client cannot make one ${model} of siblings without counting something twice or losing its order: keep a set or values (${name} is a ${model}), or merge copies (replication multi-leader { conflicts merge … })`,
      );
  } else if (!type.kinds.some(kind => type.overwrites.includes(kind)))
    found.push(
      `of two writes of a ${model} at once one would be lost: ${wayOut[model] ?? 'agree on their order (consensus raft)'}`,
    );
  return found;
}
