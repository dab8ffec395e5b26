/** Runs and storms drawn as one: by key and button, opened by a click, told by list and file. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containerOf, traceOf } from '../../webview/trace/testing/traces.ts';
import { axeViolations } from '../axe.ts';
import { screens, usePages } from '../pages.ts';
import { hostCalls, refused, settled, show } from './page.ts';

describe('collapse', () => {
  const newPage = usePages();

  it('closes up and opens where somebody looks', async () => {
    const all = (await traceOf('stale-leader')).events.length;
    const { page, errors } = await newPage(1280, 900);
    await show(page, { theme: 'dark', name: 'stale-leader.dsystrace', bytes: await containerOf('stale-leader') });
    const count = async (): Promise<number> =>
      Number((await page.textContent('.list small'))!.split(' ')[0].replace(',', ''));
    const collapsed = async (): Promise<number> =>
      Number(/([\d,]+) collapsed/.exec((await page.textContent('.mode'))!)?.[1].replace(',', '') ?? 0);
    await page.focus('#diagram');
    await page.keyboard.press('2');
    await page.keyboard.press('v');
    await page.keyboard.press('0');
    await settled(page);
    expect(await page.getAttribute('button:has-text("Collapse")', 'aria-pressed')).toBe('true');
    expect(await count()).toBeLessThan(all);
    // Around the cut, where nobody answers.
    await page.fill('#filter', '');
    await page.keyboard.press('Escape');
    await page.focus('#diagram');
    await page.keyboard.press('g');
    await page.waitForSelector('.goto input:focus');
    await page.keyboard.type('#460');
    await page.keyboard.press('Enter');
    await page.focus('#diagram');
    await page.keyboard.press('f');
    await settled(page);
    await page.screenshot({ path: join(screens, 'trace-collapse.png') });
    const before = await collapsed();
    expect(before).toBeGreaterThan(10);
    const closed = await count();
    const [more] = await page.locator('.what b').allTextContents();
    expect(more).toMatch(/^ and [\d,]+ more, collapsed$/);
    // The list's row opens its group.
    await page.click('.row:has(.what b)');
    await settled(page);
    expect(await count()).toBe(closed + Number(/\d+/.exec(more)![0]));
    expect(await axeViolations(page)).toEqual([]);
    await page.click('.menu summary');
    await page.click('text=Picture of this view');
    const [{ text }] = await hostCalls<{ text: string }>(page, 'saveFile');
    expect(text).toMatch(/class="collapsed count"[^>]*>(×\d+|\d+ × [\w-]+)</);
    expect(text).toMatch(/<desc[^>]*>[^<]*\d+ collapsed/);
    await page.click('button:has-text("Collapse")');
    await settled(page);
    expect(await count()).toBe(all);
    expect([errors, await refused(page)]).toEqual([[], []]);
  });
});
