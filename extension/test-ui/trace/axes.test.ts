/** The axes by step of causes and without quiet time, and time downwards, in a real browser. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { containerOf, traceOf } from '../../webview/trace/testing/traces.ts';
import { axeViolations } from '../axe.ts';
import { screens, usePages } from '../pages.ts';
import { hostCalls, refused, settled, show } from './page.ts';

interface Kept {
  readonly axis: string;
  readonly down: boolean;
  readonly range: readonly [number, number];
  readonly selection: { readonly kind: string; readonly id: number } | null;
}

describe('axes', () => {
  const newPage = usePages();
  const kept = (page: Page): Promise<Kept> => page.evaluate(() => (window as unknown as { kept: Kept }).kept);
  const said = (page: Page): Promise<string | null> =>
    page.evaluate(() => document.querySelector('[role=log]')!.textContent);
  const press = async (page: Page, ...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
    await settled(page);
  };

  it('of causes and of compressed time come by key and button, in one row, and last', async () => {
    const { page, errors } = await newPage(1280, 860);
    await show(page, { theme: 'dark', name: 'stale-leader', bytes: await containerOf('stale-leader') });
    expect((await kept(page)).down).toBe(false);
    const tops = await page
      .locator('.toolbar > *')
      .evaluateAll(all => all.map(one => one.getBoundingClientRect()).map(({ top, height }) => top + height / 2));
    expect(Math.max(...tops) - Math.min(...tops)).toBeLessThan(4);

    await page.focus('#diagram');
    for (const [key, name, kind] of [
      ['4', 'Depth', 'depth'],
      ['5', 'Compressed', 'compressed'],
    ]) {
      await press(page, key);
      const button = page.getByRole('button', { name, exact: true });
      expect(await button.getAttribute('aria-pressed')).toBe('true');
      expect([(await kept(page)).axis, await said(page)]).toEqual([kind, `Axis: ${kind}`]);
      // Far away and near, with what a filter hides and with metrics.
      await press(page, '0', 'u', 'u', 'f', 'd', 'a', 'ArrowRight', 'Home', 'End', 'f');
      await page.screenshot({ path: join(screens, `trace-axis-${kind}.png`) });
    }
    await page.fill('#filter', 'node:n1');
    await page.getByRole('button', { name: 'Depth', exact: true }).click();
    await settled(page);
    const pixels = () => page.locator('#diagram canvas').evaluate(canvas => (canvas as HTMLCanvasElement).toDataURL());
    const dimmed = await pixels();
    await page.getByRole('checkbox', { name: 'hide others' }).check();
    await settled(page);
    expect(await pixels()).not.toBe(dimmed);
    expect(await refused(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('run downwards in a narrow column, where keys, wheel and mouse follow', async () => {
    const { page, errors } = await newPage(360, 800);
    await show(page, { theme: 'light', name: 'stale-leader', bytes: await containerOf('stale-leader') });
    const turn = page.getByRole('button', { name: 'Time downwards' });
    expect(await turn.getAttribute('aria-pressed')).toBe('true');
    // Before the diagram there is less than half a page.
    expect((await page.locator('#diagram').boundingBox())!.y).toBeLessThan(400);
    await page.screenshot({ path: join(screens, 'trace-downwards.png') });
    expect(await axeViolations(page)).toEqual([]);
    await page.getByText('local-reads, seed 1: pass', { exact: true }).click();
    expect(await page.getByText('checks: 14 hold').isVisible()).toBe(true);

    await page.focus('#diagram');
    await press(page, '1', '0', 'f');
    const { events } = await traceOf('stale-leader');
    const before = (await kept(page)).selection!.id;
    await press(page, 'ArrowLeft');
    const beside = (await kept(page)).selection!.id;
    expect(beside).not.toBe(before);
    await press(page, 'ArrowDown');
    const next = (await kept(page)).selection!.id;
    expect(next).toBeGreaterThan(beside);
    expect(await said(page)).toContain(`event ${next}`);

    const box = (await page.locator('#diagram').boundingBox())!;
    const first = (await kept(page)).range;
    await page.mouse.move(box.x + 250, box.y + 200);
    await page.mouse.wheel(0, 100);
    await settled(page);
    const panned = (await kept(page)).range;
    expect(panned[0]).toBeGreaterThan(first[0]);
    expect(panned[1] - panned[0]).toBeCloseTo(first[1] - first[0], 0);
    // From a quarter of the way down to half of it.
    const [top, height] = [box.y + 40, box.height - 48];
    await page.mouse.move(box.x + 300, top + height / 4);
    await page.mouse.down();
    await page.mouse.move(box.x + 300, top + height / 2, { steps: 4 });
    expect((await page.locator('.band').boundingBox())!.height).toBeCloseTo(height / 4, -1);
    await page.mouse.up();
    await settled(page);
    const [from, to] = (await kept(page)).range;
    expect((from - panned[0]) / (panned[1] - panned[0])).toBeCloseTo(1 / 4, 1);
    expect((to - panned[0]) / (panned[1] - panned[0])).toBeCloseTo(1 / 2, 1);

    // The name over the first column.
    await page.mouse.click(box.x + 125, box.y + 15);
    await settled(page);
    expect(events.node[(await kept(page)).selection!.id]).toBe(events.node[0]);

    await page.locator('summary[title^="Save"]').click();
    await page.getByRole('button', { name: 'Picture of this view (.svg)' }).click();
    const [{ text }] = await hostCalls<{ text: string }>(page, 'saveFile');
    expect(text).toContain('class="lane name"');
    writeFileSync(join(screens, 'trace-downwards.svg'), text);

    await page.focus('#diagram');
    await press(page, '6');
    expect([(await kept(page)).down, await said(page)]).toEqual([false, 'Time runs to the right']);
    expect(await turn.getAttribute('aria-pressed')).toBe('false');
    // What somebody chose holds when the page comes back, however narrow it is.
    const { length: bytes } = await containerOf('stale-leader');
    await page.evaluate(size => {
      const { listener } = window as unknown as { listener: { open(params: unknown): void } };
      listener.open({ id: 2, name: 'stale-leader', bytes: size });
    }, bytes);
    await settled(page);
    expect(await turn.getAttribute('aria-pressed')).toBe('false');
    expect(errors).toEqual([]);
  });
});
