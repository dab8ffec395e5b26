/**
 * The trace viewer in a browser, with synthetic traces: what people wait for when they open one, and how long a picture takes.
 * The limits are those that the project has set itself; the naive way holds an object for each event.
 * `npm run bench -- viewer --large` opens ten million events instead, which takes minutes.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { encodeContainer } from '@dsys/runtime/trace/container';
import type { Trace } from '@dsys/runtime/trace/model';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { reportOf } from '../cli/src/report.ts';
import { launch } from '../scripts/vscode/browser.mjs';
import { chromium } from '../scripts/vscode/chromium.mjs';
import { syntheticTrace } from './synthetic-trace.ts';
import { type Row, row } from './table.ts';
import { largeRows } from './viewer-large.ts';

const root = join(import.meta.dirname, '..');
const mebibyte = 1024 * 1024;
/** Four seconds of moving about. */
const PICTURES = 240;

const limited = (work: string, ms: number, limitMs: number, naiveMs?: number): Row =>
  row(
    work,
    `${ms.toFixed(1)} ms`,
    `≤ ${limitMs} ms${naiveMs === undefined ? '' : `; naive ${naiveMs.toFixed(0)} ms`}`,
    (ms / limitMs).toFixed(2),
  );
const plain = (work: string, ms: number, naiveMs?: number): Row =>
  naiveMs === undefined
    ? row(work, `${ms.toFixed(1)} ms`)
    : row(work, `${ms.toFixed(1)} ms`, `naive ${naiveMs.toFixed(0)} ms`, (ms / naiveMs).toFixed(2));

type Times = Readonly<Record<string, number>>;

interface Frames {
  readonly median: number;
  readonly p95: number;
  readonly first: number;
  readonly detail: string;
}

/** What `viewer-page.ts` adds to a page. */
interface InPage {
  steps(base64: string): Promise<Times>;
  naive(): Times;
  frames(events: number, count: number, everything?: boolean): Frames;
}

function pictures(work: string, { median, p95, first, detail }: Frames, limitMs?: number, naiveMs?: number): Row[] {
  const last = `${work} (${detail}), p95`;
  return [
    plain(`${work} (${detail}), p50`, median),
    limitMs === undefined ? plain(last, p95) : limited(last, p95, limitMs, naiveMs),
    plain(`${work} (${detail}), slowest of the first ten`, first),
  ];
}

async function measured(browser: Browser, script: string, trace: Trace, name: string): Promise<Row[]> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  try {
    await page.setContent('<!DOCTYPE html><body></body>');
    await page.evaluate(script);
    const base64 = Buffer.from(encodeContainer(trace)).toString('base64');
    const steps = await page.evaluate(text => (window as unknown as InPage).steps(text), base64);
    // What the steps have left behind is not the pictures' doing.
    await heapOf(page);
    const frames = (events: number, count: number, everything = false) =>
      page.evaluate(([a, b, c]) => (window as unknown as InPage).frames(a, b, c), [events, count, everything] as const);
    const large = trace.events.length >= 1_000_000;
    const exact = await frames(5400, PICTURES);
    const points = await frames(25_000, PICTURES / 4);
    const whole = await frames(0, PICTURES);
    const drawnNaively = large ? (await frames(0, 1, true)).p95 : undefined;
    const naive = large ? await page.evaluate(() => (window as unknown as InPage).naive()) : undefined;
    return [
      plain(`${name}: unpack`, steps.unpack),
      plain(`${name}: decode`, steps.decode, naive?.decode),
      plain(`${name}: causality`, steps.causality),
      plain(`${name}: pyramid`, steps.pyramid),
      plain(`${name}: all tables, causality and pyramid included`, steps.tables),
      plain(`${name}: past cone of the last event`, steps.past),
      plain(`${name}: future cone of the first event`, steps.future),
      plain(`${name}: vector clock of the last event`, steps.clock),
      plain(`${name}: filter by kind, node and type`, steps.filter, naive?.filter),
      plain(`${name}: filter by a word anywhere`, steps.text),
      ...pictures(`${name}: picture of about 8,000 marks`, exact, 16),
      ...pictures(`${name}: picture of about 40,000`, points),
      ...pictures(`${name}: picture of everything`, whole, whole.detail === 'density' ? 10 : 16, drawnNaively),
    ];
  } finally {
    await page.close();
  }
}

/** A report from a file, until its diagram is drawn; the longest that the page did not answer meanwhile; and its memory. */
async function opening(browser: Browser, path: string): Promise<{ paint: number; stall: number; heap: number }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  try {
    await page.addInitScript(() => {
      const state = { paint: 0, stall: 0 };
      Object.assign(window, { opening: state });
      let last = performance.now();
      const look = (): void => {
        const now = performance.now();
        if (document.readyState !== 'loading') state.stall = Math.max(state.stall, now - last);
        last = now;
        if ((window as { dsysFrameTimes?: readonly number[] }).dsysFrameTimes?.length) state.paint = now;
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.goto(pathToFileURL(path).href);
    type State = { opening: { paint: number; stall: number } };
    await page.waitForFunction(() => (window as unknown as State).opening.paint > 0);
    const { paint, stall } = await page.evaluate(() => (window as unknown as State).opening);
    return { paint, stall, heap: await heapOf(page) };
  } finally {
    await page.close();
  }
}

/** Bytes of objects and of buffers, after garbage has been taken away. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const usage = (await session.send('Runtime.getHeapUsage')) as { usedSize: number; backingStorageSize?: number };
  return usage.usedSize + (usage.backingStorageSize ?? 0);
}

export async function rows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dsys-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  const executable = await chromium();
  const launched = (): Promise<Browser> => launch(executable, { fonts: '/usr/share/fonts', home: folder });
  if (process.argv.includes('--large')) return largeRows(folder, launched).finally(remove);
  const bundled = await build({
    entryPoints: [join(import.meta.dirname, 'viewer-page.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
  });
  const browser = await launched();
  try {
    const found: Row[] = [];
    for (const [events, name] of [
      [1000, '10³'],
      [100_000, '10⁵'],
      [1_000_000, '10⁶'],
    ] as const) {
      const trace = syntheticTrace(events);
      const path = join(folder, 'report.html');
      writeFileSync(path, reportOf(trace, new Map()));
      const runs: { paint: number; stall: number; heap: number }[] = [];
      for (let run = 0; run < 3; run++) runs.push(await opening(browser, path));
      const [best] = runs.sort((a, b) => a.paint - b.paint);
      const size = `${readFileSync(path).length}`;
      const [all, messages] = [trace.events.length, trace.messages.length];
      const what = `${name}: report from a file to its first picture (${all} events, ${messages} messages)`;
      found.push({ ...limited(what, best.paint, 1000), bytes: size });
      found.push(plain(`${name}: longest time that the page stood still meanwhile`, best.stall));
      const heap = best.heap / mebibyte;
      found.push(row(`${name}: memory of the page`, `${heap.toFixed(0)} MiB`, '≤ 250 MiB', (heap / 250).toFixed(2)));
      found.push(...(await measured(browser, bundled.outputFiles[0].text, trace, name)));
    }
    for (const [file, most] of [
      ['trace.js', 90],
      ['trace.css', 8],
    ] as const) {
      const size = gzipSync(readFileSync(join(root, 'extension', 'out', 'webview', file)), { level: 9 }).length;
      found.push(
        row(
          `${file}, gzipped`,
          `${(size / 1024).toFixed(1)} KiB`,
          `≤ ${most} KiB`,
          (size / 1024 / most).toFixed(2),
          `${size}`,
        ),
      );
    }
    return found;
  } finally {
    await browser.close();
    remove();
  }
}
