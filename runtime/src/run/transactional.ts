/** What of transactions can be executed so far: the rest is refused by name. */
import { transactional } from '../clients/transactions.ts';
import type { Design } from '../design/design.ts';
import type { Transaction } from '../design/store.ts';
import { findProtocol } from '../protocols/registry.ts';

/** Everything that keeps this transaction from being executed; empty: it can be. */
export function whyNotTransactional(design: Design, transaction: Transaction): string[] {
  const found: string[] = [];
  const { commit } = transaction;
  if (commit.kind === 'three-phase-commit') found.push('three-phase commit over groups is not built yet');
  if (commit.kind === 'two-phase-commit' && commit.onTimeout !== 'block')
    found.push(
      `"on-timeout ${commit.onTimeout}" is not built: participants are replicated state machines, which know no time`,
    );
  if (transaction.concurrency === 'versions') found.push('"concurrency versions" is not built yet; locks are');
  if (transaction.commitWait) found.push('"commit-wait on" is not built yet');
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
