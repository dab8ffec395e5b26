import type { DataModel } from '../model/model.ts';
import { sameValue, valueKey } from '../model/value.ts';
import type { Operation, Value } from './history.ts';
import { completionOf } from './objects.ts';
import { tiedAfter } from './ties.ts';
import { ValueIds } from './value-ids.ts';

/** What an operation can do to a state, and what it tells about it. */
export const READ = 0; // legal only in the state `demands`
export const WRITE = 1; // always legal, leads to the state `produces`
export const CAS = 2; // legal only in `demands`, leads to `produces`
export const REFUSED = 3; // a cas that was refused: legal in every state but `demands`
export const GENERAL = 4; // ask the model

/** An operation with the times that a search is to respect; they may be looser than what was recorded. */
export interface Item {
  readonly operation: Operation;
  readonly invoke: number;
  /** `Infinity`: may take effect at any time after `invoke`, or never. */
  readonly complete: number;
}

export function itemsOf(operations: readonly Operation[]): Item[] {
  return operations.map(operation => ({ operation, invoke: operation.invoke, complete: completionOf(operation) }));
}

/** The history of one object in numbers, for the search. Arrays are indexed by item unless they say otherwise. */
export interface Compiled {
  readonly model: DataModel;
  /** First those that must be placed, in order of invocation; then those that may be. */
  readonly items: readonly Item[];
  readonly required: number;
  readonly action: Uint8Array;
  /** State that the operation's answer requires; -1: none, or not a single one. */
  readonly demands: Int32Array;
  /** State after the operation; -1: depends on the state before. */
  readonly produces: Int32Array;
  /** 1: legal operations of its kind never change the state. */
  readonly pure: Uint8Array;
  /** Operations of one class do the same to every state. */
  readonly classOf: Int32Array;
  readonly classes: number;
  /** The item that must come first although the times are equal; -1: none. */
  readonly after: Int32Array;
  /** By position: the calls and returns of required items in order of time, calls first at equal times. */
  readonly eventItem: Int32Array;
  readonly eventIsReturn: Uint8Array;
  readonly callOf: Int32Array;
  readonly returnOf: Int32Array;
  /** Of optional items: the first event position at which the item has been invoked. */
  readonly opensAt: Int32Array;
  /** State numbers; 0 is the initial state. */
  readonly states: ValueIds;
  /** How many states have been named by demands and products: those that the search meets later have higher numbers. */
  readonly named: number;
}

/** Throws if the model does not know an operation, or an answer does not fit it. */
export function compile(history: readonly Item[], model: DataModel, initial: Value): Compiled {
  const states = new ValueIds();
  const initialState = model.initial(initial);
  states.of(initialState);
  let meanings = history.map(item => meaningOf(item, model, states));
  const kept = withoutIdle(history, meanings);
  meanings = kept.map(i => meanings[i]);
  shareUnseenStates(meanings);

  const chosen = kept.map(i => history[i]);
  const tied = tiedAfter(chosen.map(({ operation, invoke, complete }) => ({ ...operation, invoke, complete })));
  const order = chosen.map((_, i) => i);
  order.sort(
    (a, b) => Number(optional(chosen[a])) - Number(optional(chosen[b])) || chosen[a].invoke - chosen[b].invoke || a - b,
  );
  const placeOf = new Int32Array(order.length);
  for (const [place, i] of order.entries()) placeOf[i] = place;

  const count = order.length;
  const compiled = {
    model,
    items: order.map(i => chosen[i]),
    required: chosen.filter(item => !optional(item)).length,
    action: Uint8Array.from(order, i => meanings[i].action),
    demands: Int32Array.from(order, i => meanings[i].demands),
    produces: Int32Array.from(order, i => meanings[i].produces),
    pure: Uint8Array.from(order, i => Number(meanings[i].pure)),
    classOf: new Int32Array(count),
    after: Int32Array.from(order, i => (tied[i] < 0 ? -1 : placeOf[tied[i]])),
    states,
    named: states.values.length,
  };
  const classes = classify(
    compiled.classOf,
    order.map(i => meanings[i]),
    compiled.after,
  );
  return { ...compiled, classes, ...eventsOf(compiled.items, compiled.required) };
}

const optional = (item: Item) => item.complete === Number.POSITIVE_INFINITY;

interface Meaning {
  readonly action: number;
  readonly demands: number;
  produces: number;
  readonly pure: boolean;
  /** Operations with the same text do the same; made from numbers of states wherever these say everything. */
  readonly general: string;
}

function meaningOf(item: Item, model: DataModel, states: ValueIds): Meaning {
  const { kind, input, output, outcome } = item.operation;
  const plain = { demands: -1, produces: -1, pure: false, general: '' };
  if (kind === 'read') return { ...plain, action: READ, demands: states.of(model.observed(output)), pure: true };
  if (kind === 'cas') {
    const [expected, replacement] = input as readonly [Value, Value];
    const demands = states.of(expected);
    if (outcome === 'ok' && output === false) return { ...plain, action: REFUSED, demands, pure: true };
    return { ...plain, action: CAS, demands, produces: states.of(replacement), pure: sameValue(expected, replacement) };
  }
  if (model.overwrites.includes(kind)) {
    return { ...plain, action: WRITE, produces: states.of(model.apply(null, item.operation).state) };
  }
  const steps = kind === 'transaction' ? (input as readonly (readonly Value[])[]) : [];
  const answered = kind === 'transaction' && outcome === 'ok';
  return {
    ...plain,
    action: GENERAL,
    pure: kind === 'transaction' && steps.every(step => step[0] === 'read'),
    general: valueKey([kind, input, answered ? output : null, answered]),
  };
}

/**
 * Positions without optional writes that nothing could ever notice: a value that is never seen and never expected is
 * needed by no order, unless a refused cas needs something else to have been there.
 */
function withoutIdle(history: readonly Item[], meanings: readonly Meaning[]): number[] {
  let kept = meanings.map((_, i) => i);
  if (meanings.some(({ action }) => action === GENERAL || action === REFUSED)) return kept;
  for (let before = -1; before !== kept.length; ) {
    before = kept.length;
    const demanded = new Set(kept.map(i => meanings[i].demands));
    kept = kept.filter(i => !optional(history[i]) || (meanings[i].produces >= 0 && demanded.has(meanings[i].produces)));
  }
  return kept;
}

/** No answer can tell states apart that none of them mentions: they become one. */
function shareUnseenStates(meanings: Meaning[]): void {
  if (meanings.some(({ action }) => action === GENERAL)) return;
  const mentioned = new Set(meanings.map(({ demands }) => demands));
  const unseen = meanings.find(({ produces }) => produces >= 0 && !mentioned.has(produces))?.produces;
  if (unseen === undefined) return;
  for (const meaning of meanings)
    if (meaning.produces >= 0 && !mentioned.has(meaning.produces)) meaning.produces = unseen;
}

function classify(classOf: Int32Array, meanings: readonly Meaning[], after: Int32Array): number {
  const classes = new Map<string, number>();
  const tied = new Set<number>();
  for (const [item, predecessor] of after.entries()) if (predecessor >= 0) tied.add(item).add(predecessor);
  for (const [i, { action, demands, produces, general }] of meanings.entries()) {
    // Operations in an order that times do not show are not interchangeable with others.
    const text = tied.has(i) ? `tied ${i}` : action === GENERAL ? general : `${action} ${demands} ${produces}`;
    const id = classes.get(text) ?? classes.size;
    classes.set(text, id);
    classOf[i] = id;
  }
  return classes.size;
}

function eventsOf(items: readonly Item[], required: number) {
  // Code 2i is the call of item i, 2i + 1 its return. Items are ordered by call already.
  const returns = Array.from({ length: required }, (_, i) => i).sort(
    (a, b) => items[a].complete - items[b].complete || a - b,
  );
  const eventItem = new Int32Array(2 * required);
  const eventIsReturn = new Uint8Array(2 * required);
  const callOf = new Int32Array(required);
  const returnOf = new Int32Array(required);
  const times = new Float64Array(2 * required);
  for (let position = 0, call = 0, back = 0; position < 2 * required; position++) {
    const isCall = call < required && items[call].invoke <= items[returns[back]].complete;
    const item = isCall ? call++ : returns[back++];
    (isCall ? callOf : returnOf)[item] = position;
    eventItem[position] = item;
    eventIsReturn[position] = isCall ? 0 : 1;
    times[position] = isCall ? items[item].invoke : items[item].complete;
  }
  const opensAt = new Int32Array(items.length);
  for (let i = required; i < items.length; i++) {
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < items[i].invoke) low = middle + 1;
      else high = middle;
    }
    opensAt[i] = low;
  }
  return { eventItem, eventIsReturn, callOf, returnOf, opensAt };
}
