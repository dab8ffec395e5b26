import type { Field } from '@dsys/runtime/trace/state';
import { valueText } from '@dsys/runtime/trace/values';
import { describe, expect, it } from 'vitest';
import { traceOf } from '../testing/traces.ts';
import { contradiction, type StateNode, stateRows, stateTree, watchedFields, watchedOrigin } from './state.ts';

const field = (path: string, text: string, more: Partial<Field> = {}): Field => ({
  path: path.split('/'),
  text,
  ...more,
});
const before = [field('status', '"up"'), field('a/log/0', '"x"'), field('a/term', '3'), field('a/votes', '[]')];
const now = [
  field('status', '"up"'),
  field('a/log/0', '"x"'),
  field('a/log/1', '"y"'),
  field('a/term', '4'),
  field('a/due', '5000000', { unit: 'moment' }),
  field('a/votes/n1', 'true'),
];

const flat = (nodes: readonly StateNode[]): StateNode[] => nodes.flatMap(node => [node, ...flat(node.children)]);

describe('a state as a tree', () => {
  it('tells what was added, modified and deleted against the state before', () => {
    const tree = stateTree([...now], [...before, field('a/lease', 'null')], 2_000_000);
    expect(
      flat(tree)
        .filter(({ badge }) => badge !== '')
        .map(({ path, badge, old, text }) => [path.join('/'), badge, old, text]),
    ).toEqual([
      ['a/log/1', 'A', '', '"y"'],
      ['a/term', 'M', '3', '4'],
      ['a/due', 'A', '', '3 ms'],
      ['a/votes/n1', 'A', '', 'true'],
      ['a/lease', 'D', 'null', ''],
    ]);
    expect(tree.find(({ name }) => name === 'a')!.changes).toBe(5);
    const emptied = stateTree([field('peers', '{}')], [field('peers/n1/next', '2')], 0);
    expect(flat(emptied).map(({ name, badge }) => `${name} ${badge}`)).toEqual(['peers M', 'n1 ', 'next D']);
    expect(flat(stateTree(now, null, 0)).some(({ badge }) => badge !== '')).toBe(false);
  });

  it('shows what is open, or only what changed', () => {
    const tree = stateTree(now, before, 0);
    const names = (turned: [string, boolean][], changesOnly: boolean) =>
      stateRows(tree, new Map(turned), changesOnly).map(({ node, level }) => `${level} ${node.name}`);
    expect(names([], true)).toEqual(['1 a', '2 log', '3 1', '2 term', '2 due', '2 votes', '3 n1']);
    expect(names([['a', false]], false)).toEqual(['1 status', '1 a']);
    const rows = stateRows(tree, new Map(), true);
    expect(rows.filter(({ level }) => level === 2).map(({ position, siblings }) => [position, siblings])).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ]);
  });
});

describe('watched fields', () => {
  it('are those of the deltas, and lead to the event that set them', async () => {
    const trace = await traceOf('stale-leader');
    const { deltas, events, strings, values } = trace;
    const last = deltas.length - 1;
    const event = deltas.event[last];
    const node = events.node[event];
    const name = strings[deltas.path[last]];
    const path = name.split('.');
    const text = valueText(values, deltas.new[last]);
    const textAfter = (at: number) =>
      watchedFields(trace, at, node).find(one => one.path.join('.') === name)?.text ?? '';
    expect(textAfter(event)).toBe(text);
    expect(textAfter(event - 1)).toBe(valueText(values, deltas.old[last]).replace('{"#tup":[]}', 'null'));
    expect(watchedOrigin(trace, events.length - 1, node, path)).toBe(event);
    expect(watchedOrigin(trace, event - 1, node, path)).toBeLessThan(event);
    expect(watchedOrigin(trace, event, node, ['nobody', 'knows'])).toBe(-1);
  });

  it('that are something else in what was rebuilt are told', async () => {
    const trace = await traceOf('stale-leader');
    const event = trace.events.length - 1;
    const { deltas, strings, values } = trace;
    const own = new Map<string, string>();
    for (let row = 0; row < deltas.length; row++)
      if (trace.events.node[deltas.event[row]] === 0)
        own.set(strings[deltas.path[row]], valueText(values, deltas.new[row]));
    const watched = [...own].map(([path, itf]) => ({ path, itf }));
    expect(watched.length).toBeGreaterThan(1);
    expect(contradiction(trace, event, 0, watched)).toBeUndefined();
    const wrong = watched.map((one, index) => (index === 1 ? { ...one, itf: '77777' } : one));
    expect(contradiction(trace, event, 0, wrong)).toContain('is 77777 at this event; recorded was');
  });
});
