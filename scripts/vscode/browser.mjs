// A Chromium that sees this machine only, with the same fonts everywhere, for VS Code in a page.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium as playwright } from 'playwright-core';

const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
  // The same greys at the edges of letters everywhere.
  ...['--font-render-hinting=none', '--disable-lcd-text', '--force-color-profile=srgb'],
];

/**
 * @param executable of `chromium()`
 * @param fonts of `vscodeServer()`: whatever font a page asks for, it gets one of these
 * @param home a folder for the list of fonts
 */
export function launch(executable, { fonts, home, headless = true }) {
  return playwright.launch({
    executablePath: executable,
    headless,
    args: flags,
    env: { ...process.env, FONTCONFIG_FILE: fontList(fonts, home) },
  });
}

/**
 * A new page in a context of its own; requests to anywhere else are refused.
 * @param {import('playwright-core').Browser} browser
 * @param {{ onProblem?: (problem: string) => void }} options and those of Playwright's contexts
 */
export async function newPage(browser, { onProblem = () => {}, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  await context.route(
    url => url.hostname !== '127.0.0.1' && !url.hostname.endsWith('.localhost'),
    route => route.abort(),
  );
  const page = await context.newPage();
  page.on('pageerror', error => onProblem(`page error: ${error.stack ?? error}`));
  page.on('crash', () => onProblem('the page crashed'));
  page.on('console', message => {
    if (message.type() === 'error') onProblem(`console: ${message.text()}`);
  });
  return page;
}

function fontList(fonts, home) {
  mkdirSync(home, { recursive: true });
  const file = join(home, 'fonts.conf');
  const alias = (family, font) =>
    `<alias binding="same"><family>${family}</family><prefer><family>${font}</family></prefer></alias>`;
  const sans = ['sans-serif', 'system-ui', 'Arial', 'Helvetica', 'Ubuntu', 'Droid Sans'];
  const mono = ['monospace', 'Monospace', 'Courier New', 'Droid Sans Mono'];
  writeFileSync(
    file,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${fonts}</dir>
  <selectfont><rejectfont><glob>*Serif*</glob><glob>*Condensed*</glob><glob>*Gyre*</glob></rejectfont></selectfont>
  <cachedir>${join(home, 'fontconfig')}</cachedir>
  ${[...sans.map(one => alias(one, 'DejaVu Sans')), ...mono.map(one => alias(one, 'DejaVu Sans Mono'))].join('\n  ')}
</fontconfig>
`,
  );
  return file;
}
