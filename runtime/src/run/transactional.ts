/** What of transactions can be executed so far: the rest is refused by name. */
import { transactional } from '../clients/transactions.ts';
import type { Design } from '../design/design.ts';
import type { MechanismKind } from '../design/mechanism.ts';
import type { Transaction } from '../design/store.ts';
import { findProtocol } from '../protocols/registry.ts';

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
export function whyNotTransactional(design: Design, transaction: Transaction): string[] {
  const found: string[] = [];
  const { commit } = transaction;
  if (commit.kind === 'three-phase-commit' && commit.coordinator?.kind === 'raft')
    found.push(
      'three-phase commit has participants that finish without their coordinator: a replicated one is what two-phase commit needs',
    );
  if (transaction.concurrency === 'versions') found.push('"concurrency versions" is not built yet; locks are');
  if (transaction.commitWait) found.push('"commit-wait on" is not built yet');
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
