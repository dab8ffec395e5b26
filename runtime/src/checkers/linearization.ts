import type { DataModel } from '../model/model.ts';
import { type Budget, EXPLANATION_BUDGET } from './budget.ts';
import { compile, itemsOf } from './compiled.ts';
import type { History, Operation } from './history.ts';
import { byObject } from './objects.ts';
import { search } from './search.ts';

/** An order of the operations on one key in which every answer is right, and which respects real time. */
export interface Linearization {
  readonly key: string;
  readonly operations: readonly Operation[];
  /** False: no order of all was found; this is the longest that was. */
  readonly complete: boolean;
}

/**
 * One linearization of each key, for people to look at; the verdict does not depend on it. Keys on which there is none,
 * or whose search outruns the budget, give their longest partial one (as Porcupine does, Athalye 2017).
 *
 * `history` must be one that `checkLinearizable` could judge.
 */
export function linearizationsOf(
  history: History,
  model: DataModel,
  budget: Budget = EXPLANATION_BUDGET,
): Linearization[] {
  return byObject(history, model).map(({ key, operations }) => {
    const compiled = compile(itemsOf(operations), model, history.initial);
    const found = search(compiled, budget, 'order');
    const complete = found.verdict === 'holds';
    const { order } = complete ? found : search(compiled, budget, 'longest');
    return { key, operations: order.map(item => compiled.items[item]!.operation), complete };
  });
}

/** First and last place at which an operation can have taken effect. */
export interface Span {
  readonly first: number;
  /** `Infinity`: never known to have ended. */
  readonly last: number;
}

/**
 * A place for each operation of a linearization such that places do not decrease and each is within its span: half way
 * between the first possible and the last, so that operations which overlap are seen apart.
 *
 * Where spans leave no room, which is so only when they are coarser than what the order was found on, it stays within
 * the span.
 */
export function pointsOf(spans: readonly Span[]): number[] {
  const latest = spans.map(({ last }) => last);
  for (let i = spans.length - 2; i >= 0; i--) latest[i] = Math.min(latest[i]!, latest[i + 1]!);
  let earliest = Number.NEGATIVE_INFINITY;
  let before = Number.NEGATIVE_INFINITY;
  return spans.map(({ first, last }, i) => {
    earliest = Math.max(earliest, first);
    const limit = latest[i]!;
    const half = limit === Number.POSITIVE_INFINITY ? earliest : Math.floor((earliest + limit) / 2);
    before = Math.max(first, Math.min(last, Math.max(before, half)));
    return before;
  });
}
