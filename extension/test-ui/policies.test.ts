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

const content = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'"><img src="/x.png">`;
/** As VS Code fills webviews: what is written into a frame without an origin in a frame. */
const sandboxed = `<iframe sandbox="allow-scripts" src="/written"></iframe>`;
const pages: Readonly<Record<string, string>> = {
  '/': '<iframe src="/frame"></iframe>',
  '/frame': sandboxed,
  '/written': `<script>const text = ${JSON.stringify(content)};
    setTimeout(() => { document.open(); document.write(text); document.close(); }, 100);</script>`,
};

it('a breach of a policy is noticed in a frame of a frame', async () => {
  const home = mkdtempSync(join(tmpdir(), 'dsys-ui-'));
  const server = createServer((request, response) =>
    response.setHeader('content-type', 'text/html').end(pages[request.url!] ?? ''),
  ).listen(0, '127.0.0.1');
  const browser = await launch(await chromium(), { fonts: (await vscodeServer()).fonts, home });
  try {
    const page = await newPage(browser);
    const breaches: string[] = [];
    await watchPolicies(page, breach => breaches.push(breach));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await expect
      .poll(() => breaches.join('\n'), { timeout: 30_000 })
      .toMatch(/dsys-policy: .*"effectiveDirective":"img-src"/);
  } finally {
    await browser.close();
    server.close();
    rmSync(home, { recursive: true, force: true });
  }
});
