/** What of the language can be executed so far; the rest is refused by name, never replaced by something similar. */

import { scannedKeysMax } from '../clients/scatter.ts';
import { ableStores } from '../clients/workload.ts';
import type { Design } from '../design/design.ts';
import type { Scenario } from '../design/scenario.ts';
import type { Located } from '../design/source.ts';
import type { Partitioning, Store } from '../design/store.ts';
import { overrideObstacles } from '../protocols/override-obstacles.ts';
import { ownershipMessages } from '../protocols/ownership.ts';
import { findProtocol } from '../protocols/registry.ts';
import { phaseMessages, transactionMessages } from '../protocols/transaction-coordinator/protocol.ts';
import { policyOf, usedTransactions } from './coordinators.ts';
import { mechanismObstacles } from './mechanism-obstacles.ts';
import { mapChangeOf } from './partitions.ts';
import { runningStores, touchedStores } from './running-stores.ts';
import { whyNotTransactional } from './transactional.ts';

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
    const { mechanism } = store;
    if (mechanism.kind === 'epaxos') say(mechanism, 'EPaxos is judged, never executed');
    else if (findProtocol(mechanism.kind) === undefined)
      say(mechanism, `${mechanism.kind} is not built yet: store ${store.name} can be checked, but not executed`);
    const why = whyNotSplit(store.partitioning) ?? whyNoDirectory(design, store);
    if (why !== undefined) say(store, `store ${store.name} can be checked, but not executed: ${why}`);
    found.push(...mechanismObstacles(design, scenario, store));
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
      const targets = design.stores.filter(({ name }) => workload.targets.includes(name));
      const scans = entry.kind === 'scan' || entry.by !== null;
      const what = entry.by === null ? entry.kind : `${entry.kind} by ${entry.by}`;
      if (ableStores(targets, { ...entry, by: null }).length === 0)
        say(entry, `no target of workload ${workload.name} supports ${entry.kind}`);
      else if (ableStores(targets, entry).length === 0)
        say(
          entry,
          `workload ${workload.name}: ${what} needs a record with this field: record { ${entry.by}: string distinct 100 }`,
        );
      else if (scans && workload.keys.count > scannedKeysMax)
        say(
          entry,
          `workload ${workload.name}: ${what} looks at all keys, and that is done for at most ${scannedKeysMax} of them`,
        );
    }
    for (const { why } of overrideObstacles(design, workload)) say(workload, `workload ${workload.name}: ${why}`);
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
    for (const why of whyNotTransactional(design, scenario, transaction))
      say(transaction, `transaction ${transaction.name}: ${why}`);
  return found;
}

/** Why a run cannot split a store like that; undefined: it can. */
function whyNotSplit(partitioning: Partitioning): string | undefined {
  if (partitioning.kind === 'hash' && partitioning.scheme === 'jump')
    return 'jump hashing is judged, never executed: hash(FIELD) into N is';
  return 'then' in partitioning && partitioning.then !== null ? whyNotSplit(partitioning.then) : undefined;
}

/** A directory keeps maps by writing them. */
function whyNoDirectory({ stores }: Design, { partitioning }: Store): string | undefined {
  const directory = partitioning.kind === 'directory' && stores.find(({ name }) => name === partitioning.store);
  if (!directory) return undefined;
  const { kind } = directory.mechanism;
  if (findProtocol(kind) === undefined)
    return `its directory ${directory.name} is kept by ${kind}, which is not built yet`;
  if (directory.model === 'kv') return undefined;
  return `its directory ${directory.name} is a ${directory.model}, and maps are kept under keys: model kv`;
}

/** Messages between clients and nodes, whatever the protocol. */
const clientMessages = ['request', 'reply', 'forward', 'call', 'admin'];

function messageTypes(design: Design, scenario: Scenario): ReadonlySet<string> {
  const types = runningStores(design, scenario).flatMap(store =>
    Object.keys(findProtocol(store.mechanism.kind)?.messages ?? {}),
  );
  const transactions = usedTransactions(design, scenario).flatMap(({ commit }) => [
    ...Object.keys(transactionMessages),
    ...(policyOf(commit) === null ? [] : Object.keys(phaseMessages)),
  ]);
  const moves = scenario.actions.some(action => mapChangeOf(design, action) !== undefined)
    ? Object.keys(ownershipMessages)
    : [];
  return new Set([...types, ...transactions, ...moves, ...clientMessages]);
}
