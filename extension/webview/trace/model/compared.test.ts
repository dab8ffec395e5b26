import { runScenario } from '@dsys/runtime';
import type { Change } from '@dsys/runtime/trace/changes';
import { STATUS_NAMES } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';
import { describe, expect, it } from 'vitest';
import { buffersOf } from '../opening/messages.ts';
import { emptyTrace } from '../testing/empty.ts';
import { designOf, openedRun, type RunName, traceOf } from '../testing/traces.ts';
import { type Compared, comparedOf, differenceOf, partingOf, sideInWords, verdictOf } from './compared.ts';
import { type Opened, openedOf } from './opened.ts';
import { grouped } from './times.ts';

/** Another run of a sample. */
async function other(name: RunName, { seed, changes }: { seed?: number; changes?: readonly Change[] }): Promise<Trace> {
  const { design, scenario, seed: own } = await designOf(name);
  const how = { tool: 'test', seed: seed ?? own, record: true, extraRuns: false, ...(changes && { changes }) };
  return runScenario(design, scenario, how).trace!;
}

const compared = async (name: RunName, b: Trace): Promise<Compared> =>
  comparedOf(await openedRun(name), openedOf(b), 'other');

const atsOf = (found: Compared): number[] =>
  Array.from(found.differences, (_, index) => differenceOf(found, index)!.at);

const ones = (mask: Uint8Array): number => mask.reduce((all, one) => all + one, 0);

describe('two traces beside each other', () => {
  it('the same run has no differences', async () => {
    const found = await compared('stale-leader', await other('stale-leader', {}));
    expect(verdictOf(found)).toBe(
      `Every event is the same: ${grouped((await traceOf('stale-leader')).events.length)} events.`,
    );
    expect(partingOf(found)).toBe(-1);
    expect([ones(found.onlyA), found.onlyB.length, found.differences.length]).toEqual([0, 0, 0]);
    expect(found.verdicts).toEqual([]);
    for (const { a, b } of found.figures) expect(a).toBe(b);
  });

  it.each(['stale-leader', 'split-brain'] as const)('%s with another seed', async name => {
    const a = await openedRun(name);
    const b = openedOf(await other(name, { seed: 2 }));
    const found = comparedOf(a, b, 'other');
    const { divergence, lanes, partnerOfA, partnerOfB } = found.comparison;
    expect(divergence).toBeDefined();
    expect(partingOf(found)).toBe(divergence!.a);
    expect(verdictOf(found)).toMatch(/^(The same [\d,]+ events?, then|They part at the first event:) /);
    // What has no partner is told, in total and by lane.
    expect(ones(found.onlyA)).toBe(partnerOfA.filter(one => one < 0).length);
    expect([...found.onlyB]).toEqual([...partnerOfB.keys()].filter(row => partnerOfB[row] < 0));
    expect(found.differences.length).toBe(ones(found.onlyA) + found.onlyB.length);
    expect(found.onlyB.length).toBeGreaterThan(0);
    const onLanes = [...found.laneOfB].filter(lane => lane >= 0).length;
    expect(lanes.reduce((all, { onlyB }) => all + onlyB, 0)).toBeGreaterThanOrEqual(onLanes);
    const ats = atsOf(found);
    expect(ats).toEqual([...ats].sort((left, right) => left - right));
    // At one event A's own is first, then those of B in their order.
    const sides = Array.from(ats, (_, index) => differenceOf(found, index)!);
    for (const [index, one] of sides.entries()) {
      const before = sides[index - 1];
      if (before?.at !== one.at) continue;
      expect(one.side).toBe('b');
      if (before.side === 'b') expect(before.event).toBeLessThan(one.event);
    }
    expect(
      sides.some((one, index) => one.side === 'b' && sides[index - 1]?.side === 'a' && sides[index - 1].at === one.at),
    ).toBe(true);
    expect(misplaced(found, a.trace, b.trace)).toEqual([]);
    expect(tooEarly(found, a, b)).toEqual([]);
    const events = found.figures.find(one => one.name === 'events');
    expect(events).toEqual({ name: 'events', unit: '', a: a.trace.events.length, b: b.trace.events.length });
    const sum = (start: string): number =>
      found.figures.filter(one => one.name.startsWith(start)).reduce((all, one) => all + one.b, 0);
    expect([sum('messages'), sum('operations')]).toEqual([b.trace.messages.length, b.trace.ops.length]);
  });

  it('without its fault: both are the same up to that, the claim holds, and what only happens then is told', async () => {
    const trace = await traceOf('stale-leader');
    const fault = trace.faults[0];
    const atNs = trace.events.t[fault.start];
    const changes = [{ kind: 'without', text: `${fault.params.text}`, atNs, nth: 0 }] as const;
    const found = await compared('stale-leader', await other('stale-leader', { changes }));
    const parting = partingOf(found);
    expect(trace.events.t[parting]).toBe(atNs);
    expect(sideInWords(openedOf(trace), parting)).toContain(`begins: ${fault.params.text}`);
    expect(found.onlyA[parting]).toBe(1);
    expect(found.onlyA.indexOf(1)).toBe(parting);
    const broken = trace.checks.filter(({ verdict }) => verdict === 'violated').map(({ name }) => name);
    expect(broken.length).toBeGreaterThan(0);
    expect(found.verdicts).toEqual(broken.map(name => ({ name, a: 'violated', b: 'holds' })));
  });

  it('how many operations were ok in a second, and how long they took, by hand', async () => {
    const b = openedOf(await other('async-failover', { seed: 2 }));
    const found = await compared('async-failover', b.trace);
    const figure = (name: string) => found.figures.find(one => one.name === name)!;
    const { ops, events } = b.trace;
    const took = [...ops.status.keys()]
      .filter(op => STATUS_NAMES[ops.status[op]] === 'ok')
      .map(op => events.t[ops.complete[op]] - events.t[ops.invoke[op]])
      .sort((left, right) => left - right);
    expect(took.length).toBe(figure('operations ok').b);
    const seconds = (events.t[events.length - 1] - b.origin) / 1e9;
    expect(figure('throughput').b).toBeCloseTo(took.length / seconds, 9);
    // Nearest rank: at least that share of them took no longer.
    for (const [name, share] of [
      ['latency p50', 0.5],
      ['latency p99', 0.99],
    ] as const) {
      const { a, b: value, unit } = figure(name);
      expect(unit).toBe('ns');
      expect(a).not.toBe(value);
      expect(took.filter(ns => ns <= value).length / took.length).toBeGreaterThanOrEqual(share);
      expect(took.filter(ns => ns < value).length / took.length).toBeLessThan(share);
    }
  });

  it('columns that go to another thread hold no more than they show, and each only once', async () => {
    const found = await compared('stale-leader', await other('stale-leader', { seed: 2 }));
    const buffers = buffersOf(found);
    expect(new Set(buffers).size).toBe(buffers.length);
    for (const column of [found.differences, found.onlyB, found.comparison.partnerOfA, found.other.trace.events.t])
      expect(buffers).toContain((column as Int32Array).buffer);
    expect(structuredClone(found, { transfer: buffers })).toMatchObject({ name: 'other' });
  });

  it('a trace without events, on either side', async () => {
    const [full, empty] = [await openedRun('leader-crash'), openedOf(emptyTrace())];
    const none = comparedOf(full, empty, 'x');
    expect(verdictOf(none)).toBe('They part at the first event: one of them has ended.');
    expect([partingOf(none), ones(none.onlyA)]).toEqual([0, full.trace.events.length]);
    const all = comparedOf(empty, full, 'x');
    expect([partingOf(all), all.onlyB.length]).toEqual([-1, full.trace.events.length]);
    expect(new Set(atsOf(all))).toEqual(new Set([-1]));
    for (const { unit, a } of all.figures.slice(-3)) expect(unit === '' || a === 0 || Number.isNaN(a)).toBe(true);
    expect(sideInWords(empty, -1)).toBe('has no more events');
  });
});

/** Events of B that do not stand on their lane between the partners of their neighbours, in B's order. */
function misplaced({ onlyB, placeOfB, laneOfB, comparison }: Compared, a: Trace, b: Trace): number[] {
  const indexOf = new Map([...onlyB].map((row, index) => [row, index]));
  const last = new Map<number, number>();
  const wrong: number[] = [];
  for (let row = 0; row < b.events.length; row++) {
    const node = b.events.node[row];
    const index = indexOf.get(row);
    const before = last.get(node) ?? -1;
    if (index === undefined) {
      const at = comparison.partnerOfB[row];
      // What stands at an event comes after it, so that the partner of what follows is a later one.
      if (at <= before) wrong.push(row);
      last.set(node, at);
      continue;
    }
    const [at, lane] = [placeOfB[index], laneOfB[index]];
    if (lane < 0) continue;
    const isOnLane = a.header.nodes[lane].name === b.header.nodes[node].name && (at < 0 || a.events.node[at] === lane);
    if (!isOnLane || at < before) wrong.push(row);
    last.set(node, at);
  }
  return wrong;
}

/** Events of B after whose place A has another one on the lane that is not later either, and before the next partner. */
function tooEarly({ onlyB, placeOfB, laneOfB, comparison }: Compared, a: Opened, b: Opened): number[] {
  const next = new Map<number, number>();
  const wrong: number[] = [];
  for (let row = b.trace.events.length - 1, index = onlyB.length - 1; row >= 0; row--) {
    const node = b.trace.events.node[row];
    if (onlyB[index] !== row) {
      next.set(node, comparison.partnerOfB[row]);
      continue;
    }
    const [at, lane] = [placeOfB[index], laneOfB[index]];
    index--;
    if (lane < 0) continue;
    const list = a.eventsOfNode[lane];
    const after = list[list.indexOf(at) + 1] ?? Number.POSITIVE_INFINITY;
    const isBeforePartner = after < (next.get(node) ?? Number.POSITIVE_INFINITY);
    if (isBeforePartner && a.trace.events.t[after] - a.origin <= b.trace.events.t[row] - b.origin) wrong.push(row);
  }
  return wrong;
}
