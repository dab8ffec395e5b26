import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { launch, newPage } from '../../scripts/vscode/browser.mjs';
import { chromium } from '../../scripts/vscode/chromium.mjs';
import { vscodeServer } from '../../scripts/vscode/server.mjs';
import { watchPolicies } from './policies.ts';

const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'">`;
/** As webviews are: a frame without an origin in a frame. */
const sandboxed = `<iframe sandbox="allow-scripts" srcdoc='${policy.replace(/'/g, '&#39;')}<img src="/x.png">'></iframe>`;

it('a breach of a policy is noticed in a frame of a frame', async () => {
  const home = mkdtempSync(join(tmpdir(), 'dsys-ui-'));
  const server = createServer((request, response) =>
    response
      .setHeader('content-type', 'text/html')
      .end(request.url === '/' ? '<iframe src="/frame"></iframe>' : `<p>here</p>${sandboxed}`),
  ).listen(0, '127.0.0.1');
  const browser = await launch(await chromium(), { fonts: (await vscodeServer()).fonts, home });
  try {
    const page = await newPage(browser);
    const breaches: string[] = [];
    await watchPolicies(page, breach => breaches.push(breach));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await expect.poll(() => breaches.filter(one => one.includes('"effectiveDirective":"img-src"')).length).toBe(1);
  } finally {
    await browser.close();
    server.close();
    rmSync(home, { recursive: true, force: true });
  }
});
