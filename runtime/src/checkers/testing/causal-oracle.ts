import type { DataModel } from '../../model/model.ts';
import { register } from '../../model/register.ts';
import { sameValue } from '../../model/value.ts';
import type { History, Operation, Value } from '../history.ts';
import { permutations } from './sessions-oracle.ts';

/**
 * Causal models by their definitions (Bouajjani et al., POPL 2017, §3): some partial order `co`
 * that contains the session order, tried out. For histories of up to five operations.
 */
export function isCausal(
  { operations, initial }: History,
  model: 'weak-causal' | 'causal-convergence' | 'causal-memory',
  data: DataModel = register,
): boolean {
  const legal = legalIn(data, operations, initial);
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
            ),
          ),
      );
    return all.every(o => {
      const own =
        model === 'weak-causal' ? [o] : all.filter(a => a === o || sessionOrder(operations[a], operations[o]));
      return permutations(past(o)).some(order => respects(order, co) && legal([...order, o], own));
    });
  });
}

export function isPram({ operations, initial }: History, data: DataModel = register): boolean {
  const legal = legalIn(data, operations, initial);
  const all = operations.map((_, i) => i);
  return [...new Set(operations.map(({ process }) => process))].every(process => {
    const visible = all.filter(i => operations[i].process === process || operations[i].kind !== 'read');
    const own = visible.filter(i => operations[i].process === process);
    return permutations(visible).some(order => respectsSessions(order, operations) && legal(order, own));
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

/** Whether the answers of `judged` are right if operations take place in this order. */
function legalIn(data: DataModel, operations: readonly Operation[], initial: Value) {
  return (order: readonly number[], judged: readonly number[]): boolean => {
    const states = new Map<string, Value>();
    return order.every(i => {
      const { key, kind, output } = operations[i];
      const applied = data.apply(states.get(key) ?? data.initial(initial), operations[i]);
      states.set(key, applied.state);
      return kind !== 'read' || !judged.includes(i) || sameValue(applied.output, data.observed(output));
    });
  };
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
