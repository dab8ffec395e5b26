import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromItf, MAX_VALUE_DEPTH, type TraceValue, toItf } from './itf.ts';
import { anyValue } from './testing/any-value.ts';

describe('ITF values', () => {
  test.each<[TraceValue, string]>([
    [null, '{"#tup":[]}'],
    [[1, 'a', true], '[1,"a",true]'],
    [{ term: 3, vote: undefined, log: [] }, '{"term":3,"log":[]}'],
    [12345678901234567890n, '{"#bigint":"12345678901234567890"}'],
    [new Set([1, 2]), '{"#set":[1,2]}'],
    [new Map([['x', 1]]), '{"#map":[["x",1]]}'],
    [{ '#set': [1] }, '{"##set":[1]}'],
    [Number.NaN, '{"#unserializable":"NaN"}'],
    ['é\n"', '"é\\n\\""'],
    [0.1, '0.1'],
    [-5, '-5'],
    [1e21, '1e+21'],
    [1_000_000_000, '1000000000'],
  ])('%o is %s', (value, text) => {
    expect(toItf(value)).toBe(text);
    expect(toItf(fromItf(text))).toBe(text);
  });

  test('every value comes back as it went, through text that is JSON', () => {
    fc.assert(
      fc.property(anyValue, value => {
        const text = toItf(value);
        JSON.parse(text);
        expect(fromItf(text)).toEqual(value);
        expect(toItf(fromItf(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test('numbers are written as JSON writes them', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.nat(2_000_000_000), fc.maxSafeInteger()), value => {
        expect(toItf(value)).toBe(JSON.stringify(value));
      }),
    );
    for (let power = 1; power < 1e12; power *= 10) {
      for (const value of [power - 1, power, power + 1]) expect(toItf(value)).toBe(`${value}`);
    }
  });

  test('cycles, functions and foreign forms end in something that can be written', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(toItf(cycle)).toContain(`deeper than ${MAX_VALUE_DEPTH}`);
    expect(toItf([() => 1, Symbol('x')])).toBe('[{"#unserializable":"function"},{"#unserializable":"symbol"}]');
    expect(fromItf('{"#tup":[1,2]}')).toEqual([1, 2]);
    expect(fromItf('{"#bigint":"x"}')).toEqual({ '#bigint': 'x' });
    expect(fromItf('{"#map":[1]}')).toEqual({ '#map': [1] });
    expect(fromItf('{"tag":"Some","value":3}')).toEqual({ tag: 'Some', value: 3 });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    fromItf('{"__proto__":{"polluted":1}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    let deep = '1';
    for (let level = 0; level < 1000; level++) deep = `[${deep}]`;
    expect(JSON.stringify(fromItf(deep))).toContain('deeper than');
  });
});
