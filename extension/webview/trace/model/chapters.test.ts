import type { Trace } from '@dsys/runtime/trace/model';
import { randomTrace } from '@dsys/runtime/trace/testing/random-trace';
import { describe, expect, it } from 'vitest';
import { emptyTrace } from '../testing/empty.ts';
import { openedRun, RUN_NAMES, type RunName } from '../testing/traces.ts';
import { type Chapter, chapterAt, chaptersOf, MAX_CHAPTERS } from './chapters.ts';
import { type Opened, openedOf } from './opened.ts';
import { stepFrom } from './steps.ts';
import { storyOf } from './story.ts';

const told = (opened: Opened, index = 0): Chapter[] => {
  const violation = opened.violations[index] ?? null;
  return chaptersOf(opened, violation, violation === null ? [] : storyOf(opened, violation));
};
const textsOf = async (name: RunName): Promise<string[]> => told(await openedRun(name)).map(({ text }) => text);

const withNotes = (opened: Opened, notes: Trace['notes']): Opened => openedOf({ ...opened.trace, notes });

describe('chapters tell', () => {
  it('of the stale leader: who answered and led, the cut, the second leader, what was acknowledged, what was read', async () => {
    expect(await textsOf('stale-leader')).toEqual([
      'c1 is told write(flag, 1) by n1, which is leader in epoch 1',
      'a fault begins: at 2s cut n1 from n2, n3',
      'n3 receives vote from n2: n3 is leader in epoch 2, while n1 is leader in epoch 1',
      'c2 is told write(flag, 2) by n2',
      'c1 is told read(flag) = 1 by n1, which is leader in epoch 1. consistency linearizable of local is violated',
    ]);
  });

  it('of the forgotten vote: what the restart forgot, and both elections by the same vote', async () => {
    const texts = await textsOf('forgotten-vote');
    expect(texts.filter(text => !text.startsWith('a fault'))).toEqual([
      'b crashes',
      'a receives vote from b: a is leader in epoch 3',
      'b restarts (votedFor a → null, commitIndex 2 → 0)',
      'c receives vote from b: c is leader in epoch 3, while a is leader in epoch 3',
      'invariant ElectionSafety of log is violated: a and c both lead term 3',
    ]);
  });

  it('of lost writes: what the next leader had last heard', async () => {
    const texts = await textsOf('async-failover');
    expect(texts.slice(-2)).toEqual([
      'db3 receives log-ship from db1, the last of db1 before it leads',
      'db3 receives promote-vote from db2: db3 is leader in epoch 2',
    ]);
  });

  it.each(RUN_NAMES)('%s: rows of the story, in order and once, the violation among them', async name => {
    const opened = await openedRun(name);
    for (const [index, violation] of opened.violations.entries()) {
      const rows = told(opened, index).map(({ event }) => event);
      expect([...new Set(rows)].sort((left, right) => left - right)).toEqual(rows);
      expect(rows.length).toBeLessThanOrEqual(MAX_CHAPTERS);
      const story = storyOf(opened, violation);
      for (const row of rows) expect(story).toContain(row);
      expect(rows).toContain(violation.event);
    }
  });

  it('what notes of a story say, in the place of the rules; other notes are none', async () => {
    const opened = await openedRun('stale-leader');
    const fault = opened.trace.faults[0].start;
    const noted = withNotes(opened, [
      { event: fault, text: 'the old leader is alone', author: 'ann', story: 'stale' },
      { range: [600, 700], text: 'nothing tells it', author: 'ann', story: '' },
      { event: 650, text: 'just a note', author: 'ann' },
      { event: 10_000_000, text: 'outside', author: 'ann', story: 'x' },
    ]);
    const chapters = told(noted);
    expect(chapters.filter(({ event }) => event === fault)).toEqual([
      { event: fault, text: 'stale: the old leader is alone' },
    ]);
    expect(chapters).toContainEqual({ event: 600, text: 'nothing tells it' });
    expect(chapters).toHaveLength(6);
    expect(storyOf(noted, noted.violations[0])).toContain(600);
    // Without a violation they are all there is.
    expect(chaptersOf(noted, null, []).map(({ event }) => event)).toEqual([fault, 600]);
  });

  it('no more than can be followed, and notes last of all given up', async () => {
    const opened = await openedRun('forgotten-vote');
    const notes = Array.from({ length: 100 }, (_, index) => ({
      event: index,
      text: `${index}`,
      author: '',
      story: '',
    }));
    const chapters = told(withNotes(opened, notes));
    expect(chapters).toHaveLength(MAX_CHAPTERS);
    expect(chapters.every(({ event }) => event < 100)).toBe(true);
  });

  it('what strangers repeat without end, in no time and in short', async () => {
    const opened = await openedRun('stale-leader');
    const [violation] = opened.violations;
    const many = 30_000;
    const from = opened.leaderships[1].from;
    const endless: Opened = {
      ...opened,
      leaderships: Array.from({ length: many }, () => ({ ...opened.leaderships[1], from })),
    };
    const repeated = {
      ...violation,
      name: 'n'.repeat(1e6),
      ops: Array.from({ length: many }, (_, index) => violation.ops[index % 3]),
    };
    const chapters = chaptersOf(endless, repeated, storyOf(opened, violation));
    expect(chapters.at(-1)!.event).toBe(violation.event);
    for (const { text } of chapters) expect(text.length).toBeLessThanOrEqual(400);
  });

  it('nothing of empty traces, and of random ones whatever they say, in plain lines', () => {
    expect(told(openedOf(emptyTrace()))).toEqual([]);
    for (let seed = 1; seed <= 60; seed++) {
      const opened = openedOf(randomTrace(seed, { steps: 60 }).trace);
      for (let index = 0; index < Math.max(1, opened.violations.length); index++)
        for (const { event } of told(opened, index)) expect(opened.trace.events.t[event]).toBeDefined();
    }
  });
});

describe('the way from chapter to chapter', () => {
  const chapters = [10, 20, 30].map(event => ({ event, text: '' }));

  it('knows which one an event is at', () => {
    expect([9, 10, 25, 99].map(event => chapterAt(chapters, event))).toEqual([-1, 0, 1, 2]);
  });

  it('steps forth and back', async () => {
    const opened = await openedRun('stale-leader');
    const step = (event: number, by: 1 | -1): number => stepFrom(opened, event, 'chapter', by, chapters);
    expect([step(-1, 1), step(10, 1), step(15, 1), step(30, 1)]).toEqual([10, 20, 20, -1]);
    expect([step(30, -1), step(10, -1)]).toEqual([20, -1]);
  });
});
