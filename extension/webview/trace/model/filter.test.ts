import { kindOf, nodeName, typeOf } from '@dsys/runtime/trace/access';
import { describeEvent } from '@dsys/runtime/trace/describe';
import { describe, expect, it } from 'vitest';
import { openedRun } from '../testing/traces.ts';
import { applyFilter, matcher, parseFilter, rowsOfMask } from './filter.ts';

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

  it('take no time that grows faster than the text', () => {
    const began = performance.now();
    expect(matcher(`${'*a'.repeat(200)}b`)('a'.repeat(100_000))).toBe(false);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('a filter', () => {
  it('lets exactly those events through that it names', async () => {
    const { trace } = await openedRun('stale-leader');
    const rows = (text: string): number[] => [...rowsOfMask(applyFilter(trace, parseFilter(text)))!];
    const all = Array.from({ length: trace.events.length }, (_, row) => row);

    expect(applyFilter(trace, parseFilter(''))).toBeNull();
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
