import { describe, expect, it } from 'vitest';
import { constant } from '../design/distribution.ts';
import type { Verb } from '../design/scenario.ts';
import { atMs, nodesTarget, type Sketch } from '../testing/design.ts';
import { type ProbeIo, runProbe } from '../testing/probe.ts';

const ms = 1_000_000;
const set = (io: ProbeIo, name: string, delay: number) => io.setTimer(name, delay * ms, delay * ms);

/** Timers of node 0, with the virtual ms at which they fired: node 1 beside it, whose clock is exact, says when. */
function run(wanted: Sketch, arm: (io: ProbeIo) => void, onTimer?: (name: string, io: ProbeIo) => void) {
  const fired: [string, number][] = [];
  const executed = runProbe(
    { nodes: 2, latency: constant(0), ...wanted },
    {
      boot(state, io) {
        if (state.self === 0) arm(io);
      },
      timer(_state, name, io) {
        io.send(1, { type: name });
        onTimer?.(name, io);
      },
      receive: (_state, _from, message, io) => void fired.push([message.type, io.monotonicNs() / ms]),
    },
  );
  return { fired, executed };
}
const inject = (verb: Verb, at = 50, forMs: number | null = null): Sketch => ({ actions: [atMs(at, verb, forMs)] });
const targets = [nodesTarget(0)];

describe('timers', () => {
  it('fire once, when they were set for', () => {
    expect(run({}, io => set(io, 't', 100)).fired).toEqual([['t', 100]]);
  });

  it('draw from their range, both ends included', () => {
    const { fired } = run({}, io => {
      for (let i = 0; i < 400; i++) io.setTimer(`t${i}`, 1 * ms, 1 * ms + 3);
    });
    expect([...new Set(fired.map(([, at]) => Math.round(at * ms) - ms))].sort()).toEqual([0, 1, 2, 3]);
  });

  it('are re-armed without queue traffic', () => {
    const { fired, executed } = run(
      {},
      io => {
        set(io, 'late', 100);
        set(io, 'tick', 1);
      },
      (name, io) => {
        if (name !== 'tick' || io.monotonicNs() >= 500 * ms) return;
        set(io, 'late', 100);
        set(io, 'tick', 1);
      },
    );
    expect(fired.filter(([name]) => name === 'late')).toEqual([['late', 599]]);
    // 500 ticks and their messages, and one look at the late timer every 100 ms; not one per re-arming.
    expect(executed.sim.handled).toBeLessThan(2 * 501 + 20);
  });

  it('can be set earlier, and cancelled', () => {
    expect(
      run({}, io => {
        set(io, 't', 100);
        set(io, 't', 10);
      }).fired,
    ).toEqual([['t', 10]]);
    expect(
      run({}, io => {
        set(io, 't', 100);
        io.cancelTimer('t');
      }).fired,
    ).toEqual([]);
  });

  it('do not outlive a crash', () => {
    let boots = 0;
    const arm = (io: ProbeIo) => {
      if (boots++ === 0) set(io, 't', 100);
    };
    expect(run(inject({ kind: 'crash', targets, losingDisk: false }, 50, 20), arm).fired).toEqual([]);
    expect(boots).toBe(2);
  });

  it('fire late on a paused node, once', () => {
    expect(run(inject({ kind: 'pause', targets }, 50, 200), io => set(io, 't', 100)).fired).toEqual([['t', 250]]);
  });

  it.each([
    ['twice as fast', { kind: 'drift', targets, ppm: 1_000_000 }, null, 75],
    ['at half the rate', { kind: 'drift', targets, ppm: -500_000 }, null, 150],
    ['twice as fast for 10 ms', { kind: 'drift', targets, ppm: 1_000_000 }, 10, 90],
    ['standing still for 30 ms', { kind: 'drift', targets, ppm: -1_000_000 }, 30, 130],
  ] as [string, Verb, number | null, number][])(
    'follow a rate that changes while they run: %s',
    (_name, verb, forMs, expected) => {
      const { fired } = run(inject(verb, 50, forMs), io => set(io, 't', 100));
      expect(fired.map(([, at]) => at)).toEqual([expect.closeTo(expected, 3)]);
    },
  );

  it('follow jumps of the wall clock only where they run on it', () => {
    const jump = inject({ kind: 'skew', targets, byNs: 30 * ms });
    expect(run(jump, io => set(io, 't', 100)).fired).toEqual([['t', 100]]);
    expect(run({ ...jump, clock: { timers: 'wall' } }, io => set(io, 't', 100)).fired).toEqual([['t', 70]]);
    const back = inject({ kind: 'skew', targets, byNs: -30 * ms });
    expect(run({ ...back, clock: { timers: 'wall' } }, io => set(io, 't', 100)).fired).toEqual([['t', 130]]);
  });
});
