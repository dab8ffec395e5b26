import type { Budget } from './budget.ts';
import { type Compiled, GENERAL, WRITE } from './compiled.ts';
import { Configurations } from './configurations.ts';
import { lookaheadFor, NO_LOOKAHEAD } from './lookahead.ts';
import { ILLEGAL, transitionsOf } from './transitions.ts';

/** `limit`: which part of the budget ran out. */
export type SearchResult =
  | { readonly verdict: 'holds' | 'violated'; readonly nodes: number }
  | { readonly verdict: 'unknown'; readonly nodes: number; readonly limit: keyof Budget };

/**
 * What is wanted beside the verdict: nothing; an order; or, where there is none of all, the longest of some. For the last
 * the search may not look ahead, and takes longer.
 */
export type Goal = 'verdict' | 'order' | 'longest';

export type OrderedResult = SearchResult & {
  /** Items in an order that is a linearization as far as it goes: all required ones where it holds. */
  readonly order: readonly number[];
};

/** Stands for all states that no unplaced operation can tell from each other. */
const INDIFFERENT = -1;

/**
 * Looks for a linearization of one object's history, depth first, never visiting a configuration (operations placed,
 * state) twice: Wing & Gong (J. Parallel Distrib. Comput. 17, 1993) with Lowe's memory (Concurrency Computat. 29(4),
 * 2017) on a list of calls and returns; an operation may be placed next if no unplaced operation returned before it was
 * called. On top of that:
 *
 * - a legal operation that never changes the state (a read) is placed at once: if there is a linearization from here, it
 *   stays one when such an operation is moved to its front;
 * - of operations that do the same, the one that returned first is placed first: two of them can trade places;
 * - operations of unknown outcome may be placed or not, and the search ends when all others are;
 * - it also ends when no unplaced operation requires anything of the state;
 * - a step after which an answer can no longer come about is not taken (see lookahead.ts).
 */
export function search(compiled: Compiled, budget: Budget, goal: Goal = 'verdict'): OrderedResult {
  const { items, required, action, pure, classOf, after, eventItem, eventIsReturn, states } = compiled;
  const { callOf, returnOf, opensAt } = compiled;
  const HEAD = 2 * required;
  const next = new Int32Array(HEAD + 1);
  const previous = new Int32Array(HEAD + 1);
  for (let position = 0; position <= HEAD; position++) {
    next[position] = position === HEAD ? 0 : position + 1;
    previous[position] = position === 0 ? HEAD : position - 1;
  }
  const placed = new Uint8Array(items.length);
  // Bits of placed items: required ones, optional ones.
  const words = new Int32Array((required + 31) >> 5);
  const used = new Int32Array((items.length - required + 31) >> 5);
  let state = 0;
  let left = required;
  let demanding = 0; // unplaced required items whose answer says something about the state
  const isDemanding = new Uint8Array(items.length);
  for (let i = 0; i < required; i++) {
    if (action[i] === WRITE || (action[i] === GENERAL && items[i].operation.kind !== 'transaction')) continue;
    isDemanding[i] = 1;
    demanding++;
  }
  const optionalClasses = optionalByClass(compiled);
  const nextOptional = new Int32Array(optionalClasses.length);
  const lookahead = goal === 'longest' ? NO_LOOKAHEAD : lookaheadFor(compiled);
  if (!lookahead.possible()) return { verdict: 'violated', nodes: 0, order: [] };

  const stepTo = transitionsOf(compiled);
  const stateAfter = (item: number) => stepTo(state, item);

  // Placed items in order; a frame's items are those above its mark.
  const trail: number[] = [];
  function place(item: number): void {
    placed[item] = 1;
    trail.push(item);
    lookahead.placed(item);
    if (item >= required) {
      flip(used, item - required);
      nextOptional[optionalClassOf[item - required]]++;
      return;
    }
    flip(words, item);
    left--;
    demanding -= isDemanding[item];
    unlink(callOf[item]);
    unlink(returnOf[item]);
  }
  function unplace(): void {
    const item = trail.pop()!;
    placed[item] = 0;
    lookahead.unplaced(item);
    if (item >= required) {
      flip(used, item - required);
      nextOptional[optionalClassOf[item - required]]--;
      return;
    }
    flip(words, item);
    left++;
    demanding += isDemanding[item];
    relink(returnOf[item]);
    relink(callOf[item]);
  }
  function unlink(position: number): void {
    next[previous[position]] = next[position];
    previous[next[position]] = previous[position];
  }
  function relink(position: number): void {
    next[previous[position]] = position;
    previous[next[position]] = position;
  }
  const optionalClassOf = new Int32Array(items.length - required);
  for (const [k, members] of optionalClasses.entries())
    for (const item of members) optionalClassOf[item - required] = k;

  const available = (item: number) => after[item] < 0 || placed[after[item]] === 1;

  /** Places what changes nothing; returns the position of the first return that is then left. */
  function placePure(): number {
    let position = next[HEAD];
    for (; position !== HEAD && eventIsReturn[position] === 0; position = next[position]) {
      const item = eventItem[position];
      if (pure[item] === 0 || !available(item) || stateAfter(item) !== state) continue;
      place(item);
      position = previous[position]; // what followed may have been the item's own return
    }
    return position;
  }

  const seenClass = new Int32Array(compiled.classes).fill(-1);
  const slotOfClass = new Int32Array(compiled.classes);
  /** Pushes the steps worth trying, best last, onto `choices`. */
  function collect(firstReturn: number, node: number): void {
    const start = choices.length;
    for (let position = next[HEAD]; position !== firstReturn; position = next[position]) {
      const item = eventItem[position];
      if (pure[item] === 1 || !available(item)) continue;
      const kind = classOf[item];
      if (seenClass[kind] === node) {
        if (returnOf[item] < returnOf[choices[slotOfClass[kind]]]) choices[slotOfClass[kind]] = item;
        continue;
      }
      const reached = stateAfter(item);
      if (reached === ILLEGAL || !lookahead.allows(item, state, reached)) continue;
      seenClass[kind] = node;
      slotOfClass[kind] = choices.length;
      choices.push(item);
    }
    // What returned first is tried first: it has the least time left.
    sortByReturn(choices, start, returnOf);
    const optionalStart = choices.length;
    for (let k = 0; k < optionalClasses.length; k++) {
      const members = optionalClasses[k];
      if (nextOptional[k] === members.length) continue;
      const item = members[nextOptional[k]];
      if (seenClass[classOf[item]] === node || opensAt[item] > firstReturn || !available(item)) continue;
      const reached = stateAfter(item);
      if (reached === ILLEGAL || reached === state || !lookahead.allows(item, state, reached)) continue;
      choices.push(item);
    }
    // Optional ones are tried last, and the stack hands out its end first.
    if (choices.length > optionalStart) {
      const sorted = choices.splice(optionalStart);
      choices.splice(start, 0, ...sorted);
    }
  }

  const visited = new Configurations();
  let lowest = 0;
  let highest = 0;
  let tuple = new Int32Array(64);
  /** Remembers where the search is: the state, and which items are placed, from the first required one that is not. */
  function isNew(): boolean {
    while (lowest < required && placed[lowest] === 1) lowest++;
    const from = lowest >> 5;
    const to = Math.max(from, highest >> 5);
    const head = 2 + (to - from + 1);
    const length = head + used.length;
    if (length > tuple.length) tuple = new Int32Array(2 * length);
    tuple[0] = lookahead.matters(state) ? state : INDIFFERENT;
    tuple[1] = lowest;
    for (let w = from; w <= to; w++) tuple[2 + w - from] = words[w];
    for (let w = 0; w < used.length; w++) tuple[head + w] = used[w];
    return visited.add(tuple, head, length);
  }

  let longest: readonly number[] = [];
  /** The rest asks for nothing: in the order of their returns all of them can follow. */
  const rest = (): number[] =>
    Array.from({ length: required }, (_, item) => item)
      .filter(item => placed[item] === 0)
      .sort((a, b) => returnOf[a] - returnOf[b]);

  const choices: number[] = [];
  const frames: number[] = []; // per frame: trail mark, start of its choices, state, lowest, highest
  let nodes = 0;
  for (;;) {
    const firstReturn = placePure();
    if (left === 0 || demanding === 0)
      return { verdict: 'holds', nodes, order: goal === 'verdict' ? [] : [...trail, ...rest()] };
    for (let i = frames.length === 0 ? 0 : frames[frames.length - 5]; i < trail.length; i++)
      if (trail[i] < required && trail[i] > highest) highest = trail[i];
    const start = choices.length;
    if (isNew()) {
      const limit = exceeded(budget, nodes, visited.memory, states.characters);
      if (limit !== undefined) return { verdict: 'unknown', nodes, limit, order: longest };
      collect(firstReturn, nodes++);
    }
    frames.push(trail.length, start, state, lowest, highest);
    // Back to the last frame that has something left to try.
    for (;;) {
      const top = frames.length - 5;
      if (top < 0) return { verdict: 'violated', nodes, order: longest };
      if (goal === 'longest' && trail.length > longest.length) longest = [...trail];
      while (trail.length > frames[top]) unplace();
      state = frames[top + 2];
      lowest = frames[top + 3];
      highest = frames[top + 4];
      if (choices.length > frames[top + 1]) break;
      frames.length = top;
    }
    const item = choices.pop()!;
    state = stateAfter(item);
    place(item);
  }
}

function exceeded(budget: Budget, nodes: number, memory: number, characters: number): keyof Budget | undefined {
  if (nodes >= budget.nodes) return 'nodes';
  if (memory > budget.memory) return 'memory';
  return characters > budget.states ? 'states' : undefined;
}

/** Optional items by class, in order of invocation: of the same class, the one invoked first is as good as any. */
function optionalByClass({ items, required, classOf }: Compiled): number[][] {
  const classes = new Map<number, number[]>();
  for (let item = required; item < items.length; item++) {
    const members = classes.get(classOf[item]);
    if (members === undefined) classes.set(classOf[item], [item]);
    else members.push(item);
  }
  return [...classes.values()];
}

/** Latest return first. */
function sortByReturn(items: number[], start: number, returnOf: Int32Array): void {
  for (let i = start + 1; i < items.length; i++) {
    const item = items[i];
    let j = i - 1;
    for (; j >= start && returnOf[items[j]] < returnOf[item]; j--) items[j + 1] = items[j];
    items[j + 1] = item;
  }
}

function flip(bits: Int32Array, position: number): void {
  bits[position >> 5] ^= 1 << (position & 31);
}
