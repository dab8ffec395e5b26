import type { DataModel } from '../model/model.ts';
import { type Budget, DEFAULT_BUDGET } from './budget.ts';
import { findBadPattern } from './causal.ts';
import { type CausalGraph, causalGraph, INITIAL } from './causal-graph.ts';
import { tellCausal, tellSessions } from './causal-words.ts';
import type { Explanation } from './explain.ts';
import type { History, Verdict } from './history.ts';
import { historyProblem } from './history-problem.ts';
import { decideLinearizable } from './linearizable.ts';
import { byObject } from './objects.ts';
import { findContradiction, type OrderFacts } from './order-graph.ts';
import { searchSequential } from './sequential-search.ts';
import { tiedAfter } from './ties.ts';
import { DEFAULT_NAMES, type Names, plural } from './words.ts';

const PROPERTY = 'sequential';

/** Events × chains (as in causal.ts) up to which the causal patterns are tried before the search. */
const MAX_CAUSAL_ENTRIES = 20_000_000;

/**
 * Whether there is one order of all operations of all keys that respects every session and in which every answer is
 * right (Lamport, IEEE Trans. Comput. C-28(9), 1979). Deciding it is NP-complete, so what is easy comes first: a
 * linearizable history is sequential; one with a causal bad pattern, or whose answers contradict each other about what
 * came first, is not. What is left is searched with a counted budget.
 */
export function checkSequential(
  history: History,
  model: DataModel,
  budget: Budget = DEFAULT_BUDGET,
  names: Names = DEFAULT_NAMES,
): Verdict {
  const verdict = (kind: Verdict['verdict'], why: string): Verdict => ({
    property: PROPERTY,
    verdict: kind,
    why,
    witness: null,
  });
  const violated = ({ why, operations }: Explanation): Verdict => ({
    ...verdict('violated', why),
    witness: { operations, events: [] },
  });
  const problem = historyProblem(history, model);
  if (problem !== undefined) return verdict('unknown', problem);
  const operations = byObject(history, model).reduce((sum, object) => sum + object.operations.length, 0);
  if (operations === 0)
    return verdict('unknown', 'Nothing was checked: no operation of the history took effect or gave an answer.');

  const holds = `${plural(operations, 'operation')} fit one order that respects every session.`;
  // Real time orders the operations of a session, unless it has several within one instant.
  const timed = tiedAfter(history.operations).every(position => position < 0);
  if (timed && decideLinearizable(history, model, budget) === 'holds') return verdict('holds', holds);

  const registers =
    (model.name === 'register' || model.name === 'kv') && !history.operations.some(({ kind }) => kind === 'append');
  const graph = registers ? causalGraph(history) : undefined;
  if (graph !== undefined && graph.events.length * graph.chains <= MAX_CAUSAL_ENTRIES) {
    const pattern = findBadPattern(graph, 'causal');
    if (pattern !== undefined && pattern !== 'too-much') return violated(tellCausal(pattern, graph, names));
  }
  const contradicting = graph === undefined ? undefined : contradictingEvents(graph);
  if (graph !== undefined && contradicting !== undefined) {
    const operations = contradicting.map(event => graph.events[event].operation);
    return violated(tellSessions('No order of these gives all of the answers', operations, names));
  }

  const result = searchSequential(history, model, budget);
  if (result.verdict === 'unknown')
    return verdict(
      'unknown',
      `No order was found, and none was ruled out, within ${plural(budget[result.limit], LIMITS[result.limit])} of the search.`,
    );
  if (result.verdict === 'holds') return verdict('holds', holds);
  return verdict(
    'violated',
    `${plural(operations, 'operation')} were tried in every order that respects the sessions: none gives all of their answers.`,
  );
}

const LIMITS: Record<keyof Budget, string> = {
  nodes: 'step',
  memory: 'remembered number',
  states: 'character of state',
};

/** Events that no order of all fits: each answer puts its read next to what it read, with no other write between. */
function contradictingEvents(graph: CausalGraph): number[] | undefined {
  const start = graph.events.length; // stands for the initial values
  const edges: [number, number][] = [];
  const blocks: OrderFacts['blocks'][number][] = [];
  const writes = graph.writes.map(byChain => [...byChain.values()].flat());
  for (const write of writes.flat()) edges.push([start, write]);
  for (let event = 0; event < start; event++) {
    if (graph.previous[event] >= 0) edges.push([graph.previous[event], event]);
    const source = graph.source[event] === INITIAL ? start : graph.source[event];
    if (source >= 0) blocks.push({ members: [source, event], others: writes[graph.events[event].key] });
  }
  return findContradiction({ nodes: start + 1, edges, blocks })?.nodes.filter(node => node !== start);
}
