import type { History, Operation, Value } from '../history.ts';
import { permutations } from './sessions-oracle.ts';

/**
 * Causal models of reads and writes by their definitions (Bouajjani et al., POPL 2017, §3): some partial order `co`
 * that contains the session order, tried out. For histories of up to five operations.
 */
export function isCausal(history: History, model: 'weak-causal' | 'causal-convergence' | 'causal-memory'): boolean {
  const { operations, initial } = history;
  const n = operations.length;
  const all = operations.map((_, i) => i);
  const linear = model === 'causal-convergence' ? permutations(all) : [];
  return partialOrders(n).some(co => {
    if (!all.every(a => all.every(b => !sessionOrder(operations[a], operations[b]) || co[a] & (1 << b)))) return false;
    const past = (o: number) => all.filter(a => co[a] & (1 << o));
    if (model === 'causal-convergence')
      return linear.some(
        arb =>
          respects(arb, co) &&
          all.every(o =>
            legal(
              arb.filter(a => a === o || past(o).includes(a)),
              [o],
              operations,
              initial,
            ),
          ),
      );
    return all.every(o => {
      const own =
        model === 'weak-causal' ? [o] : all.filter(a => a === o || sessionOrder(operations[a], operations[o]));
      return permutations(past(o)).some(order => respects(order, co) && legal([...order, o], own, operations, initial));
    });
  });
}

export function isSequential(history: History): boolean {
  const { operations, initial } = history;
  const all = operations.map((_, i) => i);
  return permutations(all).some(order => respectsSessions(order, operations) && legal(order, all, operations, initial));
}

export function isPram(history: History): boolean {
  const { operations, initial } = history;
  const all = operations.map((_, i) => i);
  return [...new Set(operations.map(({ process }) => process))].every(process => {
    const visible = all.filter(i => operations[i].process === process || operations[i].kind === 'write');
    const own = visible.filter(i => operations[i].process === process);
    return permutations(visible).some(
      order => respectsSessions(order, operations) && legal(order, own, operations, initial),
    );
  });
}

function sessionOrder(a: Operation, b: Operation): boolean {
  return a.process === b.process && a.id < b.id;
}

function respectsSessions(order: readonly number[], operations: readonly Operation[]): boolean {
  return order.every((b, i) => order.slice(0, i).every(a => !sessionOrder(operations[b], operations[a])));
}

function respects(order: readonly number[], co: readonly number[]): boolean {
  return order.every((b, i) => order.slice(0, i).every(a => (co[b] & (1 << a)) === 0));
}

/** Whether the answers of `judged` are right if the operations take place in this order. */
function legal(
  order: readonly number[],
  judged: readonly number[],
  operations: readonly Operation[],
  initial: Value,
): boolean {
  const values = new Map<string, Value>();
  for (const i of order) {
    const { kind, key, input, output } = operations[i];
    if (kind === 'write') values.set(key, input);
    else if (judged.includes(i) && (values.has(key) ? values.get(key)! : initial) !== output) return false;
  }
  return true;
}

const cache = new Map<number, number[][]>();

/** All strict partial orders of n elements: for each element, the bits of those after it. */
function partialOrders(n: number): number[][] {
  const known = cache.get(n);
  if (known !== undefined) return known;
  const orders: number[][] = n === 0 ? [[]] : [];
  // Element n − 1 is put below some and above others of each order of the rest.
  if (n > 0) {
    const last = n - 1;
    for (const order of partialOrders(last)) {
      for (let below = 0; below < 1 << last; below++) {
        for (let above = 0; above < 1 << last; above++) {
          const grown = order.map((after, i) => (below & (1 << i) ? after | (1 << last) : after));
          grown.push(above);
          if (isStrictOrder(grown)) orders.push(grown);
        }
      }
    }
  }
  cache.set(n, orders);
  return orders;
}

function isStrictOrder(after: readonly number[]): boolean {
  return after.every((bits, a) => {
    if (bits & (1 << a)) return false;
    for (let b = 0; b < after.length; b++) if (bits & (1 << b) && (after[b] & ~bits) !== 0) return false;
    return true;
  });
}
