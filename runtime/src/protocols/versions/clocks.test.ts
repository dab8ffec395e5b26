/** The clocks against happens-before by brute force, on random executions of processes that send each other messages. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../checkers/testing/random.ts';
import type { ClockKind } from '../../design/mechanism.ts';
import { type ClockState, compareStamps, nextStamp, type Stamp, seeStamp } from './stamps.ts';
import { compareVectors, joined, ticked, type Vector } from './vectors.ts';

interface Event {
  readonly process: number;
  /** Of the event whose message it receives; -1: it receives none. */
  readonly from: number;
}

/** Events in an order of time: each process by itself, sending, or receiving what another one sent. */
function randomEvents(seed: number, count: number, processes = 4): Event[] {
  const random = seeded(seed);
  const events: Event[] = [];
  for (let i = 0; i < count; i++) {
    const process = random.below(processes);
    const others = events.flatMap((one, at) => (one.process === process ? [] : [at]));
    events.push({ process, from: others.length > 0 && random.chance(0.4) ? random.pick(others) : -1 });
  }
  return events;
}

/** Which events each one follows (Lamport 1978): the transitive closure of program order and messages. */
function happensBefore(events: readonly Event[]): ReadonlySet<number>[] {
  const before: Set<number>[] = [];
  for (const [i, { process, from }] of events.entries()) {
    const last = events.slice(0, i).findLastIndex(one => one.process === process);
    before.push(new Set([last, from].filter(at => at >= 0).flatMap(at => [at, ...before[at]!])));
  }
  return before;
}

const each = (events: readonly Event[], check: (e: number, f: number, isBefore: boolean) => void): void => {
  const before = happensBefore(events);
  for (const f of events.keys()) for (const e of events.keys()) if (e !== f) check(e, f, before[f]!.has(e));
};

/** Physical time of process p at the i-th event: clocks that differ by up to `epsilonNs`, and do not run evenly. */
const wallsOf = (seed: number, count: number, epsilonNs: number) => {
  const random = seeded(seed + 1);
  let now = 0;
  return Array.from({ length: count }, () => {
    now += random.below(3) * epsilonNs * random.real() * 0.3;
    return { now: Math.floor(now), off: Math.floor((random.real() - 0.5) * epsilonNs) };
  });
};

interface Stamped {
  readonly stamp: Stamp;
  readonly wallNs: number;
}

function stamps(kind: ClockKind, events: readonly Event[], walls: readonly number[]): Stamped[] {
  const clocks: ClockState[] = Array.from({ length: 8 }, () => ({ time: 0, count: 0 }));
  const given: Stamped[] = [];
  for (const [i, { process, from }] of events.entries()) {
    const clock = clocks[process]!;
    const wallNs = walls[i]!;
    if (from >= 0) seeStamp(kind, clock, given[from]!.stamp, wallNs);
    // Of a hybrid clock receiving is an event by itself; of a Lamport clock the next tick is.
    const stamp =
      from >= 0 && kind === 'hybrid'
        ? { time: clock.time, count: clock.count, node: process, life: 1 }
        : nextStamp(kind, clock, wallNs, process, 1);
    given.push({ stamp, wallNs });
  }
  return given;
}

const epsilonNs = 1_000;

describe('clocks', () => {
  it('vector clocks are happens-before: e→f ⇔ V(e) < V(f)', () => {
    fc.assert(
      fc.property(fc.integer(), seed => {
        const events = randomEvents(seed, 30);
        const clocks: Record<number, Vector> = {};
        const of = events.map(({ process, from }, i) => {
          const own = events.slice(0, i).findLastIndex(one => one.process === process);
          const known = [own, from].filter(at => at >= 0).map(at => clocks[at]!);
          return (clocks[i] = ticked(joined(known), `p${process}`));
        });
        each(events, (e, f, isBefore) => expect(compareVectors(of[e]!, of[f]!) === 'before').toBe(isBefore));
      }),
      { numRuns: 60 },
    );
  });

  it('Lamport clocks follow it: e→f ⇒ L(e) < L(f), and not the other way round', () => {
    let misleading = 0;
    fc.assert(
      fc.property(fc.integer(), seed => {
        const events = randomEvents(seed, 30);
        const given = stamps(
          'lamport',
          events,
          events.map(() => 0),
        );
        each(events, (e, f, isBefore) => {
          if (isBefore) expect(given[e]!.stamp.time).toBeLessThan(given[f]!.stamp.time);
          else if (given[e]!.stamp.time < given[f]!.stamp.time) misleading++;
        });
      }),
      { numRuns: 60 },
    );
    expect(misleading).toBeGreaterThan(0);
  });

  it('hybrid clocks follow it, too, never fall behind the wall, and are no further ahead of it than clocks differ', () => {
    fc.assert(
      fc.property(fc.integer(), seed => {
        const events = randomEvents(seed, 40);
        const drawn = wallsOf(seed, events.length, epsilonNs);
        // Each process keeps to its own offset, so that its clock does not run backwards.
        const walls = events.map(({ process }, i) => drawn[i]!.now + drawn[process]!.off);
        const given = stamps('hybrid', events, walls);
        each(events, (e, f, isBefore) => {
          if (isBefore) expect(compareStamps(given[e]!.stamp, given[f]!.stamp)).toBeLessThan(0);
        });
        for (const { stamp, wallNs } of given) {
          expect(stamp.time).toBeGreaterThanOrEqual(wallNs);
          expect(stamp.time - Math.max(0, wallNs)).toBeLessThanOrEqual(epsilonNs);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('physical clocks that differ stamp an effect before its cause', () => {
    const events: Event[] = [
      { process: 0, from: -1 },
      { process: 1, from: 0 },
    ];
    const [cause, effect] = stamps('physical', events, [900, 500]);
    expect(compareStamps(cause!.stamp, effect!.stamp)).toBeGreaterThan(0);
  });
});
