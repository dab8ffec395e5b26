/** What of the language can be executed so far; the rest is refused by name, never replaced by something similar. */

import { supported } from '../clients/workload.ts';
import type { Design } from '../design/design.ts';
import type { MechanismKind } from '../design/mechanism.ts';
import type { Scenario } from '../design/scenario.ts';
import type { Located } from '../design/source.ts';
import { findProtocol } from '../protocols/registry.ts';
import { transactionMessages } from '../protocols/transaction-coordinator/protocol.ts';
import { usedTransactions } from './coordinators.ts';
import { runningStores, touchedStores } from './execute.ts';
import { whyNotTransactional } from './transactional.ts';

/** Mechanisms whose members stay who they are; what Cheap Paxos removes by itself, it takes back. */
const fixedMembers: ReadonlySet<MechanismKind> = new Set(['multi-paxos', 'flexible-paxos', 'cheap-paxos']);

export interface Obstacle extends Located {
  readonly message: string;
}

/** Everything that keeps this scenario from being executed, located; empty: it can be. */
export function obstacles(design: Design, scenario: Scenario): readonly Obstacle[] {
  const found: Obstacle[] = [];
  const say = (at: Located, message: string) => found.push({ at: at.at, message });
  if (touchedStores(design, scenario).length === 0)
    say(
      scenario,
      `scenario ${scenario.name} touches no store: give it a workload ("run NAME for 10s") or a scripted operation`,
    );
  for (const store of runningStores(design, scenario)) {
    const { mechanism, partitioning } = store;
    if (mechanism.kind === 'epaxos') say(mechanism, 'EPaxos is judged, never executed');
    else if (findProtocol(mechanism.kind) === undefined)
      say(mechanism, `${mechanism.kind} is not built yet: store ${store.name} can be checked, but not executed`);
    const slots = partitioning.kind === 'hash' && partitioning.scheme === 'slots';
    if (partitioning.kind !== 'none' && !slots)
      say(
        store,
        `partitioning by ${partitioning.kind} is not built yet: store ${store.name} can be checked, but not executed`,
      );
    if (store.model === 'set')
      say(store, `model ${store.model} is not built yet: store ${store.name} can be checked, but not executed`);
  }
  for (const store of runningStores(design, scenario)) {
    if (store.mechanism.kind !== 'single-leader') continue;
    const { manager, mode } = store.mechanism.failover;
    if (mode !== 'automatic' || manager.kind === 'peers') continue;
    if (manager.kind === 'store') {
      say(
        store.mechanism,
        `a failover manager that is a store is not built yet: store ${store.name} can be checked, but not executed`,
      );
    } else if (
      !store.partitions.every(id =>
        [...design.partitions[id]!.replicas, ...design.partitions[id]!.witnesses].includes(manager.node),
      )
    ) {
      say(
        store.mechanism,
        `a failover manager that is no member of the group is not built yet: ${design.nodes[manager.node]!.name} holds no copy of ${store.name} and is no witness of it`,
      );
    }
  }
  for (const store of runningStores(design, scenario)) {
    const { mechanism } = store;
    if (mechanism.kind !== 'cheap-paxos') continue;
    for (const id of store.partitions) {
      const { replicas, witnesses } = design.partitions[id]!;
      const named = (nodes: readonly number[]) => nodes.map(node => design.nodes[node]!.name).join(', ');
      const idle = replicas.filter(node => !mechanism.main.includes(node));
      if (idle.length > 0)
        say(mechanism, `a copy of ${store.name} is on ${named(idle)}, which Cheap Paxos does not name as main`);
      const empty = mechanism.main.filter(node => !replicas.includes(node));
      if (empty.length > 0) say(mechanism, `${named(empty)} is a main acceptor and holds no copy of ${store.name}`);
      const strange = mechanism.auxiliary.filter(node => !witnesses.includes(node));
      if (strange.length > 0)
        say(mechanism, `${named(strange)} is an auxiliary acceptor, which holds no data: make it a witness`);
    }
  }
  for (const action of scenario.actions) {
    const { verb } = action;
    if (verb.kind !== 'add' && verb.kind !== 'remove') continue;
    const store = design.stores.find(one => one.name === verb.store);
    if (store !== undefined && fixedMembers.has(store.mechanism.kind))
      say(action, `members of a ${store.mechanism.kind} group do not change: ${store.name} cannot ${verb.kind} any`);
  }
  for (const store of runningStores(design, scenario)) {
    const { mechanism } = store;
    if (mechanism.kind !== 'two-phase-commit' && mechanism.kind !== 'three-phase-commit') continue;
    const { coordinator } = mechanism;
    const partitions = store.partitions.map(id => design.partitions[id]!);
    if (coordinator?.kind === 'raft')
      say(
        mechanism,
        `a replicated coordinator (raft on ${coordinator.on}) is not built yet: store ${store.name} can be checked, but not executed`,
      );
    else if (coordinator !== null && !partitions.every(({ replicas }) => replicas.includes(coordinator.node)))
      say(
        mechanism,
        `a coordinator that holds no copy is not built yet: ${design.nodes[coordinator.node]!.name} holds no copy of ${store.name}`,
      );
    if (partitions.some(({ observers }) => observers.length > 0))
      say(mechanism, `${mechanism.kind} tells its replicas only: store ${store.name} can have no observers`);
    for (const { verb } of scenario.actions) {
      const changes =
        verb.kind === 'move'
          ? store.partitions.includes(verb.partition)
          : (verb.kind === 'add' || verb.kind === 'remove' || verb.kind === 'promote') && verb.store === store.name;
      if (changes)
        say(
          mechanism,
          `${mechanism.kind} has fixed members and a fixed coordinator: ${store.name} can take no ${verb.kind}`,
        );
    }
  }
  for (const run of scenario.runs) {
    const workload = design.workloads.find(one => one.name === run.workload);
    if (workload === undefined) continue;
    for (const entry of workload.mix) {
      if (entry.kind === 'transaction') {
        const meant = design.transactions.some(
          one => workload.targets.includes(one.name) && (entry.on === null || entry.on === one.name),
        );
        if (!meant) say(entry, `no target of workload ${workload.name} is a transaction`);
        continue;
      }
      if (entry.kind === 'scan' || entry.by !== null) {
        say(
          entry,
          `workload ${workload.name}: ${entry.by !== null ? `${entry.kind} by ${entry.by}` : entry.kind} is not built yet`,
        );
        continue;
      }
      const { kind } = entry;
      const able = design.stores.filter(
        store =>
          workload.targets.includes(store.name) &&
          (entry.on === null || entry.on === store.name) &&
          supported[store.model].includes(kind),
      );
      if (able.length === 0) say(entry, `no target of workload ${workload.name} supports ${kind}`);
    }
    if (workload.sessionToken) say(workload, `workload ${workload.name}: session tokens are not built yet`);
    if (workload.cacheNs !== null) say(workload, `workload ${workload.name}: client caches are not built yet`);
    if (
      workload.read.from !== null ||
      workload.read.local ||
      workload.read.quorum !== null ||
      workload.write.quorum !== null
    ) {
      say(workload, `workload ${workload.name}: overriding the store's reads and writes is not built yet`);
    }
  }
  const sent = messageTypes(design, scenario);
  for (const action of scenario.actions) {
    const { trigger, verb } = action;
    const named = [
      verb.kind === 'lose' || verb.kind === 'delay' ? verb.message : null,
      trigger.kind === 'when' ? trigger.message : null,
    ];
    for (const message of named) {
      if (message === null || sent.has(message)) continue;
      say(action, `nobody in this scenario sends ${message}; there are ${[...sent].join(', ')}`);
    }
  }
  for (const transaction of usedTransactions(design, scenario))
    for (const why of whyNotTransactional(design, transaction))
      say(transaction, `transaction ${transaction.name}: ${why}`);
  return found;
}

/** Messages between clients and nodes, whatever the protocol. */
const clientMessages = ['request', 'reply', 'forward', 'call', 'admin'];

function messageTypes(design: Design, scenario: Scenario): ReadonlySet<string> {
  const types = runningStores(design, scenario).flatMap(store =>
    Object.keys(findProtocol(store.mechanism.kind)?.messages ?? {}),
  );
  const transactions = usedTransactions(design, scenario).length > 0 ? Object.keys(transactionMessages) : [];
  return new Set([...types, ...transactions, ...clientMessages]);
}
