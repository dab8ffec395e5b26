import { sameValue } from '../../model/value.ts';
import type { History, Operation, Value } from '../history.ts';
import { permutations } from './sessions-oracle.ts';

type Step = readonly [kind: 'read' | 'write' | 'append', key: string, value: Value];
type State = ReadonlyMap<string, Value>;

/** Some serial order of the committed transactions, and of those of unknown outcome that took effect, gives all answers. */
export function isSerializable(history: History, strict: boolean): boolean {
  return outcomes(history).some(committed =>
    permutations(committed).some(order => {
      if (strict && order.some((later, i) => order.slice(0, i).some(earlier => mustPrecede(later, earlier))))
        return false;
      let state: State | undefined = new Map();
      for (const operation of order) {
        state = run(state, stepsOf(operation), history.initial);
        if (state === undefined) return false;
      }
      return true;
    }),
  );
}

function mustPrecede(a: Operation, b: Operation): boolean {
  return a.outcome === 'ok' && (a.complete < b.invoke || (a.process === b.process && a.id < b.id));
}

/**
 * Some moments of start and commit for each: it reads what had committed at its start, and of two that overlap only one
 * writes a key (Berenson et al., SIGMOD 1995, §4.2).
 */
export function isSnapshot(history: History): boolean {
  return outcomes(history).some(committed => {
    const steps = committed.map(stepsOf);
    const writes = steps.map(list => new Set(list.filter(([kind]) => kind !== 'read').map(([, key]) => key)));
    // By transaction: what it will leave, while it runs; whom it overlaps with and lost to.
    const go = (
      state: State,
      waiting: readonly number[],
      running: readonly { readonly of: number; readonly state: State; readonly taken: ReadonlySet<string> }[],
    ): boolean => {
      if (waiting.length === 0 && running.length === 0) return true;
      for (const one of running) {
        if ([...writes[one.of]].some(key => one.taken.has(key))) continue;
        const after = new Map(state);
        for (const key of writes[one.of]) after.set(key, one.state.get(key)!);
        const rest = running
          .filter(other => other !== one)
          .map(other => ({ ...other, taken: new Set([...other.taken, ...writes[one.of]]) }));
        if (go(after, waiting, rest)) return true;
      }
      for (const of of waiting) {
        const result = run(state, steps[of], history.initial);
        if (result === undefined) continue;
        const others = waiting.filter(other => other !== of);
        if (go(state, others, [...running, { of, state: result, taken: new Set() }])) return true;
      }
      return false;
    };
    return go(new Map(), [...steps.keys()], []);
  });
}

/** Executes the steps alone; `undefined` if an answer differs. */
function run(before: State, steps: readonly Step[], initial: Value): State | undefined {
  const state = new Map(before);
  for (const [kind, key, value] of steps) {
    const now = state.get(key) ?? initial;
    if (kind === 'write') state.set(key, value);
    else if (kind === 'append') state.set(key, [...((now ?? []) as Value[]), value]);
    else if (!sameValue(now, value) && !(isEmpty(now) && isEmpty(value))) return undefined;
  }
  return state;
}

const isEmpty = (value: Value): boolean => value === null || (Array.isArray(value) && value.length === 0);

/**
 * Some order of each key's committed versions has neither G1a, G1b nor G1c (Adya, Liskov & O'Neil, ICDE 2000, §5.2). What a
 * transaction does not see of its own is left aside, but for what it only writes later.
 */
export function isReadCommitted(history: History): boolean {
  return outcomes(history).some(committed => {
    const keys = [...new Set(committed.flatMap(operation => stepsOf(operation).map(([, key]) => key)))];
    const edges: [number, number][][][] = keys.map(key => ordersOf(history, committed, key));
    const combine = (k: number, all: readonly [number, number][]): boolean =>
      k === keys.length ? isAcyclic(committed.length, all) : edges[k].some(more => combine(k + 1, [...all, ...more]));
    return combine(0, []);
  });
}

/** For each order of the key's versions that the reads allow: ww and wr edges, by position in `committed`. */
function ordersOf(history: History, committed: readonly Operation[], key: string): [number, number][][] {
  const own = committed.map(operation => stepsOf(operation).filter(([, of]) => of === key));
  const isList = history.operations.some(each =>
    stepsOf({ ...each, outcome: 'unknown' }).some(([kind, of]) => kind === 'append' && of === key),
  );
  const left = own.map(steps => steps.flatMap(([kind, , value]) => (kind === 'read' ? [] : [value])));
  const writers = left.flatMap((values, i) => (values.length > 0 ? [i] : []));
  return permutations(writers).flatMap(order => {
    const edges: [number, number][] = order.slice(1).map((after, i) => [order[i], after]);
    for (const [reader, steps] of own.entries()) {
      const before: Value[] = [];
      for (const [i, [kind, , seen]] of steps.entries()) {
        if (kind !== 'read') {
          before.push(seen);
          continue;
        }
        const later = steps.slice(i + 1).flatMap(([other, , value]) => (other === 'read' ? [] : [value]));
        const from = isList
          ? listSource((seen ?? []) as readonly Value[], before, later, order, left, reader, history.initial)
          : registerSource(seen, before, order, left, reader, history.initial);
        if (from === 'none') return [];
        if (from >= 0 && from !== reader) edges.push([from, reader]);
      }
    }
    return [edges];
  });
}

/** Whose version a read shows: -1 for the initial one, the reader for its own. */
function registerSource(
  seen: Value,
  before: readonly Value[],
  order: readonly number[],
  left: readonly (readonly Value[])[],
  reader: number,
  initial: Value,
): number | 'none' {
  if (before.some(value => sameValue(value, seen))) return reader;
  if (sameValue(seen, initial)) return -1;
  return order.find(writer => writer !== reader && sameValue(left[writer].at(-1)!, seen)) ?? 'none';
}

function listSource(
  list: readonly Value[],
  before: readonly Value[],
  later: readonly Value[],
  order: readonly number[],
  left: readonly (readonly Value[])[],
  reader: number,
  initial: Value,
): number | 'none' {
  if (later.some(value => list.some(element => sameValue(element, value)))) return 'none';
  const ends = before.length <= list.length && sameValue(list.slice(list.length - before.length), before);
  const seen = ends ? list.slice(0, list.length - before.length) : list;
  let version: readonly Value[] = (initial ?? []) as readonly Value[];
  if (sameValue(version, seen)) return -1;
  for (const writer of order) {
    // A part of its own is what the reader may have seen, on top of what came before it.
    if (writer === reader)
      for (let n = 1; n < left[writer].length; n++)
        if (sameValue([...version, ...left[writer].slice(0, n)], seen)) return reader;
    version = [...version, ...left[writer]];
    if (sameValue(version, seen)) return writer;
  }
  return 'none';
}

function isAcyclic(n: number, edges: readonly (readonly [number, number])[]): boolean {
  let left = Array.from({ length: n }, (_, i) => i);
  let rest = edges;
  for (;;) {
    const free = left.filter(node => !rest.some(([, to]) => to === node));
    if (free.length === 0) return left.length === 0;
    left = left.filter(node => !free.includes(node));
    rest = rest.filter(([from]) => !free.includes(from));
  }
}

/** Those that answered, with each choice of those that never did. */
function outcomes({ operations }: History): Operation[][] {
  return operations.reduce<Operation[][]>(
    (all, operation) => {
      if (operation.outcome === 'fail') return all;
      const having = all.map(list => [...list, operation]);
      return operation.outcome === 'ok' ? having : all.concat(having);
    },
    [[]],
  );
}

function stepsOf({ kind, key, input, output, outcome }: Operation): readonly Step[] {
  if (kind === 'transaction')
    return (outcome === 'ok' ? (output as unknown as Step[]) : (input as unknown as Step[])).filter(
      step => outcome === 'ok' || step[0] !== 'read',
    );
  if (kind === 'read') return outcome === 'ok' ? [['read', key, output]] : [];
  if (kind === 'cas') {
    const [expected, replacement] = input as readonly [Value, Value];
    return [
      ['read', key, expected],
      ['write', key, replacement],
    ];
  }
  return [[kind as 'write' | 'append', key, input]];
}

/** Some order of each register's versions has no fractured read (Bailis et al. 2014, §3). All committed, values unique. */
export function hasNoFracturedReads({ operations, initial }: History): boolean {
  const steps = operations.map(stepsOf);
  const keys = [...new Set(steps.flat().map(([, key]) => key))];
  const last = (i: number, key: string) => steps[i].findLast(([kind, of]) => kind !== 'read' && of === key)?.[2];
  const wrote = (i: number, key: string, value: Value) =>
    steps[i].some(([kind, of, what]) => kind !== 'read' && of === key && what === value);
  /** What a transaction saw of others: whose version, -1 for the initial one. */
  const seen = steps.map((list, i) => {
    const found = new Map<string, number>();
    for (const [at, [kind, key, value]] of list.entries()) {
      const own = list.slice(0, at).some(([other, of, what]) => other !== 'read' && of === key && what === value);
      if (kind !== 'read' || own || found.has(key)) continue;
      found.set(key, sameValue(value, initial) ? -1 : operations.findIndex((_, j) => j !== i && wrote(j, key, value)));
    }
    return found;
  });
  const orders = keys.map(key => {
    const writers = operations.flatMap((_, i) => (last(i, key) === undefined ? [] : [i]));
    return permutations(writers).filter(order =>
      // What a transaction read before it wrote is older.
      writers.every(i => {
        const first = steps[i].findIndex(([kind, of]) => kind !== 'read' && of === key);
        const read = steps[i].slice(0, first).filter(([, of, value]) => of === key && !sameValue(value, initial));
        return read.every(([, , value]) => order.slice(0, order.indexOf(i)).some(writer => wrote(writer, key, value)));
      }),
    );
  });
  const fits = (chosen: readonly (readonly number[])[]): boolean =>
    seen.every((from, reader) =>
      [...from].every(
        ([key, writer]) =>
          writer < 0 ||
          [...from].every(([other, got]) => {
            const order = chosen[keys.indexOf(other)];
            return other === key || writer === reader || order.indexOf(got) >= order.indexOf(writer);
          }),
      ),
    );
  const choose = (chosen: readonly (readonly number[])[]): boolean =>
    chosen.length === keys.length ? fits(chosen) : orders[chosen.length].some(order => choose([...chosen, order]));
  return choose([]);
}
