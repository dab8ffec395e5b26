/** Times, selections, verdicts, lanes: what stands in words and numbers. */

import { describe, expect, it } from 'vitest';
import { openedRun } from '../testing/traces.ts';
import { lanesOf, opTracks } from './lanes.ts';
import { eventOfRef, sameRef, selectedOf } from './selection.ts';
import { duration, grouped, moment, niceStep, tick } from './times.ts';
import { summaryOf, violatingOps } from './verdict.ts';

describe('times', () => {
  it.each([
    [moment(4_006_000_000), '4006 ms'],
    [moment(2_178_040_000), '2178.04 ms'],
    [moment(0), '0 ms'],
    [moment(-237_669_667), '-237.67 ms'],
    [moment(-400), '0 ms'],
    [duration(0), '0 ms'],
    [duration(994_000_000), '994 ms'],
    [duration(1_820_000_000), '1.82 s'],
    [duration(12_345), '12.3 µs'],
    [duration(999), '999 ns'],
    [duration(123_456_000_000_000), '123456 s'],
    [tick(5_000_000_000, 1_000_000_000), '5 s'],
    [tick(1_500_000_000, 500_000_000), '1500 ms'],
    [tick(1_500, 500), '1.5 µs'],
    [grouped(1_234_567), '1,234,567'],
    [grouped(999), '999'],
  ])('%s is %s', (text, expected) => expect(text).toBe(expected));

  it('steps of an axis are round', () => {
    expect(niceStep(10_000, 10)).toBe(1000);
    expect(niceStep(10_000, 7)).toBe(2000);
    expect(niceStep(0, 10)).toBe(1);
    expect(niceStep(3, 10)).toBe(1);
  });
});

describe('one selection', () => {
  it('finds the event, the message and the operation of each other', async () => {
    const { trace } = await openedRun('stale-leader');
    const { ops, messages } = trace;
    const op = { kind: 'op', id: 2 } as const;
    expect(eventOfRef(trace, op)).toBe(ops.complete[2]);
    expect(selectedOf(trace, { kind: 'event', id: ops.invoke[2] }).op).toBe(2);
    const dropped = messages.why.findIndex(why => why !== 0);
    expect(eventOfRef(trace, { kind: 'message', id: dropped })).toBe(messages.end[dropped]);
    expect(selectedOf(trace, { kind: 'event', id: messages.send[dropped] }).message).toBe(dropped);
    expect(selectedOf(trace, { kind: 'event', id: trace.faults[0].start }).fault).toBe(0);
    expect(selectedOf(trace, null)).toEqual({ event: -1, message: -1, op: -1, fault: -1 });
    expect(sameRef(op, { kind: 'op', id: 2 })).toBe(true);
    expect(sameRef(op, { kind: 'event', id: 2 })).toBe(false);
    expect(sameRef(null, null)).toBe(true);
  });
});

describe('verdicts', () => {
  it('come from the trace: the first violated check with its message', async () => {
    const opened = await openedRun('stale-leader');
    const check = opened.trace.checks.find(one => one.verdict === 'violated')!;
    expect(opened.violations[0]).toMatchObject({ name: check.name, message: check.message, ops: check.witness!.ops });
    expect(violatingOps(opened.trace, opened.violations[0])).toEqual([2]);
    expect(summaryOf(opened)).toMatchObject({ tone: 'danger', violated: 1, outcome: 'pass' });
    // What a monitor saw comes after it, once.
    expect(opened.violations[1]).toMatchObject({ check: -1, name: 'ReadIndexFresh' });
  });

  it('say so when all holds, when something is unknown, and when nothing was checked', async () => {
    const opened = await openedRun('leader-crash');
    const { trace } = opened;
    const holding = trace.checks.filter(one => one.verdict === 'holds');
    expect(summaryOf({ ...opened, trace: { ...trace, checks: holding } }).title).toBe(
      `All ${holding.length} checks hold`,
    );
    const checks = holding.map((check, index) => (index === 1 ? { ...check, verdict: 'unknown' as const } : check));
    expect(summaryOf({ ...opened, trace: { ...trace, checks } }).title).toBe(`${checks[1].name}: unknown`);
    expect(summaryOf({ ...opened, trace: { ...trace, checks: [] } }).title).toBe('Nothing was checked');
  });
});

describe('lanes', () => {
  it('are the servers, the clients that are needed, and one for the rest', async () => {
    const opened = await openedRun('async-failover');
    const { nodes } = opened.trace.header;
    const clients = nodes.flatMap(({ kind }, node) => (kind === 'client' ? [node] : []));
    const lanes = lanesOf(opened, [clients[3], clients[9]], false);
    expect(lanes.map(({ kind }) => kind)).toEqual(['server', 'server', 'server', 'client', 'client', 'others']);
    expect(lanes[3].nodes).toEqual([clients[3]]);
    expect(lanes[5].nodes.length).toBe(clients.length - 2);
    expect(lanesOf(opened, [], true).filter(({ kind }) => kind === 'client').length).toBe(clients.length);
  });

  it('hold operations of one client beside each other', async () => {
    const { trace } = await openedRun('async-failover');
    const { track } = opTracks(trace);
    const { invoke, complete } = trace.ops;
    const last = new Map<string, number>();
    for (let op = 0; op < track.length; op++) {
      const key = `${trace.events.node[invoke[op]]} ${track[op]}`;
      if (track[op] < 2) expect(last.get(key) ?? -1).toBeLessThan(invoke[op]);
      last.set(key, complete[op] < 0 ? Number.POSITIVE_INFINITY : complete[op]);
    }
  });
});
