/**
 * Ten million events in the viewer, more than a trace holds: whether the page opens them, stays alive meanwhile and
 * afterwards, says what it shows, and what it takes.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tableOfLength } from '@dsys/runtime/trace/columns';
import { encodeContainer } from '@dsys/runtime/trace/container';
import { KIND } from '@dsys/runtime/trace/kinds';
import { EVENT_SCHEMA, type Trace } from '@dsys/runtime/trace/model';
import type { Browser, Page } from 'playwright-core';
import { reportOf } from '../cli/src/report.ts';
import { syntheticTrace } from './synthetic-trace.ts';
import { type Row, row } from './table.ts';

const EVENTS = 10_000_000;
const mebibyte = 1024 * 1024;
const webview = join(import.meta.dirname, '..', 'extension', 'out', 'webview');

/** What our own recorder would not write: after as many events as it takes, timers up to so many. */
function beyondLimit(trace: Trace, events: number): Trace {
  const table = tableOfLength(EVENT_SCHEMA, events);
  const known = trace.events.length;
  for (const column of Object.keys(EVENT_SCHEMA) as (keyof typeof EVENT_SCHEMA)[]) {
    table[column].set(trace.events[column] as never);
    table[column].fill(trace.events[column][known - 1] as never, known);
  }
  const last = trace.events.t[known - 1];
  for (let event = known; event < events; event++) {
    table.t[event] = last + (event - known) * 20_000;
    table.kind[event] = KIND.timerFire;
    table.node[event] = event % 10;
    table.msg[event] = table.op[event] = table.cause[event] = -1;
  }
  const { truncated: _, ...header } = trace.header;
  return { ...trace, header, events: table };
}

/** A page whose host reads a file piece by piece, as an editor does. */
const pageOf = (): string => `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>trace</title>
<style>${readFileSync(join(webview, 'trace.css'), 'utf8')}</style></head><body><input type="file"><script>
const input = document.querySelector('input');
window.dsysTraceHost = {
  start(listener) {
    input.onchange = () => listener.open({ id: 1, name: input.files[0].name, bytes: input.files[0].size, canRun: false, canExport: false });
  },
  async chunk(_, offset) {
    const end = Math.min(input.files[0].size, offset + 1048576);
    return { bytes: await input.files[0].slice(offset, end).arrayBuffer(), next: end < input.files[0].size ? end : null };
  },
  compareSources: async sources => sources.map(() => 'missing'),
  reveal() {}, runAgain() {}, exportTrace() {}, exportAs() {}, saveFile() {}, state() {}, save() {}, saved() {},
};
</script><script src="trace.js"></script></body></html>`;

/** Bytes that the page's process takes, and has taken at most; 0 where the system does not tell. */
async function memoryOf(browser: Browser): Promise<{ now: number; most: number }> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  let found = { now: 0, most: 0 };
  for (const { id, type } of processInfo) {
    if (type !== 'renderer') continue;
    try {
      const status = readFileSync(`/proc/${id}/status`, 'utf8');
      const bytes = (name: string): number => 1024 * Number(new RegExp(`${name}:\\s*(\\d+)`).exec(status)?.[1] ?? 0);
      if (bytes('VmHWM') > found.most) found = { now: bytes('VmRSS'), most: bytes('VmHWM') };
    } catch {
      // It has ended, or the system is another one.
    }
  }
  return found;
}

interface Watched {
  /** Longest that the page did not answer, in ms, since it was asked last. */
  stall: number;
}

/** Looks, before anything else runs, how long the page stands still. */
const watch = (): void => {
  const watched: Watched = { stall: 0 };
  Object.assign(window, { watched });
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    if (document.readyState !== 'loading') watched.stall = Math.max(watched.stall, now - last);
    last = now;
  }, 10);
};

const stallOf = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { watched } = window as unknown as { watched: Watched };
    const { stall } = watched;
    watched.stall = 0;
    return stall;
  });

async function opened(browser: Browser, url: string, name: string, file?: string): Promise<Row[]> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  let crashed = false;
  page.on('crash', () => (crashed = true));
  try {
    await page.addInitScript(watch);
    let began = performance.now();
    await page.goto(url, { timeout: 120_000 });
    if (file !== undefined) {
      began = performance.now();
      await page.setInputFiles('input', file);
    }
    await page.waitForFunction(
      () =>
        ((window as { dsysFrameTimes?: readonly number[] }).dsysFrameTimes?.length ?? 0) > 0 ||
        /cannot|could not|too large|did not/.test(document.querySelector('.notice')?.textContent ?? ''),
      undefined,
      { timeout: 300_000 },
    );
    const took = performance.now() - began;
    const stall = await stallOf(page);
    const told = await page.evaluate(() =>
      [...document.querySelectorAll('.banners, .notice')].map(one => one.textContent ?? '').join(' '),
    );
    process.stderr.write(`${name}: ${told}\n`);
    const { now, most } = await memoryOf(browser);
    const walked: Row[] = [];
    for (const [what, keys] of [
      ['zooming in', ['+', '+', '+', '+', '+', '+']],
      ['from event to event', ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight']],
      ['everything again', ['0']],
    ] as const) {
      for (const key of keys) {
        await page.focus('#diagram');
        await page.keyboard.press(key);
        await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
      }
      walked.push(row(`${name}: longest standstill ${what}`, `${(await stallOf(page)).toFixed(0)} ms`));
    }
    return [
      row(`${name}: to its first picture`, `${took.toFixed(0)} ms`),
      row(`${name}: longest time that the page stood still meanwhile`, `${stall.toFixed(0)} ms`),
      row(
        `${name}: memory of the page's process, and the most that it took`,
        `${(now / mebibyte).toFixed(0)} MiB, ${(most / mebibyte).toFixed(0)} MiB`,
      ),
      ...walked,
    ];
  } catch (error) {
    return [row(name, crashed ? 'the page crashed' : `failed: ${(error as Error).message.split('\n')[0]}`)];
  } finally {
    await page.close();
  }
}

/** @param launched starts a browser: each page gets one of its own, as processes keep what they once took */
export async function largeRows(folder: string, launched: () => Promise<Browser>): Promise<Row[]> {
  const recorded = syntheticTrace(EVENTS);
  const foreign = beyondLimit(recorded, EVENTS);
  const rows: Row[] = [];
  const file = join(folder, 'large.dsystrace');
  writeFileSync(join(folder, 'viewer.html'), pageOf());
  writeFileSync(join(folder, 'trace.js'), readFileSync(join(webview, 'trace.js')));
  for (const [trace, name] of [
    [recorded, `10⁷, of which a run records ${recorded.events.length}`],
    [foreign, '10⁷, made elsewhere'],
  ] as const) {
    const report = join(folder, 'large.html');
    writeFileSync(file, encodeContainer(trace));
    writeFileSync(report, reportOf(trace, new Map()));
    for (const [url, how, chosen] of [
      [pathToFileURL(join(folder, 'viewer.html')).href, 'as a file', file],
      [pathToFileURL(report).href, 'as a report', undefined],
    ] as const) {
      const browser = await launched();
      try {
        rows.push(...(await opened(browser, url, `${name}, ${how}`, chosen)));
      } finally {
        await browser.close();
      }
    }
  }
  return rows;
}
