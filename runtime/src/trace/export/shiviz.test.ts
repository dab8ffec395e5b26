import { describe, expect, test } from 'vitest';
import { isNetworkKind } from '../access.ts';
import { KIND } from '../kinds.ts';
import type { Trace } from '../model.ts';
import { slice } from '../slice.ts';
import { randomTrace } from '../testing/random-trace.ts';
import { encodeShiviz, MAX_SHIVIZ_EVENTS } from './shiviz.ts';
import { hostileTrace } from './testing/hostile.ts';

interface LogEvent {
  readonly text: string;
  readonly host: string;
  readonly clock: Readonly<Record<string, number>>;
}

/** As ShiViz reads a log: the first line is the expression (`^`, `$` and the flags are its own), the second separates executions. */
function readLog(text: string): LogEvent[] {
  const [expression, second, ...rest] = text.split('\n');
  expect(second).toBe('');
  const body = rest.join('\n');
  const events: LogEvent[] = [];
  let covered = 0;
  for (const match of body.matchAll(new RegExp(`^${expression}$`, 'gm'))) {
    covered += match[0].length + 1;
    const { event, host, clock } = match.groups!;
    events.push({ text: event, host, clock: JSON.parse(clock) as LogEvent['clock'] });
  }
  expect(covered).toBe(body.length);
  return events;
}

/** What ShiViz demands of clocks before it draws: its `VectorTimestamp` and `ModelGraph` throw otherwise. */
function demands(log: readonly LogEvent[]): void {
  const hosts = new Set(log.map(event => event.host));
  const counts = new Map<string, number>();
  for (const { host } of log) counts.set(host, (counts.get(host) ?? 0) + 1);
  const own = new Map<string, number[]>();
  for (const { host, clock } of log) {
    for (const [other, count] of Object.entries(clock)) {
      expect(hosts).toContain(other);
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThanOrEqual(counts.get(other)!);
    }
    own.set(host, [...(own.get(host) ?? []), clock[host]]);
  }
  for (const [host, times] of own) expect(times, host).toEqual(times.map((_, at) => at + 1));
}

/** Everything before each event, straight from the definition. */
function pasts(trace: Trace): Set<number>[] {
  const { kind, node, msg, cause, length } = trace.events;
  const before: Set<number>[] = [];
  for (let event = 0; event < length; event++) {
    const direct: number[] = cause[event] >= 0 ? [cause[event]] : [];
    const network = isNetworkKind(kind[event]);
    if (network || kind[event] === KIND.deliver) direct.push(trace.messages.send[msg[event]]);
    for (let one = 0; one < event && !network; one++) {
      if (node[one] === node[event] && !isNetworkKind(kind[one])) direct.push(one);
    }
    before.push(new Set(direct.flatMap(one => [one, ...before[one]])));
  }
  return before;
}

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

describe('a log for ShiViz', () => {
  test.each(seeds)('of random trace %i, or a part of it, orders exactly what happened before', seed => {
    const whole = randomTrace(seed, { steps: 260, servers: 2 + (seed % 3) }).trace;
    for (const trace of [
      whole,
      slice(whole, { events: [50, 170] }),
      slice(whole, { before: 150 }),
      slice(whole, { nodes: [0, 1] }),
    ]) {
      const log = readLog(encodeShiviz(trace));
      demands(log);
      const rows = [...trace.events.kind.keys()].filter(row => !isNetworkKind(trace.events.kind[row]));
      expect(log.map(event => event.host)).toEqual(rows.map(row => trace.header.nodes[trace.events.node[row]].name));
      const before = pasts(trace);
      const follows = (a: LogEvent, b: LogEvent): boolean =>
        Object.entries(a.clock).every(([host, count]) => count <= (b.clock[host] ?? 0));
      for (let b = 0; b < rows.length; b++) {
        for (let a = 0; a < rows.length; a++) {
          if (a !== b) expect(follows(log[a], log[b]), `${rows[a]}, ${rows[b]}`).toBe(before[rows[b]].has(rows[a]));
        }
      }
    }
  });

  test.each(seeds)('of names that are meant to break it keeps its hosts apart (%i)', seed => {
    const trace = hostileTrace(seed, 300);
    const log = readLog(encodeShiviz(trace));
    demands(log);
    const rows = [...trace.events.kind.keys()].filter(row => !isNetworkKind(trace.events.kind[row]));
    const hostOf = new Map<number, string>();
    rows.forEach((row, at) => {
      const node = trace.events.node[row];
      expect(hostOf.get(node) ?? log[at].host).toBe(log[at].host);
      hostOf.set(node, log[at].host);
    });
    expect(new Set(hostOf.values()).size).toBe(hostOf.size);
    for (const host of hostOf.values()) expect(host in {}).toBe(false);
  });

  test('is refused beyond its limits, with the way out', () => {
    const trace = randomTrace(1, { steps: 6000 }).trace;
    expect(trace.events.length).toBeGreaterThan(MAX_SHIVIZ_EVENTS);
    expect(() => encodeShiviz(trace)).toThrow(
      `ShiViz takes at most 5000 events, and this trace has ${trace.events.length}: write a part of it (dsys trace slice)`,
    );
    expect(readLog(encodeShiviz(slice(trace, { events: [0, 4999] }))).length).toBeGreaterThan(4000);
    expect(() => encodeShiviz(randomTrace(1, { steps: 2500, servers: 2000 }).trace)).toThrow('at most 200 lanes');
    expect(() => encodeShiviz(slice(trace, { nodes: [] }))).toThrow('this trace has none');
  });
});
