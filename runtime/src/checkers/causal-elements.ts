import { showValue, valueKey } from '../model/value.ts';
import type { CausalModel } from './causal.ts';
import { type CausalEvent, type CausalGraph, UNSOURCED } from './causal-graph.ts';
import { pathBetween, tellerOf, tellSessions } from './causal-words.ts';
import { type Explanation, explanation } from './explain.ts';
import { comesBefore, type DerivedEdge, type Order, orderEvents } from './happens-before.ts';
import type { History, Operation, Value } from './history.ts';
import type { Names } from './words.ts';

/** `flaw`: the property is violated. `unjudged`: why it cannot be told. */
export type ElementFinding =
  | { readonly flaw: Explanation }
  | { readonly unjudged: string }
  | { readonly answers: number };

/**
 * Causal models of sets and lists that only grow. An answer shows all additions that it contains, so each of them comes
 * before it, and it must contain every addition that causally comes before it: that is all that weak causality asks of a
 * set. A list also shows an order: of one answer it must agree with the causal order (weak-causal), those of all answers
 * together with it (causal-convergence), and those of a session's own answers, of which each is a beginning of what the
 * session's order becomes (causal-memory; pram, where others' answers make nothing known).
 */
export function findElementFlaw(
  history: History,
  isList: boolean,
  property: CausalModel,
  names: Names,
): ElementFinding {
  const view = viewOf(history, isList, names);
  if (!('graph' in view)) return view;
  const { graph, answers } = view;
  const fine = { answers: answers.length };
  const inOrder = (some: readonly Answer[]) => (isList ? some.flatMap(listOrder) : []);
  const circleIn = (edges: readonly DerivedEdge[]): ElementFinding | undefined => {
    const order = orderEvents(graph, edges, () => false);
    if (!('cycle' in order)) return undefined;
    const reads = order.cycle.flatMap((event, i) => {
      const next = order.cycle[(i + 1) % order.cycle.length];
      return edges
        .filter(({ before, after }) => before === event && after === next)
        .slice(0, 1)
        .map(({ read }) => read);
    });
    return {
      flaw: tellSessions(
        'No causal order of these gives all of the answers',
        operationsOf(graph, [...order.cycle, ...reads]),
        names,
      ),
    };
  };
  if (property !== 'pram') {
    const order = orderEvents(graph, shown(answers), () => false);
    if ('cycle' in order) return circleIn(shown(answers))!;
    const weak = findWeak(view, order, names);
    if (weak !== undefined) return { flaw: weak };
    if (property === 'weak-causal') return fine;
    const convergence = property === 'causal-memory' ? undefined : circleIn([...shown(answers), ...inOrder(answers)]);
    if (convergence !== undefined || property === 'causal-convergence') return convergence ?? fine;
  }
  for (const own of Map.groupBy(answers, ({ event }) => graph.chain[event]).values()) {
    const known = property === 'pram' ? own : answers;
    const circle = circleIn([...shown(known), ...inOrder(own), ...own.flatMap(answer => notYet(view, answer))]);
    if (circle !== undefined) return circle;
  }
  return fine;
}

function operationsOf(graph: CausalGraph, events: readonly number[]): Operation[] {
  return events.map(event => graph.events[event].operation);
}

/** A read, and the additions that it shows, in its order. */
interface Answer {
  readonly event: number;
  readonly additions: readonly number[];
}

interface View {
  readonly graph: CausalGraph;
  readonly answers: readonly Answer[];
  readonly isList: boolean;
}

const elementsOf = (value: Value) => (value ?? []) as readonly Value[];

function viewOf(history: History, isList: boolean, names: Names): View | ElementFinding {
  if (history.operations.some(({ kind }) => kind === 'delete'))
    return { unjudged: 'Causal models are not judged for sets from which elements are taken.' };
  const adders = new Map<string, Operation[]>();
  const keyOf = (key: string, element: Value) => `${key.length}:${key}${valueKey(element)}`;
  for (const operation of history.operations) {
    if (operation.kind === 'read' || operation.outcome === 'fail') continue;
    const key = keyOf(operation.key, operation.input);
    adders.set(key, [...(adders.get(key) ?? []), operation]);
  }
  const isAnswer = ({ kind, outcome }: Operation) => kind === 'read' && outcome === 'ok';
  const shownBy = history.operations
    .filter(isAnswer)
    .flatMap(read => elementsOf(read.output).map(element => keyOf(read.key, element)));
  const wasShown = new Set(shownBy);
  if (elementsOf(history.initial).length > 0)
    return { unjudged: 'Causal models of sets and lists are judged only where these begin empty.' };
  if ([...wasShown].some(key => (adders.get(key) ?? []).length > 1))
    return {
      unjudged:
        'Some elements that were read were added more than once, so it is not known which addition an answer shows.',
    };

  const events: CausalEvent[] = [];
  const chain: number[] = [];
  const position: number[] = [];
  const previous: number[] = [];
  const keys = new Map<string, number>();
  const chainOf = new Map<number, number>();
  const lastOf = new Map<number, number>();
  const eventOf = new Map<Operation, number>();
  let chains = 0;
  for (const operation of history.operations) {
    if (operation.outcome === 'fail') continue;
    const unknown = operation.outcome === 'unknown';
    if (unknown && (operation.kind === 'read' || !wasShown.has(keyOf(operation.key, operation.input)))) continue;
    if (!keys.has(operation.key)) keys.set(operation.key, keys.size);
    const last = lastOf.get(operation.process) ?? -1;
    if (!unknown && !chainOf.has(operation.process)) chainOf.set(operation.process, chains++);
    chain.push(unknown ? chains++ : chainOf.get(operation.process)!);
    position.push(unknown || last < 0 ? 1 : position[last] + 1);
    previous.push(last);
    if (!unknown) lastOf.set(operation.process, events.length);
    eventOf.set(operation, events.length);
    events.push({ operation, kind: operation.kind === 'read' ? 'read' : 'write', key: keys.get(operation.key)! });
  }
  const answers: Answer[] = [];
  for (const [event, { operation }] of events.entries()) {
    if (!isAnswer(operation)) continue;
    const additions: number[] = [];
    for (const element of elementsOf(operation.output)) {
      const [adder] = adders.get(keyOf(operation.key, element)) ?? [];
      const addition = adder === undefined ? undefined : eventOf.get(adder)!;
      if (addition === undefined || (isList && additions.includes(addition))) {
        const flaw = addition === undefined ? 'which nobody ever added' : 'twice, which was added only once';
        return {
          flaw: explanation([operation], names, ({ did }) => `${did(operation)}, with ${showValue(element)}, ${flaw}.`),
        };
      }
      if (!additions.includes(addition)) additions.push(addition);
    }
    answers.push({ event, additions });
  }
  const graph: CausalGraph = {
    events,
    chain: Int32Array.from(chain),
    position: Int32Array.from(position),
    chains,
    previous: Int32Array.from(previous),
    source: new Int32Array(events.length).fill(UNSOURCED),
    writes: additionsByKey(events, chain, keys.size),
    lastOf: [...lastOf.values()],
    thinAir: undefined,
    incomplete: undefined,
  };
  return { graph, answers, isList };
}

function additionsByKey(
  events: readonly CausalEvent[],
  chain: readonly number[],
  keys: number,
): Map<number, number[]>[] {
  const additions = Array.from({ length: keys }, () => new Map<number, number[]>());
  for (const [event, { kind, key }] of events.entries()) {
    if (kind === 'read') continue;
    const inChain = additions[key].get(chain[event]);
    if (inChain === undefined) additions[key].set(chain[event], [event]);
    else inChain.push(event);
  }
  return additions;
}

/** What an answer shows comes before it. */
function shown(answers: readonly Answer[]): DerivedEdge[] {
  return answers.flatMap(({ event, additions }) => additions.map(before => ({ before, after: event, read: event })));
}

function listOrder({ event, additions }: Answer): DerivedEdge[] {
  return additions.slice(1).map((after, i) => ({ before: additions[i], after, read: event }));
}

/** What an answer does not show comes after it: of each chain, the first such addition. */
function notYet({ graph }: View, { event, additions }: Answer): DerivedEdge[] {
  const seen = new Set(additions);
  const edges: DerivedEdge[] = [];
  for (const inChain of graph.writes[graph.events[event].key].values()) {
    const missing = inChain.find(addition => !seen.has(addition));
    if (missing !== undefined) edges.push({ before: event, after: missing, read: event });
  }
  return edges;
}

function findWeak({ graph, answers, isList }: View, order: Order, names: Names): Explanation | undefined {
  for (const { event, additions } of answers) {
    const seen = new Set(additions);
    for (const [chain, inChain] of graph.writes[graph.events[event].key]) {
      const known = order.clocks[event * graph.chains + chain];
      const missing = inChain.find(addition => graph.position[addition] <= known && !seen.has(addition));
      if (missing === undefined) continue;
      const path = pathBetween(graph, missing, event, shown(answers));
      const element = showValue(graph.events[missing].operation.input);
      return tellerOf(graph, names).tell(path, [], story => `${story}, without ${element}.`);
    }
    if (!isList) continue;
    for (const [i, addition] of additions.entries()) {
      const before = additions.slice(0, i).find(other => comesBefore(graph, order, addition, other));
      if (before === undefined) continue;
      const element = showValue(graph.events[addition].operation.input);
      return tellSessions(
        `An answer shows ${element} after what followed from it`,
        operationsOf(graph, [before, addition, event]),
        names,
      );
    }
  }
  return undefined;
}
