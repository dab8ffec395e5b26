import { describe, expect, test } from 'vitest';
import { isNetworkKind } from './access.ts';
import { causalDepth, causalityOf, causalPath, futureCone, happensBefore, pastCone, vectorClock } from './causality.ts';
import { KIND } from './kinds.ts';
import { NONE16, type Trace } from './model.ts';
import { randomTrace } from './testing/random-trace.ts';

/** Direct predecessors of each event, straight from the definition. */
function predecessors(trace: Trace): Set<number>[] {
  const { kind, node, msg, cause, length } = trace.events;
  return Array.from({ length }, (_, event) => {
    const direct = new Set<number>();
    if (cause[event] >= 0) direct.add(cause[event]);
    if (isNetworkKind(kind[event]) || kind[event] === KIND.deliver) direct.add(trace.messages.send[msg[event]]);
    if (isNetworkKind(kind[event])) return direct;
    for (let before = 0; before < event; before++) {
      if (node[before] === node[event] && !isNetworkKind(kind[before])) direct.add(before);
    }
    return direct;
  });
}

/** Everything before each event: the transitive closure, by unions of sets. */
function closure(direct: readonly Set<number>[]): Set<number>[] {
  const before: Set<number>[] = [];
  for (const predecessorsOfOne of direct) {
    const all = new Set<number>();
    for (const one of predecessorsOfOne) {
      all.add(one);
      for (const further of before[one]) all.add(further);
    }
    before.push(all);
  }
  return before;
}

/** Vector clocks as processes keep them: own component up by one, maximum with what arrives. */
function keptClocks(trace: Trace, direct: readonly Set<number>[]): number[][] {
  const lanes = trace.header.nodes.length;
  const clocks: number[][] = [];
  for (let event = 0; event < trace.events.length; event++) {
    const clock = new Array<number>(lanes).fill(0);
    for (const before of direct[event]) {
      clocks[before].forEach((count, lane) => {
        clock[lane] = Math.max(clock[lane], count);
      });
    }
    if (!isNetworkKind(trace.events.kind[event])) clock[trace.events.node[event]]++;
    clocks.push(clock);
  }
  return clocks;
}

const seeds = Array.from({ length: 25 }, (_, seed) => seed);

describe('causality', () => {
  test.each(seeds)('agrees with brute force on random trace %i', seed => {
    const { trace } = randomTrace(seed, { steps: 110, servers: 2 + (seed % 4) });
    const causality = causalityOf(trace);
    const direct = predecessors(trace);
    const before = closure(direct);
    const clocks = keptClocks(trace, direct);
    const { length } = trace.events;
    for (let event = 0; event < length; event++) {
      const past = pastCone(causality, event);
      const future = futureCone(causality, event);
      for (let other = 0; other < length; other++) {
        const inPast = before[event].has(other);
        const inFuture = before[other].has(event);
        if ((past[other] === 1) !== (inPast || other === event)) throw new Error(`past of ${event}: ${other}`);
        if ((future[other] === 1) !== (inFuture || other === event)) throw new Error(`future of ${event}: ${other}`);
        if (happensBefore(causality, other, event) !== inPast) throw new Error(`${other} before ${event}`);
      }
      expect([...vectorClock(causality, event)]).toEqual(clocks[event]);
    }
  });

  test.each([1, 2, 3])('depth is the length of the longest chain, trace %i', seed => {
    const { trace } = randomTrace(seed, { steps: 80 });
    const direct = predecessors(trace);
    const longest: number[] = [];
    for (const links of direct) longest.push(Math.max(-1, ...[...links].map(one => longest[one])) + 1);
    expect([...causalDepth(causalityOf(trace))]).toEqual(longest);
    expect(Math.max(...longest)).toBeGreaterThan(20);
  });

  test('clocks order events of lanes as happens-before does', () => {
    const { trace } = randomTrace(99, { steps: 80 });
    const causality = causalityOf(trace);
    const inLanes = [...trace.events.kind.keys()].filter(event => causality.lane[event] !== NONE16);
    const clocks = new Map(inLanes.map(event => [event, vectorClock(causality, event)]));
    let concurrent = 0;
    for (const a of inLanes) {
      for (const b of inLanes) {
        if (a === b) continue;
        const atMost = clocks.get(a)!.every((count, lane) => count <= clocks.get(b)![lane]);
        if (atMost !== happensBefore(causality, a, b)) throw new Error(`${a} and ${b}`);
        if (!atMost && !happensBefore(causality, b, a)) concurrent++;
      }
    }
    expect(concurrent).toBeGreaterThan(100);
  });

  test('a causal path is made of direct links, and there is one exactly when there is an order', () => {
    const { trace } = randomTrace(7, { steps: 100 });
    const causality = causalityOf(trace);
    let hops = 0;
    for (let b = 0; b < trace.events.length; b += 3) {
      for (let a = 0; a < trace.events.length; a += 2) {
        const path = causalPath(causality, a, b);
        expect(path.length > 0).toBe(happensBefore(causality, a, b));
        if (path.length === 0) continue;
        expect([path[0], path.at(-1)]).toEqual([a, b]);
        for (let step = 1; step < path.length; step++) {
          const { previous, send, cause } = causality;
          const links = [previous[path[step]], send[path[step]], cause[path[step]]];
          if (!links.includes(path[step - 1])) throw new Error(`${path[step - 1]} does not lead to ${path[step]}`);
          if (send[path[step]] === path[step - 1]) hops++;
        }
      }
    }
    expect(hops).toBeGreaterThan(100);
  });

  test('a receiver does not learn of a message that was dropped', () => {
    const { trace } = randomTrace(3, { steps: 400 });
    const drop = trace.events.kind.indexOf(KIND.drop);
    const lane = trace.events.node[drop];
    const next = trace.events.node.findIndex((node, event) => event > drop && node === lane);
    expect(next).toBeGreaterThan(drop);
    expect(happensBefore(causalityOf(trace), drop, next)).toBe(false);
  });
});
