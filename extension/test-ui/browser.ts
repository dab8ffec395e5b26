/** A Chromium for pages that host a webview's bundle without VS Code, with the same fonts everywhere. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launch } from '../../scripts/vscode/browser.mjs';
import { chromium } from '../../scripts/vscode/chromium.mjs';
import { vscodeServer } from '../../scripts/vscode/server.mjs';

export async function launchBrowser(): Promise<Browser> {
  const { fonts } = await vscodeServer();
  return launch(await chromium(), { fonts, home: mkdtempSync(join(tmpdir(), 'dsys-page-')) });
}
