/** A page that hosts the built design view with a host made of plain functions, under the policy of VS Code's webviews. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { contentSecurityPolicy } from '../../src/webview-page.ts';
import type { ThemeKind } from '../../webview/common/tokens.ts';
import type { ShowParams, ViewState } from '../../webview/design/protocol.ts';
import { BODY } from '../webview-body.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const ORIGIN = 'http://design.invalid';
const NONCE = 'bm9uY2U';

interface Listener {
  show(params: unknown): void;
  empty(message: string): void;
  cursor(line: number): void;
}

interface HostedPage {
  listener: Listener;
  calls: [string, unknown][];
  violations: string[];
  kept: unknown;
  dsysDesignHost: unknown;
}

/** Runs in the page, before the view: a host that records what it is told. */
function fakeHost(params: unknown): void {
  const page = window as unknown as HostedPage;
  page.calls = [];
  page.violations = [];
  window.addEventListener('securitypolicyviolation', event =>
    page.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
  );
  page.dsysDesignHost = {
    start(listener: Listener) {
      page.listener = listener;
      listener.show(params);
    },
    reveal: (place: unknown) => page.calls.push(['reveal', place]),
    state: (state: unknown) => page.calls.push(['state', state]),
    saved: () => page.kept,
    save: (view: unknown) => {
      page.kept = view;
    },
  };
}

/** Runs in the page instead: VS Code's side of the channel, as `vscode-messenger` speaks on it. */
function fakeVsCode(params: unknown): void {
  const page = window as unknown as HostedPage;
  delete page.dsysDesignHost;
  // As VS Code does, whatever is sent becomes a copy.
  const send = (method: string, sent: unknown): void =>
    window.postMessage(
      structuredClone({ receiver: { type: 'webview' }, method: `dsys.design/${method}`, params: sent }),
    );
  page.listener = {
    show: shown => send('show', shown),
    empty: message => send('empty', { message }),
    cursor: line => send('cursor', { line }),
  };
  (window as unknown as { acquireVsCodeApi: unknown }).acquireVsCodeApi = () => ({
    getState: () => page.kept,
    setState: (view: unknown) => {
      page.kept = view;
    },
    postMessage(message: { method: string; params: unknown }) {
      const name = message.method.replace('dsys.design/', '');
      if (name === 'ready') page.listener.show(params);
      else page.calls.push([name, message.params]);
    },
  });
}

export interface Hosting {
  readonly theme: ThemeKind;
  /** Whether the host is VS Code, behind a channel of messages. */
  readonly vscode?: boolean;
}

/** Opens the view in a page and waits until it shows the design. */
export async function show(page: Page, params: ShowParams, { theme, vscode = false }: Hosting): Promise<void> {
  const file = (path: string): string => readFileSync(join(root, 'extension', 'out', 'webview', path), 'utf8');
  const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>design</title>
<link rel="stylesheet" href="${ORIGIN}/design.css"></head><body ${BODY[theme]}>
<script nonce="${NONCE}" src="${ORIGIN}/host.js"></script><script nonce="${NONCE}" src="${ORIGIN}/design.js"></script></body></html>`;
  const said = infinite(JSON.stringify(params, (_, value) => (value === Number.POSITIVE_INFINITY ? '∞' : value)));
  const answers: Readonly<Record<string, readonly [type: string, body: string]>> = {
    '/': ['text/html', html],
    '/host.js': ['text/javascript', `(${fakeHost})(${said});${vscode ? `(${fakeVsCode})(${said});` : ''}`],
    '/design.css': ['text/css', file('design.css')],
    '/design.js': ['text/javascript', file('design.js')],
  };
  await page.route('**/*', route => {
    const { pathname, origin } = new URL(route.request().url());
    const answer = origin === ORIGIN ? answers[pathname] : undefined;
    if (answer === undefined) return route.abort();
    const headers = { 'content-security-policy': contentSecurityPolicy(NONCE, ORIGIN) };
    return route.fulfill({ contentType: answer[0], body: answer[1], ...(pathname === '/' && { headers }) });
  });
  await page.goto(`${ORIGIN}/`);
  await page.waitForSelector('.design, .notice');
  await settled(page);
}

/** What is unbounded stays so on the way into the page. */
const infinite = (json: string): string => json.replaceAll('"∞"', 'Infinity');

/** Waits until what was asked for is drawn. */
export const settled = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(done => requestAnimationFrame(done));
  });

/** What the page's policy refused. */
export const refused = (page: Page): Promise<string[]> =>
  page.evaluate(() => (window as unknown as HostedPage).violations);

/** What the host was told, of one kind. */
export async function told<Params>(page: Page, kind: 'reveal' | 'state'): Promise<Params[]> {
  const calls = await page.evaluate(() => (window as unknown as HostedPage).calls);
  return calls.filter(([name]) => name === kind).map(([, params]) => params as Params);
}

export const lastState = async (page: Page): Promise<ViewState> => (await told<ViewState>(page, 'state')).at(-1)!;

/** Moves the cursor of the editor. */
export async function moveCursor(page: Page, line: number): Promise<void> {
  await page.evaluate(at => (window as unknown as HostedPage).listener.cursor(at), line);
  await settled(page);
}

export async function say(page: Page, message: string): Promise<void> {
  await page.evaluate(text => (window as unknown as HostedPage).listener.empty(text), message);
  await settled(page);
}
