/** The built viewer in a real browser: under the policy of VS Code's webviews, with the traces of real runs. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { THEME_KINDS, type ThemeKind } from '../../webview/common/tokens.ts';
import type { RevealParams, ViewerState } from '../../webview/trace/protocol.ts';
import { ALL_RUNS, containerOf, type RunName, traceOf } from '../../webview/trace/testing/traces.ts';
import { axeViolations } from '../axe.ts';
import { expectGolden } from '../goldens.ts';
import { changeTheme, screens, seeWith, usePages, VISIONS } from '../pages.ts';
import { hostCalls, refused, type ShownTrace, settled, show } from './page.ts';

const samples = join(import.meta.dirname, '..', '..', '..', 'samples');

describe('the viewer in a browser', () => {
  const newPage = usePages();

  /** A page that shows a trace; errors of its scripts fail the test that asks. */
  async function open(trace: Omit<ShownTrace, 'theme'> & { theme?: ThemeKind }, width = 1280, height = 860) {
    const opened = await newPage(width, height);
    await show(opened.page, { theme: 'dark', ...trace });
    return opened;
  }
  const run = async (name: RunName): Promise<{ name: string; bytes: Uint8Array }> => ({
    name: `${name}.dsystrace`,
    bytes: await containerOf(name),
  });
  const lastState = async (page: Page): Promise<ViewerState> => (await hostCalls<ViewerState>(page, 'state')).at(-1)!;

  it('there is an opening view of every sample', () => {
    expect(ALL_RUNS).toEqual(expect.arrayContaining(readdirSync(samples).map(name => name.replace('.dsys', ''))));
  });

  it.each(ALL_RUNS)('%s: its opening view in every theme, and nothing is refused by the policy', async name => {
    const { page, errors } = await open(await run(name));
    for (const theme of THEME_KINDS) {
      await changeTheme(page, theme);
      expectGolden(`trace-${name}-${theme}`, await page.screenshot());
    }
    expect(errors).toEqual([]);
    expect(await refused(page)).toEqual([]);
    // The only one without a violation.
    if (name === 'leader-crash') expect(await axeViolations(page)).toEqual([]);
    const state = await lastState(page);
    expect(state.events).toBe((await traceOf(name)).events.length);
    expect(state.problems).toEqual([]);
  });

  it('is told apart with every kind of colour blindness', async () => {
    const { page } = await open(await run('stale-leader'));
    for (const vision of VISIONS) {
      await seeWith(page, vision);
      expectGolden(`trace-stale-leader-${vision}`, await page.screenshot());
    }
  });

  it('gets its trace over VS Code’s channel, and asks for texts over it', async () => {
    const { page, errors } = await open({ ...(await run('split-brain')), vscode: true, states: ['changed'] });
    await page.waitForSelector('.banners');
    expect((await lastState(page)).events).toBe((await traceOf('split-brain')).events.length);
    expect(await page.textContent('.banners')).toContain('split-brain.dsys changed since the run');
    await page.click('.source .link');
    await page.waitForFunction(() =>
      (window as unknown as { hostCalls: [string][] }).hostCalls.some(([name]) => name === 'reveal'),
    );
    // A page of VS Code may keep 4 KB.
    const kept = await page.evaluate(() => JSON.stringify((window as unknown as { kept: unknown }).kept));
    expect(kept.length).toBeGreaterThan(50);
    expect(kept.length).toBeLessThan(4096);
    expect(errors).toEqual([]);
  });

  it('opens on the first violation, and on everything where there is none', async () => {
    const broken = await open(await run('stale-leader'));
    const trace = await traceOf('stale-leader');
    const check = trace.checks.find(one => one.verdict === 'violated')!;
    expect(await broken.page.textContent('h1')).toBe(`${check.name}: violated`);
    expect(await broken.page.textContent('.message')).toBe(check.message);
    expect((await lastState(broken.page)).event).toBe(Math.max(...check.witness!.events));
    expect(await broken.page.textContent('.mode')).toMatch(/^story: /);
    expect(await broken.page.getAttribute('button[aria-pressed=true]:has-text("causes")', 'aria-pressed')).toBe('true');

    const sound = await open(await run('leader-crash'));
    expect(await sound.page.textContent('.mode')).toMatch(/^density: 61,507 of 61,507 events/);
    expect((await lastState(sound.page)).event).toBe(-1);
  });

  it('goes wherever the keys lead, and tells it', async () => {
    const { page, errors } = await open(await run('stale-leader'));
    const trace = await traceOf('stale-leader');
    await page.focus('#diagram');
    const press = async (...keys: string[]): Promise<number> => {
      for (const key of keys) await page.keyboard.press(key);
      await settled(page);
      return (await lastState(page)).event;
    };
    const said = () => page.textContent('[role=log]');
    const start = await press('n', 'p');
    const node = (event: number): string => trace.header.nodes[trace.events.node[event]].name;
    expect(node(start)).toBe('c1');
    const before = await press('ArrowLeft');
    expect(before).toBeLessThan(start);
    expect(node(before)).toBe('c1');
    expect(await said()).toContain(`event ${before}`);
    // c1 received the reply: its other end is where n1 sent it.
    const sent = await press('Enter');
    expect(node(sent)).toBe('n1');
    expect(trace.messages.send[trace.events.msg[sent]]).toBe(sent);
    expect(await press('Enter')).toBe(before);
    expect(node(await press('ArrowUp'))).not.toBe('c1');
    expect(await press('Backspace')).toBe(before);
    expect(await press('.')).toBe(before + 1);
    expect(await press(',')).toBe(before);
    const fault = await press('[');
    expect(trace.faults.some(one => one.start === fault || one.end === fault) || fault < before).toBe(true);
    await press('1');
    expect(await page.textContent('.mode')).not.toMatch(/^story/);
    await press('3');
    expect(await page.textContent('.mode')).toMatch(/^story/);
    await press('?');
    expect(await page.locator('[role=dialog]').count()).toBe(1);
    expect(await axeViolations(page)).toEqual([]);
    await press('Escape');
    expect(await page.locator('[role=dialog]').count()).toBe(0);
    await press('/');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('filter');
    expect(errors).toEqual([]);
  });

  it('lets go of the focus everywhere: Tab leads around', async () => {
    const { page } = await open(await run('stale-leader'));
    const seen: string[] = [];
    for (let tab = 0; tab < 60; tab++) {
      await page.keyboard.press('Tab');
      seen.push(
        await page.evaluate(() => {
          const { activeElement: one } = document;
          return `${one?.tagName} ${one?.id} ${one?.getAttribute('role')} ${one?.getAttribute('aria-label')}`;
        }),
      );
    }
    for (const wanted of [/diagram/, /INPUT filter/, /slider/, /Details/, /DIV {2}row/]) {
      expect(
        seen.some(one => wanted.test(one)),
        `${wanted}`,
      ).toBe(true);
    }
    expect(new Set(seen).size).toBeGreaterThan(12);
    expect(seen.filter(one => one.startsWith('BODY')).length).toBeGreaterThan(0);
  });

  it('the list follows the selection and leads it', async () => {
    const { page } = await open(await run('split-brain'));
    const trace = await traceOf('split-brain');
    const selected = page.locator('.rows [aria-selected=true]');
    const state = await lastState(page);
    expect(await selected.getAttribute('aria-rowindex')).toBe(`${state.event + 2}`);
    expect(await page.getAttribute('[role=grid]', 'aria-rowcount')).toBe(`${trace.events.length + 1}`);
    // Only what is in view exists.
    expect(await page.locator('.rows .row').count()).toBeLessThan(60);
    await selected.focus();
    await page.keyboard.press('End');
    await settled(page);
    expect((await lastState(page)).event).toBe(trace.events.length - 1);
    await page.keyboard.press('ArrowUp');
    await settled(page);
    expect((await lastState(page)).event).toBe(trace.events.length - 2);
    expect(await page.locator('.rows [tabindex="0"]').count()).toBe(1);
  });

  it('filters, and says how many are left', async () => {
    const { page } = await open(await run('stale-leader'));
    const trace = await traceOf('stale-leader');
    const drops = trace.messages.why.filter(why => why !== 0).length;
    await page.fill('#filter', 'kind:drop');
    await settled(page);
    expect(await page.textContent('#filter-note')).toBe(`${drops} of 3,571`);
    await page.check('.filter input[type=checkbox]');
    await settled(page);
    expect(await page.getAttribute('[role=grid]', 'aria-rowcount')).toBe(`${drops + 1}`);
    await page.fill('#filter', 'kind:nothing');
    await settled(page);
    expect(await page.textContent('#filter-note')).toMatch(/^kind: knows /);
    await page.fill('#filter', '');
  });

  it('offers what it can be saved as, and what its host adds', async () => {
    const { page, errors } = await open(await run('stale-leader'));
    const pick = async (name: string): Promise<void> => {
      await page.click('summary[aria-label^="Save"]');
      await page.click(`.menu button:has-text("${name}")`);
    };
    await page.click('summary[aria-label^="Save"]');
    await page.screenshot({ path: join(screens, 'trace-export-menu.png') });
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await page.locator('.menu[open]').count()).toBe(0);
    await pick('.dsystrace');
    await pick('JSON lines');
    await pick('.svg');
    expect(await hostCalls(page, 'export')).toEqual([null]);
    expect(await hostCalls(page, 'exportAs')).toEqual(['.jsonl']);
    const [{ name, text }] = await hostCalls<{ name: string; text: string }>(page, 'saveFile');
    expect(name).toBe('stale-leader.svg');
    expect(text).toContain('class="op ok violating"');
    expect(await page.locator('.menu[open]').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('leads to the text and back', async () => {
    const { page } = await open(await run('stale-leader'));
    const trace = await traceOf('stale-leader');
    const { event } = await lastState(page);
    await page.click('.source .link');
    await page.focus('#diagram');
    await page.keyboard.press('F12');
    await page.keyboard.press('Control+Enter');
    const asked = await hostCalls<RevealParams>(page, 'reveal');
    const { range, source } = trace.src[trace.events.src[event]];
    expect(asked).toEqual(Array.from({ length: 3 }, () => ({ uri: trace.sources[source].uri, range: [...range] })));

    const line = range[0];
    const uri = trace.sources[source].uri;
    await page.evaluate(
      params => {
        const { listener } = window as unknown as { listener: { revealEvents(params: unknown): void } };
        listener.revealEvents(params);
      },
      { uri, line },
    );
    await settled(page);
    const wanted = [...trace.events.src].filter(src => {
      const one = trace.src[src];
      return one !== undefined && one.source === source && one.range[0] <= line && line <= one.range[2];
    }).length;
    expect((await lastState(page)).highlighted).toBe(wanted);
    expect(wanted).toBeGreaterThan(0);
    expect(await page.textContent('.banners')).toContain(`${wanted} events come from line ${line}`);
  });

  it('shows in passing what stands where an event was written', async () => {
    const text = readFileSync(join(samples, 'stale-leader.dsys'), 'utf8');
    const { page } = await open({ ...(await run('stale-leader')), text });
    const peek = page.locator('#peek');
    expect(await peek.isVisible()).toBe(false);
    const [, line] = (await page.textContent('.source .link'))!.match(/:(\d+)/)!;
    const written = text.split('\n')[Number(line) - 1];
    await page.hover('.source .link');
    expect(await peek.isVisible()).toBe(true);
    expect(await peek.textContent()).toBe(written.trim());
    for (const theme of THEME_KINDS) {
      await changeTheme(page, theme);
      await page.screenshot({ path: join(screens, `peek-${theme}.png`) });
    }
    await page.mouse.move(0, 0);
    expect(await peek.isVisible()).toBe(false);
    // By the keyboard, and to those who hear it.
    await page.focus('.source .link');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    expect(await peek.isVisible()).toBe(true);
    expect(await page.getAttribute('.source .link', 'aria-describedby')).toBe('peek');
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.locator('[role=gridcell][title]').first().getAttribute('title')).not.toBe('');
  });

  it('marks the events of the line that the cursor comes to, and takes nothing away for it', async () => {
    const { page } = await open(await run('stale-leader'));
    const trace = await traceOf('stale-leader');
    const before = await lastState(page);
    // The story dims others already.
    const dimmed = await page.locator('.row.dim').count();
    const { range, source } = trace.src[trace.events.src[before.event]];
    const { uri } = trace.sources[source];
    const come = async (line: number, follows = true) => {
      await page.evaluate(
        params =>
          (window as unknown as { listener: { revealEvents(params: unknown): void } }).listener.revealEvents(params),
        { uri, line, follows },
      );
      await settled(page);
      return lastState(page);
    };
    const followed = await come(range[0]);
    expect(followed.highlighted).toBeGreaterThan(0);
    expect(followed.event).toBe(before.event);
    expect(await page.locator('.row.dim').count()).toBeGreaterThan(dimmed);
    expect(await page.locator('.banners').count()).toBe(0);
    expect((await come(0)).highlighted).toBe(0);
    expect(await page.locator('.row.dim').count()).toBe(dimmed);
    // What was asked for stays.
    const asked = (await come(range[0], false)).highlighted;
    expect((await come(0)).highlighted).toBe(asked);
  });

  it('says when the text has changed since, or is not there', async () => {
    const changed = await open({ ...(await run('stale-leader')), states: ['changed'] });
    await changed.page.waitForSelector('.banners');
    expect(await changed.page.textContent('.banners')).toContain('stale-leader.dsys changed since the run');
    const missing = await open({ ...(await run('stale-leader')), states: ['missing'] });
    await missing.page.waitForSelector('.banners');
    expect(await missing.page.textContent('.banners')).toContain('cannot be found');
  });

  it('selects what is clicked, zooms to what is dragged over, and has a way back', async () => {
    const { page } = await open(await run('stale-leader'));
    const { x, y, width } = (await page.locator('#diagram').boundingBox())!;
    const range = () => page.textContent('.crumbs > span');
    const before = await range();
    await page.mouse.move(x + width * 0.3, y + 200);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.5, y + 200, { steps: 4 });
    await page.mouse.up();
    await settled(page);
    expect(await range()).not.toBe(before);
    await page.click('.crumbs button');
    await settled(page);
    expect(await range()).toBe(before);
    await page.mouse.move(x + width * 0.4, y + 200);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -400);
    await page.keyboard.up('Control');
    await settled(page);
    expect(await range()).not.toBe(before);
  });

  it('redraws in the colours of another theme without being made again', async () => {
    const { page } = await open(await run('stale-leader'));
    const corner = () =>
      page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('#diagram canvas')!;
        return [...canvas.getContext('2d')!.getImageData(2, canvas.height - 2, 1, 1).data];
      });
    const dark = await corner();
    await changeTheme(page, 'light');
    expect(dark.slice(0, 3)).toEqual([0x1f, 0x1f, 0x1f]);
    expect((await corner()).slice(0, 3)).toEqual([255, 255, 255]);
  });

  it('fits a narrow column', async () => {
    const { page } = await open(await run('stale-leader'), 560, 900);
    await page.screenshot({ path: join(screens, 'trace-narrow-dark.png') });
    const [width, scrolled] = await page.evaluate(() => {
      const { clientWidth, scrollWidth } = document.documentElement;
      return [clientWidth, scrollWidth];
    });
    expect(width).toBeGreaterThan(500);
    expect(scrolled).toBeLessThanOrEqual(width);
    expect(await axeViolations(page)).toEqual([]);
  });
});
