/** One Chromium for the tests of a file, with a new page for each thing that they look at. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launch } from '../../scripts/vscode/browser.mjs';
import { chromium } from '../../scripts/vscode/chromium.mjs';
import { vscodeServer } from '../../scripts/vscode/server.mjs';
import type { ThemeKind } from '../webview/common/tokens.ts';
import { BODY } from './webview-body.ts';

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

/** As VS Code does it: the page stays, and its body says what the theme is now. Returns when it is drawn. */
export async function changeTheme(page: Page, theme: ThemeKind): Promise<void> {
  await page.evaluate(async body => {
    const { body: changed } = new DOMParser().parseFromString(`<body ${body}>`, 'text/html');
    document.body.className = changed.className;
    document.body.dataset.vscodeThemeKind = changed.dataset.vscodeThemeKind!;
    for (let frame = 0; frame < 3; frame++) await new Promise(done => requestAnimationFrame(done));
  }, BODY[theme]);
}

/** As the browser names them. Of 100 people about eight cannot tell some colours apart, nearly all of these kinds. */
export const VISIONS = ['deuteranopia', 'protanopia', 'tritanopia', 'achromatopsia'] as const;

export async function seeWith(page: Page, vision: (typeof VISIONS)[number]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setEmulatedVisionDeficiency', { type: vision });
}
