/** What transactions did, as the checkers take it: per store, step by step; and over all stores, as transactions. */
import type { History, Operation, Value } from '../checkers/history.ts';
import type { LoggedOperation } from '../clients/log.ts';
import { partitionHolding } from '../clients/routing.ts';
import { keyName, scanOf } from '../clients/transactions.ts';
import type { Store, Transaction } from '../design/store.ts';
import type { Executed } from './execute.ts';
import { type StoreView, viewOf } from './view.ts';

type Step = readonly [kind: Operation['kind'], key: string, value: Value];

const outcomeOf = ({ outcome }: LoggedOperation): Operation['outcome'] => (outcome === 'open' ? 'unknown' : outcome);

const timesOf = (logged: LoggedOperation, originNs: number) => {
  const outcome = outcomeOf(logged);
  return {
    invoke: logged.invoke - originNs,
    complete: outcome === 'unknown' ? Number.POSITIVE_INFINITY : logged.ended - originNs,
    ...(outcome === 'unknown' && Number.isFinite(logged.ended) && { abandoned: logged.ended - originNs }),
    outcome,
  };
};

/** One run of a transaction as one operation. */
export const operationOf = (logged: LoggedOperation, id: number, originNs: number): Operation => ({
  id,
  process: logged.process,
  key: '',
  kind: 'transaction',
  input: logged.input,
  output: logged.output,
  ...timesOf(logged, originNs),
});

/**
 * Read uncommitted sees what may never happen. Below strict serializable, versions are those of a timestamp, which by its
 * clock need not lie between the begin and the end: what it must be is a matter of the level of isolation alone.
 */
const readsElsewhen = ({ isolation, concurrency }: Transaction): boolean =>
  isolation === 'read-uncommitted' || (concurrency === 'versions' && isolation !== 'strict-serializable');

/**
 * One store's operations, the steps of transactions on its keys among them: each takes effect somewhere between the
 * begin and the end of its transaction. Steps of aborted ones never happened, reads of unknown ones told nobody anything,
 * and some levels do not say that a read sees what stands there meanwhile. Steps belong to no session: that they are one
 * after the other is nowhere said.
 */
export function viewWithTransactions(executed: Executed, store: Store): StoreView {
  const view = viewOf(executed, store);
  const { log, originNs, design, transactions } = executed;
  const elsewhen = new Set(
    transactions.flatMap(({ transaction }) => (readsElsewhen(transaction) ? [transaction.name] : [])),
  );
  const prefix = keyName(store.name, '');
  const found = view.history.operations.map((operation, i) => ({ operation, logged: view.logged[i]! }));
  const owners: number[] = [];
  for (const logged of log.operations) {
    const times = timesOf(logged, originNs);
    if (logged.kind !== 'transaction' || times.outcome === 'fail') continue;
    const steps = (times.outcome === 'ok' ? logged.output : logged.input) as unknown as readonly Step[];
    for (const [kind, name, value] of steps) {
      const key = name.slice(prefix.length);
      if (!name.startsWith(prefix) || !store.partitions.includes(partitionHolding(design, store, key)?.id ?? -1))
        continue;
      const isRead = kind === 'read';
      if (isRead && (times.outcome !== 'ok' || elsewhen.has(logged.store))) continue;
      const process = log.processes.length + owners.push(logged.process) - 1;
      const operation = { id: -1, process, key, kind, input: isRead ? null : value, output: isRead ? value : null };
      found.push({ operation: { ...operation, ...times }, logged });
    }
  }
  if (owners.length === 0) return view;
  found.sort((a, b) => a.operation.invoke - b.operation.invoke || a.logged.id - b.logged.id);
  const operations = found.map(({ operation }, id): Operation => ({ ...operation, id }));
  const nameOf = (process: number) => view.names.process(owners[process - log.processes.length] ?? process);
  return {
    ...view,
    history: { ...view.history, operations },
    logged: found.map(({ logged }) => logged),
    names: { ...view.names, process: nameOf },
  };
}

/** Single operations as transactions of one step; null: one that no step stands for. */
function stepsOf({ kind, store, key, input, output, outcome }: LoggedOperation): readonly Value[] | null {
  if (kind === 'transaction') return (outcome === 'ok' ? output : input) as readonly Value[];
  if (kind === 'read') return [['read', keyName(store, key), outcome === 'ok' ? output : null]];
  return kind === 'write' || kind === 'append' ? [[kind, keyName(store, key), input]] : null;
}

/**
 * Everything that was done to the stores of a transaction, as transactions over keys called `STORE/KEY`. Operation `id`
 * of the history is `logged[id]`.
 * @param scans whether what clients read of several keys without a transaction is among it
 * @returns a sentence when something was done that is no read, write or append
 */
export function transactionHistory(
  executed: Executed,
  stores: readonly string[],
  scans = false,
): { readonly history: History; readonly logged: readonly LoggedOperation[] } | string {
  const related = new Set<string>(stores);
  for (const { transaction } of executed.transactions)
    if (transaction.stores.some(store => stores.includes(store))) related.add(transaction.name);
  if (scans) for (const store of stores) related.add(scanOf(store));
  const logged = executed.log.operations.filter(one => related.has(one.store));
  const operations: Operation[] = [];
  for (const [id, one] of logged.entries()) {
    const steps = stepsOf(one);
    const strange = steps?.find(step => !['read', 'write', 'append'].includes((step as readonly string[])[0]!));
    if (steps === null || strange !== undefined)
      return `isolation is judged of reads, writes and appends, and there was ${steps === null ? one.kind : (strange as readonly string[])[0]}`;
    const blank = steps.map(step => {
      const [kind, key, value] = step as unknown as Step;
      return [kind, key, kind === 'read' ? null : value];
    });
    operations.push({ ...operationOf(one, id, executed.originNs), input: blank, output: steps });
  }
  return { history: { operations, initial: null }, logged };
}
