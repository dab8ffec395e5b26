/** One Chromium for the tests of a file, with a new page for each thing that they look at. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launch } from '../../scripts/vscode/browser.mjs';
import { chromium } from '../../scripts/vscode/chromium.mjs';
import { vscodeServer } from '../../scripts/vscode/server.mjs';

export const screens = join(import.meta.dirname, '..', '..', '.cache', 'screens');

/** A page, and what its scripts did not catch. */
export interface Opened {
  readonly page: Page;
  readonly errors: readonly string[];
}

/** @returns what opens a page, once tests run; the one before is closed */
export function usePages(): (width: number, height: number) => Promise<Opened> {
  const home = mkdtempSync(join(tmpdir(), 'dsys-page-'));
  let browser: Browser;
  let last: Page | undefined;
  beforeAll(async () => {
    mkdirSync(screens, { recursive: true });
    // The same fonts everywhere.
    browser = await launch(await chromium(), { fonts: (await vscodeServer()).fonts, home });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });
  return async (width, height) => {
    await last?.close();
    const page = await browser.newPage({ viewport: { width, height } });
    last = page;
    const errors: string[] = [];
    page.on('pageerror', error => errors.push(error.message));
    return { page, errors };
  };
}
