import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addLimitedValue,
  addText,
  addValue,
  createValueHeap,
  textsOf,
  valueAt,
  valueCount,
  valueText,
} from './values.ts';

describe('value heap', () => {
  test('gives each text one id and gives it back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('a', 'b', 'é')), { maxLength: 200 }),
        texts => {
          const heap = createValueHeap();
          const ids = texts.map(text => addText(heap, text));
          const values = textsOf(heap);
          expect(ids.map(id => valueText(values, id))).toEqual(texts);
          expect(valueCount(values)).toBe(new Set(['', ...texts]).size);
          expect(new Set(ids).size).toBe(new Set(texts).size);
        },
      ),
    );
  });

  test('keeps its promise while it grows', () => {
    const heap = createValueHeap();
    const ids = Array.from({ length: 20_000 }, (_, index) => addValue(heap, { index, square: index * index }));
    expect(ids).toEqual(Array.from({ length: 20_000 }, (_, index) => index + 1));
    for (let index = 0; index < 20_000; index++) {
      if (addValue(heap, { index, square: index * index }) !== index + 1) throw new Error(`${index} was stored twice`);
    }
    expect(valueAt(textsOf(heap), 12_346)).toEqual({ index: 12_345, square: 12_345 * 12_345 });
  });

  test('nothing recorded, and what is too long', () => {
    const heap = createValueHeap();
    expect(addValue(heap, undefined)).toBe(0);
    const id = addLimitedValue(heap, 'x'.repeat(1000), 100);
    const exact = addLimitedValue(heap, 'é'.repeat(49), 100);
    const over = addLimitedValue(heap, `${'é'.repeat(49)}x`, 100);
    const values = textsOf(heap);
    expect(valueAt(values, 0)).toBeUndefined();
    expect(valueText(values, id)).toBe('{"#unserializable":"1002 bytes, more than the 100 that are kept"}');
    expect(valueAt(values, exact)).toBe('é'.repeat(49));
    expect(valueText(values, over)).toContain('101 bytes');
  });
});
