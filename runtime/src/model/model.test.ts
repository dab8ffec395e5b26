import { describe, expect, it } from 'vitest';
import type { OperationKind, Value } from '../checkers/history.ts';
import { seeded } from '../checkers/testing/random.ts';
import { type DataModel, MODEL_NAMES, modelNamed } from './model.ts';
import { compareValues, sameValue, showValue, valueKey } from './value.ts';

/** Applies `kind input` pairs one after another; returns the last output and the state. */
function run(name: string, initial: Value, ...requests: readonly (readonly [OperationKind, Value?])[]) {
  const model = modelNamed(name) as DataModel;
  let applied = { state: model.initial(initial), output: null as Value };
  for (const [kind, input = null] of requests) applied = model.apply(applied.state, { kind, input });
  return applied;
}

describe('models', () => {
  it('register and kv: the last write is read, a cas applies only to what it expects', () => {
    for (const name of ['register', 'kv']) {
      expect(run(name, 7, ['read']).output).toBe(7);
      expect(run(name, null, ['write', 1], ['write', 2], ['read']).output).toBe(2);
      expect(run(name, 1, ['cas', [1, 2]])).toEqual({ state: 2, output: true });
      expect(run(name, 1, ['cas', [3, 2]])).toEqual({ state: 1, output: false });
      expect(run(name, [1, ['a']], ['cas', [[1, ['a']], 2]]).output).toBe(true);
    }
    expect(run('kv', 1, ['delete'], ['read']).output).toBe(null);
    expect(run('kv', null, ['append', 'a'], ['append', 'b'], ['read']).output).toBe('ab');
    expect(run('kv', 'x', ['delete'], ['append', 'b']).state).toBe('b');
  });

  it('counter: amounts add up from nothing, null is one', () => {
    expect(run('counter', null, ['increment', 3], ['increment'], ['increment', -1], ['read']).output).toBe(3);
  });

  it('set: sorted, without repetition, whatever the order of additions', () => {
    expect(run('set', null, ['add', 2], ['add', 'a'], ['add', 1], ['add', 2]).state).toEqual([1, 2, 'a']);
    expect(run('set', [3, 1, 3], ['delete', 1], ['delete', 9]).state).toEqual([3]);
    expect(modelNamed('set')!.observed([2, 1, 2])).toEqual([1, 2]);
  });

  it('list: in the order of appends, repetitions kept', () => {
    expect(run('list', null, ['append', 2], ['append', 1], ['append', 2], ['read']).output).toEqual([2, 1, 2]);
  });

  it('multi-register: reads in a transaction see its own writes', () => {
    const transaction: Value = [
      ['read', 'x', null],
      ['write', 'x', 1],
      ['read', 'x', null],
      ['read', 'y', null],
    ];
    const { output, state } = run(
      'multi-register',
      0,
      ['transaction', [['write', 'y', null]]],
      ['transaction', transaction],
    );
    expect(output).toEqual([
      ['read', 'x', 0],
      ['write', 'x', 1],
      ['read', 'x', 1],
      ['read', 'y', null],
    ]);
    expect(state).toEqual([0, ['x', 1], ['y', null]]);
  });

  it('refuses operations that a model does not have, and names those it has', () => {
    expect(() => run('counter', null, ['write', 1])).toThrow(
      'a counter has no operation "write"; it has read, increment',
    );
  });

  it('every model: apply never changes the state it is given, and a read never changes anything', () => {
    const random = seeded(1);
    for (const name of MODEL_NAMES) {
      const model = modelNamed(name)!;
      let state = model.initial(name.includes('multi') ? 0 : null);
      for (let n = 0; n < 300; n++) {
        const kind = random.pick(model.kinds);
        const value = random.below(3);
        const input: Value =
          kind === 'cas' ? [random.below(3), value] : kind === 'transaction' ? [['write', 'x', value]] : value;
        const before = JSON.stringify(state);
        const { state: reached } = model.apply(state, { kind, input });
        expect(JSON.stringify(state)).toBe(before);
        if (kind === 'read') expect(reached).toBe(state);
        if (model.overwrites.includes(kind)) expect(model.apply(null, { kind, input }).state).toEqual(reached);
        if (['add', 'append', 'increment'].includes(kind)) expect(model.grows(state, reached)).toBe(true);
        state = reached;
      }
    }
    expect(modelNamed('toString')).toBe(undefined);
  });
});

describe('values', () => {
  const values: Value[] = [
    null,
    true,
    false,
    0,
    1,
    10,
    'null',
    '0',
    '',
    'a',
    [],
    [0],
    ['0'],
    [[0], 0],
    [0, [0]],
    ['a', 'b'],
    ['a,b'],
    ['a"1:b'],
  ];

  it('have equal keys exactly when they are equal, and one order', () => {
    for (const a of values) {
      for (const b of values) {
        expect(valueKey(a) === valueKey(b)).toBe(a === b);
        expect(sameValue(a, b)).toBe(a === b);
        expect(Math.sign(compareValues(a, b)) + Math.sign(compareValues(b, a))).toBe(0);
        expect(compareValues(a, b) === 0).toBe(a === b);
      }
    }
    expect(sameValue([1, ['a']], [1, ['a']])).toBe(true);
    expect(valueKey(-0)).toBe(valueKey(0));
  });

  it('are shown as people write them, long ones with both ends', () => {
    expect([null, 'a', 1, [null, 1, 'a']].map(value => showValue(value))).toEqual([
      'nothing',
      '"a"',
      '1',
      '[null, 1, "a"]',
    ]);
    expect(
      showValue(
        Array.from({ length: 99 }, (_, i) => i),
        20,
      ),
    ).toBe('[0, 1, 2, …, 97, 98]');
  });
});
