import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { counter } from '../model/counter.ts';
import { kv } from '../model/kv.ts';
import { list } from '../model/list.ts';
import { register } from '../model/register.ts';
import { set } from '../model/set.ts';
import { DEFAULT_BUDGET } from './budget.ts';
import { checkCausal } from './causal.ts';
import { checkLinearizable } from './linearizable.ts';
import { checkSequential } from './sequential.ts';
import { searchSequential } from './sequential-search.ts';
import { ask, litmus, type Recipe, randomHistory } from './testing/histories.ts';
import { seeded } from './testing/random.ts';
import { recordedEntries, recordedHistory } from './testing/recorded.ts';
import { isSequential } from './testing/sequential-oracle.ts';

const read = (file: string) => readFileSync(new URL(`./data/${file}`, import.meta.url), 'utf8');

const LITMUS = {
  'stale: w(x)1 | r(x)0': 'holds',
  'store buffer: w(x)1 r(y)0 | w(y)1 r(x)0': 'violated',
  'disagreeing readers: w(x)1 | w(x)2 | r(x)1 r(x)2 | r(x)2 r(x)1': 'violated',
  'independent writes: w(x)1 | w(y)1 | r(x)1 r(y)0 | r(y)1 r(x)0': 'violated',
  'each reads the other: w(x)1 r(x)2 | w(x)2 r(x)1': 'violated',
  'non-monotonic read: w(x)1 w(x)2 | r(x)2 r(x)1': 'violated',
  'own write not read: w(x)1 r(x)0': 'violated',
  'one after the other: w(x)1 r(y)0 | w(y)1 r(x)1': 'holds',
};

const base = { initial: 0, processes: 3, keys: ['x', 'y'], unknown: 0.1, tamper: 0.3, longest: 6, operations: 6 };
const recipes: readonly (readonly [string, Recipe])[] = [
  ['unique writes', { ...base, model: register, ask: ask.unique }],
  ['few values', { ...base, model: register, ask: ask.register(2), tamper: 0.6 }],
  ['cas', { ...base, model: register, ask: ask.cas(3), keys: ['x'] }],
  ['counters', { ...base, model: counter, ask: ask.counter([1, 2]) }],
  ['lists', { ...base, model: list, initial: null, ask: ask.grow('append', true) }],
  ['sets', { ...base, model: set, initial: null, ask: ask.grow('add', false) }],
];

describe('sequential consistency', () => {
  for (const [text, expected] of Object.entries(LITMUS)) {
    it(text, () => expect(checkSequential(litmus(text.slice(text.indexOf(':') + 1)), kv).verdict).toBe(expected));
  }

  for (const [name, recipe] of recipes) {
    it(`against every order: ${name}`, () => {
      const counts = { holds: 0, violated: 0 };
      for (let seed = 0; seed < 2_500; seed++) {
        const history = randomHistory(seeded(seed), recipe);
        const truth = isSequential(history, recipe.model);
        const { verdict, why } = checkSequential(history, recipe.model);
        if (why.startsWith('Nothing was checked')) continue;
        expect(verdict, `seed ${seed}: ${why}\n${JSON.stringify(history.operations)}`).toBe(
          truth ? 'holds' : 'violated',
        );
        // The search must not depend on what was tried before it.
        expect(searchSequential(history, recipe.model, DEFAULT_BUDGET).verdict).toBe(truth ? 'holds' : 'violated');
        counts[truth ? 'holds' : 'violated']++;
      }
      expect(Math.min(counts.holds, counts.violated)).toBeGreaterThan(200);
    });
  }

  it('lies between linearizability and the causal models', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 1_500; seed++) {
      const history = randomHistory(seeded(seed), {
        ...base,
        model: register,
        ask: ask.unique,
        unknown: 0,
        operations: 12,
        tamper: 0.15,
      });
      const linearizable = checkLinearizable(history, register).verdict;
      const sequential = checkSequential(history, register).verdict;
      const causal = checkCausal(history, register, 'causal').verdict;
      if (linearizable === 'holds') expect(sequential).toBe('holds');
      if (sequential === 'holds') expect(causal).not.toBe('violated');
      seen.add(`${linearizable} ${sequential} ${causal}`);
    }
    expect(seen).toContain('violated holds holds');
    expect(seen).toContain('violated violated holds');
  });

  it('recorded histories that are linearizable are sequential, whatever way it is found out', () => {
    for (const entry of recordedEntries('lin-cas-register-knossos', read)) {
      if (!entry.verdicts.linearizable) continue;
      const { history, model } = recordedHistory(entry, read);
      expect(checkSequential(history, model).verdict, entry.file).toBe('holds');
    }
    for (const entry of recordedEntries('lin-register-inline', read)) {
      if (entry.verdicts.sequential === undefined) continue;
      const { history, model } = recordedHistory(entry, read);
      expect(checkSequential(history, model).verdict, entry.file).toBe(
        entry.verdicts.sequential ? 'holds' : 'violated',
      );
    }
  });

  it('tells which answers contradict each other', () => {
    const { why, witness } = checkSequential(litmus('w(x)1 r(z)0 r(y)0 | w(y)1 r(z)0 r(x)0'), kv);
    expect(why).toBe(
      'No order of these gives all of the answers: c0 wrote 1 on x and then read 0 on y; c1 wrote 1 on y and then read 0 on x.',
    );
    expect(witness?.operations).toEqual([0, 2, 3, 5]);
  });

  it('gives up within its budget', () => {
    const history = randomHistory(seeded(3), {
      ...base,
      model: counter,
      ask: ask.counter([1, 2, 3, 5, 8, 13]),
      processes: 8,
      operations: 150,
      unknown: 0,
      tamper: 0.3,
      keys: ['x'],
    });
    const { verdict, why } = checkSequential(history, counter, { nodes: 3, memory: 1_000_000, states: 1_000_000 });
    expect([verdict, why]).toEqual([
      'unknown',
      'No order was found, and none was ruled out, within 3 steps of the search.',
    ]);
  });
});
