import { describe, expect, it } from 'vitest';
import { list } from '../model/list.ts';
import { register } from '../model/register.ts';
import { availability, latencies, lossWindow, percentile, recovery, summary, throughput } from './figures.ts';
import { completionOf } from './objects.ts';
import { staleness } from './staleness.ts';
import { ask, randomHistory, written } from './testing/histories.ts';
import { seeded } from './testing/random.ts';
import { versionsOf } from './versions.ts';

const MS = 1_000_000;
const window = { from: 0, until: 100 * MS };

/** c1 fails a write after 4 ms and gives up a read after 20; c2 works. */
const mixed = (() => {
  const history = written(
    `c1 0..10 write x 1
     c2 0..2 read x 0
     c1 10..14! write x 2
     c1 20.. read x 0
     c2 30..36 write y 3
     c1 50..55 cas x [9,1] false
     c2 95..110 read x 1`,
    0,
  );
  const operations = history.operations.map(o => (o.outcome === 'unknown' ? { ...o, abandoned: 40 * MS } : o));
  return { ...history, operations };
})();

describe('availability', () => {
  it('is the share of client time not spent in what failed or timed out', () => {
    expect(availability(mixed, window, 2)).toBeCloseTo(1 - (4 + 20) / 200, 12);
    expect(availability(mixed, window, 2, 'read')).toBeCloseTo(1 - 20 / 200, 12);
    expect(availability(mixed, window, 2, 'write')).toBeCloseTo(1 - 4 / 200, 12);
    expect(availability(mixed, { from: 12 * MS, until: 30 * MS }, 1)).toBeCloseTo(1 - (2 + 10) / 18, 12);
    expect(availability(mixed, window, 0)).toBe(null);
  });

  it('takes the next question of a client, or the end of the window, as the end of what was never answered', () => {
    const history = written('c1 0.. write x 1\nc1 30.. write x 2', 0);
    expect(availability(history, window, 1)).toBeCloseTo(0, 12);
    expect(availability(history, { from: 0, until: 200 * MS }, 10)).toBeCloseTo(1 - 200 / 2000, 12);
  });
});

describe('latency', () => {
  it('counts failures at their duration', () => {
    expect([...latencies(mixed, window)]).toEqual([2, 4, 5, 6, 10, 15, 20].map(ms => ms * MS));
    expect([...latencies(mixed, window, 'write')]).toEqual([4, 5, 6, 10].map(ms => ms * MS));
    expect([...latencies(mixed, { from: 20 * MS, until: 30 * MS })]).toEqual([20 * MS]);
  });

  it('percentiles are nearest ranks', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
    expect([0.01, 0.07, 0.5, 0.99, 0.999, 1].map(p => percentile(hundred, p))).toEqual([1, 7, 50, 99, 100, 100]);
    expect(percentile([5], 0.5)).toBe(5);
    expect(percentile([], 0.5)).toBe(null);
    // Wikipedia's example of the nearest-rank method.
    expect([0.05, 0.3, 0.4, 0.5, 1].map(p => percentile([15, 20, 35, 40, 50], p))).toEqual([15, 20, 20, 35, 50]);
    expect(summary([1, 2, 3, 4])).toEqual({ count: 4, mean: 2.5, p50: 2, p99: 4, 'p99.9': 4, max: 4 });
    expect(summary([]).mean).toBe(null);
  });

  it('throughput counts successes by completion', () => {
    expect(throughput(mixed, window)).toBe(40); // four in 100 ms: a refused cas is an answer, the last one came too late
    expect(throughput(mixed, window, 'read')).toBe(10);
    expect(throughput(mixed, { from: 5, until: 5 })).toBe(null);
  });
});

describe('recovery', () => {
  const partition = (key: string) => `orders.${key}`;

  it('is the longest stretch after a fault without a successful write, where writes were tried', () => {
    const history = written(
      `c1 0..5 write x 1
       c1 12..20! write x 2
       c2 15..40 write x 3
       c1 60..62 write x 4
       c3 50..52 write y 1
       c3 80..83 write y 2
       c4 45..99 read x 1`,
      0,
    );
    // x: from the first attempt after the fault at 10 to the success at 40, then from 60 to 62.
    expect(recovery(history, window, [10 * MS], partition)).toEqual({
      ns: 28 * MS,
      partition: 'orders.x',
      from: 12 * MS,
      until: 40 * MS,
      recovered: true,
    });
    // A fault while an attempt is open counts from the fault.
    expect(recovery(history, window, [30 * MS], partition)).toMatchObject({
      ns: 10 * MS,
      from: 30 * MS,
      until: 40 * MS,
    });
    expect(recovery(history, window, [81 * MS], partition)).toMatchObject({ ns: 2 * MS, partition: 'orders.y' });
    expect(recovery(history, window, [], partition)).toBe(null);
    expect(recovery(history, window, [90 * MS], partition)).toBe(null);
    expect(recovery(history, window, [200 * MS], partition)).toBe(null);
  });

  it('says when nothing succeeded any more', () => {
    const history = written('c1 0..5 write x 1\nc1 12..20! write x 2\nc1 30.. write x 2', 0);
    expect(recovery(history, window, [6 * MS], partition)).toEqual({
      ns: 88 * MS,
      partition: 'orders.x',
      from: 12 * MS,
      until: 100 * MS,
      recovered: false,
    });
  });

  it('loss window: from the first acknowledgement that was worth nothing to the fault', () => {
    const { operations } = written('c1 0..5 write x 1\nc1 6..8 write x 2\nc1 40..42 write x 3\nc1 43..45 write x 3', 0);
    expect(lossWindow(operations.slice(0, 2), [4 * MS, 20 * MS, 41 * MS])).toBe(15 * MS);
    expect(lossWindow(operations, [20 * MS])).toBe(15 * MS);
    expect(lossWindow(operations.slice(2), [20 * MS])).toBe(3 * MS);
    expect(lossWindow([], [20 * MS])).toBe(0);
  });
});

describe('staleness', () => {
  it('is the time since the first newer write was acknowledged', () => {
    const history = written(
      `c1 0..5 write x 1
       c1 6..8 write x 2
       c1 9..12 write x 3
       c2 7..9 read x 1
       c2 20..21 read x 1
       c2 22..23 read x 3
       c2 24..25 read x 0
       c2 26..27 read x 9
       c3 1..60 write x 4
       c2 61..62 read x 4`,
      0,
    );
    const found = staleness(history, register, window);
    expect([...found.ns]).toEqual([0, 0, 0, 12, 19].map(ms => ms * MS));
    expect([...found.versions]).toEqual([0, 0, 0, 2, 3]);
    expect(found.unjudged).toBe(1);
    // Oldest first 3, 2, 4, 1: now reading 1 is never stale, and all others are.
    const order = new Map([
      [
        'x',
        history.operations
          .filter(o => o.kind === 'write')
          .map(o => o.id)
          .reverse(),
      ],
    ]);
    expect([...staleness(history, register, window, order).versions]).toEqual([0, 0, 1, 2, 3]);
  });

  it('agrees with looking at every write', () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = seeded(seed);
      const history = randomHistory(random, {
        model: register,
        initial: 0,
        keys: ['x', 'y'],
        processes: 4,
        operations: 40,
        longest: 9,
        unknown: 0.1,
        tamper: 0.5,
        ask: ask.unique,
      });
      const ids = history.operations.filter(o => o.kind === 'write').map(o => o.id);
      const shuffled = new Map(
        ['x', 'y'].map(key => [
          key,
          ids.filter(id => history.operations[id].key === key).sort((a, b) => ((a * 7) % 11) - ((b * 7) % 11)),
        ]),
      );
      for (const order of ['real-time', shuffled] as const) {
        const { seenBy } = versionsOf(history, order);
        const place = (id: number) => shuffled.get(history.operations[id].key)!.indexOf(id);
        const ages = history.operations.flatMap(read => {
          const [version, ...others] = read.kind === 'read' && read.outcome === 'ok' ? (seenBy(read) ?? []) : [];
          if (read.kind !== 'read' || read.outcome !== 'ok' || seenBy(read)!.length === 0 || others.length > 0)
            return [];
          const later = history.operations.filter(
            write =>
              write.kind === 'write' &&
              write.key === read.key &&
              write.outcome === 'ok' &&
              write.complete < read.invoke &&
              (version === undefined ||
                (order === 'real-time' ? completionOf(version) < write.invoke : place(version.id) < place(write.id))),
          );
          return [
            [later.length === 0 ? 0 : read.invoke - Math.min(...later.map(w => w.complete)), later.length] as const,
          ];
        });
        const found = staleness(history, register, { from: 0, until: 1e9 }, order);
        expect([...found.ns], `seed ${seed}`).toEqual(ages.map(([ns]) => ns).sort((a, b) => a - b));
        expect([...found.versions]).toEqual(ages.map(([, count]) => count).sort((a, b) => a - b));
      }
    }
  });

  it('of lists: what an answer lacks', () => {
    const history = written('c1 0..5 append x 1\nc1 6..8 append x 2\nc2 9..10 read x [1]\nc2 11..12 read x []', null);
    expect([...staleness(history, list, window).ns]).toEqual([1 * MS, 6 * MS]);
    expect([...staleness(history, list, window).versions]).toEqual([1, 2]);
  });
});
