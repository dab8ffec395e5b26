import type { DataModel } from '../model/model.ts';
import type { Budget } from './budget.ts';
import { type Compiled, compile, itemsOf, REFUSED, WRITE } from './compiled.ts';
import { Configurations } from './configurations.ts';
import type { History, Operation } from './history.ts';
import { type Lookahead, lookaheadFor } from './lookahead.ts';
import { byObject } from './objects.ts';
import type { SearchResult } from './search.ts';
import { ILLEGAL, transitionsOf } from './transitions.ts';

/** One key: its operations compiled, and how a search sees it. */
interface Cell {
  readonly compiled: Compiled;
  readonly step: (state: number, item: number) => number;
  readonly lookahead: Lookahead;
  /** No refused cas and no optional one: then a write that nobody can notice may take place at any time. */
  readonly simple: boolean;
}

/** An operation in its session. */
interface Step {
  readonly cell: number;
  readonly item: number;
}

/** An operation of unknown outcome: possible once `after` operations of its session have taken place, or never. */
interface Optional extends Step {
  readonly session: number;
  readonly after: number;
}

/**
 * Looks for an order of all operations of all keys that respects sessions and in which every answer is right: depth
 * first over how far each session has come, with memory, as the problem is NP-complete (Taylor 1983). What changes
 * nothing takes place at once, and steps that make an answer impossible are not taken (lookahead.ts).
 */
export function searchSequential(history: History, model: DataModel, budget: Budget): SearchResult {
  const { cells, sessions, optionals } = prepare(history, model);
  const frontier = new Int32Array(sessions.length);
  const states = new Int32Array(cells.length);
  const used = new Int32Array((optionals.length + 31) >> 5);
  let left = sessions.reduce((sum, session) => sum + session.length, 0);
  if (cells.some(({ lookahead }) => !lookahead.possible())) return { verdict: 'violated', nodes: 0 };

  // What was done, to undo it: session (or −1 − optional), and the cell's state before.
  const trail: number[] = [];
  function take(session: number, { cell, item }: Step): void {
    trail.push(session, states[cell]);
    states[cell] = cells[cell].step(states[cell], item);
    cells[cell].lookahead.placed(item);
    if (session >= 0) {
      frontier[session]++;
      left--;
    } else used[(-1 - session) >> 5] ^= 1 << ((-1 - session) & 31);
  }
  function undo(): void {
    const state = trail.pop()!;
    const session = trail.pop()!;
    const step = session >= 0 ? sessions[session][--frontier[session]] : optionals[-1 - session];
    if (session >= 0) left++;
    else used[(-1 - session) >> 5] ^= 1 << ((-1 - session) & 31);
    cells[step.cell].lookahead.unplaced(step.item);
    states[step.cell] = state;
  }

  /** Whether a step can take place now and changes nothing that an unplaced operation could notice. */
  function isIdle({ cell, item }: Step): boolean {
    const { compiled, step, lookahead, simple } = cells[cell];
    const state = states[cell];
    if (compiled.pure[item] === 1) return step(state, item) === state;
    return (
      simple &&
      compiled.action[item] === WRITE &&
      !lookahead.matters(state) &&
      !lookahead.matters(compiled.produces[item])
    );
  }
  function takeIdle(): void {
    for (let grown = true; grown; ) {
      grown = false;
      for (const [session, steps] of sessions.entries()) {
        for (; frontier[session] < steps.length && isIdle(steps[frontier[session]]); grown = true)
          take(session, steps[frontier[session]]);
      }
    }
  }
  function isPossible({ cell, item }: Step): boolean {
    const { compiled, step, lookahead } = cells[cell];
    if (compiled.pure[item] === 1) return false;
    const reached = step(states[cell], item);
    return reached !== ILLEGAL && lookahead.allows(item, states[cell], reached);
  }

  const visited = new Configurations();
  const tuple = new Int32Array(sessions.length + 2 * cells.length + used.length);
  function isNew(): boolean {
    tuple.set(frontier);
    let length = frontier.length;
    for (let cell = 0; cell < cells.length; cell++) {
      if (!cells[cell].lookahead.matters(states[cell])) continue;
      tuple[length++] = cell;
      tuple[length++] = states[cell];
    }
    const head = length;
    for (const word of used) tuple[length++] = word;
    return visited.add(tuple, head, length);
  }

  const choices: number[] = [];
  const frames: number[] = []; // per frame: trail mark, start of its choices
  for (let nodes = 0; ; ) {
    takeIdle();
    if (left === 0) return { verdict: 'holds', nodes };
    const start = choices.length;
    if (isNew()) {
      if (nodes++ >= budget.nodes) return { verdict: 'unknown', nodes, limit: 'nodes' };
      if (visited.memory > budget.memory) return { verdict: 'unknown', nodes, limit: 'memory' };
      if (cells.reduce((sum, { compiled }) => sum + compiled.states.characters, 0) > budget.states)
        return { verdict: 'unknown', nodes, limit: 'states' };
      for (const [i, optional] of optionals.entries()) {
        const free = (used[i >> 5] & (1 << (i & 31))) === 0 && frontier[optional.session] >= optional.after;
        if (free && isPossible(optional)) choices.push(-1 - i);
      }
      for (const [session, steps] of sessions.entries())
        if (frontier[session] < steps.length && isPossible(steps[frontier[session]])) choices.push(session);
    }
    frames.push(trail.length, start);
    for (;;) {
      const top = frames.length - 2;
      if (top < 0) return { verdict: 'violated', nodes };
      while (trail.length > frames[top]) undo();
      if (choices.length > frames[top + 1]) break;
      frames.length = top;
    }
    const session = choices.pop()!;
    take(session, session >= 0 ? sessions[session][frontier[session]] : optionals[-1 - session]);
  }
}

function prepare(history: History, model: DataModel) {
  const stepOf = new Map<Operation, Step>();
  const cells: Cell[] = [];
  for (const { operations } of byObject(history, model)) {
    const compiled = compile(itemsOf(operations), model, history.initial);
    for (const [item, { operation }] of compiled.items.entries()) stepOf.set(operation, { cell: cells.length, item });
    const simple = compiled.demands.every(
      (demand, item) => demand < 0 || (item < compiled.required && compiled.action[item] !== REFUSED),
    );
    cells.push({ compiled, step: transitionsOf(compiled), lookahead: lookaheadFor(compiled), simple });
  }
  const sessions: Step[][] = [];
  const optionals: Optional[] = [];
  const sessionOf = new Map<number, number>();
  for (const operation of history.operations) {
    const step = stepOf.get(operation);
    if (step === undefined) continue;
    const session = sessionOf.get(operation.process) ?? sessions.length;
    if (session === sessions.length) sessions.push([]);
    sessionOf.set(operation.process, session);
    if (operation.outcome === 'ok') sessions[session].push(step);
    else optionals.push({ ...step, session, after: sessions[session].length });
  }
  return { cells, sessions, optionals };
}
