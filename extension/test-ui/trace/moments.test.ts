/** Moving through a run and keeping moments of it, in a real browser and by the keyboard alone. */

import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { ViewerState } from '../../webview/trace/protocol.ts';
import { containerOf, traceOf } from '../../webview/trace/testing/traces.ts';
import { usePages } from '../pages.ts';
import { hostCalls, settled, show } from './page.ts';

describe('moments of a run', () => {
  const newPage = usePages();

  async function open() {
    const { page, errors } = await newPage(1280, 900);
    await show(page, { name: 'stale-leader.dsystrace', bytes: await containerOf('stale-leader'), theme: 'dark' });
    await page.focus('#diagram');
    return { page, errors };
  }
  const eventOf = async (page: Page): Promise<number> => {
    await settled(page);
    return (await hostCalls<ViewerState>(page, 'state')).at(-1)!.event;
  };
  const press = async (page: Page, ...keys: string[]): Promise<number> => {
    for (const key of keys) await page.keyboard.press(key);
    return eventOf(page);
  };
  async function goTo(page: Page, where: string): Promise<number> {
    await page.focus('#diagram');
    await page.keyboard.press('g');
    await page.waitForSelector('.goto input:focus');
    await page.keyboard.type(where);
    await page.keyboard.press('Enter');
    return eventOf(page);
  }

  it('is gone to by its number, its time or its line, or is told why not', async () => {
    const { page, errors } = await open();
    expect(await goTo(page, '#100')).toBe(100);
    const trace = await traceOf('stale-leader');
    const origin = Number(trace.header.params.originNs);
    const late = await goTo(page, '1s');
    expect(trace.events.t[late]! - origin).toBeGreaterThanOrEqual(1e9);
    await goTo(page, '#99999999');
    expect(await page.textContent('.goto output')).toBe(`The last event is ${trace.events.length - 1}.`);
    await page.keyboard.press('Escape');
    expect(await page.$('.goto')).toBeNull();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('diagram');
    expect(errors).toEqual([]);
  });

  it('goes by when played, by steps and by time, and stops where one was kept', async () => {
    const { page, errors } = await open();
    await goTo(page, '#10');
    await press(page, 'm');
    await goTo(page, '#4');
    await page.selectOption('[aria-label="Pace"]', '2');
    await page.focus('#diagram');
    await page.keyboard.press(' ');
    await page.waitForFunction(() => document.querySelector('[aria-label="Play (Space)"]') !== null);
    // Event 10 is kept: playing ended there.
    expect(await eventOf(page)).toBe(10);
    await page.selectOption('[aria-label="Pace"]', '6');
    await page.focus('#diagram');
    await page.keyboard.press(' ');
    await page.waitForFunction(
      () => ((window as unknown as { hostCalls: [string, { event: number }][] }).hostCalls.at(-1)?.[1].event ?? 0) > 40,
    );
    await page.keyboard.press(' ');
    const stopped = await eventOf(page);
    await page.waitForTimeout(300);
    expect(await eventOf(page)).toBe(stopped);
    expect(errors).toEqual([]);
  });

  it('steps to the next change of state and back', async () => {
    const { page } = await open();
    const trace = await traceOf('stale-leader');
    const changes = new Set(trace.deltas.event);
    await goTo(page, '#100');
    const next = await press(page, '>');
    expect(changes.has(next) && next > 100).toBe(true);
    const before = await press(page, '<');
    expect(changes.has(before) && before < next).toBe(true);
  });

  it('is compared with another one, over the messages between them', async () => {
    const { page } = await open();
    await goTo(page, '#3');
    await press(page, 'r');
    const last = (await traceOf('stale-leader')).events.length - 1;
    await goTo(page, `#${last}`);
    const told = await page.textContent('.relation');
    expect(told).toMatch(/happened before|concurrent/);
    await press(page, 'c');
    expect(await page.textContent('[role=log]')).toMatch(/\d+ events are concurrent with this one/);
  });

  it('puts a lane on top', async () => {
    const { page } = await open();
    await goTo(page, '#100');
    await press(page, 'o');
    expect(await page.textContent('[role=log]')).toContain('is on top');
    await press(page, 'o');
    expect(await page.textContent('[role=log]')).toContain('is back in its place');
  });

  it('is kept with words, survives the page, and is copied as Markdown', async () => {
    const { page } = await open();
    await goTo(page, '#100');
    await press(page, 't');
    await page.waitForSelector('#note-100:focus');
    await page.keyboard.type('here it begins <b>');
    const kept = await page.evaluate(() => (window as unknown as { kept: { notes: unknown } }).kept.notes);
    expect(kept).toEqual([{ event: 100, text: 'here it begins <b>' }]);
    await page.evaluate(() => {
      const page = window as unknown as { copied: string };
      Object.defineProperty(navigator, 'clipboard', {
        value: { writeText: async (text: string) => (page.copied = text) },
      });
    });
    await page.click('text=Copy as Markdown');
    await page.waitForFunction(() => 'copied' in window);
    const copied = await page.evaluate(() => (window as unknown as { copied: string }).copied);
    expect(copied).toContain('(#100)');
    expect(copied).toContain('here it begins \\<b\\>');
  });
});
