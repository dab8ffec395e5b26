/** The built design view in a real browser: under the policy of VS Code's webviews, with designs of all sizes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { THEME_KINDS, type ThemeKind } from '../../webview/common/tokens.ts';
import type { RevealParams, ShowParams } from '../../webview/design/protocol.ts';
import { bare, broken, large, shop } from '../../webview/design/testing/designs.ts';
import { shownOf } from '../../webview/design/testing/shown.ts';
import { axeViolations } from '../axe.ts';
import { changeTheme, screens, usePages } from '../pages.ts';
import { lastState, moveCursor, refused, say, settled, show, told } from './page.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const samples = readdirSync(join(root, 'samples'))
  .filter(name => name.endsWith('.dsys'))
  .map(name => [name, readFileSync(join(root, 'samples', name), 'utf8')] as const);

const lineOf = (text: string, words: string): number => text.split('\n').findIndex(line => line.includes(words));

describe('the design view in a browser', () => {
  const newPage = usePages();

  interface Opening {
    readonly theme?: ThemeKind;
    readonly width?: number;
    readonly height?: number;
    readonly vscode?: boolean;
  }
  async function open(params: ShowParams, { theme = 'dark', width = 760, height = 900, vscode }: Opening = {}) {
    const opened = await newPage(width, height);
    await show(opened.page, params, { theme, vscode });
    return opened;
  }
  const shoot = (page: Page, name: string) =>
    page.screenshot({ path: join(screens, `design-view-${name}.png`), fullPage: true });
  const stop = (page: Page, key: string) => page.locator(`[data-key="${key}"]`);
  const press = async (page: Page, ...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
    await settled(page);
  };
  const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));

  it.each([
    ['shop', shop],
    ['large', large],
    ['broken', broken],
    ['bare', bare],
  ])(
    '%s: nothing is refused by the policy, and nothing is out of reach for anybody, in each theme',
    async (name, text) => {
      const cursor = name === 'shop' ? lineOf(text, 'store carts') : 0;
      const { page, errors } = await open(await shownOf(text, `${name}.dsys`, cursor));
      for (const theme of THEME_KINDS) {
        await changeTheme(page, theme);
        await shoot(page, `${name}-${theme}`);
        expect(await axeViolations(page), theme).toEqual([]);
      }
      expect(errors).toEqual([]);
      expect(await refused(page)).toEqual([]);
    },
  );

  it.each(samples)('%s: all its nodes stand in the picture, at every width', async (name, text) => {
    const params = await shownOf(text, name);
    const { page, errors } = await open(params, { theme: 'light' });
    for (const width of [1500, 700, 320]) {
      await page.setViewportSize({ width, height: 900 });
      await settled(page);
      if (width === 700) await shoot(page, name.replace('.dsys', ''));
      for (const { id, name: node } of params.design.nodes)
        expect(await stop(page, `node:${id}`).getAttribute('aria-label')).toContain(`node ${node}, `);
      const { scrollWidth } = await page.evaluate(() => ({ scrollWidth: document.documentElement.scrollWidth }));
      expect(scrollWidth, `${width} px`).toBeLessThanOrEqual(width);
    }
    expect(errors).toEqual([]);
  });

  it('is usable at 320 px, and wide', async () => {
    const params = await shownOf(shop, 'shop.dsys', lineOf(shop, 'store users'));
    const narrow = await open(params, { width: 320 });
    await shoot(narrow.page, 'narrow');
    expect(await axeViolations(narrow.page)).toEqual([]);
    const wide = await open(params, { width: 1600, theme: 'light' });
    await shoot(wide.page, 'wide');
    const [picture, findings] = [wide.page.locator('.picture'), wide.page.locator('.findings')];
    expect((await findings.boundingBox())!.x).toBeGreaterThan((await picture.boundingBox())!.x + 800);
  });

  it('gets its design over VS Code’s channel, and keeps little', async () => {
    const { page, errors } = await open(await shownOf(shop, 'shop.dsys'), { vscode: true });
    expect((await lastState(page)).stores).toEqual(['users', 'carts', 'orders', 'sessions', 'notes']);
    await stop(page, 'node:0').click();
    await page.waitForFunction(() =>
      (window as unknown as { calls: [string][] }).calls.some(([name]) => name === 'reveal'),
    );
    await moveCursor(page, lineOf(shop, 'store orders'));
    await page.waitForSelector('button[aria-pressed=true]:has-text("orders")');
    expect((await lastState(page)).store).toBe('orders');
    // A page of VS Code may keep 4 KB.
    const kept = await page.evaluate(() => JSON.stringify((window as unknown as { kept: unknown }).kept));
    expect(JSON.parse(kept).store).toBe('orders');
    expect(kept.length).toBeLessThan(1000);
    expect(errors).toEqual([]);
  });

  it('follows the cursor: the part is marked, comes into view, and its store is the one that is looked at', async () => {
    const { page } = await open(await shownOf(shop, 'shop.dsys'), { height: 400 });
    const isInView = (key: string) =>
      stop(page, key).evaluate(element => {
        const { top, bottom } = element.getBoundingClientRect();
        return top >= -1 && bottom <= innerHeight + 1;
      });
    expect((await lastState(page)).store).toBe('users');
    await moveCursor(page, lineOf(shop, 'witness w1'));
    const witness = (await lastState(page)).highlighted;
    expect(witness).toEqual(['node w1']);
    const { design } = await shownOf(shop);
    const id = design.nodes.find(({ name }) => name === 'w1')!.id;
    expect(await stop(page, `node:${id}`).getAttribute('aria-current')).toBe('location');
    expect(await isInView(`node:${id}`)).toBe(true);
    await moveCursor(page, lineOf(shop, 'between virginia and tokyo'));
    expect((await lastState(page)).highlighted).toEqual(['link virginia – tokyo']);
    expect(await isInView('link:virginia/tokyo')).toBe(true);
    await moveCursor(page, lineOf(shop, 'partition by hash(id)'));
    expect((await lastState(page)).store).toBe('orders');
    await moveCursor(page, lineOf(shop, 'workload america'));
    expect((await lastState(page)).highlighted).toEqual(['workload america']);
    // The store stays: the cursor is at none.
    expect((await lastState(page)).store).toBe('orders');
  });

  it('keys go from part to part in reading order, and Enter shows the text', async () => {
    const params = await shownOf(shop, 'shop.dsys');
    const { page, errors } = await open(params);
    await stop(page, 'region:frankfurt').focus();
    expect(await focused(page)).toMatch(/^region frankfurt: 5 nodes, /);
    await press(page, 'ArrowRight');
    expect(await focused(page)).toMatch(/^zone a: 2 nodes/);
    await press(page, 'ArrowDown');
    expect(await focused(page)).toMatch(/^node e1, member of cluster eu; /);
    await press(page, 'Enter');
    const [asked] = await told<RevealParams>(page, 'reveal');
    expect(asked).toEqual({
      uri: params.uri,
      range: { start: params.design.nodes[0]!.at.start, end: params.design.nodes[0]!.at.end },
    });
    await press(page, 'End');
    expect(await focused(page)).toMatch(/^link between virginia and tokyo: 80 ms, loss 0\.5%/);
    await press(page, 'ArrowLeft', 'ArrowLeft', 'ArrowLeft');
    expect(await focused(page)).toMatch(/^workload asia on users: 5 clients/);
    await press(page, 'Home');
    expect(await focused(page)).toMatch(/^region frankfurt/);
    // One stop of Tab is the whole picture.
    await press(page, 'Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('.picture') === null)).toBe(true);
    await press(page, 'Shift+Tab');
    expect(await focused(page)).toMatch(/^region frankfurt/);
    expect(errors).toEqual([]);
  });

  it('a partition shows who has it and one smallest quorum; pressing it again lets go', async () => {
    const { page } = await open(await shownOf(shop, 'shop.dsys', lineOf(shop, 'store carts')));
    const { design } = await shownOf(shop);
    const partition = design.partitions.find(({ name }) => name === 'carts.p2')!;
    const chip = page.getByRole('button', { name: 'p2', exact: true });
    await chip.click();
    await settled(page);
    expect((await lastState(page)).partition).toBe('carts.p2');
    for (const { id } of design.nodes) {
      const shape = (await stop(page, `node:${id}`).getAttribute('class'))!;
      expect(/holds|leads/.test(shape), design.nodes[id]!.name).toBe(partition.replicas.includes(id));
    }
    expect(await page.locator('.quorums').textContent()).toMatch(/read 1 of 3.*write 1 of 3.*share no node/);
    expect(await page.locator('.picture .quorum').count()).toBe(2);
    // One mark of each shape, as in the list.
    for (const where of ['.picture', '.quorums'])
      for (const [shape, letter] of [
        ['circle', 'R'],
        ['rect', 'W'],
      ])
        expect(await page.locator(`${where} .quorum:has(${shape})`).textContent()).toBe(letter);
    await shoot(page, 'partition');
    await chip.click();
    await settled(page);
    expect((await lastState(page)).partition).toBeNull();
  });

  it('names who leads, and whose home it is', async () => {
    const { page } = await open(await shownOf(shop, 'shop.dsys', lineOf(shop, 'store notes')));
    const { design } = await shownOf(shop);
    const e1 = design.nodes.find(({ name }) => name === 'e1')!.id;
    expect(await stop(page, `node:${e1}`).getAttribute('aria-label')).toContain('home of DE, FR of notes');
    await shoot(page, 'homes');
    await page.getByRole('button', { name: 'orders', exact: true }).click();
    await settled(page);
    await shoot(page, 'leaders');
    expect(await page.locator('.picture .pip.leads').count()).toBe(4);
    await page.getByRole('button', { name: /^sessions/ }).click();
    await settled(page);
    expect(await page.locator('.picture').textContent()).toMatch(/head.*tail/s);
    expect(await page.locator('.store').textContent()).toContain('Chain: writes enter at the head');
  });

  it('sixty nodes and sixty-four partitions are counts until somebody wants to see them', async () => {
    const { page } = await open(await shownOf(large, 'large.dsys'));
    const nodes = page.locator('g.card:not(.rest)');
    expect(await page.locator('g.card.rest').count()).toBe(3);
    const before = await nodes.count();
    expect(before).toBe(12);
    await stop(page, 'rest:zone:north.a').click();
    await settled(page);
    expect(await nodes.count()).toBe(before + 16);
    expect(await page.locator('.partitions button').count()).toBe(8);
    await page.locator('.partitions button').first().click();
    await settled(page);
    await page.getByRole('button', { name: 'p3', exact: true }).click();
    await settled(page);
    const { design } = await shownOf(large);
    for (const id of design.partitions[3]!.replicas)
      expect(await stop(page, `node:${id}`).getAttribute('class')).toContain('holds');
    await shoot(page, 'large-open');
  });

  it('findings stand at their parts and in full in the list', async () => {
    const params = await shownOf(shop, 'shop.dsys');
    const { page } = await open(params);
    expect(await page.locator('.findings li').count()).toBe(params.findings.length);
    for (const { message } of params.findings) expect(await page.textContent('.findings')).toContain(message);
    expect(await page.locator('.chips button:has-text("carts") .severity.warning').count()).toBe(1);
    expect(await page.locator('.chips button:has-text("sessions") .severity.error').count()).toBe(1);
    await page.locator('.findings button').first().click();
    const [asked] = await told<RevealParams>(page, 'reveal');
    expect(asked!.range.start.line).toBe(lineOf(shop, 'replication chain'));
  });

  it('says of a broken design that it is not what was meant, and of nothing why', async () => {
    const { page } = await open(await shownOf(broken, 'broken.dsys'));
    expect(await page.textContent('.broken')).toContain('not what was meant');
    expect(await page.textContent('.facts-of-stores')).toContain('Unknown: the file has errors');
    expect((await lastState(page)).isBroken).toBe(true);
    await say(page, 'There is no design in the editor.');
    expect(await page.textContent('[role=status]')).toBe('There is no design in the editor.');
  });

  it('zooms by buttons, keys and the wheel', async () => {
    const { page } = await open(await shownOf(shop, 'shop.dsys'));
    const width = async () => (await page.locator('.picture > svg').boundingBox())!.width;
    const whole = await width();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    expect(await width()).toBeGreaterThan(whole * 1.2);
    await page.getByRole('button', { name: /^Fit/ }).click();
    expect(await width()).toBeCloseTo(whole, 0);
    await stop(page, 'region:tokyo').focus();
    await press(page, '-');
    expect(await width()).toBeLessThan(whole * 0.9);
    await page.mouse.move(300, 400);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -400);
    await page.keyboard.up('Control');
    await settled(page);
    expect(await width()).toBeGreaterThan(whole);
  });
});
