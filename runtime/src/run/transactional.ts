/** What of transactions can be executed so far: the rest is refused by name. */
import { transactional } from '../clients/transactions.ts';
import type { Design } from '../design/design.ts';
import type { MechanismKind } from '../design/mechanism.ts';
import type { Scenario } from '../design/scenario.ts';
import type { Transaction } from '../design/store.ts';
import { findProtocol } from '../protocols/registry.ts';
import { usedTransactions } from './coordinators.ts';

/** Why a group of this kind can take no vote. */
const noLog: Readonly<Partial<Record<MechanismKind, string>>> = {
  ...of(
    ['paxos', 'fast-paxos'],
    'it agrees on each key by itself, and a vote and its locks are about several keys at once',
  ),
  ...of(
    ['two-phase-commit', 'three-phase-commit'],
    'its replicas have one order per key and no log: a vote for several keys would itself be a transaction of that store',
  ),
};

function of(kinds: readonly MechanismKind[], why: string): Partial<Record<MechanismKind, string>> {
  return Object.fromEntries(kinds.map(kind => [kind, why]));
}

/** Everything that keeps this transaction from being executed; empty: it can be. */
export function whyNotTransactional(design: Design, scenario: Scenario, transaction: Transaction): string[] {
  const found: string[] = [];
  const { commit } = transaction;
  if (commit.kind === 'three-phase-commit' && commit.coordinator?.kind === 'raft')
    found.push(
      'three-phase commit has participants that finish without their coordinator: a replicated one is what two-phase commit needs',
    );
  found.push(
    ...(transaction.concurrency === 'versions' ? whyNotByVersions : whyNotByLocks)(design, scenario, transaction),
  );
  const stores = design.stores.filter(store => transaction.stores.includes(store.name));
  for (const { name, mechanism, model } of stores) {
    const protocol = findProtocol(mechanism.kind);
    if (protocol !== undefined && protocol.machine === undefined)
      found.push(
        `${name} cannot take part: ${noLog[mechanism.kind] ?? 'its group has no log in which a vote could stand'}`,
      );
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
  else if (commit.kind === 'three-phase-commit' || commit.onTimeout !== 'block')
    found.push(
      'with "concurrency versions" no participant can decide by itself: a commit has a timestamp, which only the coordinator gives',
    );
  if (commit.kind === 'two-phase-commit' && commit.presume === 'commit')
    found.push(
      '"presume commit" and "concurrency versions" exclude each other: what is presumed has no commit timestamp',
    );
  const chain = design.stores.find(
    ({ name, mechanism }) => mechanism.kind === 'chain' && transaction.stores.includes(name),
  );
  if (chain !== undefined) found.push(`"concurrency versions" over a chain, as ${chain.name} is, is not built yet`);
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
