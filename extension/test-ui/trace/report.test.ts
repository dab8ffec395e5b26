/** Reports as people get them: a file that a browser opens from wherever it lies, with nothing around it. */

import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { decodeContainer } from '@dsys/runtime/trace/container-read';
import { traceSha256 } from '@dsys/runtime/trace/hash';
import type { Trace } from '@dsys/runtime/trace/model';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { reportOf } from '../../../cli/src/report.ts';
import { THEME_KINDS, type ThemeKind } from '../../webview/common/tokens.ts';
import { emptyTrace } from '../../webview/trace/testing/empty.ts';
import { type RunName, traceOf } from '../../webview/trace/testing/traces.ts';
import { axeViolations } from '../axe.ts';
import { expectGolden } from '../goldens.ts';
import { screens, seeWith, usePages, VISIONS } from '../pages.ts';
import { watchPolicies } from '../policies.ts';
import { settled } from './page.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'dsys-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What people have to have set for each kind of theme. */
const MEDIA: Readonly<Record<ThemeKind, Parameters<Page['emulateMedia']>[0]>> = {
  dark: { colorScheme: 'dark', contrast: 'no-preference' },
  light: { colorScheme: 'light', contrast: 'no-preference' },
  'hc-dark': { colorScheme: 'dark', contrast: 'more' },
  'hc-light': { colorScheme: 'light', contrast: 'more' },
};

const textOf = (name: RunName): string => readFileSync(join(root, 'samples', `${name}.dsys`), 'utf8');
const textsOf = (trace: Trace, text: string): Map<string, string> => new Map([[trace.sources[0].uri, text]]);

async function reportOfRun(name: RunName): Promise<string> {
  const trace = await traceOf(name);
  return reportOf(trace, textsOf(trace, textOf(name)));
}

const CONTAINER = /(<script type="application\/octet-stream" id="trace">)([^<]*)/;

/** The report with other bytes in the place of its container. */
function withContainer(html: string, change: (bytes: Uint8Array) => Uint8Array): string {
  return html.replace(CONTAINER, (_, tag: string, text: string) => {
    return tag + Buffer.from(change(new Uint8Array(Buffer.from(text, 'base64')))).toString('base64');
  });
}

describe('a report', () => {
  const newPage = usePages();

  interface Shown {
    readonly page: Page;
    readonly errors: readonly string[];
    readonly breaches: readonly string[];
    /** Whatever was asked for beside the file itself. */
    readonly requests: readonly string[];
    readonly workers: () => number;
  }

  async function open(html: string | { readonly path: string }, theme: ThemeKind = 'dark'): Promise<Shown> {
    const { page, errors } = await newPage(1280, 860);
    const path = typeof html === 'string' ? join(folder, 'report.html') : html.path;
    if (typeof html === 'string') writeFileSync(path, html);
    const breaches: string[] = [];
    const requests: string[] = [];
    let workers = 0;
    await watchPolicies(page, breach => breaches.push(breach));
    const url = pathToFileURL(path).href;
    page.on('request', request => {
      if (request.url() !== url && !request.url().startsWith('blob:')) requests.push(request.url());
    });
    page.on('worker', () => workers++);
    await page.emulateMedia(MEDIA[theme]);
    await page.goto(url);
    await page.waitForSelector('.viewer, .notice');
    await settled(page);
    return { page, errors, breaches, requests, workers: () => workers };
  }

  it.each(THEME_KINDS)(
    'opens from a file under its own policy, asks for nothing, and is there for all: %s',
    async theme => {
      const shown = await open(await reportOfRun('stale-leader'), theme);
      const { page } = shown;
      expectGolden(`report-${theme}`, await page.screenshot());
      const check = (await traceOf('stale-leader')).checks.find(one => one.verdict === 'violated')!;
      expect(await page.textContent('h1')).toBe(`${check.name}: violated`);
      expect(await page.textContent('.message')).toBe(check.message);
      expect(await page.title()).toBe('local-reads, seed 1: dsys trace');
      expect(await page.getAttribute('body', 'data-theme')).toBe(theme);
      expect(shown.errors).toEqual([]);
      expect(shown.breaches).toEqual([]);
      expect(shown.requests).toEqual([]);
      // Opening happened beside the page.
      expect(shown.workers()).toBe(1);
      expect(await page.locator('.banners').count()).toBe(0);
      expect(await axeViolations(page)).toEqual([]);
    },
  );

  it('is told apart with every kind of colour blindness', async () => {
    const { page } = await open(await reportOfRun('split-brain'), 'light');
    for (const vision of VISIONS) {
      await seeWith(page, vision);
      expectGolden(`report-${vision}`, await page.screenshot());
    }
  });

  it('has the high contrast of those whose system forces its colours', async () => {
    const { page } = await open(await reportOfRun('stale-leader'));
    await page.emulateMedia({ colorScheme: 'dark', contrast: 'no-preference', forcedColors: 'active' });
    await page.waitForFunction(() => document.body.dataset.theme === 'hc-dark');
    await settled(page);
    await page.screenshot({ path: join(screens, 'report-forced-colors.png') });
  });

  it('shows the text that an event comes from, with its line marked', async () => {
    const { page, errors } = await open(await reportOfRun('split-brain'), 'light');
    await page.click('.source .link');
    await page.waitForSelector('.text-panel');
    const lines = textOf('split-brain').split('\n');
    const marked = page.locator('.text-panel li.marked');
    const heading = await page.textContent('.text-panel h2');
    const line = Number(/:(\d+)/.exec(heading!)![1]);
    expect(await marked.first().textContent()).toBe(lines[line - 1]);
    expect(await page.locator('.text-panel li').count()).toBe(lines.length);
    await expect.poll(() => marked.first().isVisible()).toBe(true);
    await page.screenshot({ path: join(screens, 'report-text.png') });
    expect(await axeViolations(page)).toEqual([]);
    await page.focus('#diagram');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.text-panel').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('says when its text is not the one that ran, and when it has none', async () => {
    const trace = await traceOf('stale-leader');
    const changed = await open(reportOf(trace, textsOf(trace, `${textOf('stale-leader')}\n`)));
    await changed.page.waitForSelector('.banners');
    expect(await changed.page.textContent('.banners')).toContain('stale-leader.dsys changed since the run');
    const none = await open(reportOf(trace, new Map()));
    await none.page.waitForSelector('.banners');
    expect(await none.page.textContent('.banners')).toContain('stale-leader.dsys cannot be found from here');
    expect(await none.page.content()).not.toContain('workload');
  });

  it.each([
    ['may start no worker', "window.Worker = class { constructor() { throw new Error('no'); } };"],
    [
      'has workers that fail at once',
      'window.Worker = class { constructor() { setTimeout(() => this.onerror({ preventDefault() {} })); } terminate() {} };',
    ],
    ['knows no base64 but the old', 'delete Uint8Array.fromBase64;'],
  ])('opens by the same code where the browser %s', async (_, script) => {
    const { page, errors } = await newPage(1280, 860);
    await page.addInitScript(script);
    const path = join(folder, 'report.html');
    writeFileSync(path, await reportOfRun('stale-leader'));
    await page.goto(pathToFileURL(path).href);
    await page.waitForSelector('.viewer');
    expect(await page.textContent('.facts')).toContain('3,571 events');
    expect(await page.locator('.banners').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('says so where the browser cannot unpack it', async () => {
    const { page, errors } = await newPage(1280, 860);
    await page.addInitScript(
      "delete window.DecompressionStream; window.Worker = class { constructor() { throw ''; } };",
    );
    const path = join(folder, 'report.html');
    writeFileSync(path, await reportOfRun('stale-leader'));
    await page.goto(pathToFileURL(path).href);
    await page.waitForSelector('.notice h1:has-text("This browser cannot unpack traces")');
    expect(errors).toEqual([]);
  });

  it('works wherever it is moved to', async () => {
    const from = join(folder, 'first.html');
    writeFileSync(from, await reportOfRun('forgotten-vote'));
    mkdirSync(join(folder, 'elsewhere, with a # in it'));
    const to = join(folder, 'elsewhere, with a # in it', 'renamed 100%.html');
    renameSync(from, to);
    const { page, errors, breaches } = await open({ path: to });
    expect(await page.textContent('h1')).toMatch(/: violated$/);
    expect([...errors, ...breaches]).toEqual([]);
  });

  it('gives the trace back as it is', async () => {
    const { page } = await open(await reportOfRun('stale-leader'));
    const waiting = page.waitForEvent('download');
    await page.click('summary[aria-label^="Save"]');
    await page.click('text=Trace (.dsystrace)');
    const download = await waiting;
    expect(download.suggestedFilename()).toBe('local-reads-1.dsystrace');
    const saved = decodeContainer(readFileSync(await download.path()));
    expect(traceSha256(saved.trace)).toBe(traceSha256(await traceOf('stale-leader')));
  });

  it('gives the picture of its view', async () => {
    const { page, errors } = await open(await reportOfRun('stale-leader'));
    const waiting = page.waitForEvent('download');
    await page.click('summary[aria-label^="Save"]');
    await page.click('text=Picture of this view');
    const download = await waiting;
    expect(download.suggestedFilename()).toBe('local-reads-1.svg');
    const svg = readFileSync(await download.path(), 'utf8');
    expect(svg).toMatch(/^<svg .*class="op ok violating".*<\/svg>\n$/s);
    await page.goto(pathToFileURL(await download.path()).href);
    expect(errors).toEqual([]);
  });

  it('leads back to the same view when it is loaded again', async () => {
    const { page } = await open(await reportOfRun('stale-leader'));
    await page.fill('#filter', 'kind:drop');
    await settled(page);
    await page.reload();
    await page.waitForSelector('.viewer');
    await expect.poll(() => page.inputValue('#filter')).toBe('kind:drop');
  });

  it('of strangers runs none of their code', async () => {
    const evil = [
      '</script><script>window.broken=1</script>',
      '<!--<script>',
      '\u2028\u2029-->',
      '"><img src=x onerror="window.broken=1">',
      '</title><script>window.broken=1</script>',
      '</style><script>window.broken=1</script>',
      "';window.broken=1;//",
    ].join('');
    const trace = await traceOf('stale-leader');
    const uri = `${evil}.dsys`;
    const hostile: Trace = {
      ...trace,
      header: {
        ...trace.header,
        runId: evil,
        model: { ...trace.header.model, name: evil, uri },
        nodes: trace.header.nodes.map(node => ({ ...node, name: evil, group: evil })),
      },
      sources: [{ uri, sha256: evil }],
      checks: trace.checks.map(check => ({ ...check, name: evil, message: evil })),
      strings: trace.strings.map((text, index) => (index === 0 ? '' : `${evil}${text}`)),
    };
    const texts = new Map([
      [uri, `${evil}\n${evil}`],
      ['__proto__', evil],
    ]);
    const { page, errors, breaches, requests } = await open(reportOf(hostile, texts));
    expect(await page.textContent('h1')).toContain('</script><script>');
    await page.click('.source .link');
    await page.waitForSelector('.text-panel');
    expect(await page.textContent('.text-panel')).toContain('<img src=x onerror=');
    expect(await page.evaluate(() => (window as unknown as { broken?: number }).broken)).toBeUndefined();
    expect(await page.locator('img').count()).toBe(0);
    expect([...errors, ...breaches, ...requests]).toEqual([]);
  });

  it('that is damaged shows what is whole; that of another version, of nothing or of nonsense says so', async () => {
    const html = await reportOfRun('stale-leader');
    const part = await open(withContainer(html, bytes => bytes.slice().fill(0, bytes.length - 200)));
    await part.page.waitForSelector('.banners');
    expect(await part.page.textContent('.banners')).toContain('The trace is damaged');
    expect(await part.page.textContent('.facts')).toContain('3,571 events');

    const other = await open(withContainer(html, bytes => bytes.with(4, 9)));
    expect(await other.page.textContent('.notice')).toMatch(/version 9\.0, and this version of dsys reads 1\.x/);
    const nothing = await open(withContainer(html, () => new Uint8Array(0)));
    expect(await nothing.page.textContent('.notice')).toContain('The trace is empty');
    const nonsense = await open(html.replace(CONTAINER, '$1***'));
    expect(await nonsense.page.textContent('.notice')).toContain('The report is damaged');
    for (const { errors } of [part, other, nothing, nonsense]) expect(errors).toEqual([]);
  });

  it('whose script was changed does not run it', async () => {
    const html = (await reportOfRun('stale-leader')).replace(/<script>(?=")?/, '<script>window.broken=1;');
    const { page } = await newPage(800, 600);
    const breaches: string[] = [];
    await watchPolicies(page, breach => breaches.push(breach));
    const path = join(folder, 'changed.html');
    writeFileSync(path, html);
    await page.goto(pathToFileURL(path).href);
    await expect.poll(() => breaches.length).toBeGreaterThan(0);
    expect(await page.evaluate(() => (window as unknown as { broken?: number }).broken)).toBeUndefined();
  });
});

it('what is built stays small: the viewer up to 90 KiB, its style 8, a report without a trace 110, all gzipped', () => {
  const packed = (text: string | Buffer): number => gzipSync(text, { level: 9 }).length / 1024;
  const built = (name: string): Buffer => readFileSync(join(root, 'extension', 'out', 'webview', name));
  const sizes = [packed(built('trace.js')), packed(built('trace.css')), packed(reportOf(emptyTrace(), new Map()))];
  console.log(`viewer ${sizes.map(size => `${size.toFixed(1)} KiB`).join(', ')}`);
  for (const [index, most] of [90, 8, 110].entries()) expect(sizes[index]).toBeLessThanOrEqual(most);
});
