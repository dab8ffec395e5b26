import { describe, expect, test } from 'vitest';
import { compare, MAX_COMPARED_EVENTS } from './compare.ts';
import { fingerprintsOf } from './fingerprints.ts';
import { KIND } from './kinds.ts';
import type { Trace } from './model.ts';
import { slice } from './slice.ts';
import { type RandomTraceOptions, randomTrace } from './testing/random-trace.ts';

const make = (seed: number, options: Partial<RandomTraceOptions> = {}): Trace =>
  randomTrace(seed, { steps: 700, ...options }).trace;

/** Partners name each other, are the same event, and are in order in each lane; up to the prefix they are the same row. */
function sound(a: Trace, b: Trace): ReturnType<typeof compare> {
  const found = compare(a, b);
  const { partnerOfA, partnerOfB, prefix, lanes } = found;
  const [printsA, printsB] = fingerprintsOf(a, b);
  expect(partnerOfA.length).toBe(a.events.length);
  expect(partnerOfB.length).toBe(b.events.length);
  const last = new Map<number, number>();
  let both = 0;
  partnerOfA.forEach((row, event) => {
    if (event < prefix) expect(row).toBe(event);
    if (row < 0) return;
    both++;
    expect(partnerOfB[row]).toBe(event);
    expect(printsB.event[row]).toBe(printsA.event[event]);
    const lane = a.events.node[event];
    expect(row).toBeGreaterThan(last.get(lane) ?? -1);
    last.set(lane, row);
  });
  expect(partnerOfB.filter(row => row >= 0).length).toBe(both);
  const next = Math.min(a.events.length, b.events.length) > prefix;
  if (next) expect(printsA.event[prefix]).not.toBe(printsB.event[prefix]);
  const sum = (of: 'both' | 'onlyA' | 'onlyB'): number => lanes.reduce((total, lane) => total + lane[of], 0);
  expect([sum('both'), sum('onlyA'), sum('onlyB')]).toEqual([both, a.events.length - both, b.events.length - both]);
  return found;
}

const seeds = Array.from({ length: 12 }, (_, seed) => seed);

describe('two runs', () => {
  test.each(seeds)('that are the same have no divergence (%i)', seed => {
    const found = sound(make(seed), make(seed));
    expect(found.divergence).toBeUndefined();
    expect(found.prefix).toBe(make(seed).events.length);
    expect(found.lanes.every(lane => lane.onlyA === 0 && lane.onlyB === 0)).toBe(true);
  });

  test.each(seeds)('of different seeds are paired soundly (%i)', seed => {
    const found = sound(make(seed), make(seed + 100));
    expect(found.divergence).toBeDefined();
    sound(make(seed, { values: [1] }), make(seed + 100, { values: [1], steps: 400 }));
    sound(make(seed, { servers: 5, clients: 1 }), make(seed, { servers: 2, clients: 3 }));
  });

  test.each(seeds)('one of which lacks some events finds all others (%i)', seed => {
    const a = make(seed);
    const half = Math.floor(a.events.length / 2);
    // Not even one heartbeat is taken for another: each event of the end has its partner.
    const b = slice(a, { events: [half, a.events.length - 1] });
    const found = sound(a, b);
    const kept = found.partnerOfB.filter(row => row >= 0).length;
    // What lost its beginning at the border is another event there.
    const { cutArrivals, cutEnds } = b.header.slice!;
    expect(kept).toBeGreaterThan(0.9 * (b.events.length - cutArrivals - cutEnds));
  });

  test('that end differently diverge where one ends', () => {
    const a = make(1);
    const b = slice(a, { events: [0, 99] });
    expect(sound(a, b)).toMatchObject({ prefix: 100, divergence: { a: 100, b: -1, how: 'end' } });
    expect(sound(b, a)).toMatchObject({ prefix: 100, divergence: { a: -1, b: 100, how: 'end' } });
    expect(sound(a, slice(a, { nodes: [] }))).toMatchObject({ prefix: 0, divergence: { a: 0, b: -1, how: 'end' } });
  });

  test('tell another time, another state and another event apart', () => {
    const at = (change: (trace: Trace) => void): ReturnType<typeof compare> => {
      const b = make(2);
      change(b);
      return sound(make(2), b);
    };
    const { length } = make(2).events;
    expect(at(trace => trace.events.t.set([trace.events.t[40] + 1], 40))).toMatchObject({
      prefix: length,
      divergence: { a: 40, b: 40, how: 'time' },
    });
    const changed = make(2).deltas.event[20];
    expect(at(trace => trace.deltas.new.set([trace.deltas.old[19]], 20)).divergence).toEqual({
      a: changed,
      b: changed,
      how: 'state',
    });
    const local = make(2).events.kind.indexOf(KIND.timerSet);
    expect(at(trace => trace.events.kind.set([KIND.local], local))).toMatchObject({
      prefix: local,
      divergence: { a: local, b: local, how: 'event' },
    });
    const lost = [...make(2).messages.why.keys()].find(row => make(2).messages.why[row] > 1)!;
    expect(at(trace => trace.messages.why.set([1], lost))).toMatchObject({
      prefix: make(2).messages.end[lost],
      divergence: { how: 'event' },
    });
  });

  test('have values in common whoever numbered and ordered them', () => {
    const a = make(3, { values: [{ x: 1, y: [new Set([1, 2])] }, new Map([[1, { p: 2, q: 3 }]])] });
    const b = make(3, { values: [{ y: [new Set([2, 1])], x: 1 }, new Map([[1, { q: 3, p: 2 }]])] });
    b.strings = [...b.strings];
    expect(sound(a, b).divergence).toBeUndefined();
  });

  test('have lanes of the same name in common, one by one where several have it', () => {
    const a = make(4);
    const b = make(4);
    const renamed = (trace: Trace, names: readonly string[]): void => {
      trace.header = { ...trace.header, nodes: trace.header.nodes.map((node, at) => ({ ...node, name: names[at] })) };
    };
    renamed(a, ['s', 's', 's', 'c', 'c', 'x']);
    renamed(b, ['s', 's', 's', 'c', 'c', 'y']);
    const found = sound(a, b);
    expect(found.lanes.map(lane => [lane.name, lane.nodeA, lane.nodeB])).toEqual([
      ['s', 0, 0],
      ['s', 1, 1],
      ['s', 2, 2],
      ['c', 3, 3],
      ['c', 4, 4],
      ['x', 5, -1],
      ['y', -1, 5],
    ]);
    expect(found.lanes[5].both).toBe(0);
    expect(found.lanes[6].onlyB).toBeGreaterThan(0);
  });

  test('of a hundred thousand events are compared', () => {
    const [a, b] = [make(1, { steps: 100_000 }), make(2, { steps: 100_000 })];
    expect(compare(a, b).lanes.length).toBeGreaterThan(0);
  });

  test('that are too long are refused, with the way out', () => {
    const a = make(1);
    const events = { ...a.events, length: MAX_COMPARED_EVENTS + 1 };
    expect(() => compare(a, { ...a, events })).toThrow('compare parts of them (dsys trace slice)');
  });
});
