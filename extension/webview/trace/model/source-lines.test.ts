import { describe, expect, it } from 'vitest';
import { openedRun, RUN_NAMES } from '../testing/traces.ts';
import { countsByLine, linesOf, placeOfEvent, sourceOfEvent } from './source-lines.ts';

describe.each(RUN_NAMES)('events by line of %s', name => {
  it('are those whose place in the text reaches over the line', async () => {
    const { trace } = await openedRun(name);
    const { src, sources, events } = trace;
    const counted = countsByLine(trace);
    expect(counted.length).toBe(sources.length);
    expect(counted.flat().length).toBeGreaterThan(2);
    for (const [source, lines] of counted.entries()) {
      const places = Array.from({ length: events.length }, (_, event) => src[sourceOfEvent(trace, event)]).filter(
        place => place?.source === source,
      );
      const expected = [...new Set(places.map(({ range }) => range[0]))]
        .sort((a, b) => a - b)
        .map(line => ({ line, events: places.filter(({ range: [from, , to] }) => from <= line && line <= to).length }));
      expect(lines).toEqual(expected);
    }
  });
});

it('a trace whose events name sources that are not there is counted without them', async () => {
  const { trace } = await openedRun('stale-leader');
  const src = trace.events.src.map(() => 900);
  expect(countsByLine({ ...trace, events: { ...trace.events, src } }).flat()).toEqual([]);
});

it('an event has the place that its row names, and none has no event or row that is not there', async () => {
  const { trace } = await openedRun('stale-leader');
  const event = trace.events.src.findIndex(src => trace.src[src] !== undefined);
  const { source, range, decl } = trace.src[trace.events.src[event]];
  expect(placeOfEvent(trace, event)).toMatchObject({ uri: trace.sources[source].uri, source, range, decl });
  expect(placeOfEvent(trace, -1)).toBeUndefined();
  expect(placeOfEvent({ ...trace, src: [] }, event)).toBeUndefined();
  expect(placeOfEvent({ ...trace, sources: [] }, event)).toBeUndefined();
});

describe('lines of a text', () => {
  const text = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`).join('\n');

  it('are those of the range, and of a long one the first', () => {
    expect(linesOf({ text }, [3, 1, 4, 2])).toBe('line 3\nline 4');
    expect(linesOf({ text }, [3, 1, 40, 2])!.split('\n')).toHaveLength(12);
    expect(linesOf({ text: 'a'.repeat(1e6) }, [1, 1, 1, 2])).toHaveLength(1000);
  });

  it('lose the indentation of the first', () => {
    expect(linesOf({ text: '  a {\n    b\n  }\nc' }, [1, 3, 4, 1])).toBe('a {\n  b\n}\nc');
  });

  it('are not there where the text is not known, or has fewer', () => {
    for (const state of ['changed', 'missing', undefined] as const)
      expect(linesOf(state, [1, 1, 1, 1])).toBeUndefined();
    expect(linesOf({ text }, [400, 1, 401, 1])).toBe('');
  });
});
