import { showValue } from '../model/value.ts';
import type { BadPattern } from './causal.ts';
import type { CausalGraph } from './causal-graph.ts';
import { type Explanation, explanation } from './explain.ts';
import type { DerivedEdge } from './happens-before.ts';
import type { Operation } from './history.ts';
import type { Names, Words } from './words.ts';

/** Tells a bad pattern as the story of who knew what. */
export function tellCausal(pattern: BadPattern, graph: CausalGraph, names: Names): Explanation {
  const teller = tellerOf(graph, names);
  switch (pattern.kind) {
    case 'ThinAirRead':
      return explanation(
        [pattern.operation],
        names,
        ({ did }) => `${did(pattern.operation)}, which nobody had written.`,
      );
    case 'WriteCOInitRead':
    case 'WriteHBInitRead': {
      const path = pathBetween(graph, pattern.write, pattern.read, pattern.derived, pattern.readsFrom);
      return teller.tell(path, pattern.derived, story => `${story}, which was there before all writes.`);
    }
    case 'WriteCORead': {
      const path = pathBetween(graph, pattern.newer, pattern.read);
      const earlier = pathBetween(graph, pattern.older, pattern.newer);
      return teller.tell([...earlier, ...path.slice(1)], [], story => `${story}, which it knew to be replaced.`);
    }
    default:
      return teller.tell(
        [...pattern.cycle, pattern.cycle[0]],
        pattern.derived,
        story => `These go round in a circle: ${story}.`,
      );
  }
}

export function tellerOf(graph: CausalGraph, names: Names) {
  const manyKeys = graph.events.some(({ key }) => key !== graph.events[0].key);
  const operationOf = (event: number) => graph.events[event].operation;
  const what = (event: number, words: Words) => {
    const { operation, kind } = graph.events[event];
    const on = manyKeys ? ` on ${operation.key}` : '';
    if (operation.kind !== 'cas') return `${words.verb(operation)}${on}`;
    const [expected, replacement] = operation.input as readonly Operation['input'][];
    return `${kind === 'read' ? `saw ${showValue(expected)}` : `set ${showValue(replacement)}`}${on}`;
  };
  return {
    tell(path: readonly number[], derived: readonly DerivedEdge[], frame: (story: string) => string): Explanation {
      const steps = withoutDetours(graph, path);
      const reasons = steps.slice(1).map((event, i) => derivedStep(graph, steps[i], event, derived));
      const events = [...steps, ...reasons.flatMap(reason => (reason === undefined ? [] : [reason.read]))];
      return explanation(events.map(operationOf), names, words => {
        let story = `${words.who(operationOf(steps[0]))} ${what(steps[0], words)}`;
        for (const [i, event] of steps.slice(1).entries()) {
          const who = words.who(operationOf(event));
          const reason = reasons[i];
          if (reason !== undefined) {
            const reader = words.who(operationOf(reason.read));
            story += `, so that came before ${who} ${what(event, words)}, since ${reader}, which knew the former, ${what(reason.read, words)}`;
          } else if (graph.chain[event] === graph.chain[steps[i]]) story += ` and then ${what(event, words)}`;
          else story += `; ${who} ${what(event, words)}`;
        }
        return frame(story);
      });
    },
  };
}

function derivedStep(
  graph: CausalGraph,
  from: number,
  to: number,
  derived: readonly DerivedEdge[],
): DerivedEdge | undefined {
  if (graph.source[to] === from || graph.chain[to] === graph.chain[from] || graph.previous[to] === from)
    return undefined;
  return derived.find(({ before, after }) => before === from && after === to);
}

/** Within a session only where the path enters and leaves it counts. */
function withoutDetours(graph: CausalGraph, path: readonly number[]): number[] {
  const inSession = (a: number | undefined, b: number | undefined) =>
    a !== undefined && b !== undefined && graph.chain[a] === graph.chain[b];
  return path.filter((event, i) => !(inSession(path[i - 1], event) && inSession(event, path[i + 1])));
}

/** A shortest way from one event to a later one, ends included. */
export function pathBetween(
  graph: CausalGraph,
  from: number,
  to: number,
  derived: readonly DerivedEdge[] = [],
  readsFrom: (read: number) => boolean = () => true,
): number[] {
  const before = Map.groupBy(derived, edge => edge.after);
  const next = new Map<number, number>([[to, -1]]);
  for (let ends = [to]; ends.length > 0 && !next.has(from); ) {
    const further: number[] = [];
    for (const end of ends) {
      const predecessors = [
        readsFrom(end) ? graph.source[end] : -1,
        graph.previous[end],
        ...(before.get(end) ?? []).map(edge => edge.before),
      ];
      for (const event of predecessors) {
        if (event < 0 || next.has(event)) continue;
        next.set(event, end);
        further.push(event);
      }
    }
    ends = further;
  }
  const path: number[] = [];
  for (let event = from; event !== -1 && event !== undefined; event = next.get(event)!) path.push(event);
  return path;
}

/** Operations that contradict each other, session by session, under what they contradict. */
export function tellSessions(claim: string, involved: readonly Operation[], names: Names): Explanation {
  const operations = [...new Set(involved)].sort((a, b) => a.id - b.id);
  const manyKeys = operations.some(({ key }) => key !== operations[0].key);
  return explanation(operations, names, words => {
    const verb = (operation: Operation) => `${words.verb(operation)}${manyKeys ? ` on ${operation.key}` : ''}`;
    const sessions = Map.groupBy(operations, ({ process }) => process);
    const told = Array.from(
      sessions.values(),
      session => `${words.who(session[0])} ${session.map(verb).join(' and then ')}`,
    );
    return `${claim}: ${told.join('; ')}.`;
  });
}
