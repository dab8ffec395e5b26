import { describe, expect, it } from 'vitest';
import { openedRun, RUN_NAMES } from '../testing/traces.ts';
import { countsByLine, sourceOfEvent } from './source-lines.ts';

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
