/** The strip that tells since when a run was bound to break: results as they come, an end on demand, and real ones. */

import { join } from 'node:path';
import { probabilities } from '@dsys/runtime/run/probabilities';
import type { Likelihood } from '@dsys/runtime/trace/probability';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Probabilities, ProbabilitiesParams, ViewerState } from '../../webview/trace/protocol.ts';
import { containerOf, designOf, traceOf } from '../../webview/trace/testing/traces.ts';
import { axeViolations } from '../axe.ts';
import { screens, usePages } from '../pages.ts';
import { hostCalls, refused, type ShownTrace, settled, show } from './page.ts';

describe('since when a run is bound to break', () => {
  const newPage = usePages();

  async function open(replay: ShownTrace['replay'], more: Partial<ShownTrace> = {}, width = 1280) {
    const opened = await newPage(width, 860);
    const bytes = await containerOf('stale-leader');
    await show(opened.page, { theme: 'dark', name: 'x', bytes, replay, ...more });
    return opened;
  }
  const start = async (page: Page): Promise<ProbabilitiesParams> => {
    await page.click('.strip-offer button');
    await page.waitForSelector('.strip');
    return (await hostCalls<ProbabilitiesParams>(page, 'probabilities')).at(-1)!;
  };
  const tell = (page: Page, id: number, one: Likelihood) =>
    page.evaluate(
      ([to, result]) => {
        const { told } = window as unknown as { told: Map<number, (one: unknown) => void> };
        told.get(to as number)!(result);
      },
      [id, one],
    );
  /** Made up: rising, with some that are not decided. */
  const made = ({ moments }: ProbabilitiesParams): Likelihood[] => {
    const sorted = moments.toSorted((left, right) => left.event - right.event);
    return moments.map(moment => {
      const at = sorted.indexOf(moment);
      const unknown = at === 4 ? 20 : at === 6 ? 7 : 0;
      const violated = Math.min(20 - unknown, Math.round(at * 1.6));
      return { moment, violated, held: 20 - unknown - violated, unknown, interval: [0.1, 0.6] };
    });
  };

  it('is shown moment by moment as it becomes known', async () => {
    let finish: (answer: Probabilities) => void = () => {};
    const { page, errors } = await open(() => new Promise<Probabilities>(resolve => (finish = resolve)));
    const params = await start(page);
    const trace = await traceOf('stale-leader');
    expect(params).toMatchObject({ looked: { kind: 'check', name: 'consistency linearizable of local' }, seeds: 20 });
    expect(params.run).toMatchObject({ scenario: 'local-reads', seed: 1, changes: [], sources: trace.sources });
    expect(await page.locator('.strip li').count()).toBe(params.moments.length);
    expect(await page.textContent('.strip p')).toContain('0 of 14 moments so far');
    const all = made(params);
    for (const one of all.slice(0, 5)) await tell(page, params.id, one);
    await settled(page);
    expect(await page.textContent('.strip p')).toContain('5 of 14 moments so far');
    expect(await page.getAttribute('.strip', 'aria-busy')).toBe('true');
    expect(await axeViolations(page)).toEqual([]);
    finish({ kind: 'rebuilt', value: all });
    await page.waitForSelector('.strip[aria-busy=false]');
    const texts = await page.locator('.strip li b').allTextContents();
    expect(texts).toEqual(['0 %', '10 %', '15 %', '25 %', '?', '40 %', '77 %', ...texts.slice(7)]);
    expect(texts.at(-1)).toBe('100 %');
    expect(await page.locator('.strip li').nth(6).textContent()).toContain('7 unknown');
    expect(await page.locator('.strip .share').count()).toBe(13);
    await page.screenshot({ path: join(screens, 'trace-strip.png') });
    expect(await axeViolations(page)).toEqual([]);
    expect(await refused(page)).toEqual([]);

    await page.locator('.strip li button').nth(3).click();
    await settled(page);
    const events = params.moments.map(({ event }) => event).toSorted((left, right) => left - right);
    expect((await hostCalls<ViewerState>(page, 'state')).at(-1)!.event).toBe(events[3]);
    await page.click('.strip-head button:has-text("Close")');
    expect(await page.locator('.strip').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('ends on demand, and what is known stays', async () => {
    let finish: (answer: Probabilities) => void = () => {};
    const { page } = await open(() => new Promise<Probabilities>(resolve => (finish = resolve)));
    const params = await start(page);
    await tell(page, params.id, made(params)[0]);
    await page.click('.strip-head button:has-text("Stop")');
    expect((await hostCalls(page, 'stopProbabilities')).length).toBe(1);
    finish({ kind: 'cancelled' });
    await page.waitForSelector('.strip[aria-busy=false]');
    expect(await page.textContent('.strip p')).toContain('1 of 14 moments');
    expect(await page.locator('.strip-head button:has-text("Stop")').count()).toBe(0);
    // What comes from one that was closed is nobody's.
    await page.click('.strip-head button:has-text("Close")');
    await tell(page, params.id, made(params)[1]);
    expect(await page.locator('.strip').count()).toBe(0);
  });

  it('says why there is nothing more', async () => {
    const { page } = await open(() => ({ kind: 'differs', why: 'the design changed since this run' }));
    await start(page);
    await page.waitForSelector('.strip .problem');
    expect(await page.textContent('.strip .problem')).toContain('No more: the design changed since this run');
    expect(await axeViolations(page)).toEqual([]);
  });

  it('is not offered where it cannot be told', async () => {
    const { page } = await open(undefined);
    expect(await page.locator('.strip-offer').count()).toBe(0);
    const sound = await open(() => ({}), { bytes: await containerOf('leader-crash') });
    expect(await sound.page.locator('.strip-offer').count()).toBe(0);
  });

  it('is what the runtime counts', async () => {
    const { design, scenario, seed } = await designOf('stale-leader');
    const { page } = await open((_, { looked, moments, seeds }: ProbabilitiesParams) =>
      probabilities(design, scenario, looked, moments.slice(0, 3), { seed, seeds }),
    );
    await start(page);
    await page.waitForSelector('.strip[aria-busy=false]');
    const texts = await page.locator('.strip li b').allTextContents();
    expect(texts.filter(text => text === '100 %').length).toBe(3);
    expect(texts.filter(text => text === '…').length).toBe(11);
  });

  it('fits a narrow column', async () => {
    const { page } = await open(
      (_, params: ProbabilitiesParams) => ({ kind: 'rebuilt', value: made(params) }),
      {},
      560,
    );
    await start(page);
    await page.waitForSelector('.strip[aria-busy=false]');
    const [width, scrolled] = await page.evaluate(() => {
      const { clientWidth, scrollWidth } = document.documentElement;
      return [clientWidth, scrollWidth];
    });
    expect(scrolled).toBeLessThanOrEqual(width);
    expect(await axeViolations(page)).toEqual([]);
    await page.screenshot({ path: join(screens, 'trace-strip-narrow.png') });
  });
});
