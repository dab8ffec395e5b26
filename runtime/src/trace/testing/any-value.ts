import fc from 'fast-check';
import type { TraceValue } from '../itf.ts';

/** Any plain value, with the awkward ones often. */
export const anyValue: fc.Arbitrary<TraceValue> = fc.letrec<{ value: TraceValue }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      null,
      true,
      false,
      0,
      -0,
      Number.NaN,
      Infinity,
      -Infinity,
      '',
      2 ** 53,
      -(2 ** 31),
      999_999_999,
      1e9,
    ),
    fc.integer(),
    fc.double(),
    fc.bigInt(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\ud800', 'é', '"\\\n', '#tup', '__proto__'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 3 }).map(elements => new Set(elements)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map(pairs => new Map(pairs)),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('#tup', '#set', '##x', '#bigint', '__proto__', 'tag', '7')),
      tie('value'),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    ),
  ),
})).value;
