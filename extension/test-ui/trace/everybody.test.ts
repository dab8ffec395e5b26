/** Every panel and dialog in every theme, by axe; every control and every action by the keyboard alone. */

import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { THEME_KINDS, type ThemeKind } from '../../webview/common/tokens.ts';
import type { ProbabilitiesParams } from '../../webview/trace/protocol.ts';
import { containerOf } from '../../webview/trace/testing/traces.ts';
import { axeViolations } from '../axe.ts';
import { screens, usePages } from '../pages.ts';
import { controlsOf, fingerprintOf, focusedControl, focusTop, keyOf } from './keyboard.ts';
import { refused, type ShownTrace, settled, show } from './page.ts';
import { replayHost } from './replay-host.ts';

describe('everybody', () => {
  const newPage = usePages();

  /** A viewer whose host can do all that a host can. */
  async function open(theme: ThemeKind, height = 860) {
    const opened = await newPage(1280, height);
    const states = await replayHost('stale-leader');
    const replay: ShownTrace['replay'] = (what, params) =>
      what === 'probabilities' ? { kind: 'rebuilt', value: madeUp(params) } : states(what, params);
    const others = [{ name: 'other.dsystrace', bytes: await containerOf('split-brain') }];
    await show(opened.page, { theme, name: 'x', bytes: await containerOf('stale-leader'), replay, others });
    return opened;
  }
  const madeUp = ({ moments }: ProbabilitiesParams) =>
    moments.map((moment, at) => ({ moment, violated: at, held: 19 - at, unknown: 1, interval: [0.1, 0.6] }));
  const tabsOf = (page: Page): Promise<string[]> =>
    page.locator('[role=tab]').evaluateAll(tabs => tabs.map(({ id }) => id));
  async function openTab(page: Page, tab: string): Promise<void> {
    await page.click(`#${tab}`);
    await settled(page);
    await page.waitForFunction(() => document.querySelector('.side [aria-busy=true]') === null);
  }

  it.each(THEME_KINDS)('can use each panel and dialog: %s', async theme => {
    const { page, errors } = await open(theme);
    const look = async (name: string, part?: string): Promise<void> => {
      await settled(page);
      await page.screenshot({ path: join(screens, `everybody-${name}-${theme}.png`) });
      expect(await axeViolations(page, part), name).toEqual([]);
    };
    await page.click('.strip-offer button');
    await page.waitForSelector('.strip[aria-busy=false]');
    await page.focus('#diagram');
    await page.keyboard.press('m');
    await look('opened');
    for (const tab of await tabsOf(page)) {
      await openTab(page, tab);
      await look(tab, '.side');
    }
    await openTab(page, 'tab-compare');
    await page.click('.compare .offers button:has-text("Compare with")');
    await page.waitForSelector('.compare table');
    await look('compared', '.side');
    await page.focus('#diagram');
    await page.keyboard.press('?');
    await look('keys', '[role=dialog]');
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await look('goto', '.goto');
    await page.keyboard.press('Escape');
    await page.click('summary[aria-label^="Save"]');
    await look('save', '.toolbar');
    expect(await refused(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('reaches every control by Tab and arrows, in each panel, and is held by none', async () => {
    const { page } = await open('dark');
    for (const tab of await tabsOf(page)) {
      await openTab(page, tab);
      const controls = await controlsOf(page);
      expect(controls.length).toBeGreaterThan(20);
      await focusTop(page);
      const reached = new Set<number>();
      for (let presses = 0; presses < 2 * controls.length; presses++) {
        await page.keyboard.press('Tab');
        const at = await focusedControl(page);
        // Past the last one the browser has the focus.
        if (at < 0 && reached.size > 0) break;
        reached.add(at);
      }
      const missed = controls.filter(({ index, inTabOrder }) => inTabOrder && !reached.has(index));
      expect(
        missed.map(({ what }) => what),
        tab,
      ).toEqual([]);
      expect(await focusedControl(page), `${tab}: Tab leads out`).toBe(-1);
      // What Tab passes by belongs to something in which arrows lead on.
      const passed = controls.filter(({ inTabOrder }) => !inTabOrder);
      expect([...new Set(passed.map(({ within }) => within))].filter(role => role === '')).toEqual([]);
    }
    for (const [composite, key] of [
      ['[role=tab][tabindex="0"]', 'ArrowRight'],
      ['.rows [tabindex="0"]', 'ArrowDown'],
    ] as const) {
      await page.focus(composite);
      const before = await page.evaluate(() => document.activeElement!.outerHTML);
      await page.keyboard.press(key);
      await settled(page);
      expect(await page.evaluate(() => document.activeElement!.outerHTML)).not.toBe(before);
    }
  });

  it('has every key of the sheet do something', async () => {
    const { page, errors } = await open('dark', 560);
    await page.focus('#diagram');
    await page.keyboard.press('?');
    const names = await page.locator('[role=dialog] dt').allTextContents();
    expect(names.length).toBeGreaterThan(35);
    await page.keyboard.press('Escape');
    /** What has to have happened before, for there to be anything to do. */
    const first: Readonly<Record<string, readonly string[]>> = {
      x: ['x', 'b'],
      '3': ['1'],
      ArrowRight: ['ArrowLeft'],
      ArrowUp: ['ArrowDown'],
      ArrowDown: ['ArrowUp'],
      '.': [','],
      Backspace: ['.'],
      Home: ['d', 'd'],
      End: ['a', 'a'],
      PageUp: ['PageDown'],
      Escape: ['?'],
      n: ['Home'],
      p: ['End'],
    };
    for (const name of names) {
      for (const key of keyOf(name)) {
        await page.evaluate(() => {
          for (const one of document.querySelectorAll<HTMLInputElement>('#filter')) one.value = '';
        });
        await page.focus('#diagram');
        for (const before of ['n', 'w', 'w', ...(first[key] ?? [])]) await page.keyboard.press(before);
        await settled(page);
        const before = await fingerprintOf(page);
        await page.keyboard.press(key);
        await settled(page);
        expect(await fingerprintOf(page), `${key} (${name})`).not.toEqual(before);
        // Dialogs close, playing stops.
        await page.keyboard.press('Escape');
        if (key === ' ') await page.keyboard.press(' ');
      }
    }
    expect(errors).toEqual([]);
  });
});
