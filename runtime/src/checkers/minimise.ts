import type { DataModel } from '../model/model.ts';
import { EXPLANATION_BUDGET } from './budget.ts';
import { CAS, compile, GENERAL, type Item, itemsOf, READ } from './compiled.ts';
import { type Explanation, explainUnwritten, explanation, returned } from './explain.ts';
import type { Operation, Value } from './history.ts';
import { search } from './search.ts';
import { findTextFlaw, type TextFlaw } from './text-order.ts';
import { listed, type Names, plural, type Words } from './words.ts';

/** Steps of one trial: a weaker history that takes longer to refute is no explanation. */
const NODES_PER_TRIAL = 2_000;
const MAX_TRIALS = 3_000;
/** Operations that a sentence names; the witness has all of them. */
const MAX_TOLD = 6;

/**
 * Explains why one object's history has no linearization, after a search found none. First the history is cut where it
 * stopped being linearizable: the operation that returned there is the one that cannot be placed. Then what is known of
 * the other operations is given up, many at a time and then one by one, as long as a contradiction remains: an answer is
 * forgotten, a change may have taken place at any time or never. What is left contradicts itself whatever the others did.
 */
export function explainSearch(
  operations: readonly Operation[],
  model: DataModel,
  initial: Value,
  names: Names,
): Explanation {
  const items = itemsOf(operations);
  const unwritten = findUnwritten(items, model, initial);
  if (unwritten !== undefined) return explainUnwritten(unwritten.read, unwritten.value, unwritten.write, names);

  if (model.name === 'kv' && operations.some(({ kind }) => kind === 'append')) {
    const flaw = findTextFlaw(operations, initial);
    if (flaw !== undefined) return explainTextFlaw(flaw, names);
  }

  let nodes = EXPLANATION_BUDGET.nodes;
  let trials = MAX_TRIALS;
  const contradictory = (candidate: readonly Item[], limit: number) => {
    if (nodes <= 0 || trials-- <= 0) return false;
    const result = search(compile(candidate, model, initial), { ...EXPLANATION_BUDGET, nodes: Math.min(nodes, limit) });
    nodes -= result.nodes + 1;
    return result.verdict === 'violated';
  };

  const returns = items
    .map(item => item.complete)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  let low = 0;
  let high = returns.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (contradictory(prefixUntil(items, returns[middle]), EXPLANATION_BUDGET.nodes)) high = middle;
    else low = middle + 1;
  }
  const prefix = prefixUntil(items, returns[high]);
  const kept = weaken(prefix, candidate => contradictory(candidate, NODES_PER_TRIAL));
  return tell(kept, names);
}

/** The history as it was known at a time: what had not returned by then may still take effect later, or never. */
function prefixUntil(items: readonly Item[], time: number): Item[] {
  return items
    .filter(item => item.invoke <= time)
    .map(item => (item.complete <= time ? item : { ...item, complete: Number.POSITIVE_INFINITY }))
    .filter(item => item.complete <= time || !onlyAnswers(item.operation));
}

function onlyAnswers({ kind, outcome, output }: Operation): boolean {
  return kind === 'read' || (kind === 'cas' && outcome === 'ok' && output === false);
}

/** Gives up what is not needed for the contradiction; returns the items that still say all that was recorded. */
function weaken(prefix: readonly Item[], contradictory: (items: readonly Item[]) => boolean): Item[] {
  let free: Item[] = [];
  let kept = [...prefix];
  for (let size = kept.length >> 1; size >= 1; size >>= 1) {
    for (let start = 0; start < kept.length; ) {
      const given = kept.slice(start, start + size);
      const rest = kept.filter(item => !given.includes(item));
      const freed = given.filter(item => !onlyAnswers(item.operation)).map(atAnyTime);
      if (contradictory([...freed, ...free, ...rest])) {
        kept = rest;
        free = [...freed, ...free];
      } else start += size;
    }
  }
  return kept;
}

function atAnyTime(item: Item): Item {
  return { ...item, invoke: Number.NEGATIVE_INFINITY, complete: Number.POSITIVE_INFINITY };
}

/** An answer that needs a value which nobody had begun to write when it came: it contradicts the whole history alone. */
function findUnwritten(items: readonly Item[], model: DataModel, initial: Value) {
  const { action, demands, produces, states, required, ...compiled } = compile(items, model, initial);
  if (action.includes(GENERAL)) return undefined;
  for (let i = 0; i < required; i++) {
    if ((action[i] !== READ && action[i] !== CAS) || demands[i] === 0) continue;
    const { operation, complete } = compiled.items[i];
    const value = states.values[demands[i]];
    const writers = compiled.items.filter((item, j) => produces[j] === demands[i] && item.operation !== operation);
    if (writers.some(item => item.invoke <= complete)) continue;
    const write = writers.reduce<Item | undefined>(
      (a, b) => (a === undefined || b.invoke < a.invoke ? b : a),
      undefined,
    );
    return { read: operation, value, write: write?.operation };
  }
  return undefined;
}

export function explainTextFlaw(flaw: TextFlaw, names: Names): Explanation {
  if (flaw.kind === 'order') return tell(itemsOf(flaw.operations), names);
  const { read } = flaw;
  return explanation(
    [read],
    names,
    ({ did, at }) => `${did(read)} at ${at(read.invoke)}, which no writes and appends make.`,
  );
}

function tell(kept: readonly Item[], names: Names): Explanation {
  // What came last is what could not be placed any more.
  const last = kept.reduce((a, b) =>
    a.complete === Number.POSITIVE_INFINITY || (Number.isFinite(b.complete) && b.complete > a.complete) ? b : a,
  );
  const culprit = last.operation;
  const operations = kept.map(item => item.operation);
  return explanation(operations, names, words => {
    const others = operations.filter(operation => operation !== culprit).sort((a, b) => a.invoke - b.invoke);
    const told = `${words.did(culprit)} at ${words.at(culprit.invoke)}`;
    if (others.length === 0) return `${told}, which no order of the operations begun by then explains.`;
    const named = others.slice(-MAX_TOLD).map(other => relation(other, culprit, words));
    const more = others.length - named.length;
    const all = more > 0 ? [`there were ${plural(more, 'operation')} before`, ...named] : named;
    const conclusion = others.length > 1 ? '; no order explains all of these answers' : '';
    return `${told}, but ${listed(all)}${conclusion}.`;
  });
}

function relation(other: Operation, culprit: Operation, words: Words): string {
  const { the, at } = words;
  if (other.outcome !== 'ok') return `${the(other)} began at ${at(other.invoke)} and may have taken effect since`;
  if (other.complete < culprit.invoke) return returned(other, words);
  return `${the(other)} ran from ${at(other.invoke)} to ${at(other.complete)}`;
}
