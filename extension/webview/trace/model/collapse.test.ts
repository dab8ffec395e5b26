import { KIND } from '@dsys/runtime/trace/kinds';
import { randomTrace } from '@dsys/runtime/trace/testing/random-trace';
import { describe, expect, it } from 'vitest';
import { sceneOf } from '../draw/scene.ts';
import { openedRun, RUN_NAMES } from '../testing/traces.ts';
import { viewOf } from '../testing/view.ts';
import { type Axis, stepAxis, timeAxis, wholeRange } from './axis.ts';
import { type Collapsed, closedUp, collapsedOf, groupsOf, LEAST_RUN, LEAST_STORM } from './collapse.ts';
import { type Opened, openedOf } from './opened.ts';
import { storyOf } from './story.ts';
import { compressedAxis, storyAxis } from './warped.ts';

const storyIn = (opened: Opened): number[] =>
  opened.violations.length === 0 ? [] : storyOf(opened, opened.violations[0]);
const of = (opened: Opened, shown: number[] = [], mask: Uint8Array | null = null): Collapsed =>
  collapsedOf(opened, groupsOf(opened, storyIn(opened), [mask]), shown);

const AXES: Readonly<Record<string, (opened: Opened) => Axis>> = {
  time: timeAxis,
  step: stepAxis,
  story: opened => storyAxis(opened, storyIn(opened)),
  compressed: compressedAxis,
};

/** What the picture says that it stands for: events one by one, and what is written beside the marks. */
function told(opened: Opened, axis: Axis, collapsed: Collapsed, range = wholeRange(axis)) {
  const limits = { exact: 1e9, points: 1e9 };
  const closed = closedUp(axis, collapsed);
  // High enough that every lane has its place, and wide enough that every count has.
  const view = viewOf(opened, { axis: closed, range, collapsed, limits, width: 6000, height: 1200 });
  const scene = sceneOf(view);
  const { places: rows, shapes } = scene.frame;
  const drawn = closed.hidden!.subarray(...rows).filter(one => one === 0).length;
  const behind = closed.hidden!.subarray(...rows).filter(one => one === 1).length;
  const merged = Number(/, ([\d,]+) collapsed$/.exec(scene.mode)?.[1].replaceAll(',', '') ?? 0);
  const marks = shapes.filter(({ part }) => part === 'collapsed').length;
  const counts = scene.frame.labels.filter(({ part }) => part === 'collapsed.count').map(({ text }) => text);
  return { inView: rows[1] - rows[0], drawn, behind, merged, marks, counts, mode: scene.mode };
}

describe('what is collapsed', () => {
  it.each(RUN_NAMES)(
    '%s: runs of local events of one node, next to each other, and nothing that is told',
    async name => {
      const opened = await openedRun(name);
      const { events } = opened.trace;
      const { groups } = of(opened);
      expect(groups.length).toBeGreaterThan(0);
      const story = new Set(storyIn(opened));
      for (const { rows, messages } of groups) {
        expect(rows.some(row => story.has(row) || events.kind[row] === KIND.violation)).toBe(false);
        if (messages.length > 0) continue;
        expect(rows.length).toBeGreaterThanOrEqual(LEAST_RUN);
        const lane = opened.eventsOfNode[events.node[rows[0]]];
        const at = lane.indexOf(rows[0]);
        expect([...lane.subarray(at, at + rows.length)]).toEqual(rows);
        for (const row of rows) expect(events.msg[row]).toBe(-1);
        expect(rows.some(row => opened.leaderships.some(({ from, to }) => from === row || to === row))).toBe(false);
      }
    },
  );

  it('a storm is the same message between two nodes, with nothing heard in between', async () => {
    const opened = await openedRun('stale-leader');
    const { events, messages } = opened.trace;
    const storms = of(opened).groups.filter(one => one.messages.length > 0);
    expect(storms.length).toBeGreaterThan(0);
    for (const { rows, messages: storm } of storms) {
      expect(storm.length).toBeGreaterThanOrEqual(LEAST_STORM);
      const [first, last] = [messages.send[storm[0]], messages.send[storm[storm.length - 1]]];
      const alike = [...Array(messages.length).keys()].filter(
        one =>
          messages.send[one] >= first &&
          messages.send[one] <= last &&
          messages.to[one] === messages.to[storm[0]] &&
          events.node[messages.send[one]] === events.node[first],
      );
      // All of them, and of one type.
      expect(alike).toEqual([...storm]);
      expect(new Set(alike.map(one => events.name[messages.send[one]])).size).toBe(1);
      for (let row = first; row <= last; row++) {
        const back = events.kind[row] === KIND.deliver && events.node[row] === events.node[first];
        if (back) expect(events.node[opened.causality.send[row]]).not.toBe(messages.to[storm[0]]);
      }
      const between = storm.slice(1, -1).flatMap(one => [messages.send[one], messages.end[one]]);
      expect([...rows]).toEqual(between.filter(row => row >= 0).sort((a, b) => a - b));
    }
  });

  it('what is selected, found or kept is in no group', async () => {
    const opened = await openedRun('stale-leader');
    const { groups } = of(opened);
    for (const { rows } of groups.slice(0, 20)) {
      const row = rows[rows.length >> 1];
      const without = of(opened, [row]);
      expect(without.groups.length).toBe(groups.length - 1);
      expect(without.rows[row]).toBe(0);
      const mask = new Uint8Array(opened.trace.events.length);
      mask[row] = 1;
      expect(of(opened, [], mask).rows[row]).toBe(0);
    }
  });
});

describe.each(Object.keys(AXES))('on the axis %s', kind => {
  it.each(['stale-leader', 'forgotten-vote', 's22-raft-lease-under-drift'] as const)(
    '%s: counts and marks are all events',
    async name => {
      const opened = await openedRun(name);
      const axis = AXES[kind](opened);
      const collapsed = of(opened);
      const all = told(opened, axis, collapsed);
      expect(all.drawn + all.behind + all.merged).toBe(all.inView);
      expect(all.inView).toBe(opened.trace.events.length);
      if (kind !== 'story') {
        expect(all.merged).toBe(collapsed.groups.reduce((sum, { rows }) => sum + rows.length, 0));
        expect(all.counts.length).toBe(collapsed.groups.length);
        expect(all.merged).toBeGreaterThan(0);
      }
      expect(all.marks).toBe(all.counts.length);
      // Runs say how many they are.
      const runs = all.counts
        .filter(text => text.startsWith('×'))
        .reduce((sum, text) => sum + Number(text.slice(1)), 0);
      const inRuns = collapsed.groups
        .filter(one => one.messages.length === 0)
        .reduce((sum, { rows }) => sum + rows.length, 0);
      if (kind !== 'story') expect(runs).toBe(inRuns);
      // And in parts of it.
      for (const share of [0.2, 0.45, 0.7]) {
        const closed = closedUp(axis, collapsed);
        const width = closed.to - closed.from;
        const range = { from: closed.from + width * share, to: closed.from + width * (share + 0.11) };
        const part = told(opened, axis, collapsed, range);
        expect(part.drawn + part.behind + part.merged).toBe(part.inView);
      }
    },
  );

  it('coordinates do not decrease, and close up where each event has its room', async () => {
    const opened = await openedRun('stale-leader');
    const axis = AXES[kind](opened);
    const collapsed = of(opened);
    const closed = closedUp(axis, collapsed);
    for (let row = 1; row < closed.at.length; row++) expect(closed.at[row]).toBeGreaterThanOrEqual(closed.at[row - 1]);
    if (kind !== 'step') return expect(closed.at).toEqual(axis.at);
    expect(closed.to).toBe(collapsed.rows.filter(one => one < 2).length - 1);
  });
});

it('the list shows every other event, and says how many it does not', async () => {
  const traces = [await openedRun('stale-leader')];
  for (let seed = 1; seed <= 40; seed++) traces.push(openedOf(randomTrace(seed, { steps: 80 }).trace));
  for (const opened of traces) {
    const { rows, more } = of(opened);
    const behind = [...more.values()].reduce((sum, one) => sum + one, 0);
    expect(rows.filter(one => one < 2).length + behind).toBe(opened.trace.events.length);
    for (const row of more.keys()) expect(rows[row]).toBeLessThan(2);
  }
});
