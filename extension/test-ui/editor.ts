/** VS Code with the packaged extension in a browser, and what a user does there. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { launch, newPage } from '../../scripts/vscode/browser.mjs';
import { chromium } from '../../scripts/vscode/chromium.mjs';
import { run } from '../../scripts/vscode/run.mjs';
import { serve } from '../../scripts/vscode/serve.mjs';
import { vscodeServer } from '../../scripts/vscode/server.mjs';
import { writeSettings } from '../../scripts/vscode/settings.mjs';
import { stablePicture } from './goldens.ts';
import { watchPolicies } from './policies.ts';

const root = join(import.meta.dirname, '..', '..');
const screens = join(root, '.cache', 'screens');

const pathOf = (name: string): string => {
  mkdirSync(screens, { recursive: true });
  return join(screens, `${name}.png`);
};

/** Long for a machine that is busy with other things. */
const limitMs = 60_000;

export const themes = {
  dark: 'Dark Modern',
  light: 'Light Modern',
  'high-contrast': 'Default High Contrast',
  'high-contrast-light': 'Default High Contrast Light',
} as const;
export type Theme = keyof typeof themes;

export interface Options {
  readonly theme?: Theme;
  /** Files beside the samples, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Settings beside those that keep VS Code quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface Editor {
  readonly page: Page;
  /** The folder that is open: a copy of `samples/`, and `Options.files`. */
  readonly folder: string;
  /** What must not happen and did: breaches of a content security policy, errors that nobody caught, crashes. */
  readonly problems: readonly string[];
  /** Loads the page anew: no editor is open then. */
  setTheme(theme: Theme): Promise<void>;
  /** Opens a file of the folder from the explorer, with the cursor at its beginning. */
  openFile(name: string): Promise<void>;
  /** Runs a command from the palette, by its title as it stands there. */
  runCommand(title: string): Promise<void>;
  /** Returns when none is left. */
  closeEditors(): Promise<void>;
  squiggles(severity?: 'error' | 'warning' | 'info' | 'hint'): Locator;
  /** Takes a quick fix where the cursor goes with a click on `at`, by the keyboard, as `Ctrl+.` offers it. */
  applyQuickFix(at: Locator, title: string): Promise<void>;
  lens(text: string | RegExp): Locator;
  /** The content of the webview in front. */
  webview(): FrameLocator;
  /** A picture once it has come to rest, also written to .cache/screens/. */
  screenshot(name: string, of?: Locator): Promise<Buffer>;
  /** Where a picture of that name goes. */
  pathOf(name: string): string;
  close(): Promise<void>;
}

/** The path of the packed extension; `npm run package` makes it, and so does what starts these tests. */
function vsix(): string {
  const path = process.env.DSYS_VSIX;
  if (path === undefined || !existsSync(path)) throw new Error('DSYS_VSIX names no file: run npm run test:editor');
  return path;
}

export async function start({ theme = 'dark', files = {}, settings = {} }: Options = {}): Promise<Editor> {
  const home = mkdtempSync(join(tmpdir(), 'dsys-ui-'));
  const closing: (() => Promise<unknown>)[] = [
    async () => rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  ];
  const close = async () => {
    for (const one of closing.splice(0).reverse()) await one();
  };
  try {
    return await started(home, { theme, files, settings }, closing, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function started(
  home: string,
  { theme, files, settings }: Required<Options>,
  closing: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<Editor> {
  const [server, browser] = await Promise.all([vscodeServer(), chromium()]);
  const folders = { home, userDataDir: join(home, 'u'), extensionsDir: join(home, 'e') };
  const folder = join(home, 'samples');
  cpSync(join(root, 'samples'), folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const set = (name: Theme) =>
    writeSettings(folders.userDataDir, { ...looks, ...settings, 'workbench.colorTheme': themes[name] });
  set(theme);
  await install(server, folders.extensionsDir);

  const served = await serve(server, folders);
  closing.push(() => served.stop());
  const opened = await launch(browser, { fonts: server.fonts, home });
  closing.push(() => opened.close());
  const problems: string[] = [];
  const page: Page = await newPage(opened, {
    onProblem: (problem: string) => {
      if (/^page error|^the page crashed/.test(problem)) problems.push(problem);
    },
  });
  page.setDefaultTimeout(limitMs);
  await watchPolicies(page, problem => problems.push(problem));
  await page.goto(`${served.url}?folder=${folder}`);
  const row = (name: string) => page.locator('.explorer-folders-view .monaco-list-row', { hasText: name });
  await row('leader-crash.dsys').waitFor();

  const palette = page.locator('.quick-input-widget input.input').first();
  async function runCommand(title: string): Promise<void> {
    // Whatever has the focus may keep the key for itself while it is being loaded.
    for (let attempt = 0; attempt < 5 && !(await palette.isVisible()); attempt++) {
      await page.keyboard.press('F1');
      await palette.waitFor({ timeout: 5_000 }).catch(() => {});
    }
    await palette.fill(`>${title}`);
    await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click();
  }
  async function closeEditors(): Promise<void> {
    await runCommand('View: Close All Editors');
    await page.locator('.part.editor .tab').first().waitFor({ state: 'hidden' });
  }
  return {
    page,
    folder,
    problems,
    close,
    async setTheme(name) {
      set(name);
      // Its page reads them when it loads.
      await page.reload();
      await page.locator(`.monaco-workbench.${kinds[name]}`).waitFor();
      await row('leader-crash.dsys').waitFor();
      // It brings back what was open, closed a moment before or not.
      await closeEditors();
    },
    async openFile(name) {
      await row(name).first().dblclick();
      await page.locator('.tab.active', { hasText: name }).waitFor();
      await page.locator('.editor-instance .view-line').first().waitFor();
      // Where it was left is kept: by this window, and by none that is new.
      await page.locator('.editor-instance .monaco-editor.focused').first().waitFor();
      await page.keyboard.press('Control+Home');
    },
    runCommand,
    closeEditors,
    squiggles: (severity = 'error') => page.locator(`.squiggly-${severity}`),
    async applyQuickFix(at, title) {
      const menu = page.locator('.action-widget .monaco-list-row');
      // Lenses that come late move the lines under a click, and who asks too early hears that there is nothing.
      for (let asked = 1; ; asked++) {
        await at.click();
        await page.keyboard.press('Control+.');
        const offered = menu.filter({ hasText: title }).first();
        if (
          await offered.waitFor({ timeout: 10_000 }).then(
            () => true,
            () => false,
          )
        )
          break;
        if (asked === 5) throw new Error(`no quick fix "${title}", but ${await whatStandsThere(page)}`);
        await page.keyboard.press('Escape');
      }
      const titles = await menu.allTextContents();
      // What is on top has the focus already; headings cannot have it.
      const steps = titles.filter(one => one.trim() !== '').findIndex(one => one.includes(title));
      for (let i = 0; i < 20 && !(await focused(page, title)); i++) await page.keyboard.press('ArrowDown');
      if (!(await focused(page, title)))
        throw new Error(`the keyboard does not reach "${title}" (${steps}) of ${titles}`);
      await page.keyboard.press('Enter');
      await menu.first().waitFor({ state: 'detached' });
    },
    lens: text => page.locator('.codelens-decoration a', { hasText: text }),
    webview: () => page.frameLocator('iframe.webview.ready').last().frameLocator('iframe#active-frame'),
    async screenshot(name, of) {
      const picture = await stablePicture(() => (of ?? page).screenshot({ animations: 'disabled', caret: 'hide' }));
      writeFileSync(pathOf(name), picture);
      return picture;
    },
    pathOf,
  };
}

/** The class of the workbench under a theme. */
const kinds: Readonly<Record<Theme, string>> = {
  dark: 'vs-dark',
  light: 'vs',
  'high-contrast': 'hc-black',
  'high-contrast-light': 'hc-light',
};

/** Pictures must not depend on the machine or on when they are taken. */
const looks = {
  'editor.fontFamily': 'DejaVu Sans Mono',
  'editor.fontSize': 14,
  'editor.cursorBlinking': 'solid',
  'editor.minimap.enabled': false,
  'workbench.reduceMotion': 'on',
  // What it finds in a tenth of a second depends on the machine.
  'dsys.liveExecution': false,
};

const focused = (page: Page, title: string) =>
  page
    .locator('.action-widget .monaco-list-row.focused')
    .allTextContents()
    .then(all => all.some(one => one.includes(title)));

/** What a person would look at to say why an editor did not answer. */
async function whatStandsThere(page: Page): Promise<string> {
  const places = {
    menu: '.action-widget .monaco-list-row',
    message: '.monaco-editor-overlaymessage',
    line: '.active-line-number',
    marks: '[class*="squiggly-"]',
    notifications: '.notification-list-item-message',
  };
  const seen = Object.entries(places).map(async ([name, selector]) => [
    name,
    name === 'marks' ? await page.locator(selector).count() : await page.locator(selector).allTextContents(),
  ]);
  return JSON.stringify(Object.fromEntries(await Promise.all(seen)));
}

async function install(server: { node: string; main: string }, extensionsDir: string): Promise<void> {
  const { status, said } = await run(
    server.node,
    [server.main, '--install-extension', vsix(), '--extensions-dir', extensionsDir, '--accept-server-license-terms'],
    { env: { ...process.env, EXTENSIONS_GALLERY: '{}' } },
  );
  if (status !== 0) throw new Error(`VS Code does not install the extension:\n${said}`);
}
