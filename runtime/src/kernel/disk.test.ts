import { describe, expect, it } from 'vitest';
import { constant } from '../design/distribution.ts';
import { atMs, nodesTarget, type Sketch } from '../testing/design.ts';
import { runProbe } from '../testing/probe.ts';

const ms = 1_000_000;
const base: Sketch = { nodes: 2, latency: constant(1 * ms), fsync: constant(10 * ms) };
const crashAt = (time: number, forMs = 100) => [
  atMs(time, { kind: 'crash', targets: [nodesTarget(0)], losingDisk: false }, forMs),
];

describe('disks', () => {
  it('hold what is sent after a write until it is synced, and keep order', () => {
    const arrived: [string, number][] = [];
    runProbe(base, {
      boot(state, io) {
        if (state.self !== 0) return;
        io.send(1, { type: 'before' });
        io.persist('a');
        io.send(1, { type: 'after' });
      },
      receive: (_state, _from, message, io) => void arrived.push([message.type, io.monotonicNs()]),
    });
    expect(arrived).toEqual([
      ['before', 1 * ms],
      ['after', 11 * ms],
    ]);
  });

  it('a crash before the sync loses the write and what waited for it', () => {
    const arrived: string[] = [];
    const kept: unknown[] = [];
    runProbe(
      { ...base, actions: crashAt(9) },
      {
        boot(state, io) {
          kept.push([state.self, ...state.kept]);
          if (state.self !== 0) return;
          const again = kept.length > 2;
          io.persist(again ? 'new' : 'lost');
          io.send(1, { type: again ? 'sent' : 'unsent' });
        },
        receive: (_state, _from, message) => void arrived.push(message.type),
      },
    );
    // The disk that was interrupted works again, and nothing of the earlier life leaves with its next sync.
    expect(arrived).toEqual(['sent']);
    expect(kept).toEqual([[0], [1], [0]]);
  });

  it('what was synced survives, in order; a lost disk does not', () => {
    for (const losingDisk of [false, true]) {
      const kept: unknown[] = [];
      runProbe(
        { ...base, actions: [atMs(30, { kind: 'crash', targets: [nodesTarget(0)], losingDisk }, 10)] },
        {
          boot(state, io) {
            if (state.self !== 0) return;
            kept.push(state.kept);
            for (const write of ['a', 'b', 'c']) if (state.kept.length === 0) io.persist(write);
          },
        },
      );
      expect(kept[1]).toEqual(losingDisk ? [] : ['a', 'b', 'c']);
    }
  });

  it('a volatile disk is as fast as memory and forgets as well', () => {
    const kept: unknown[] = [];
    const synced: number[] = [];
    const probe = {
      boot(state: { self: number; kept: readonly unknown[] }, io: { persist(write: unknown, token: number): void }) {
        if (state.self !== 0) return;
        kept.push(state.kept);
        io.persist('a', 1);
      },
      persisted: (_state: unknown, _token: number, io: { monotonicNs(): number }) => void synced.push(io.monotonicNs()),
    };
    runProbe({ ...base, volatile: true, actions: crashAt(50, 10) }, probe);
    expect(synced).toEqual([0, 60 * ms]);
    expect(kept).toEqual([[], []]);
  });

  it('commit in groups: what is written during a sync shares the next one', () => {
    const synced: [number, number][] = [];
    runProbe(base, {
      boot(state, io) {
        if (state.self === 0) for (let token = 1; token <= 4; token++) io.persist(token, token);
      },
      persisted: (_state, token, io) => void synced.push([token, io.monotonicNs()]),
    });
    expect(synced).toEqual([
      [1, 10 * ms],
      [2, 20 * ms],
      [3, 20 * ms],
      [4, 20 * ms],
    ]);
  });

  it('slow nodes sync slowly', () => {
    const synced: number[] = [];
    runProbe(
      { ...base, actions: [atMs(5, { kind: 'slow', targets: [nodesTarget(0)], factor: 3 })] },
      {
        boot(state, io) {
          if (state.self === 0) io.setTimer('t', 10 * ms, 10 * ms);
        },
        timer: (_state, _name, io) => io.persist('x', 1),
        persisted: (_state, _token, io) => void synced.push(io.monotonicNs()),
      },
    );
    expect(synced).toEqual([40 * ms]);
  });
});
