import { kindOf, nodeName } from '@dsys/runtime/trace/access';
import { describeEvent } from '@dsys/runtime/trace/describe';
import { describe, expect, it } from 'vitest';
import { openedRun, type RunName } from '../testing/traces.ts';
import { storyOf } from './story.ts';

async function told(name: RunName): Promise<string[]> {
  const opened = await openedRun(name);
  const { trace } = opened;
  return storyOf(opened, opened.violations[0]).map(
    row => `${nodeName(trace, trace.events.node[row])} ${describeEvent(trace, row).replace(/ \(sent.*/, '')}`,
  );
}

describe('a story tells', () => {
  it('of the stale leader: the cut, the new leader, the write that the old one never saw, the read', async () => {
    const story = await told('stale-leader');
    const inOrder = [
      'c1 is told write(flag, 1)',
      'faults begins: at 2s cut n1 from n2, n3',
      'n2 sends vote to n3',
      'c2 is told write(flag, 2)',
      'n1 receives request from c1',
      'c1 is told read(flag) = 1',
    ];
    const places = inOrder.map(line => story.lastIndexOf(line));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((left, right) => left - right));
    expect(story.length).toBeLessThan(60);
  });

  it('of the forgotten vote: the first vote, the crash that loses it, the second vote', async () => {
    const story = await told('forgotten-vote');
    expect(story.length).toBeLessThan(25);
    const inOrder = [
      'b sends vote to a',
      'b crashes',
      'b restarts',
      'b receives request-vote from c',
      'b sends vote to c',
    ];
    const places = inOrder.map(line => story.indexOf(line));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((left, right) => left - right));
  });

  it('of the lost write: what the next leader last heard of the old one, and that it took over', async () => {
    const story = await told('async-failover');
    expect(story).toContain('db3 receives log-ship from db1');
    expect(story).toContain('db1 crashes');
    expect(story.indexOf('db1 crashes')).toBeLessThan(story.findLastIndex(line => line.includes('promote')));
  });

  it('of the blocked commit: the write, the crash of who would decide, and that others ask each other in vain', async () => {
    const story = await told('blocked-commit');
    const inOrder = ['teller asks write(vault, 1)', 'c crashes', 'teller learns nothing of write(vault, 1)'];
    const places = [...inOrder.map(line => story.indexOf(line)), story.lastIndexOf('p1 receives inquire from p2')];
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((left, right) => left - right));
    expect(story).toContain('p2 receives inquire from p1');
  });

  it('nothing but rows of the trace, in order and once', async () => {
    for (const name of ['stale-leader', 'forgotten-vote', 'split-brain', 'async-failover'] as const) {
      const opened = await openedRun(name);
      for (const violation of opened.violations) {
        const story = storyOf(opened, violation);
        expect([...new Set(story)].sort((left, right) => left - right)).toEqual(story);
        expect(story.every(row => row >= 0 && row < opened.trace.events.length)).toBe(true);
        for (const event of violation.events) expect(story, `${name}: ${kindOf(opened.trace, event)}`).toContain(event);
      }
    }
  });
});

describe('roles', () => {
  it('end where their node crashes, whatever was recorded', async () => {
    const { trace, leaderships } = await openedRun('leader-crash');
    const [first, second] = leaderships;
    expect(nodeName(trace, first.node)).toBe('us1');
    expect(kindOf(trace, first.to)).toBe('crash');
    expect(nodeName(trace, second.node)).toBe('eu2');
    expect(second.to).toBe(-1);
  });
});
