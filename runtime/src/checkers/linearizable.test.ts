import { describe, expect, it } from 'vitest';
import { counter } from '../model/counter.ts';
import { kv } from '../model/kv.ts';
import { list } from '../model/list.ts';
import { register } from '../model/register.ts';
import { set } from '../model/set.ts';
import { DEFAULT_BUDGET } from './budget.ts';
import { compile, itemsOf } from './compiled.ts';
import { checkLinearizable } from './linearizable.ts';
import { byObject } from './objects.ts';
import { search } from './search.ts';
import { ask, type Recipe, randomHistory } from './testing/histories.ts';
import { isLinearizable, isReason } from './testing/linearizable-oracle.ts';
import { seeded } from './testing/random.ts';
import { findTextFlaw } from './text-order.ts';

const base = { initial: null, processes: 3, keys: [''], unknown: 0.15, tamper: 0.15, longest: 8, operations: 6 };
const kvAsk = (random: ReturnType<typeof seeded>) => {
  const token = random.pick(['a', 'b', 'ab']);
  if (random.chance(0.45)) return { kind: 'read' as const, input: null };
  if (random.chance(0.2)) return { kind: 'delete' as const, input: null };
  if (random.chance(0.2)) return { kind: 'cas' as const, input: [random.pick(['a', 'ab', null]), token] };
  return { kind: random.chance(0.7) ? ('append' as const) : ('write' as const), input: token };
};
const partAsk = (random: ReturnType<typeof seeded>, n: number) => {
  if (random.chance(0.5)) return { kind: 'read' as const, input: null };
  return { kind: random.chance(0.75) ? ('append' as const) : ('write' as const), input: `${n};` };
};
const setAsk = (random: ReturnType<typeof seeded>) =>
  random.chance(0.5)
    ? { kind: 'read' as const, input: null }
    : { kind: random.pick(['add', 'delete'] as const), input: random.below(2) };

const recipes: readonly (readonly [string, Recipe])[] = [
  ['unique writes', { ...base, model: register, ask: ask.unique, initial: 0 }],
  ['unique writes at equal times', { ...base, model: register, ask: ask.unique, initial: 0, longest: 2 }],
  ['unique writes on two keys', { ...base, model: kv, ask: ask.unique, keys: ['x', 'y'], operations: 7 }],
  ['few values', { ...base, model: register, ask: ask.register(2), initial: 0, tamper: 0.4 }],
  [
    'few values at equal times',
    { ...base, model: register, ask: ask.register(3), initial: 0, longest: 1, tamper: 0.4 },
  ],
  ['cas', { ...base, model: register, ask: ask.cas(3), initial: 0 }],
  ['cas at equal times', { ...base, model: register, ask: ask.cas(2), initial: 0, longest: 2, unknown: 0.3 }],
  ['unit counter', { ...base, model: counter, ask: ask.counter([1]) }],
  ['counter', { ...base, model: counter, ask: ask.counter([1, 2, -1]), initial: 5 }],
  ['counter at equal times', { ...base, model: counter, ask: ask.counter([1, 3]), longest: 2 }],
  ['set', { ...base, model: set, ask: ask.grow('add', true) }],
  ['set with repeated elements', { ...base, model: set, ask: setAsk, tamper: 0.4 }],
  ['list', { ...base, model: list, ask: ask.grow('append', true) }],
  ['list at equal times', { ...base, model: list, ask: ask.grow('append', true), longest: 2 }],
  ['list with repeated elements', { ...base, model: list, ask: ask.grow('append', false) }],
  ['texts of parts used once', { ...base, model: kv, ask: partAsk, initial: '', operations: 7, processes: 4 }],
  ['texts', { ...base, model: kv, ask: kvAsk }],
];

describe('linearizability against every order', () => {
  for (const [name, recipe] of recipes) {
    it(name, () => {
      const counts = { holds: 0, violated: 0 };
      for (let seed = 0; seed < 6_000; seed++) {
        const history = randomHistory(seeded(seed), recipe);
        const truth = isLinearizable(history, recipe.model);
        const { verdict, why, witness } = checkLinearizable(history, recipe.model);
        const context = () => `seed ${seed}: ${why}\n${JSON.stringify(history.operations)}`;
        if (verdict === 'unknown' && why.startsWith('Nothing was checked')) continue;
        expect(verdict, context()).toBe(truth ? 'holds' : 'violated');
        // What is shown must be a contradiction by itself.
        if (witness !== null) expect(isReason(history, witness.operations, recipe.model), context()).toBe(true);
        counts[truth ? 'holds' : 'violated']++;
      }
      // Both sides must have been tried, or the comparison would say nothing.
      expect(counts.holds).toBeGreaterThan(400);
      expect(counts.violated).toBeGreaterThan(400);
    });
  }
});

describe('what needs no search agrees with the search', () => {
  const methods: readonly (readonly [string, Recipe])[] = [
    ['zones', { ...base, model: register, ask: ask.unique, initial: 0 }],
    ['chain of a set', { ...base, model: set, ask: ask.grow('add', true) }],
    ['chain of a list', { ...base, model: list, ask: ask.grow('append', true) }],
    ['bounds and search of a counter', { ...base, model: counter, ask: ask.counter([1, 3]) }],
  ];
  for (const [name, recipe] of methods) {
    it(name, () => {
      const counts = { holds: 0, violated: 0, unknown: 0 };
      for (let seed = 0; seed < 500; seed++) {
        const operations = 20 + (seed % 60);
        const history = randomHistory(seeded(seed), { ...recipe, operations, processes: 6, tamper: 0.01, longest: 12 });
        const compiled = compile(itemsOf(byObject(history, recipe.model)[0].operations), recipe.model, history.initial);
        const { verdict } = search(compiled, DEFAULT_BUDGET);
        expect(checkLinearizable(history, recipe.model).verdict, `seed ${seed}`).toBe(verdict);
        counts[verdict]++;
      }
      expect(Math.min(counts.holds, counts.violated)).toBeGreaterThan(50);
      expect(counts.unknown).toBe(0);
    });
  }
});

describe('what texts say about order', () => {
  it('refutes only what is not linearizable, and most of what is not', () => {
    const counts = { refuted: 0, violated: 0 };
    for (const part of [partAsk, kvAsk]) {
      for (let seed = 0; seed < 4_000; seed++) {
        const history = randomHistory(seeded(seed), {
          ...base,
          model: kv,
          ask: part,
          initial: '',
          processes: 4,
          tamper: 0.4,
        });
        const operations = byObject(history, kv).flatMap(object => object.operations);
        const flaw = findTextFlaw(operations, history.initial);
        if (flaw === undefined && part === kvAsk) continue;
        const truth = isLinearizable(history, kv);
        if (flaw !== undefined)
          expect(truth, `seed ${seed} ${JSON.stringify(flaw)}\n${JSON.stringify(operations)}`).toBe(false);
        if (!truth) counts.violated++;
        if (flaw !== undefined) counts.refuted++;
      }
    }
    expect(counts.refuted).toBeGreaterThan(1_000);
    expect(counts.refuted / counts.violated).toBeGreaterThan(0.9);
  });
});
