/** Traces that nobody here has made: they are shown as far as they are whole, run nothing, and hold nobody up. */

import { join } from 'node:path';
import { encodeContainer } from '@dsys/runtime/trace/container';
import { describe, expect, it } from 'vitest';
import type { ViewerState } from '../../webview/trace/protocol.ts';
import { emptyTrace } from '../../webview/trace/testing/empty.ts';
import { containerOf, traceOf } from '../../webview/trace/testing/traces.ts';
import { axeViolations } from '../axe.ts';
import { screens, usePages } from '../pages.ts';
import { hostCalls, refused, type ShownTrace, show } from './page.ts';

describe('traces of strangers', () => {
  const newPage = usePages();

  async function open(trace: Omit<ShownTrace, 'theme'>) {
    const opened = await newPage(1280, 860);
    await show(opened.page, { theme: 'dark', ...trace });
    return opened;
  }

  it('run no code, whatever their names say', async () => {
    const trace = await traceOf('stale-leader');
    const evil = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
    const long = 'x'.repeat(200_000);
    const nodes = trace.header.nodes.map((node, index) => ({
      ...node,
      name: index === 0 ? evil : `${node.name}${long}`,
    }));
    const strings = trace.strings.map((text, index) => (index === 0 ? '' : `${evil}${text}${index === 3 ? long : ''}`));
    const checks = trace.checks.map(check => ({ ...check, name: `${evil}${check.name}`, message: `${evil}${long}` }));
    const header = { ...trace.header, nodes, model: { ...trace.header.model, name: evil } };
    const bytes = encodeContainer({ ...trace, header, strings, checks });
    const { page, errors } = await open({ name: evil, bytes });
    expect(await page.textContent('h1')).toContain('<img src=x');
    expect(await page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined();
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(await refused(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.screenshot({ path: join(screens, 'trace-hostile-dark.png') });
  });

  it('are shown as far as they are whole', async () => {
    const bytes = (await containerOf('stale-leader')).slice();
    bytes.fill(0, bytes.length - 200);
    const { page } = await open({ name: 'broken', bytes });
    expect(await page.textContent('.banners')).toContain('The trace is damaged');
    expect((await hostCalls<ViewerState>(page, 'state')).at(-1)!.events).toBeGreaterThan(1000);
    expect(await axeViolations(page)).toEqual([]);
  });

  it.each([
    ['of another version', async () => (await containerOf('stale-leader')).slice().fill(9, 4, 5), /version 9\.0/],
    ['of nothing', async () => new Uint8Array(0), /empty/],
    ['of something else', async () => new TextEncoder().encode('PK\x03\x04'), /cannot be read/],
  ])('%s are refused in words', async (_, bytes, expected) => {
    const { page, errors } = await open({ name: 'x', bytes: await bytes() });
    await page.waitForSelector('.notice');
    expect(await page.textContent('.notice')).toMatch(expected);
    expect(errors).toEqual([]);
    expect(await axeViolations(page)).toEqual([]);
  });

  it('that are too large are refused before they are asked for', async () => {
    const { page } = await open({ name: 'x', bytes: new Uint8Array(4), size: 1e10 });
    await page.waitForSelector('.notice');
    expect(await page.textContent('.notice')).toMatch(/9536\.7 MiB, more than/);
  });

  it('without events say so', async () => {
    const { page, errors } = await open({ name: 'x', bytes: encodeContainer(emptyTrace()) });
    expect(await page.textContent('.banners')).toContain('no events');
    expect(await page.textContent('.list .empty')).toBe('There are no events.');
    // Nobody may take a recorded word for what was checked.
    expect(await page.textContent('.facts')).toContain(
      'outcome pass (as it was recorded; what was checked is not here)',
    );
    for (const key of ['ArrowRight', 'Enter', 'n', 'f', '0', 'w', ']', '2', 'b']) {
      await page.focus('#diagram');
      await page.keyboard.press(key);
    }
    expect(errors).toEqual([]);
  });
});
