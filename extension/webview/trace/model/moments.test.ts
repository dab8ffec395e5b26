/** Where one can go in a trace, and what is said of it there: against the slow and obvious way. */

import { happensBefore } from '@dsys/runtime/trace/causality';
import { describe, expect, it } from 'vitest';
import { openedRun } from '../testing/traces.ts';
import { eventAsked } from './goto.ts';
import { partialsOf } from './linearization.ts';
import { MAX_NOTES, notesAsMarkdown, withNote } from './notes.ts';
import { relationOf, turnsOf } from './relation.ts';
import { eventAt, stepFrom } from './steps.ts';
import { underWayAt } from './under-way.ts';

const opened = await openedRun('stale-leader');
const { trace, causality, origin } = opened;
const { events, deltas, messages } = trace;
const sampled = Array.from({ length: 24 }, (_, index) => Math.floor((index * (events.length - 1)) / 23));

describe('where people ask to go', () => {
  it('is an event, a time or a line', () => {
    expect(eventAsked(opened, '#31')).toBe(31);
    expect(eventAsked(opened, ' 31 ')).toBe(31);
    const late = eventAsked(opened, '1.5s') as number;
    expect(events.t[late] - origin).toBeGreaterThanOrEqual(1.5e9);
    expect(events.t[late - 1] - origin).toBeLessThan(1.5e9);
    const line = trace.src[0].range[0];
    const first = eventAsked(opened, `@${line}`) as number;
    expect(trace.src[events.src[first]].range[0]).toBeLessThanOrEqual(line);
    expect(eventAsked(opened, `@stale-leader.dsys:${line}`)).toBe(first);
  });

  it('or is told why it is not there', () => {
    expect(eventAsked(opened, `#${events.length}`)).toBe(`The last event is ${events.length - 1}.`);
    expect(eventAsked(opened, '10000s')).toBe('The run ended before that.');
    expect(eventAsked(opened, '@99999')).toBe('No event comes from 99999.');
    expect(eventAsked(opened, '@')).toContain('@12');
    expect(eventAsked(opened, 'yesterday')).toContain('#31');
  });
});

describe('two events', () => {
  it('are one before the other over links that are there, or concurrent', () => {
    const kinds = new Set<string>();
    for (const a of sampled)
      for (const b of sampled) {
        const { kind, path } = relationOf(causality, a, b);
        kinds.add(kind);
        expect(kind === 'before').toBe(happensBefore(causality, a, b));
        expect(kind === 'after').toBe(happensBefore(causality, b, a));
        if (kind === 'concurrent') expect(path).toEqual([]);
        for (let index = 1; index < path.length; index++) {
          const [from, to] = [path[index - 1], path[index]];
          expect([causality.previous[to], causality.send[to], causality.cause[to]]).toContain(from);
        }
        const turns = turnsOf(causality, path);
        expect([turns[0], turns.at(-1)]).toEqual([path[0], path.at(-1)]);
        const lanes = new Set(path.map(event => causality.lane[event]));
        expect(turns.length).toBeGreaterThanOrEqual(Math.min(path.length, lanes.size));
      }
    expect([...kinds].sort()).toEqual(['after', 'before', 'concurrent', 'same']);
  });
});

describe('a step', () => {
  const rows = Array.from({ length: events.length }, (_, row) => row);
  const changes = new Set(deltas.event.subarray(0, deltas.length));

  it('leads to the nearest event of its kind on its side', () => {
    for (const event of sampled) {
      const later = (test: (row: number) => boolean) => rows.find(row => row > event && test(row)) ?? -1;
      const earlier = (test: (row: number) => boolean) => rows.findLast(row => row < event && test(row)) ?? -1;
      expect(stepFrom(opened, event, 'event', 1)).toBe(later(() => true));
      expect(stepFrom(opened, event, 'event', -1)).toBe(earlier(() => true));
      const same = (row: number) => events.node[row] === events.node[event];
      expect(stepFrom(opened, event, 'lane', 1)).toBe(later(same));
      expect(stepFrom(opened, event, 'lane', -1)).toBe(earlier(same));
      expect(stepFrom(opened, event, 'change', 1)).toBe(later(row => changes.has(row)));
      expect(stepFrom(opened, event, 'change', -1)).toBe(earlier(row => changes.has(row)));
      const broken = (row: number) => opened.violations.some(one => one.event === row);
      expect(stepFrom(opened, event, 'violation', 1)).toBe(later(broken));
    }
  });

  it('begins at the beginning, or at the end', () => {
    expect(stepFrom(opened, -1, 'event', 1)).toBe(0);
    expect(stepFrom(opened, -1, 'event', -1)).toBe(events.length - 1);
    expect(stepFrom(opened, -1, 'change', 1)).toBe(Math.min(...changes));
    expect(stepFrom(opened, -1, 'lane', 1)).toBe(0);
  });

  it('a moment shows the last event not after it', () => {
    for (const event of sampled) {
      const at = eventAt(opened, events.t[event]);
      expect(at).toBeGreaterThanOrEqual(event);
      expect(events.t[at]).toBe(events.t[event]);
    }
    expect(eventAt(opened, events.t[0] - 1)).toBe(-1);
  });
});

it('what is under way was sent and has not arrived', () => {
  let most = 0;
  for (const event of sampled) {
    const expected = Array.from({ length: messages.length }, (_, row) => row).filter(
      row => messages.send[row] <= event && (messages.end[row] < 0 || messages.end[row] > event),
    );
    const { messages: found, count } = underWayAt(trace, event);
    expect(count).toBe(expected.length);
    expect([...found].sort((a, b) => a - b)).toEqual(expected.slice(0, 200));
    most = Math.max(most, count);
  }
  expect(most).toBeGreaterThan(0);
});

it('what fits in no order is answered, of the same key, and not in the order', () => {
  const check = trace.checks.findIndex(one => one.kind === 'linearizability' && one.verdict === 'violated');
  const [partial] = partialsOf(trace, check);
  expect(partial.unplaced.length).toBeGreaterThan(0);
  expect(partial.order.length).toBeGreaterThan(0);
  for (const op of partial.unplaced) {
    expect(trace.ops.key[op]).toBe(partial.key);
    expect(trace.ops.linearizedAt[op]).toBe(-1);
    expect(partial.order).not.toContain(op);
  }
  const holding = trace.checks.findIndex(one => one.verdict === 'holds');
  expect(partialsOf(trace, holding)).toEqual([]);
});

describe('notes', () => {
  it('stand in the order of events, one for each, and are limited', () => {
    let notes = withNote(withNote([], 9, 'later'), 4, 'sooner');
    notes = withNote(notes, 9, 'changed');
    expect(notes).toEqual([
      { event: 4, text: 'sooner' },
      { event: 9, text: 'changed' },
    ]);
    for (let event = 100; event < 200; event++) notes = withNote(notes, event, '');
    expect(notes.length).toBe(MAX_NOTES);
    expect(withNote([], 1, 'x'.repeat(1000))[0].text.length).toBe(280);
  });

  it('become Markdown in which nothing but the notes’ own form means anything', () => {
    const text = notesAsMarkdown(opened, [
      { event: 5, text: '<img src=x onerror=alert(1)> [a](b) # `c`' },
      { event: 7, text: '' },
      { event: 99_999_999, text: 'gone' },
    ]);
    expect(text).toContain('### consistency linearizable of');
    expect(text).toContain('`dsys run stale-leader.dsys local-reads --seed 1`');
    expect(text).toContain('\\<img src=x onerror=alert(1)\\> \\[a\\](b) \\# \\`c\\`');
    expect(text).toMatch(/- \*\*[\d.-]+ ms, \w+\*\* \(#7\)/);
    expect(text).not.toContain('gone');
  });
});
