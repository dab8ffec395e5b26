/** The story of a violation in words: the strip, its keys and buttons, the caption in the picture, and playing by chapters. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chaptersOf } from '../../webview/trace/model/chapters.ts';
import { openedOf } from '../../webview/trace/model/opened.ts';
import { storyOf } from '../../webview/trace/model/story.ts';
import { containerOf, traceOf } from '../../webview/trace/testing/traces.ts';
import { axeViolations } from '../axe.ts';
import { screens, usePages } from '../pages.ts';
import { hostCalls, refused, settled, show } from './page.ts';

describe('chapters', () => {
  const newPage = usePages();

  it('from the violation back to how it began, and by playing on', async () => {
    const opened = openedOf(await traceOf('stale-leader'));
    const chapters = chaptersOf(opened, opened.violations[0], storyOf(opened, opened.violations[0]));
    const { page, errors } = await newPage(1280, 900);
    await show(page, { theme: 'dark', name: 'stale-leader.dsystrace', bytes: await containerOf('stale-leader') });
    const selected = async (): Promise<number> => (await hostCalls<{ event: number }>(page, 'state')).at(-1)!.event;
    const said = (index: number): string => `Chapter ${index + 1} of ${chapters.length}: ${chapters[index].text}`;
    const last = chapters.length - 1;
    expect(await page.textContent('.chapters p')).toBe(said(last));
    expect(await selected()).toBe(opened.violations[0].event);
    await page.screenshot({ path: join(screens, 'trace-chapters-last.png') });

    await page.focus('#diagram');
    for (let index = last - 1; index >= 0; index--) {
      await page.keyboard.press('h');
      await settled(page);
      expect(await page.textContent('.chapters p')).toBe(said(index));
      expect(await page.textContent('[role=log]')).toBe(said(index));
      expect(await selected()).toBe(chapters[index].event);
      if (index === 2) await page.screenshot({ path: join(screens, 'trace-chapters.png') });
    }
    await page.keyboard.press('h');
    expect(await page.textContent('[role=log]')).toBe('No earlier chapter');
    await page.keyboard.press('.');
    expect(await page.textContent('.chapters p')).toContain(`After chapter 1 of ${chapters.length}`);
    await page.click('[aria-label="Next chapter (J)"]');
    await settled(page);
    expect(await selected()).toBe(chapters[1].event);
    expect(await axeViolations(page)).toEqual([]);

    // In a file as well, the chapter of the selection in full strength.
    await page.click('.menu summary');
    await page.click('text=Picture of this view');
    const [{ text }] = await hostCalls<{ text: string }>(page, 'saveFile');
    expect(text.match(/class="chapter here"/g)).toHaveLength(1);
    expect(text).toMatch(/class="chapter here"[^>]*>2\. a fault begins: at 2s cut n1/);

    await page.selectOption('[aria-label="What a step is"]', 'chapter');
    await page.selectOption('[aria-label="Pace"]', '2');
    await page.focus('#diagram');
    await page.keyboard.press(' ');
    await page.waitForFunction(() => document.querySelector('[aria-label="Play (Space)"]') !== null);
    await settled(page);
    expect(await selected()).toBe(chapters[last].event);
    expect([errors, await refused(page)]).toEqual([[], []]);
  });
});
