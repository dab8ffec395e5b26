import type { History, Operation, Value } from '../history.ts';
import { historyOf } from './histories.ts';
import type { Random } from './random.ts';

const MS = 1_000_000;
const KINDS = { r: 'read', w: 'write', a: 'append' } as const;

/**
 * Transactions written down, one a line: `c1 0..5 r(x)1 w(y)2 a(z)3 r(z)[1,3]`, times in ms, `5..` never returned, `5..9!`
 * aborted. Without client and times (`w(x)1`), each has a client of its own and all ran at the same time; transactions on
 * the same line, separated by `;`, then belong to one client.
 */
export function transactions(text: string, initial: Value = null): History {
  const operations: Omit<Operation, 'id'>[] = [];
  for (const [line, written] of text.trim().split('\n').entries()) {
    for (const part of written.split(';')) {
      const [, client, from, to, failed, what] = /^\s*(?:c(\d+) (\d+)\.\.(\d*)(!?) )?\s*(!?.*?)\s*$/.exec(part)!;
      const aborted = failed === '!' || what.startsWith('!');
      const unknown = (from !== undefined && to === '') || what.startsWith('?');
      const steps = [...what.matchAll(/([rwa])\((\w+)\)(\S+)/g)].map(
        ([, kind, key, value]): Value => [KINDS[kind as 'r' | 'w' | 'a'], key, JSON.parse(value) as Value],
      );
      const outcome = unknown ? 'unknown' : aborted ? 'fail' : 'ok';
      operations.push({
        process: client === undefined ? line : Number(client),
        key: '',
        kind: 'transaction',
        input: steps.map(step => {
          const [kind, key, value] = step as readonly [string, string, Value];
          return [kind, key, kind === 'read' ? null : value];
        }),
        output: outcome === 'ok' ? steps : null,
        invoke: from === undefined ? 0 : Number(from) * MS,
        complete: unknown ? Number.POSITIVE_INFINITY : from === undefined ? 0 : Number(to) * MS,
        outcome,
      });
    }
  }
  return historyOf(operations, initial);
}

export interface TransactionRecipe {
  readonly transactions: number;
  readonly processes: number;
  readonly keys: readonly string[];
  readonly lists: boolean;
  readonly steps: number;
  /** How a store runs them: what reads see, and when writes are seen. */
  readonly store: 'serial' | 'snapshot' | 'committed' | 'dirty';
  readonly unknown: number;
  readonly failed: number;
  readonly tamper: number;
  /** How often a value is one that may have been written before. */
  readonly repeated?: number;
}

/** What a store of the kind gives to transactions that run side by side; some answers are then tampered with. */
export function randomTransactions(random: Random, recipe: TransactionRecipe): History {
  const { keys, lists, store } = recipe;
  interface Running {
    readonly process: number;
    readonly invoke: number;
    readonly steps: Value[];
    readonly input: Value[];
    readonly own: [string, Value][];
    readonly snapshot: ReadonlyMap<string, Value>;
    left: number;
  }
  const state = new Map<string, Value>();
  const seen = new Map<string, Value[]>(keys.map(key => [key, [null]]));
  const done: Omit<Operation, 'id'>[] = [];
  const running: Running[] = [];
  let begun = 0;
  let now = 0;
  let written = 0;
  const put = (to: Map<string, Value>, [key, value]: readonly [string, Value]) => {
    const next = lists ? [...((to.get(key) ?? []) as Value[]), value] : value;
    to.set(key, next);
    if (to === state) seen.get(key)!.push(next);
  };
  while (begun < recipe.transactions || running.length > 0) {
    now += random.below(3);
    const free = Array.from({ length: recipe.processes }, (_, p) => p).filter(p => !running.some(r => r.process === p));
    const most = store === 'serial' ? 1 : recipe.processes;
    if (begun < recipe.transactions && running.length < most && free.length > 0 && random.chance(0.5)) {
      begun++;
      const left = 1 + random.below(recipe.steps);
      running.push({
        process: random.pick(free),
        invoke: now,
        steps: [],
        input: [],
        own: [],
        snapshot: new Map(state),
        left,
      });
      continue;
    }
    if (running.length === 0) continue;
    const one = random.pick(running);
    if (one.left-- > 0) {
      const key = random.pick(keys);
      if (random.chance(0.5)) {
        const view = new Map(store === 'snapshot' ? one.snapshot : state);
        if (store !== 'dirty') for (const own of one.own) put(view, own);
        const value = random.chance(recipe.tamper) ? random.pick(seen.get(key)!) : (view.get(key) ?? null);
        one.steps.push(['read', key, value]);
        one.input.push(['read', key, null]);
      } else {
        const value = random.chance(recipe.repeated ?? 0) ? 1 + random.below(3) : ++written;
        one.own.push([key, value]);
        if (store === 'dirty') put(state, [key, value]);
        one.steps.push([lists ? 'append' : 'write', key, value]);
        one.input.push([lists ? 'append' : 'write', key, value]);
      }
      continue;
    }
    running.splice(running.indexOf(one), 1);
    const outcome = random.chance(recipe.unknown) ? 'unknown' : random.chance(recipe.failed) ? 'fail' : 'ok';
    const applied = outcome === 'ok' || (outcome === 'unknown' && random.chance(0.5));
    if (applied && store !== 'dirty') for (const own of one.own) put(state, own);
    done.push({
      process: one.process,
      key: '',
      kind: 'transaction',
      input: one.input,
      output: outcome === 'ok' ? one.steps : null,
      invoke: one.invoke,
      complete: outcome === 'unknown' ? Number.POSITIVE_INFINITY : now,
      outcome,
    });
    now += random.below(2);
  }
  return historyOf(done, null);
}
