/** Two traces beside each other: the panel, the marks in the diagram, and what is wrong with the other one. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runScenario } from '@dsys/runtime';
import { encodeContainer } from '@dsys/runtime/trace/container';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { reportOf } from '../../../cli/src/report.ts';
import { containerOf, designOf, traceOf } from '../../webview/trace/testing/traces.ts';
import { axeViolations } from '../axe.ts';
import { screens, usePages } from '../pages.ts';
import { hostCalls, refused, settled, show } from './page.ts';

const folder = mkdtempSync(join(tmpdir(), 'dsys-compare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The sample's run without its first fault. */
async function withoutFault(): Promise<Uint8Array> {
  const { design, scenario, seed } = await designOf('stale-leader');
  const { faults, events } = await traceOf('stale-leader');
  const change = {
    kind: 'without',
    text: `${faults[0].params.text}`,
    atNs: events.t[faults[0].start],
    nth: 0,
  } as const;
  const how = { tool: 'test', seed, record: true, extraRuns: false, changes: [change] };
  return encodeContainer(runScenario(design, scenario, how).trace!);
}

const compare = async (page: Page): Promise<void> => {
  await page.click('.compare .offers button:has-text("Compare with")');
  await page.waitForFunction(
    () => document.querySelector('.compare table, .compare .why') && !document.querySelector('.compare > .muted'),
  );
  await settled(page);
};

const selected = async (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { hostCalls } = window as unknown as { hostCalls: [string, { event: number }][] };
    return hostCalls.filter(([name]) => name === 'state').at(-1)![1].event;
  });

/** Px of the diagram that have a colour, nearly. */
const pixelsOf = async (page: Page, colour: readonly [number, number, number]): Promise<number> =>
  page.evaluate(wanted => {
    const canvas = document.querySelector<HTMLCanvasElement>('#diagram canvas')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (wanted.every((one, part) => Math.abs(data[at + part] - one) < 12)) count++;
    }
    return count;
  }, colour);

describe('compare', () => {
  const newPage = usePages();

  it('where they part, each difference, and what differs in total', async () => {
    const theme = 'dark';
    const trace = await traceOf('stale-leader');
    const { page, errors } = await newPage(1280, 860);
    const others = [{ name: 'without.dsystrace', bytes: await withoutFault() }];
    await show(page, { theme, name: 'with.dsystrace', bytes: await containerOf('stale-leader'), others });
    const legend = await page.getAttribute('.legend', 'aria-label');
    expect(legend).not.toContain('only A has');
    await page.click('#tab-compare');
    await page.press('#diagram', '0');
    await settled(page);
    // The colour of what only B has.
    const warn = theme === 'dark' ? ([0xfd, 0xe6, 0xab] as const) : ([0xc8, 0x80, 0x0d] as const);
    const before = await pixelsOf(page, warn);
    await compare(page);
    expect(await pixelsOf(page, warn)).toBeGreaterThan(before + 300);
    expect(await page.getAttribute('.legend', 'aria-label')).toContain('only A has');
    const start = trace.faults[0].start;
    expect(await page.textContent('.compare')).toContain(
      `The same ${`${start}`.replace(/\B(?=(\d{3})+$)/g, ',')} events, then something else happens.`,
    );
    await page.screenshot({ path: join(screens, `trace-compare-${theme}.png`) });
    await page.click('button:has-text("Go to where they part")');
    await settled(page);
    expect(await selected(page)).toBe(start);
    await page.click('.compare button:has-text("Next difference")');
    await settled(page);
    expect(await page.textContent('.difference')).toMatch(/^[\d,]+ of [\d,]+\. Only in [AB]: /);
    const next = await page.textContent('.difference');
    await page.click('.compare button:has-text("Next difference")');
    expect(await page.textContent('.difference')).not.toBe(next);
    await page.click('.compare button:has-text("Previous difference")');
    expect(await page.textContent('.difference')).toBe(next);
    const [verdicts] = await page.locator('.compare table').allInnerTexts();
    expect(verdicts).toMatch(/violated\s+holds/);
    expect(await page.locator('.compare ol li').count()).toBe(100);
    expect(await axeViolations(page)).toEqual([]);
    await page.locator('.compare caption').last().scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(screens, `trace-compare-tables-${theme}.png`) });

    // Metrics of both in one lane, and in the file.
    await page.click('button:has-text("Metrics of B over")');
    await settled(page);
    expect(await page.getAttribute('button:has-text("Metrics of B over")', 'aria-pressed')).toBe('true');
    await page.screenshot({ path: join(screens, `trace-compare-metrics-${theme}.png`) });
    await page.click('.menu summary');
    await page.click('text=Picture of this view');
    const [{ text }] = await hostCalls<{ text: string }>(page, 'saveFile');
    expect(text).toMatch(/<path class="metric [\w -]+ of-b"[^>]*stroke-dasharray="5 3"/);
    expect(text).toMatch(/>[\w ]+ of B<\/text>/);
    await page.click('button:has-text("Metrics of B over")');
    expect(await page.getAttribute('.toolbar button:has-text("Metrics")', 'aria-pressed')).toBe('false');
    expect(await page.locator('.compare caption:text("In total") ~ tbody th').allTextContents()).toContain(
      'latency p99',
    );

    // Lanes of its own, on the same axis: a click leads to the partner in the shown one.
    await page.click('.toolbar button:has-text("Time")');
    await page.press('#diagram', '0');
    await page.click('button:has-text("B on lanes of its own")');
    await settled(page);
    expect(await page.getAttribute('button:has-text("B on lanes of its own")', 'aria-pressed')).toBe('true');
    await page.screenshot({ path: join(screens, `trace-compare-stacked-${theme}.png`) });
    expect(await page.textContent('.mode')).toMatch(/^A .*; B /);
    expect(await axeViolations(page)).toEqual([]);
    await page.click('.toolbar button:has-text("Story")');
    expect(await page.textContent('.compare')).toContain('on axes that each trace has for itself');
    await page.click('.toolbar button:has-text("Time")');
    await page.click('button:has-text("B on lanes of its own")');
    await settled(page);

    // A filter stays on.
    await page.fill('#filter', 'kind:faultStart');
    await settled(page);
    expect(await page.locator('.compare ol li').allTextContents()).toEqual([
      expect.stringContaining(`begins: ${trace.faults[0].params.text}`),
    ]);
    await page.fill('#filter', '');

    // The diagram up close.
    await page.click('button:has-text("Go to where they part")');
    await page.focus('#diagram');
    await page.keyboard.press('f');
    await settled(page);
    await page.screenshot({ path: join(screens, `trace-compare-close-${theme}.png`) });

    await page.click('button:has-text("Let go of it")');
    await settled(page);
    expect(await page.locator('.compare table').count()).toBe(0);
    expect(await page.getAttribute('.legend', 'aria-label')).toBe(legend);
    expect([errors, await refused(page)]).toEqual([[], []]);
  });

  it('the same trace; nothing chosen; a broken one, after which the one before stays', async () => {
    const bytes = await containerOf('leader-crash');
    const { page, errors } = await newPage(1280, 860);
    const others = [
      null,
      { name: 'held', bytes },
      { name: 'broken', bytes: bytes.slice(0, 200) },
      { name: 'same', bytes },
      { name: 'text', bytes: new TextEncoder().encode('<b>no trace</b>') },
      { why: 'x.dsystrace cannot be read: it is gone' },
    ];
    await show(page, { theme: 'dark', name: 'x', bytes, others });
    await page.click('#tab-compare');
    await page.click('.compare .offers button');
    await settled(page);
    expect(await page.locator('.compare table, .compare .why').count()).toBe(0);
    const heading = await page.textContent('h1');
    // A worker that takes for ever is ended by letting go, and what it was given never appears.
    await page.evaluate(() => {
      const { prototype } = Worker as unknown as { prototype: Record<string, unknown> };
      const own = { post: prototype.postMessage, end: prototype.terminate as () => void };
      const counts = { held: 0, ended: 0 };
      prototype.postMessage = () => {
        counts.held++;
        prototype.postMessage = own.post;
      };
      prototype.terminate = function (this: Worker) {
        counts.ended++;
        own.end.call(this);
      };
      (window as unknown as { counts: unknown }).counts = counts;
    });
    await page.click('.compare .offers button');
    await page.waitForFunction(() => (window as unknown as { counts: { held: number } }).counts.held === 1);
    expect(await page.textContent('.compare > .muted')).toContain('Opening held');
    await page.click('button:has-text("Let go of it")');
    expect(await page.locator('.compare > .muted, .compare .why').count()).toBe(0);
    expect(await page.evaluate(() => (window as unknown as { counts: unknown }).counts)).toEqual({ held: 1, ended: 1 });
    await compare(page);
    expect(await page.textContent('.compare .why')).toContain('broken: The trace cannot be read');
    expect(await page.locator('.compare table').count()).toBe(0);
    await compare(page);
    expect(await page.textContent('.compare')).toContain('Every event is the same:');
    expect(await page.textContent('.compare')).toContain('Every check has the same verdict.');
    expect(await page.locator('.compare .why').count()).toBe(0);
    for (const said of ['text: The trace cannot be read', 'x.dsystrace cannot be read: it is gone']) {
      await page.click('.compare .offers button');
      await page.waitForFunction(text => document.querySelector('.compare .why')?.textContent?.includes(text), said);
      expect(await page.textContent('.compare')).toContain('Every event is the same:');
    }
    expect(await page.textContent('h1')).toBe(heading);
    // All of it beside the page: its own thread never had the code for it.
    expect(await page.evaluate(() => 'dsysOpenBytes' in window)).toBe(false);
    expect(errors).toEqual([]);
  });

  it('in VS Code the other trace comes through the channel', async () => {
    const bytes = await containerOf('leader-crash');
    const { page, errors } = await newPage(1280, 860);
    await show(page, { theme: 'dark', name: 'x', bytes, vscode: true, others: [{ name: 'other', bytes }] });
    await page.click('#tab-compare');
    await compare(page);
    expect(await page.textContent('.compare')).toContain('Every event is the same:');
    expect(errors).toEqual([]);
  });

  it('a page without another trace says how to compare', async () => {
    const { page } = await newPage(1280, 860);
    await show(page, { theme: 'dark', name: 'x', bytes: await containerOf('leader-crash') });
    await page.click('#tab-compare');
    expect(await page.textContent('.compare')).toContain('dsys trace diff A B');
    expect(await page.locator('.compare button').count()).toBe(0);
  });

  it('a report asks for a file', async () => {
    const trace = await traceOf('leader-crash');
    const { page, errors } = await newPage(1280, 860);
    const path = join(folder, 'report.html');
    writeFileSync(path, reportOf(trace, new Map()));
    await page.goto(pathToFileURL(path).href);
    await page.waitForSelector('.viewer');
    await settled(page);
    await page.click('#tab-compare');
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click('.compare .offers button')]);
    await chooser.setFiles({
      name: 'b.dsystrace',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(await containerOf('leader-crash')),
    });
    await page.waitForSelector('.compare table');
    expect(await page.textContent('.compare')).toContain('b.dsystrace, seed 1');
    expect(await page.textContent('.compare')).toContain('Every event is the same:');
    expect(errors).toEqual([]);
  });
});
