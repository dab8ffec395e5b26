/** A page that hosts the built viewer with a host made of plain functions, under the policy of VS Code's webviews. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { contentSecurityPolicy } from '../../src/webview-page.ts';
import type { ThemeKind } from '../../webview/common/tokens.ts';
import { BODY } from '../webview-body.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const ORIGIN = 'http://viewer.invalid';
const NONCE = 'bm9uY2U';

/** Runs in the page, before the viewer: a host that records what it is asked for. */
function fakeHost(trace: {
  name: string;
  bytes: string;
  size: number;
  states: readonly string[];
  text: string;
  canReplay: boolean;
  others: readonly ({ name: string; bytes: string } | { why: string } | null)[] | null;
}): void {
  const bytesOf = (text: string) => Uint8Array.from(atob(text), character => character.charCodeAt(0));
  const raw = bytesOf(trace.bytes);
  let picks = 0;
  const page = window as unknown as Record<string, unknown> & { addEventListener: Window['addEventListener'] };
  const calls: [string, unknown][] = [];
  const formats = [{ ending: '.jsonl', name: 'JSON lines' }];
  const violations: string[] = [];
  page.hostCalls = calls;
  page.violations = violations;
  page.addEventListener('securitypolicyviolation', event =>
    violations.push(`${event.violatedDirective} ${event.blockedURI}`),
  );
  /** Answered by the test's process, which has a runtime. */
  const ask = (what: string, params: unknown) => {
    calls.push([what, params]);
    return (page.askReplay as (what: string, params: unknown) => Promise<unknown>)(what, params);
  };
  // A test tells results on the way by `told.get(id)`.
  page.told = new Map();
  page.dsysTraceHost = {
    start(listener: { open(params: unknown): void }) {
      page.listener = listener;
      listener.open({
        id: 1,
        name: trace.name,
        bytes: trace.size,
        canRun: true,
        canExport: true,
        canReplay: trace.canReplay,
        formats,
      });
    },
    chunk: async (_: number, offset: number) => {
      const end = Math.min(raw.length, offset + 100_000);
      return { bytes: raw.slice(offset, end).buffer, next: end < raw.length ? end : null };
    },
    compareSources: async (sources: readonly unknown[]) =>
      sources.map((_, index) => trace.states[index] ?? { text: trace.text }),
    replay: trace.canReplay
      ? {
          stateAt: (params: unknown) => ask('stateAt', params),
          originOf: (params: unknown) => ask('originOf', params),
          async probabilities(params: { id: number }, told: (one: unknown) => void) {
            (page.told as Map<number, unknown>).set(params.id, told);
            return ask('probabilities', params);
          },
          stopProbabilities: () => calls.push(['stopProbabilities', null]),
          runChanged: (run: unknown) => calls.push(['runChanged', run]),
        }
      : undefined,
    pickOther:
      trace.others === null
        ? undefined
        : async () => {
            const other = trace.others![picks++];
            return other && 'bytes' in other ? { name: other.name, bytes: bytesOf(other.bytes).buffer } : other;
          },
    reveal: (place: unknown) => calls.push(['reveal', place]),
    runAgain: (run: unknown) => calls.push(['runAgain', run]),
    exportTrace: () => calls.push(['export', null]),
    exportAs: (ending: string) => calls.push(['exportAs', ending]),
    saveFile: (file: { name: string; bytes: ArrayBuffer }) =>
      calls.push(['saveFile', { name: file.name, text: new TextDecoder().decode(file.bytes) }]),
    state: (state: unknown) => calls.push(['state', state]),
    saved: () => page.kept,
    save: (view: unknown) => (page.kept = view),
  };
}

/** Runs in the page instead: VS Code's side of the channel, as `vscode-messenger` speaks on it. */
function fakeVsCode(): void {
  const page = window as unknown as Record<string, unknown> & { dsysTraceHost?: FakeHost };
  const host = page.dsysTraceHost!;
  delete page.dsysTraceHost;
  // As VS Code does, whatever is sent becomes a copy.
  const send = (message: object): void =>
    window.postMessage(structuredClone({ receiver: { type: 'webview' }, ...message }));
  page.acquireVsCodeApi = () => ({
    getState: host.saved,
    setState: host.save,
    async postMessage({ id, method, params }: { id?: string; method: string; params: never }) {
      const name = method.replace('dsys.trace/', '');
      if (name === 'ready') {
        host.start({ open: opened => send({ method: 'dsys.trace/open', params: opened }) });
      } else if (name === 'chunk') {
        const { id: trace, offset } = params as { id: number; offset: number };
        send({ id, result: await host.chunk(trace, offset) });
      } else if (name === 'compare-sources') send({ id, result: await host.compareSources(params) });
      else if (name === 'state') host.state(params);
      else if (name === 'reveal') host.reveal(params);
      else if (name === 'pick-other') send({ id, result: await host.pickOther() });
    },
  });
}

interface FakeHost {
  start(listener: { open(params: unknown): void }): void;
  chunk(id: number, offset: number): Promise<unknown>;
  compareSources(sources: readonly unknown[]): Promise<unknown>;
  state(state: unknown): void;
  reveal(place: unknown): void;
  pickOther(): Promise<unknown>;
  saved(): unknown;
  save(view: unknown): void;
}

export interface ShownTrace {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly theme: ThemeKind;
  /** Announced size; the real one when left out. */
  readonly size?: number;
  /** How its sources are now; left out: the same, with this text. */
  readonly states?: readonly string[];
  readonly text?: string;
  /** Whether the host is VS Code, behind a channel of messages. */
  readonly vscode?: boolean;
  /** What is chosen to compare with, one time after the other; left out: a host that has nothing to choose from. */
  readonly others?: readonly (
    | { readonly name: string; readonly bytes: Uint8Array }
    | { readonly why: string }
    | null
  )[];
  /** Answers what the viewer asks of a host that can execute the run again; left out: a host that cannot. */
  readonly replay?: (what: string, params: never) => unknown;
}

/** Opens the viewer in a page and waits until it shows the trace, or why it cannot. */
export async function show(
  page: Page,
  { name, bytes, theme, size, states = [], text = '', vscode = false, replay, others }: ShownTrace,
): Promise<void> {
  const file = (path: string): string => readFileSync(join(root, 'extension', 'out', 'webview', path), 'utf8');
  const trace = {
    name,
    bytes: Buffer.from(bytes).toString('base64'),
    size: size ?? bytes.length,
    states,
    text,
    canReplay: replay !== undefined,
    others:
      others?.map(one =>
        one !== null && 'bytes' in one ? { ...one, bytes: Buffer.from(one.bytes).toString('base64') } : one,
      ) ?? null,
  };
  if (replay !== undefined)
    await page.exposeFunction('askReplay', (what: string, params: never) => replay(what, params));
  const html = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>trace</title>
<link rel="stylesheet" href="${ORIGIN}/trace.css"></head><body ${BODY[theme]}>
<script nonce="${NONCE}" src="${ORIGIN}/host.js"></script><script nonce="${NONCE}" src="${ORIGIN}/trace.js"></script></body></html>`;
  await page.route('**/*', route => {
    const { pathname, origin } = new URL(route.request().url());
    if (origin !== ORIGIN) return route.abort();
    if (pathname === '/') {
      const policy = contentSecurityPolicy(NONCE, ORIGIN);
      return route.fulfill({ contentType: 'text/html', body: html, headers: { 'content-security-policy': policy } });
    }
    if (pathname === '/host.js') {
      return route.fulfill({
        contentType: 'text/javascript',
        body: `(${fakeHost})(${JSON.stringify(trace)});${vscode ? `(${fakeVsCode})();` : ''}`,
      });
    }
    if (pathname === '/trace.css') return route.fulfill({ contentType: 'text/css', body: file('trace.css') });
    if (pathname === '/trace.js') return route.fulfill({ contentType: 'text/javascript', body: file('trace.js') });
    return route.abort();
  });
  await page.goto(`${ORIGIN}/`);
  await page.waitForSelector('.viewer, .notice');
  await settled(page);
}

/** Waits until what was asked for is drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const notice = document.querySelector('.notice')?.textContent ?? '';
    return !/bytes have arrived|Waiting|Opening the trace/.test(notice);
  });
  await page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame++) await new Promise(done => requestAnimationFrame(done));
  });
}

/** What the page's policy refused. */
export async function refused(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { violations: string[] }).violations);
}

/** What the host was asked for, of one kind. */
export async function hostCalls<Params>(page: Page, kind: string): Promise<Params[]> {
  const calls = await page.evaluate(() => (window as unknown as { hostCalls: [string, unknown][] }).hostCalls);
  return calls.filter(([name]) => name === kind).map(([, params]) => params as Params);
}
