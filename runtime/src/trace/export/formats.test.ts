import { describe, expect, test } from 'vitest';
import { type RandomStream, stream } from '../../kernel/random.ts';
import type { AnyTable } from '../columns.ts';
import { compare } from '../compare.ts';
import { mend } from '../mend.ts';
import { TABLE_NAMES, TABLE_SCHEMAS, type Trace } from '../model.ts';
import { slice } from '../slice.ts';
import { randomTrace } from '../testing/random-trace.ts';
import { ExportError } from './export-error.ts';
import { EXPORTS } from './formats.ts';
import { hostileTrace } from './testing/hostile.ts';

/** Numbers of a damaged file: small ones, which may refer to something, and any others. */
function damage(trace: Trace, random: RandomStream): void {
  for (let cell = 0; cell < 60; cell++) {
    const name = random.pick(TABLE_NAMES);
    const table = trace[name] as AnyTable;
    if (table.length === 0) continue;
    const column = table[random.pick(Object.keys(TABLE_SCHEMAS[name]))] as Float64Array;
    column[random.int(table.length)] = random.chance(0.7) ? random.int(400) - 1 : random.int(2_147_483_647);
  }
  trace.faults = trace.faults.map(fault => ({ ...fault, start: random.int(400) - 1, end: random.int(400) - 1 }));
  trace.header = { ...trace.header, params: { originNs: random.pick([0, -1, 1e300, 0.5, 'x', 10_000_000]) } };
  mend(trace, new Map());
}

const seeds = Array.from({ length: 60 }, (_, seed) => seed);

describe('what a stranger sends', () => {
  test.each(seeds)('is cut, compared and written, or refused, but breaks nothing (%i)', seed => {
    const random = stream(seed, 'damage');
    const trace = seed % 2 === 0 ? randomTrace(seed, { steps: 200 }).trace : hostileTrace(seed, 200);
    damage(trace, random);
    const last = trace.events.length - 1;
    const parts = [
      trace,
      slice(trace, { events: [random.int(last), last] }),
      slice(trace, { before: random.int(last) }),
      slice(trace, { times: [0, random.int(10_000_000)] }),
      slice(trace, { nodes: [random.int(9), random.int(9)] }),
    ];
    let written = 0;
    for (const part of parts) {
      expect(compare(trace, part).partnerOfB.length).toBe(part.events.length);
      for (const [ending, encode] of Object.entries(EXPORTS)) {
        try {
          expect(encode(part).length).toBeGreaterThan(0);
          written++;
        } catch (error) {
          expect(error, ending).toBeInstanceOf(ExportError);
        }
      }
    }
    expect(written).toBeGreaterThan(3 * Object.keys(EXPORTS).length);
  });
});
