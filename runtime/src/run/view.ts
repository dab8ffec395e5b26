/** What one store's clients recorded, as the checkers take it, and back from the checkers' ids to those of the run. */

import type { Window } from '../checkers/figures.ts';
import type { History, Operation } from '../checkers/history.ts';
import type { Names } from '../checkers/words.ts';
import { historyOf, type LoggedOperation } from '../clients/log.ts';
import { partitionHolding } from '../clients/routing.ts';
import type { Store } from '../design/store.ts';
import { type DataModel, modelNamed } from '../model/model.ts';
import type { Executed } from './execute.ts';

export interface StoreView {
  readonly store: Store;
  /** Times count from the scenario's time 0. Operation `id` of it is `logged[id]`. */
  readonly history: History;
  readonly logged: readonly LoggedOperation[];
  readonly model: DataModel;
  readonly names: Names;
  /** The load: from time 0 to its end. */
  readonly load: Window;
  /** Times at which faults began. */
  readonly faults: readonly number[];
  readonly partitionOf: (key: string) => string;
}

/** `store` may be narrowed to some of its partitions: then only operations on their keys are seen. */
export function viewOf(executed: Executed, store: Store): StoreView {
  const { log, originNs, design } = executed;
  // What no partition holds is asked of nobody: it counts to the first.
  const holding = (key: string) => partitionHolding(design, store, key) ?? design.partitions[store.partitions[0]!]!;
  const { history, logged } = historyOf(log, store.name, originNs, ({ key }) =>
    store.partitions.includes(holding(key).id),
  );
  return {
    store,
    history,
    logged,
    model: modelNamed(store.model)!,
    names: { process: process => log.processes[process] ?? `c${process}` },
    load: { from: 0, until: executed.loadEndNs - originNs },
    faults: executed.faults.starts.map(ns => ns - originNs),
    partitionOf: key => holding(key).name,
  };
}

/** The part of a window that lies within the load. */
export const clip = (view: StoreView, fromNs: number | null, untilNs: number | null): Window => ({
  from: Math.max(view.load.from, fromNs ?? view.load.from),
  until: Math.min(view.load.until, untilNs ?? view.load.until),
});

/** Only operations that began in the window: for what is judged one by one (an operation is lost or not). */
export const during = (history: History, { from, until }: Window): Operation[] =>
  history.operations.filter(({ invoke }) => invoke >= from && invoke < until);

/**
 * The history with a client for each stay of a client with one node: what sticky availability is about (Bailis et al.,
 * "Highly Available Transactions", VLDB 2013, §4.1).
 */
export function byStays(view: StoreView): StoreView {
  const stays = new Map<number, { node: number; id: number }>();
  const owners: number[] = [];
  const operations = view.history.operations.map((operation, i) => {
    const { process } = operation;
    const { node } = view.logged[i]!;
    let stay = stays.get(process);
    if (stay?.node !== node) stays.set(process, (stay = { node, id: owners.push(process) - 1 }));
    return { ...operation, process: stay.id };
  });
  const process = (id: number) => view.names.process(owners[id] ?? id);
  return { ...view, history: { ...view.history, operations }, names: { ...view.names, process } };
}
