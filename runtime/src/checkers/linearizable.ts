import type { DataModel } from '../model/model.ts';
import { type Budget, DEFAULT_BUDGET } from './budget.ts';
import { checkChain } from './chain.ts';
import { compile, itemsOf } from './compiled.ts';
import { outOfBounds } from './counter-bounds.ts';
import { type Explanation, explainBounds, explainChain, explainZones } from './explain.ts';
import type { History, Verdict, VerdictKind } from './history.ts';
import { historyProblem } from './history-problem.ts';
import { explainSearch, explainTextFlaw } from './minimise.ts';
import { byObject, type ObjectHistory } from './objects.ts';
import { type SearchResult, search } from './search.ts';
import { findTextFlaw } from './text-order.ts';
import { DEFAULT_NAMES, type Names, plural } from './words.ts';
import { checkZones } from './zones.ts';

const PROPERTY = 'linearizable';

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
  const judgement = judge(history, model, budget);
  if (judgement.verdict !== 'violated') return { property: PROPERTY, ...judgement, witness: null };
  const { why, operations } = judgement.explain(names);
  return { property: PROPERTY, verdict: 'violated', why, witness: { operations, events: [] } };
}

/** The verdict alone, without the work that a good explanation takes: for many histories, of which one is then shown. */
export function decideLinearizable(history: History, model: DataModel, budget: Budget = DEFAULT_BUDGET): VerdictKind {
  return judge(history, model, budget).verdict;
}

type Explain = (names: Names) => Explanation;
type Judgement =
  | { readonly verdict: 'holds' | 'unknown'; readonly why: string }
  | { readonly verdict: 'violated'; readonly explain: Explain };

function judge(history: History, model: DataModel, budget: Budget): Judgement {
  const problem = historyProblem(history, model);
  if (problem !== undefined) return { verdict: 'unknown', why: problem };
  const objects = byObject(history, model);
  const operations = objects.reduce((sum, object) => sum + object.operations.length, 0);
  if (operations === 0)
    return {
      verdict: 'unknown',
      why: 'Nothing was checked: no operation of the history took effect or gave an answer.',
    };
  const violated = ({ key }: ObjectHistory, explain: Explain): Judgement => {
    if (objects.length === 1) return { verdict: 'violated', explain };
    return {
      verdict: 'violated',
      explain: names => {
        const { why, operations: ids } = explain(names);
        return { why: `${key}: ${why}`, operations: ids };
      },
    };
  };

  const searches: ObjectHistory[] = [];
  for (const object of objects) {
    const direct = judgeDirectly(object, model, history);
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
      return violated(object, names => explainSearch(object.operations, model, history.initial, names));
    if (result.verdict !== 'unknown') continue;
    // Answers that show a whole text may contradict each other in a way that a search would not see for long.
    const flaw = model.name === 'kv' ? findTextFlaw(object.operations, history.initial) : undefined;
    if (flaw !== undefined) return violated(object, names => explainTextFlaw(flaw, names));
    undecided.push({ object, result });
  }
  if (undecided.length > 0) {
    const [{ object, result }] = undecided;
    const where = object.key === '' ? 'the only key' : object.key;
    const why = `${plural(undecided.length, 'key')} of ${objects.length} could not be decided: on ${where}, with ${plural(object.operations.length, 'operation')}, the search gave up ${LIMITS[result.limit](budget)}.`;
    return { verdict: 'unknown', why };
  }
  const why = `${plural(operations, 'operation')} on ${plural(objects.length, 'key')} fit one order that respects real time.`;
  return { verdict: 'holds', why };
}

const LIMITS: Record<keyof Budget, (budget: Budget) => string> = {
  nodes: budget => `after ${plural(budget.nodes, 'step')}`,
  memory: budget => `when its memory of configurations exceeded ${plural(budget.memory * 4, 'byte')}`,
  states: budget => `when the states it met exceeded ${plural(budget.states, 'character')}`,
};

/** What needs no search. */
function judgeDirectly(
  { operations }: ObjectHistory,
  model: DataModel,
  { initial }: History,
): 'holds' | 'search' | Explain {
  if (model.name === 'counter') {
    const finding = outOfBounds(operations, initial);
    return finding === undefined ? 'search' : names => explainBounds(finding, names);
  }
  if (model.name === 'set' || model.name === 'list') {
    const finding = checkChain(operations, initial, model.name === 'list');
    if (finding.kind === 'not-applicable') return 'search';
    return finding.kind === 'holds' ? 'holds' : names => explainChain(finding, names);
  }
  if (model.name === 'multi-register') return 'search';
  const finding = checkZones(operations, initial);
  if (finding.kind === 'not-applicable') return 'search';
  return finding.kind === 'holds' ? 'holds' : names => explainZones(finding, names);
}
