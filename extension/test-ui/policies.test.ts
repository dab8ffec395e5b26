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

const policy = "default-src 'none'";
const image = '<img src="/x.png">';
/** As webviews are: frames without an origin. What is in the second may be read before scripts of a test can listen. */
const frames = {
  'its own address': '<iframe sandbox="allow-scripts" src="/inner"></iframe>',
  'its text with it': `<iframe sandbox="allow-scripts" srcdoc="${`<meta http-equiv='Content-Security-Policy' content='${policy.replaceAll("'", '&amp;#39;')}'>${image}`.replaceAll('"', '&quot;')}"></iframe>`,
} as const;

it.each(Object.entries(frames))('a breach of a policy is noticed in a frame of a frame with %s', async (_, frame) => {
  const home = mkdtempSync(join(tmpdir(), 'dsys-ui-'));
  const pages: Readonly<Record<string, string>> = { '/': '<iframe src="/frame"></iframe>', '/frame': frame };
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    if (request.url === '/inner') response.setHeader('content-security-policy', policy);
    response.end(pages[request.url ?? ''] ?? image);
  }).listen(0, '127.0.0.1');
  const browser = await launch(await chromium(), { fonts: (await vscodeServer()).fonts, home });
  try {
    const page = await newPage(browser);
    const breaches: string[] = [];
    await watchPolicies(page, breach => breaches.push(breach));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await expect.poll(() => breaches.join()).toMatch(/img-src/);
  } finally {
    await browser.close();
    server.close();
    rmSync(home, { recursive: true, force: true });
  }
});
