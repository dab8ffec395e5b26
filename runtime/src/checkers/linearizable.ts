import type { DataModel } from '../model/model.ts';
import { type Budget, DEFAULT_BUDGET } from './budget.ts';
import { checkChain } from './chain.ts';
import { compile, itemsOf } from './compiled.ts';
import { outOfBounds } from './counter-bounds.ts';
import { type Explanation, explainBounds, explainChain, explainZones } from './explain.ts';
import type { History, Verdict } from './history.ts';
import { historyProblem } from './history-problem.ts';
import { explainSearch } from './minimise.ts';
import { byObject, type ObjectHistory } from './objects.ts';
import { type SearchResult, search } from './search.ts';
import { DEFAULT_NAMES, type Names, plural } from './words.ts';
import { checkZones } from './zones.ts';

export const LINEARIZABLE = 'linearizable';

/**
 * Whether there is one order of all operations that respects real time (what returned before another was invoked comes
 * first) and in which every answer is what `model` would have given (Herlihy & Wing, TOPLAS 12(3), 1990).
 *
 * Each key is judged by itself: registers whose values are unique by zones, sets and lists by the chain of their
 * answers, counters by bounds first, everything else by a search with a counted budget, smallest key first. A violation
 * is explained by few operations that contradict each other. `unknown`: the budget ran out, there was nothing to check, or
 * the history is not one (and then `why` says what to mend).
 */
export function checkLinearizable(
  history: History,
  model: DataModel,
  budget: Budget = DEFAULT_BUDGET,
  names: Names = DEFAULT_NAMES,
): Verdict {
  const problem = historyProblem(history, model);
  if (problem !== undefined) return unknown(problem);
  const objects = byObject(history, model);
  const operations = objects.reduce((sum, object) => sum + object.operations.length, 0);
  if (operations === 0)
    return unknown('Nothing was checked: no operation of the history took effect or gave an answer.');
  const of = (object: ObjectHistory) => (objects.length > 1 ? `${object.key}: ` : '');
  const violated = (object: ObjectHistory, { why, operations: ids }: Explanation): Verdict => ({
    property: LINEARIZABLE,
    verdict: 'violated',
    why: of(object) + why,
    witness: { operations: ids, events: [] },
  });

  const searches: ObjectHistory[] = [];
  for (const object of objects) {
    const direct = checkDirectly(object, model, history, names);
    if (direct === 'search') searches.push(object);
    else if (direct !== 'holds') return violated(object, direct);
  }

  searches.sort((a, b) => a.operations.length - b.operations.length);
  let nodes = budget.nodes;
  const undecided: { object: ObjectHistory; result: SearchResult & { verdict: 'unknown' } }[] = [];
  for (const object of searches) {
    const result = search(compile(itemsOf(object.operations), model, history.initial), { ...budget, nodes });
    nodes -= result.nodes;
    if (result.verdict === 'violated')
      return violated(object, explainSearch(object.operations, model, history.initial, names));
    if (result.verdict === 'unknown') undecided.push({ object, result });
  }
  if (undecided.length > 0) {
    const [{ object, result }] = undecided;
    return unknown(
      `${plural(undecided.length, 'key')} of ${objects.length} could not be decided: on ${object.key === '' ? 'the only one' : object.key}, ` +
        `with ${plural(object.operations.length, 'operation')}, the search gave up ${LIMITS[result.limit](budget)}.`,
    );
  }
  return {
    property: LINEARIZABLE,
    verdict: 'holds',
    why: `${plural(operations, 'operation')} on ${plural(objects.length, 'key')} fit one order that respects real time.`,
    witness: null,
  };
}

const LIMITS: Record<keyof Budget, (budget: Budget) => string> = {
  nodes: budget => `after ${plural(budget.nodes, 'step')}`,
  memory: budget => `when its memory of configurations exceeded ${plural(budget.memory * 4, 'byte')}`,
  states: budget => `when the states it met exceeded ${plural(budget.states, 'character')}`,
};

function unknown(why: string): Verdict {
  return { property: LINEARIZABLE, verdict: 'unknown', why, witness: null };
}

function checkDirectly(
  { operations }: ObjectHistory,
  model: DataModel,
  { initial }: History,
  names: Names,
): 'holds' | 'search' | Explanation {
  if (model.name === 'counter') {
    const finding = outOfBounds(operations, initial);
    return finding === undefined ? 'search' : explainBounds(finding, names);
  }
  if (model.name === 'set' || model.name === 'list') {
    const finding = checkChain(operations, initial, model.name === 'list');
    if (finding.kind === 'not-applicable') return 'search';
    return finding.kind === 'holds' ? 'holds' : explainChain(finding, names);
  }
  if (model.name === 'multi-register') return 'search';
  const finding = checkZones(operations, initial);
  if (finding.kind === 'not-applicable') return 'search';
  return finding.kind === 'holds' ? 'holds' : explainZones(finding, names);
}
