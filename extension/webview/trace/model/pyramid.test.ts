import { randomTrace } from '@dsys/runtime/trace/testing/random-trace';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocksOf, ROWS_PER_BLOCK, touches } from './blocks.ts';
import { CLASS_COUNT, counterOf, EVENT_CLASSES, pyramidOf } from './pyramid.ts';

const { trace } = randomTrace(3, { steps: 4000, servers: 4, clients: 3, payloadLimitBytes: 0 });

/** Events of each node and class in some rows, looked at one by one. */
function counted(from: number, to: number, mask: Uint8Array | null): Int32Array {
  const { kind, node } = trace.events;
  const nodes = trace.header.nodes.length;
  const counts = new Int32Array(nodes * CLASS_COUNT);
  for (let row = from; row < to; row++) {
    if (node[row] >= nodes || mask?.[row] === 0) continue;
    const name = [5, 6, 8].includes(kind[row])
      ? 'messages'
      : kind[row] === 7
        ? 'lost'
        : kind[row] >= 15 && kind[row] <= 19
          ? 'operations'
          : 'inside';
    counts[node[row] * CLASS_COUNT + EVENT_CLASSES.indexOf(name)]++;
  }
  return counts;
}

describe('the pyramid', () => {
  const { length } = trace.events;
  const mask = Uint8Array.from({ length }, (_, row) => (row % 3 === 0 ? 1 : 0));
  const pyramids = [null, mask].map(one => pyramidOf(trace, one));
  const { series } = pyramids[0];
  const slots = Int32Array.from({ length: series }, (_, one) => one);

  it('counts the events between any two rows exactly, all or those of a mask', () => {
    expect(length).toBeGreaterThan(2000);
    const rows = fc.tuple(fc.nat(length), fc.nat(length)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(rows, fc.constantFrom(...pyramids), ([from, to], pyramid) => {
        const into = new Int32Array(series);
        counterOf(pyramid, trace, slots, series)(from, to, into);
        expect(into).toEqual(counted(from, to, pyramid.mask));
      }),
    );
  });

  it('counts columns one after the other, with gaps between them, as it counts each by itself', () => {
    const rows = fc.array(fc.nat(length), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(rows, fc.constantFrom(...pyramids), (ends, pyramid) => {
        const count = counterOf(pyramid, trace, slots, series);
        ends.sort((a, b) => a - b);
        for (let column = 1; column < ends.length; column++) {
          if (column % 4 === 3) continue;
          const into = new Int32Array(series);
          count(ends[column - 1], ends[column], into);
          expect(into).toEqual(counted(ends[column - 1], ends[column], pyramid.mask));
        }
      }),
    );
  });

  it('knows the whole run without looking', () => {
    for (const one of pyramids) expect(Int32Array.from(one.totals)).toEqual(counted(0, length, one.mask));
  });

  it('leaves out what has no slot', () => {
    const into = new Int32Array(1);
    const none = new Int32Array(series).fill(-1);
    none[0] = 0;
    counterOf(pyramids[0], trace, none, 1)(0, length, into);
    expect(into[0]).toBe(pyramids[0].totals[0]);
  });
});

describe('blocks of what lasts', () => {
  it('leave out no row that crosses a window', () => {
    const { send, end } = trace.messages;
    const starts = Int32Array.from({ length: 3 * ROWS_PER_BLOCK }, (_, row) => send[row % send.length] + row);
    const ends = starts.map((start, row) => (row % 7 === 0 ? -1 : start + end[row % end.length]));
    for (const open of ['start', 'never'] as const) {
      const blocks = blocksOf(starts, ends, open);
      expect(blocks.first.length).toBe(3);
      fc.assert(
        fc.property(fc.nat(20_000), fc.nat(3000), (from, more) => {
          for (let row = 0; row < starts.length; row += 13) {
            const last = ends[row] >= 0 ? ends[row] : open === 'never' ? 2_147_483_647 : starts[row];
            if (starts[row] >= from + more || last < from) continue;
            expect(touches(blocks, Math.floor(row / ROWS_PER_BLOCK), from, from + more)).toBe(true);
          }
        }),
        { numRuns: 30 },
      );
    }
    const early = blocksOf(Int32Array.from([1, 2]), Int32Array.from([3, 4]), 'start');
    expect(touches(early, 0, 5, 9)).toBe(false);
    expect(touches(early, 0, 0, 1)).toBe(false);
  });
});
