import { kindOf, nodeName, typeOf } from '@dsys/runtime/trace/access';
import { happensBefore } from '@dsys/runtime/trace/causality';
import { describeEvent } from '@dsys/runtime/trace/describe';
import { WHY_NAMES } from '@dsys/runtime/trace/kinds';
import { randomTrace } from '@dsys/runtime/trace/testing/random-trace';
import { valueAt } from '@dsys/runtime/trace/values';
import { describe, expect, it } from 'vitest';
import { openedRun, type RunName } from '../testing/traces.ts';
import { applyFilter, rowsOfMask, watchedNames } from './filter.ts';
import { matcher, parseFilter } from './filter-words.ts';
import { type Opened, openedOf } from './opened.ts';
import { timeOf } from './times.ts';

describe('words of the filter', () => {
  it('are terms with a field, words without one, and their opposites', () => {
    expect(parseFilter('node:n1 -kind:Send vote "is told" 10:30').terms).toEqual([
      { field: 'node', text: 'n1', not: false },
      { field: 'kind', text: 'send', not: true },
      { field: 'any', text: 'vote', not: false },
      { field: 'any', text: 'is told', not: false },
      { field: 'any', text: '10:30', not: false },
    ]);
    expect(parseFilter('   ').terms).toEqual([]);
    expect(parseFilter('key:"a b"').terms).toEqual([{ field: 'key', text: 'a b', not: false }]);
  });

  it('say which words there are when one is unknown', () => {
    expect(parseFilter('kind:dro').problem).toBe('');
    expect(parseFilter('kind:lost').problem).toMatch(/^kind: knows init, /);
    expect(parseFilter('status:maybe').problem).toContain('unknown');
    expect(parseFilter('status:unknown').problem).toBe('');
    expect(parseFilter('trem>3', new Set(['term', 'role'])).problem).toBe(
      'trem: is no watched field; there are role, term',
    );
    expect(parseFilter('term>3', new Set(['term'])).problem).toBe('');
    expect(parseFilter('before:now').problem).toBe('before: wants a number like #31');
    expect(parseFilter('time>soon').problem).toBe('time: wants a time like 12ms or 1.5s');
    expect(parseFilter('src:shop').problem).toContain('src:shop.dsys:12');
    expect(parseFilter('not-before kind:crash').problem).toContain('stands between');
  });

  it('know times', () => {
    expect(['12ms', '1.5s', '3', '7us', '2ns', 'x'].map(timeOf)).toEqual([12e6, 1.5e9, 3e6, 7000, 2, undefined]);
  });
});

describe('stars', () => {
  it.each([
    ['append-*', 'append-entries', true],
    ['append-*', 'x-append-entries', false],
    ['*vote', 'request-vote', true],
    ['*vote', 'votes', false],
    ['a*b*c', 'axxbxxc', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['*', '', true],
  ])('%s and %s: %s', (wanted, text, expected) => {
    expect(matcher(wanted)(text)).toBe(expected);
  });

  // By trying each way this would not end.
  it('end for whatever repeats', () => {
    expect(matcher(`${'*a'.repeat(200)}b`)('a'.repeat(100_000))).toBe(false);
  });
});

const filtering = async (name: RunName) => filteringOf(await openedRun(name));

function filteringOf(opened: Opened) {
  const { trace } = opened;
  const watched = watchedNames(trace);
  const rows = (text: string): number[] => [...rowsOfMask(applyFilter(opened, parseFilter(text, watched)))!];
  return { opened, trace, rows, all: Array.from({ length: trace.events.length }, (_, row) => row) };
}

describe('a filter', () => {
  it.each([
    ['a run', async () => openedRun('async-failover')],
    ['anything', async () => openedOf(randomTrace(7, { steps: 1500 }).trace)],
  ])('finds a bare word in what is told of each event, its node and its kind: %s', async (_, open) => {
    const { trace, rows, all } = filteringOf(await open());
    const told = (row: number): string =>
      [describeEvent(trace, row), nodeName(trace, trace.events.node[row]), kindOf(trace, row)].join('\n').toLowerCase();
    const words = ['n1', 's1', 'write', 'ship', 'leader', 'k1', 'refused', 'timer', 'vote', 'append', ...WHY_NAMES];
    for (const word of words) expect(rows(word), word).toEqual(all.filter(row => told(row).includes(word)));
  });

  it('compares times, and what watched fields are at each event', async () => {
    const { opened, trace, rows, all } = await filtering('stale-leader');
    expect(rows('time>=1s time<2s')).toEqual(
      all.filter(row => trace.events.t[row] - opened.origin >= 1e9 && trace.events.t[row] - opened.origin < 2e9),
    );
    const field = (row: number, name: string): unknown => {
      for (let delta = trace.deltas.length - 1; delta >= 0; delta--) {
        const event = trace.deltas.event[delta];
        if (event > row || trace.events.node[event] !== trace.events.node[row]) continue;
        if (trace.strings[trace.deltas.path[delta]].endsWith(`.${name}`))
          return valueAt(trace.values, trace.deltas.new[delta]);
      }
      return undefined;
    };
    const sampled = all.filter(row => row % 37 === 0);
    const late = new Set(rows('term>1'));
    const leaders = new Set(rows('role:leader'));
    for (const row of sampled) {
      expect(late.has(row), `term at ${row}`).toBe(Number(field(row, 'term') ?? 0) > 1);
      expect(leaders.has(row), `role at ${row}`).toBe(field(row, 'role') === 'leader');
    }
    expect(late.size).toBeGreaterThan(10);
    expect(leaders.size).toBeGreaterThan(10);
  });

  it('asks what happened before what', async () => {
    const { opened, rows, all } = await filtering('stale-leader');
    const event = Math.floor(all.length / 2);
    const before = all.filter(row => happensBefore(opened.causality, row, event));
    const after = all.filter(row => happensBefore(opened.causality, event, row));
    expect(rows(`before:#${event}`)).toEqual(before);
    expect(rows(`after:${event}`)).toEqual(after);
    expect(rows(`concurrent:#${event}`)).toEqual(
      all.filter(row => row !== event && !before.includes(row) && !after.includes(row)),
    );
    expect(rows('before:#999999')).toEqual([]);
  });

  it('finds what nothing of a kind came before', async () => {
    const { opened, rows } = await filtering('stale-leader');
    const [asked, elected] = [rows('kind:invoke'), rows('role:leader')];
    const expected = asked.filter(row => !elected.some(one => happensBefore(opened.causality, one, row)));
    expect(rows('kind:invoke not-before role:leader')).toEqual(expected);
    expect(rows('kind:deliver not-before kind:send')).toEqual([]);
    expect(rows('kind:deliver not-before kind:crash').length).toBeGreaterThan(0);
  });

  it('finds the events of a line of the design, of an operation and of a message', async () => {
    const { trace, rows, all } = await filtering('stale-leader');
    const [source] = trace.src;
    const line = source.range[0];
    const ofLine = all.filter(row => {
      const range = trace.src[trace.events.src[row]]?.range;
      return range !== undefined && range[0] <= line && line <= range[2];
    });
    expect(rows(`src:${line}`)).toEqual(ofLine);
    expect(rows(`src:stale-leader.dsys:${line}`)).toEqual(ofLine);
    expect(rows(`src:other.dsys:${line}`)).toEqual([]);
    expect(ofLine.length).toBeGreaterThan(0);
    expect(rows('op:0')).toEqual(all.filter(row => trace.events.op[row] === 0));
    expect(rows('message:#3')).toEqual(all.filter(row => trace.events.msg[row] === 3));
  });

  it('lets exactly those events through that it names', async () => {
    const { trace, rows, all } = await filtering('stale-leader');
    expect(applyFilter(await openedRun('stale-leader'), parseFilter(''))).toBeNull();
    expect(rows('kind:drop node:n1')).toEqual(
      all.filter(row => kindOf(trace, row) === 'drop' && nodeName(trace, trace.events.node[row]) === 'n1'),
    );
    const votes = all.filter(row => trace.events.msg[row] >= 0 && typeOf(trace, trace.events.msg[row]) === 'vote');
    expect(rows('type:vote -kind:timerFire').filter(row => trace.events.msg[row] >= 0)).toEqual(votes);
    expect(rows('key:flag').length).toBe(all.filter(row => trace.events.op[row] >= 0).length);
    expect(rows('status:fail')).toEqual([]);
    expect(rows('never')).toEqual(all.filter(row => describeEvent(trace, row).includes('never')));
    expect(rows('never').length).toBeGreaterThan(0);
    expect(rows('-never').length).toBe(all.length - rows('never').length);
  });
});
