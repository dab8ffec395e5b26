/** The panel with a node's state: rebuilt by a real replay, or from watched fields where nobody can execute the run again. */

import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { OriginAtParams, ViewerState } from '../../webview/trace/protocol.ts';
import { containerOf, type RunName, traceOf } from '../../webview/trace/testing/traces.ts';
import { axeViolations } from '../axe.ts';
import { screens, usePages } from '../pages.ts';
import { hostCalls, refused, type ShownTrace, settled, show } from './page.ts';
import { replayHost } from './replay-host.ts';

describe('the state of a node', () => {
  const newPage = usePages();

  async function open(name: RunName, more: Partial<ShownTrace> = {}, width = 1280) {
    const opened = await newPage(width, 860);
    await show(opened.page, { theme: 'dark', name, bytes: await containerOf(name), ...more });
    return opened;
  }
  const lastState = async (page: Page): Promise<ViewerState> => (await hostCalls<ViewerState>(page, 'state')).at(-1)!;
  /** Selects an event by its row in the list. */
  async function selectEvent(page: Page, event: number): Promise<void> {
    await page.focus('.rows [tabindex="0"]');
    await page.keyboard.press('Home');
    await settled(page);
    const trace = await lastState(page);
    expect(trace.event).toBe(0);
    await page.locator('.rows').evaluate((element, top) => (element.scrollTop = top), event * 24);
    await settled(page);
    await page.click(`.rows [aria-rowindex="${event + 2}"]`);
    await settled(page);
    expect((await lastState(page)).event).toBe(event);
    // What was selected before is shown until there is something to show of this one.
    await page.waitForSelector('.details[aria-busy=false]');
  }
  const item = (page: Page, name: string) =>
    page.locator('[role=treeitem]', { has: page.locator('.path', { hasText: new RegExp(`^${name}$`) }) }).first();
  const whole = (page: Page) => page.waitForSelector('.state[aria-busy=false] [role=treeitem]:has-text("groups")');

  /** An event that changes a watched term, late in the run. */
  async function changeOfTerm() {
    const trace = await traceOf('stale-leader');
    const { deltas, events, strings } = trace;
    for (let row = deltas.length - 1; row >= 0; row--)
      if (strings[deltas.path[row]].endsWith('.term') && deltas.old[row] !== 0)
        return { trace, row, event: deltas.event[row], node: events.node[deltas.event[row]] };
    throw new Error('no term changes');
  }

  it('is a tree that tells what the event changed', async () => {
    const { event } = await changeOfTerm();
    const { page, errors } = await open('stale-leader', { replay: await replayHost('stale-leader') });
    await page.click('#tab-state');
    await selectEvent(page, event);
    await whole(page);
    await item(page, 'term').scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(screens, 'trace-state.png') });
    expect(await item(page, 'term').locator('.badge').textContent()).toBe('M');
    expect(await page.locator('.why').count()).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
    await page.check('.changes-only input');
    await settled(page);
    const rows = await page.locator('[role=treeitem]').count();
    expect(rows).toBeGreaterThan(2);
    expect(await item(page, 'status').count()).toBe(0);
    await page.screenshot({ path: join(screens, 'trace-state-changes.png') });
    expect(await axeViolations(page)).toEqual([]);
    expect(await refused(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('is walked by keys, and a value leads to the event that set it', async () => {
    const { trace, event, node } = await changeOfTerm();
    const { page, errors } = await open('stale-leader', { replay: await replayHost('stale-leader') });
    await page.click('#tab-state');
    // A later event of the same node.
    const later = trace.events.node.findLastIndex(
      (one, row) => one === node && row > event && trace.events.kind[row] === 6,
    );
    await selectEvent(page, later);
    await whole(page);
    await item(page, 'status').focus();
    const focused = () => page.evaluate(() => document.activeElement?.querySelector('.path')?.textContent);
    expect(await focused()).toBe('status');
    await page.keyboard.press('ArrowDown');
    await settled(page);
    expect(await focused()).toBe('crashes');
    await page.keyboard.press('ArrowDown');
    await settled(page);
    expect(await focused()).toBe('groups');
    const before = await page.locator('[role=treeitem]').count();
    await page.keyboard.press('ArrowLeft');
    await settled(page);
    expect(await page.locator('[role=treeitem]').count()).toBeLessThan(before);
    expect(await item(page, 'groups').getAttribute('aria-expanded')).toBe('false');
    await page.keyboard.press('ArrowRight');
    await settled(page);
    expect(await page.locator('[role=treeitem]').count()).toBe(before);
    expect(await page.locator('.tree [tabindex="0"]').count()).toBe(1);

    await item(page, 'term').click();
    await page.waitForFunction(() => /was set here/.test(document.querySelector('[role=log]')?.textContent ?? ''));
    expect((await lastState(page)).event).toBe(event);
    const [asked] = await hostCalls<OriginAtParams>(page, 'originOf');
    expect(asked.path.at(-1)).toBe('term');
    await whole(page);
    // The jump is one step of the history.
    await page.focus('#diagram');
    await page.keyboard.press('Backspace');
    await settled(page);
    expect((await lastState(page)).event).toBe(later);
    expect(errors).toEqual([]);
  });

  it.each([
    ['this page has no runtime', {}, /This page has no runtime: state cannot be rebuilt\. Watched fields only\./],
    ['the text has changed', { states: ['changed'], replay: () => ({}) }, /The design changed since this run/],
    [
      'the run is another one',
      { replay: () => ({ kind: 'differs', why: 'executed again, it differs' }) },
      /it differs\. Watched/,
    ],
    ['the host fails', { replay: () => Promise.reject(new Error('no thread')) }, /no thread\. Watched/],
  ] as const)('is that of watched fields when %s, and says so', async (_, host, words) => {
    const { event, row, trace } = await changeOfTerm();
    const { page, errors } = await open('stale-leader', host);
    await page.click('#tab-state');
    await selectEvent(page, event);
    await page.waitForSelector('.why');
    expect(await page.textContent('.why')).toMatch(words);
    expect(await item(page, 'term').locator('.badge').textContent()).toBe('M');
    expect(trace.strings[trace.deltas.path[row]]).toContain('term');
    // It leads to where it was set without the host.
    const next = trace.events.node.indexOf(trace.events.node[event], event + 1);
    await selectEvent(page, next);
    await page.waitForSelector('.why');
    await item(page, 'term').click();
    await settled(page);
    expect((await lastState(page)).event).toBe(event);
    expect(await axeViolations(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('of a host that says something else than the trace is not shown', async () => {
    const { event } = await changeOfTerm();
    const real = await replayHost('stale-leader');
    const lying: ShownTrace['replay'] = (what, params) => {
      const answer = real(what, params) as { kind: string; value: { now: { watched: { itf: string }[] } } };
      const copy = structuredClone(answer);
      copy.value.now.watched[0].itf = '"somebody else"';
      return copy;
    };
    const { page } = await open('stale-leader', { replay: lying });
    await page.click('#tab-state');
    await selectEvent(page, event);
    await page.waitForSelector('.why');
    expect(await page.textContent('.why')).toContain('"somebody else" at this event; recorded was');
    expect(await item(page, 'groups').count()).toBe(0);
  });

  it('of clients is none, and of a large run still a page', async () => {
    const { page, errors } = await open('leader-crash', { replay: await replayHost('leader-crash') });
    const trace = await traceOf('leader-crash');
    await page.click('#tab-state');
    const client = trace.header.nodes.findIndex(({ kind }) => kind === 'client');
    await selectEvent(page, trace.events.node.indexOf(client));
    expect(await page.textContent('.state')).toContain('is no node of the design');
    const server = trace.events.node.indexOf(1, 60_000);
    await selectEvent(page, server);
    await whole(page);
    expect(await page.locator('[role=treeitem]').count()).toBeLessThanOrEqual(1500);
    await page.screenshot({ path: join(screens, 'trace-state-large.png') });
    expect(errors).toEqual([]);
  });

  it('fits a narrow column', async () => {
    const { event } = await changeOfTerm();
    const { page } = await open('stale-leader', { replay: await replayHost('stale-leader') }, 560);
    await page.click('#tab-state');
    await selectEvent(page, event);
    await whole(page);
    const [width, scrolled] = await page.evaluate(() => {
      const { clientWidth, scrollWidth } = document.documentElement;
      return [clientWidth, scrollWidth];
    });
    expect(scrolled).toBeLessThanOrEqual(width);
  });
});
