/** Metrics under the lanes and as tables, in a real browser. */

import { join } from 'node:path';
import { encodeContainer } from '@dsys/runtime/trace/container';
import { describe, expect, it } from 'vitest';
import { containerOf, traceOf } from '../../webview/trace/testing/traces.ts';
import { axeViolations } from '../axe.ts';
import { screens, usePages } from '../pages.ts';
import { refused, settled, show } from './page.ts';

describe('metrics', () => {
  const newPage = usePages();

  it('come and go by button and key, and stand in tables', async () => {
    const { page, errors } = await newPage(1360, 900);
    await show(page, { theme: 'dark', name: 'async-failover', bytes: await containerOf('async-failover') });
    const trace = await traceOf('async-failover');
    const button = page.getByRole('button', { name: 'Metrics', exact: true });
    const pixels = () => page.locator('#diagram canvas').evaluate(canvas => (canvas as HTMLCanvasElement).toDataURL());
    const kept = () => page.evaluate(() => (window as unknown as { kept: { metrics: boolean } }).kept.metrics);

    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Time', exact: true }).click();
    await page.getByRole('button', { name: 'All (0)' }).click();
    await settled(page);
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    const without = await pixels();
    await button.click();
    await settled(page);
    expect(await button.getAttribute('aria-pressed')).toBe('true');
    expect(await kept()).toBe(true);
    expect(await pixels()).not.toBe(without);
    await page.click('#tab-metrics');
    await settled(page);
    expect(await page.evaluate(() => document.querySelector('[role=log]')?.textContent)).toBe(
      'Metrics under the lanes',
    );
    await page.screenshot({ path: join(screens, 'trace-metrics.png') });
    expect(await axeViolations(page)).toEqual([]);

    const tables = page.locator('.metrics table');
    expect(await tables.locator('caption').allTextContents()).toEqual([
      'throughput',
      'latency p50',
      'latency p99',
      'failures',
    ]);
    expect(await tables.nth(0).locator('thead th').allTextContents()).toEqual(['around', 'read', 'write']);
    expect(await tables.nth(0).locator('tbody tr').count()).toBe(60);
    const { x, series } = trace.metrics[0];
    expect(await page.locator('.metrics').textContent()).toContain(`${x.length - 60} later ones are left out`);
    const cells = await tables.nth(0).locator('tbody tr').nth(10).locator('th, td').allTextContents();
    const origin = trace.header.params.originNs as number;
    expect(cells).toEqual([`${(x[10] - origin) / 1e6} ms`, `${series.read[10]} /s`, `${series.write[10]} /s`]);

    // Keys go on past lanes in which nothing happens.
    await page.focus('#diagram');
    for (let step = 0; step < 12; step++) await page.keyboard.press('ArrowDown');
    await page.getByRole('button', { name: 'Story', exact: true }).click();
    await settled(page);
    await page.screenshot({ path: join(screens, 'trace-metrics-story.png') });
    expect(await tables.nth(0).locator('tbody tr').count()).toBeLessThan(x.length);

    await page.focus('#diagram');
    await page.keyboard.press('u');
    await settled(page);
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    expect(await kept()).toBe(false);
    expect(await refused(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('a click on the name of such a lane opens the tables', async () => {
    const { page, errors } = await newPage(1360, 900);
    await show(page, { theme: 'dark', name: 'async-failover', bytes: await containerOf('async-failover') });
    await page.focus('#diagram');
    await page.keyboard.press('u');
    await settled(page);
    const { height } = (await page.locator('#diagram').boundingBox())!;
    await page.locator('#diagram').click({ position: { x: 40, y: height - 30 } });
    await settled(page);
    expect(await page.locator('#tab-metrics').getAttribute('aria-selected')).toBe('true');
    expect(errors).toEqual([]);
  });

  it('are not offered where a trace has none', async () => {
    const { page, errors } = await newPage(1360, 900);
    const bytes = encodeContainer({ ...(await traceOf('async-failover')), metrics: [] });
    await show(page, { theme: 'dark', name: 'async-failover', bytes });
    expect(await page.getByRole('button', { name: 'Metrics', exact: true }).count()).toBe(0);
    await page.focus('#diagram');
    await page.keyboard.press('u');
    await settled(page);
    expect(await page.textContent('[role=log]')).toBe('This trace has no metrics');
    await page.click('#tab-metrics');
    expect(await page.textContent('.metrics')).toContain('This trace has no metrics.');
    expect(await axeViolations(page)).toEqual([]);
    expect(errors).toEqual([]);
  });
});
