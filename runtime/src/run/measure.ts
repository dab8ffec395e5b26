/** Figures of a run, from what clients were told: definitions as in the language reference, "Claims and expectations". */

import type { LoggedOperation } from '../clients/log.ts';
import { partitionIndex } from '../clients/routing.ts';
import type { Store } from '../design/store.ts';
import type { Executed } from './execute.ts';

const isRead = (operation: LoggedOperation): boolean => operation.kind === 'read';

/** Time that an operation took, until its client was told or gave up; open ones last to the end of the run. */
const durationOf = (operation: LoggedOperation, endNs: number): number =>
  Math.min(operation.ended, endNs) - operation.invoke;

/** Share of client time not spent in operations that failed or timed out; undefined: no client asked anything. */
export function availability(operations: readonly LoggedOperation[], endNs: number): number | undefined {
  let good = 0;
  let bad = 0;
  for (const operation of operations) {
    if (operation.outcome === 'ok') good += durationOf(operation, endNs);
    else bad += durationOf(operation, endNs);
  }
  return good + bad === 0 ? undefined : good / (good + bad);
}

/**
 * Share of client time, thinking included: each client's time runs from its first question to the end of its load.
 * In an open loop a client's time is the load's.
 */
export function availabilityOfClients(executed: Executed, operations: readonly LoggedOperation[]): number | undefined {
  if (operations.length === 0) return undefined;
  const processes = new Set(operations.map(operation => operation.process));
  const loadNs = Math.max(1, executed.loadEndNs - executed.originNs);
  let lost = 0;
  for (const operation of operations) if (operation.outcome !== 'ok') lost += durationOf(operation, executed.endNs);
  return Math.max(0, 1 - lost / (processes.size * loadNs));
}

/** Durations of all attempts, failed ones included, ascending. */
export function durations(operations: readonly LoggedOperation[], endNs: number): number[] {
  return operations.map(operation => durationOf(operation, endNs)).sort((a, b) => a - b);
}

/** Nearest rank: the smallest value with at least this share of all at or below it. `sorted` ascending and not empty. */
export function percentile(sorted: readonly number[], share: number | 'max'): number {
  if (share === 'max') return sorted[sorted.length - 1]!;
  return sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)]!;
}

export const readsOf = (operations: readonly LoggedOperation[]): LoggedOperation[] => operations.filter(isRead);
export const writesOf = (operations: readonly LoggedOperation[]): LoggedOperation[] =>
  operations.filter(operation => !isRead(operation));

/** Longest stretch after a fault in which writes to a partition were tried and none succeeded; 0: none was. */
export function recovery(
  executed: Executed,
  store: Store,
): { readonly ns: number; readonly partition: string; readonly fromNs: number } | undefined {
  const { faults, log, design, loadEndNs } = executed;
  if (faults.starts.length === 0) return undefined;
  const after = Math.min(...faults.starts);
  let worst: { ns: number; partition: string; fromNs: number } = { ns: 0, partition: store.name, fromNs: after };
  store.partitions.forEach((id, index) => {
    const writes = writesOf(log.operations).filter(
      one => one.store === store.name && partitionIndex(store, one.key) === index,
    );
    const succeeded = writes
      .filter(one => one.outcome === 'ok' && one.ended > after)
      .map(one => one.ended)
      .sort((a, b) => a - b);
    const before = writes
      .filter(one => one.outcome === 'ok' && one.ended <= after)
      .reduce((last, one) => Math.max(last, one.ended), after);
    let from = Math.max(after, before);
    for (const until of [...succeeded, Math.max(from, loadEndNs)]) {
      // Only time in which somebody tried counts: from the first try in the stretch.
      const tries = writes
        .filter(one => one.invoke < until && Math.min(one.ended, until) > from)
        .map(one => Math.max(one.invoke, from));
      const first = tries.length === 0 ? until : Math.min(...tries);
      const failed = writes.some(one => one.outcome !== 'ok' && one.invoke < until && one.ended >= from);
      const ns = until - first;
      if (ns > worst.ns && (failed || until !== loadEndNs))
        worst = { ns, partition: design.partitions[id]!.name, fromNs: first };
      from = until;
    }
  });
  return worst;
}

/** For each read of a written value: how long ago the first newer write of its key was acknowledged; 0: none was. */
export function staleness(operations: readonly LoggedOperation[]): number[] {
  const byKey = new Map<string, LoggedOperation[]>();
  for (const operation of operations) {
    if (operation.kind !== 'write' || operation.outcome !== 'ok') continue;
    const writes = byKey.get(operation.key) ?? [];
    writes.push(operation);
    byKey.set(operation.key, writes);
  }
  for (const writes of byKey.values()) writes.sort((a, b) => a.ended - b.ended);
  return readsOf(operations)
    .filter(read => read.outcome === 'ok')
    .map(read => {
      const writes = byKey.get(read.key) ?? [];
      const seen = writes.find(write => write.input === read.output);
      // Newer for certain: asked after the write that was seen had been acknowledged.
      const newer = writes.find(
        write => write.ended < read.invoke && (seen === undefined ? read.output === null : write.invoke > seen.ended),
      );
      return newer === undefined ? 0 : read.invoke - newer.ended;
    })
    .sort((a, b) => a - b);
}
