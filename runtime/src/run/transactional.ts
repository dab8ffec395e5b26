/** What of transactions can be executed so far: the rest is refused by name. */
import { transactional } from '../clients/transactions.ts';
import type { Design } from '../design/design.ts';
import type { Scenario } from '../design/scenario.ts';
import type { Transaction } from '../design/store.ts';
import { findProtocol } from '../protocols/registry.ts';
import { usedTransactions } from './coordinators.ts';

/** Everything that keeps this transaction from being executed; empty: it can be. */
export function whyNotTransactional(design: Design, scenario: Scenario, transaction: Transaction): string[] {
  const found: string[] = [];
  const { commit } = transaction;
  if (commit.kind === 'three-phase-commit') found.push('three-phase commit over groups is not built yet');
  if (commit.kind === 'two-phase-commit' && commit.onTimeout !== 'block')
    found.push(
      `"on-timeout ${commit.onTimeout}" is not built: participants are replicated state machines, which know no time`,
    );
  found.push(
    ...(transaction.concurrency === 'versions' ? whyNotByVersions : whyNotByLocks)(design, scenario, transaction),
  );
  const stores = design.stores.filter(store => transaction.stores.includes(store.name));
  for (const { name, mechanism, model } of stores) {
    const protocol = findProtocol(mechanism.kind);
    if (protocol !== undefined && protocol.machine === undefined)
      found.push(`${name} cannot take part: a ${mechanism.kind} group has no log in which a vote could stand`);
    if (!transactional.has(model)) found.push(`${name} is a ${model}: transactions on it are not built yet`);
  }
  if (
    commit.kind === 'two-phase-commit' &&
    commit.coordinator?.kind === 'raft' &&
    commit.coordinator.nodes.length === 0
  )
    found.push(`there is no full member of ${commit.coordinator.on} to coordinate`);
  return found;
}

function whyNotByLocks(_design: Design, _scenario: Scenario, { commitWait }: Transaction): string[] {
  return commitWait
    ? ['"commit-wait on" waits for a timestamp to be past, and locks give none: it goes with "concurrency versions"']
    : [];
}

function whyNotByVersions(design: Design, scenario: Scenario, transaction: Transaction): string[] {
  const found: string[] = [];
  const { commit, isolation } = transaction;
  if (commit.kind === 'none')
    found.push('"concurrency versions" needs a commit protocol: nobody else gives timestamps');
  if (commit.kind === 'two-phase-commit' && commit.presume === 'commit')
    found.push(
      '"presume commit" and "concurrency versions" exclude each other: what is presumed has no commit timestamp',
    );
  for (const other of usedTransactions(design, scenario)) {
    const shared = other.stores.find(store => transaction.stores.includes(store));
    if (shared !== undefined && other.concurrency === 'locks')
      found.push(
        `${other.name} ${other.commit.kind === 'none' ? 'has no commit protocol' : 'goes by locks'} and touches ${shared}, too: transactions on one store are kept apart by one means`,
      );
  }
  if (isolation !== 'strict-serializable') return found;
  const alone = writtenAlone(design, scenario).find(store => transaction.stores.includes(store));
  if (alone !== undefined)
    found.push(
      `${alone} is also written outside of transactions: such a write has no timestamp of a clock, so it has no place in an order by real time`,
    );
  return found;
}

/** Stores that workloads or scripted clients write by operations on one key. */
function writtenAlone(design: Design, scenario: Scenario): readonly string[] {
  const stores = new Set(design.stores.map(({ name }) => name));
  const scripted = scenario.actions.flatMap(({ verb }) =>
    verb.kind === 'operation' && verb.operation !== 'read' && stores.has(verb.on) ? [verb.on] : [],
  );
  const loaded = scenario.runs.flatMap(run => {
    const workload = design.workloads.find(({ name }) => name === run.workload);
    if (workload === undefined) return [];
    const targets = workload.targets.filter(target => stores.has(target));
    return workload.mix
      .filter(({ kind }) => kind !== 'transaction' && kind !== 'read' && kind !== 'scan')
      .flatMap(({ on }) => (on === null ? targets : [on]));
  });
  return [...scripted, ...loaded];
}
