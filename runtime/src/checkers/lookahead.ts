import { type Compiled, GENERAL, REFUSED } from './compiled.ts';

/**
 * Which steps lead nowhere. A state that an unplaced operation's answer requires must be the current one, or must be
 * able to come about: by growth (increments, adds, appends) from the current state, or from one that an unplaced
 * operation produces. A step that takes the last of these ways away need not be tried.
 */
export interface Lookahead {
  /** False if an answer can never have come about. */
  possible(): boolean;
  /** Whether every required state can still come about after `item` has led from `from` to `to`. */
  allows(item: number, from: number, to: number): boolean;
  /** False if the answers of unplaced operations cannot tell the state from others for which it is false. */
  matters(state: number): boolean;
  placed(item: number): void;
  unplaced(item: number): void;
}

export const NO_LOOKAHEAD: Lookahead = {
  possible: () => true,
  allows: () => true,
  matters: () => true,
  placed: () => {},
  unplaced: () => {},
};

/** Pairs of states that growth is asked about: beyond that, looking ahead would cost more than it saves. */
const MAX_PAIRS = 4_000_000;

export function lookaheadFor(compiled: Compiled): Lookahead {
  const { items, required, action, demands, produces, named } = compiled;
  const general = items.filter((_, i) => action[i] === GENERAL).map(item => item.operation.kind);
  if (general.some(kind => kind !== 'add' && kind !== 'append')) return NO_LOOKAHEAD;

  const needed = new Int32Array(named);
  const producers = new Int32Array(named);
  const demandOf = (item: number) => (item < required && action[item] !== REFUSED ? demands[item] : -1);
  for (let i = 0; i < items.length; i++) {
    if (demandOf(i) >= 0) needed[demandOf(i)]++;
    if (produces[i] >= 0) producers[produces[i]]++;
  }
  const counts = {
    placed(item: number): void {
      if (demandOf(item) >= 0) needed[demandOf(item)]--;
      if (produces[item] >= 0) producers[produces[item]]--;
    },
    unplaced(item: number): void {
      if (demandOf(item) >= 0) needed[demandOf(item)]++;
      if (produces[item] >= 0) producers[produces[item]]++;
    },
  };
  if (general.length === 0) {
    // States that others than a required answer ask about.
    const asked = new Set<number>();
    for (let i = 0; i < items.length; i++) if (demands[i] >= 0 && demandOf(i) < 0) asked.add(demands[i]);
    return {
      ...exact(needed, producers, demandOf, produces),
      ...counts,
      matters: state => needed[state] > 0 || asked.has(state),
    };
  }
  return growing(compiled, needed, producers, demandOf, counts);
}

function exact(
  needed: Int32Array,
  producers: Int32Array,
  demandOf: (item: number) => number,
  produces: Int32Array,
): Pick<Lookahead, 'possible' | 'allows'> {
  return {
    possible: () => needed.every((count, state) => count === 0 || state === 0 || producers[state] > 0),
    allows(item, from, to) {
      if (from === to) return true;
      const needs = needed[from] - (demandOf(item) === from ? 1 : 0);
      return needs === 0 || producers[from] - (produces[item] === from ? 1 : 0) > 0;
    },
  };
}

function growing(
  compiled: Compiled,
  needed: Int32Array,
  producers: Int32Array,
  demandOf: (item: number) => number,
  counts: Pick<Lookahead, 'placed' | 'unplaced'>,
): Lookahead {
  const { model, states, named, produces, action } = compiled;
  const required: number[] = [];
  for (let state = 0; state < named; state++) if (needed[state] > 0) required.push(state);
  const produced: number[] = [];
  for (let state = 0; state < named; state++) if (producers[state] > 0) produced.push(state);
  if (required.length * (produced.length + 1) > MAX_PAIRS) return NO_LOOKAHEAD;
  const grows = (from: number, to: number) => model.grows(states.values[from], states.values[to]);
  const origins = required.map(to => produced.filter(from => grows(from, to)));
  /** For each state that was met: which of `required` it can grow into, as positions. */
  const reach = new Map<number, readonly number[]>();
  const everything = required.map((_, r) => r);
  let pairs = 0;
  function reachOf(state: number, among: readonly number[]): readonly number[] {
    const known = reach.get(state);
    if (known !== undefined) return known;
    pairs += among.length;
    const found = among.filter(r => grows(state, required[r]));
    reach.set(state, found);
    return found;
  }
  const producible = (r: number, except: number) =>
    origins[r].some(from => producers[from] - (except === from ? 1 : 0) > 0);
  return {
    ...counts,
    matters: () => true,
    possible() {
      const reachable = new Set(reachOf(0, everything));
      return everything.every(r => reachable.has(r) || producible(r, -1));
    },
    allows(item, from, to) {
      if (from === to || pairs > MAX_PAIRS) return true;
      const before = reachOf(from, everything);
      // What a state grows into, its predecessors by growth do too.
      const afterwards = reachOf(to, action[item] === GENERAL ? before : everything);
      let k = 0;
      for (const r of before) {
        while (k < afterwards.length && afterwards[k] < r) k++;
        if (afterwards[k] === r) continue;
        const needs = needed[required[r]] - (demandOf(item) === required[r] ? 1 : 0);
        if (needs > 0 && !producible(r, produces[item])) return false;
      }
      return true;
    },
  };
}
