import { describe, expect, it } from 'vitest';
import { counter } from '../model/counter.ts';
import { list } from '../model/list.ts';
import { modelNamed } from '../model/model.ts';
import { register } from '../model/register.ts';
import { set } from '../model/set.ts';
import type { History, Value } from './history.ts';
import { checkLinearizable } from './linearizable.ts';
import { checkSessionGuarantee, SESSION_GUARANTEES, type SessionGuarantee } from './sessions.ts';
import { ask, type Recipe, randomHistory, written } from './testing/histories.ts';
import { type Random, seeded } from './testing/random.ts';
import { elementGuarantee, registerGuarantee } from './testing/sessions-oracle.ts';
import type { VersionOrder } from './versions.ts';

const base = { processes: 2, keys: ['x', 'y'], unknown: 0.1, tamper: 0.5, longest: 6, operations: 8, initial: 0 };

function randomOrder(random: Random, history: History): VersionOrder {
  const order = new Map<string, number[]>();
  for (const { id, key, kind, output } of history.operations) {
    if (kind === 'read' || output === false) continue;
    const ids = order.get(key) ?? [];
    // Mostly in the order of the history.
    ids.splice(random.chance(0.7) ? ids.length : random.below(ids.length + 1), 0, id);
    order.set(key, ids);
  }
  return order;
}

describe('session guarantees of registers against every order of versions', () => {
  const recipes: readonly (readonly [string, Recipe])[] = [
    ['unique values', { ...base, model: register, ask: ask.unique }],
    [
      'unique values at equal times',
      { ...base, model: register, ask: ask.unique, longest: 1, keys: ['x'], operations: 7 },
    ],
    ['cas of few values', { ...base, model: register, ask: ask.cas(4) }],
  ];
  const orders = ['real-time', 'sessions', 'given'] as const;
  for (const [name, recipe] of recipes) {
    for (const kind of orders) {
      it(`${name}, ${kind}`, () => {
        const counts = { holds: 0, violated: 0, unknown: 0 };
        for (let seed = 0; seed < 2_500; seed++) {
          const random = seeded(seed);
          const history = randomHistory(random, recipe);
          const order = kind === 'given' ? randomOrder(random, history) : kind;
          for (const guarantee of SESSION_GUARANTEES) {
            const truth = registerGuarantee(history, guarantee, order);
            const { verdict, why } = checkSessionGuarantee(history, register, guarantee, order);
            const context = `seed ${seed}, ${guarantee}: ${why}\n${JSON.stringify(history.operations)}`;
            counts[verdict]++;
            if (verdict !== 'unknown') expect(verdict, context).toBe(truth.holds ? 'holds' : 'violated');
            else if (!truth.ambiguous && guarantee.startsWith('read'))
              expect(why, context).toContain('Nothing was checked');
            else if (!truth.ambiguous && guarantee === 'monotonic-reads')
              expect(why, context).toContain('Nothing was checked');
            else if (!truth.ambiguous && kind === 'given') expect(truth.holds, context).toBe(true);
          }
        }
        expect(Math.min(counts.holds, counts.violated)).toBeGreaterThan(100);
      });
    }
  }
});

describe('session guarantees of sets and lists, word for word', () => {
  for (const [model, kind] of [
    [set, 'add'],
    [list, 'append'],
  ] as const) {
    it(model.name, () => {
      const recipe: Recipe = { ...base, model, initial: null, ask: ask.grow(kind, true), operations: 9, keys: ['x'] };
      const counts = { holds: 0, violated: 0, unknown: 0 };
      for (let seed = 0; seed < 4_000; seed++) {
        const random = seeded(seed);
        const made = randomHistory(random, recipe);
        // Answers that lack something, or are in another order.
        const operations = made.operations.map(operation => {
          if (operation.kind !== 'read' || operation.outcome !== 'ok' || random.chance(0.6)) return operation;
          const elements = operation.output as readonly Value[];
          const output = random.chance(0.5) ? elements.slice(1) : elements.toReversed();
          return { ...operation, output };
        });
        const history = { ...made, operations };
        for (const guarantee of SESSION_GUARANTEES) {
          const { verdict, why } = checkSessionGuarantee(history, model, guarantee);
          counts[verdict]++;
          const holds = elementGuarantee(history, guarantee);
          const context = `seed ${seed}, ${guarantee}: ${why}\n${JSON.stringify(history.operations)}`;
          if (verdict === 'unknown') expect(why, context).toContain('Nothing was checked');
          if (verdict === 'unknown') expect(holds, context).toBe(true);
          else expect(verdict, context).toBe(holds ? 'holds' : 'violated');
        }
      }
      expect(Math.min(counts.holds, counts.violated)).toBeGreaterThan(500);
    });
  }
});

describe('session guarantees and stronger models', () => {
  it('a linearizable history violates none of them', () => {
    let checked = 0;
    for (let seed = 0; seed < 2_000; seed++) {
      for (const model of [register, counter, set, list]) {
        const request = {
          register: ask.unique,
          counter: ask.counter([1, 2]),
          set: ask.grow('add', true),
          list: ask.grow('append', true),
        };
        const recipe: Recipe = {
          ...base,
          model,
          initial: null,
          tamper: 0.05,
          keys: ['x'],
          ask: request[model.name as 'set'],
        };
        const history = randomHistory(seeded(seed), recipe);
        if (checkLinearizable(history, model).verdict !== 'holds') continue;
        for (const guarantee of SESSION_GUARANTEES) {
          checked++;
          expect(
            checkSessionGuarantee(history, model, guarantee).verdict,
            `seed ${seed} ${model.name} ${guarantee}`,
          ).not.toBe('violated');
        }
      }
    }
    expect(checked).toBeGreaterThan(10_000);
  });
});

describe('why a session guarantee is violated', () => {
  const check = (model: string, guarantee: SessionGuarantee, text: string, order?: VersionOrder) => {
    const { verdict, why, witness } = checkSessionGuarantee(
      written(text, model === 'register' ? 0 : null),
      modelNamed(model)!,
      guarantee,
      order,
    );
    return [verdict, why, witness?.operations];
  };

  it('read your writes', () => {
    const stale = `c1 0..5 write x 1
      c2 6..8 write x 2
      c2 9..10 read x 1`;
    expect(check('register', 'read-your-writes', stale)).toEqual([
      'violated',
      "c2 read 1 at 9 ms, but its own write of 2 had returned at 8 ms, and c1's write of 1 had returned at 5 ms before c2's write of 2 began at 6 ms.",
      [0, 1, 2],
    ]);
    expect(check('register', 'read-your-writes', stale, 'sessions')[0]).toBe('holds');
    expect(check('register', 'read-your-writes', stale, new Map([['x', [1, 0]]]))[0]).toBe('holds');
    expect(check('register', 'read-your-writes', stale, new Map([['x', [0, 1]]]))[1]).toContain(
      'comes before that in the order of versions',
    );
    expect(check('register', 'read-your-writes', stale, new Map([['x', [0]]]))).toEqual([
      'unknown',
      "c2's write of 2 has no place in the order of versions that was given.",
      undefined,
    ]);
    expect(check('counter', 'read-your-writes', 'c1 0..5 increment x 3\nc1 6..7 read x 2')[1]).toBe(
      "c1 read 2 at 6 ms, but with its own increment by 3, which had returned at 5 ms, the session's increments make at least 3.",
    );
    expect(check('set', 'read-your-writes', 'c1 0..5 add x 3\nc1 6..7 read x []')[1]).toBe(
      'c1 read [] at 6 ms, without 3, but its own add of 3 had returned at 5 ms.',
    );
  });

  it('monotonic reads', () => {
    const back = `c1 0..5 write x 1
      c1 6..8 write x 2
      c2 9..10 read x 2
      c2 11..12 read x 1`;
    expect(check('register', 'monotonic-reads', back)).toEqual([
      'violated',
      "c2 read 2 at 9 ms and then read 1 at 11 ms, but c1's write of 1 came before write of 2 in the same session.",
      [0, 1, 2, 3],
    ]);
    const again = `c1 0..50 write x 1
      c2 0..50 write x 2
      c3 1..2 read x 1
      c3 3..4 read x 2
      c3 5..6 read x 1`;
    expect(check('register', 'monotonic-reads', again, 'sessions')).toEqual([
      'violated',
      'c3 read 1 at 1 ms, then read 2 at 3 ms, and then read 1 again at 5 ms.',
      [2, 3, 4],
    ]);
  });

  it('monotonic writes and writes follow reads: decided by a given order, a doubt without it', () => {
    const writes = `c1 0..5 write x 1
      c1 6..8 write x 2`;
    expect(check('register', 'monotonic-writes', writes, new Map([['x', [1, 0]]]))).toEqual([
      'violated',
      'c1 wrote 1 at 0 ms and wrote 2 at 6 ms, but of the two versions the later one became the older.',
      [0, 1],
    ]);
    expect(check('register', 'monotonic-writes', writes)[0]).toBe('unknown');
    const gap = `c1 0..5 write x 1
      c1 6..8 write y 2
      c2 9..10 read y 2
      c2 11..12 read x 0`;
    const [verdict, why] = check('register', 'monotonic-writes', gap);
    expect(verdict).toBe('unknown');
    expect(why).toContain('either monotonic writes failed or the reader itself went back');
    expect(check('list', 'monotonic-writes', 'c1 0..5 append x 1\nc1 6..8 append x 2\nc2 9..10 read x [2,1]')[1]).toBe(
      "c2 read [2, 1] at 9 ms, with c1's append of 1 after c1's append of 2, but c1 appended 1 at 0 ms before its append of 2 at 6 ms.",
    );
    expect(
      check(
        'set',
        'writes-follow-reads',
        'c1 0..5 add x 1\nc2 1..2 read x [1]\nc2 3..4 add x 2\nc3 6..8 read x [2]',
      )[1],
    ).toBe('c3 read [2] at 6 ms, without 1, but c2 read [1] at 1 ms before it added 2 at 3 ms.');
  });

  it('values written twice count only if every writer would be a violation', () => {
    const twice = `c1 0..5 write x 1
      c2 6..8 write x 2
      c3 6..9 write x 1
      c2 10..11 read x 1`;
    expect(check('register', 'read-your-writes', twice)[0]).toBe('holds');
    expect(check('register', 'read-your-writes', twice.replace('6..9', '1..2'))[0]).toBe('violated');
    expect(check('register', 'monotonic-reads', `${twice}\nc2 12..13 read x 2`)[0]).toBe('unknown');
  });
});
