#!/usr/bin/env node
// Stands in for `code` where desktop VS Code cannot be had: takes the words that @vscode/test-electron starts it with, runs
// the tests in the extension host of the VS Code server with its page in a Chromium, and ends with their exit code.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { format, inspect } from 'node:util';
import { launch, newPage } from './browser.mjs';
import { chromium } from './chromium.mjs';
import { pause } from './run.mjs';
import { serve } from './serve.mjs';
import { vscodeServer } from './server.mjs';
import { isUnavailable } from './unavailable.mjs';

const limitMs = Number(process.env.DSYS_EDITOR_LIMIT_MS ?? 600_000);
/** What an extension host gets to write its logs once its window has gone. */
const farewellMs = 1_000;

/** Of VS Code's own log, which comes the same way as the tests' lines. */
const noise =
  /^(?:\[[A-Z][\w: -]*\]|\[reconnection|%c|Ignoring fetching|Updating additional|Creating a socket|Resolv\w+ connection token|DialogService:)/;

/** Files that this server has not, and errors of the tests, which are printed anyway. */
const usual =
  /status of 404|HTTP response code \(404\)|Failed to register a ServiceWorker|^console: (?:%c {2}ERR color: #f33 )?Error: \d+ failed/;

const { folder, one, all } = readWords(process.argv.slice(2));
const home = mkdtempSync(join(tmpdir(), 'dsys-'));
const problems = [];
const closing = [];
let isOver = false;
let status = 1;
try {
  status = await Promise.race([tests(), limit(), interrupted()]);
} catch (error) {
  process.stderr.write(`${isUnavailable(error) ? error.message : (error.stack ?? error)}\n`);
}
isOver = true;
for (const close of closing.reverse()) await close().catch(error => process.stderr.write(`${error}\n`));
// What a page grumbles about is of no interest when all went well.
if (status !== 0 && problems.length > 0)
  process.stderr.write(`The page of VS Code said:\n  ${problems.slice(-30).join('\n  ')}\n`);
rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
process.exit(status);

async function tests() {
  const [server, browser] = await Promise.all([vscodeServer(), chromium()]);
  const served = await serve(server, {
    home,
    userDataDir: one('user-data-dir') ?? join(home, 'u'),
    extensionsDir: one('extensions-dir') ?? join(home, 'e'),
    // A built VS Code hears of tests from its page only with this driver.
    words: ['--enable-smoke-test-driver'],
  });
  closing.push(() => served.stop());
  served.left.then(() => problem(`the server ended: ${served.said().slice(-1000)}`));
  const opened = await launch(browser, { fonts: server.fonts, home });
  closing.push(async () => {
    await opened.close();
    await pause(farewellMs);
  });
  const page = await newPage(opened, { onProblem: problem });
  const ended = new Promise(done => {
    opened.on('disconnected', () => {
      problem('the browser ended');
      done(1);
    });
    page.on('crash', () => done(1));
    page.exposeFunction('codeAutomationExit', code => done(code));
  });
  await page.exposeFunction('codeAutomationLog', (type, words) => print(type, words));
  const remote = path => `vscode-remote://127.0.0.1:${served.port}${resolve(path)}`;
  const payload = [
    ...all('extensionDevelopmentPath').map(path => ['extensionDevelopmentPath', remote(path)]),
    ['extensionTestsPath', remote(one('extensionTestsPath') ?? '')],
    ['skipWelcome', 'true'],
  ];
  const url = new URL(served.url);
  if (folder !== undefined) url.searchParams.set('folder', resolve(folder));
  url.searchParams.set('payload', JSON.stringify(payload));
  await page.goto(url.href);
  return ended;
}

/** What is said when all is being closed, or always, is no reason for anything. */
function problem(text) {
  if (!isOver && !usual.test(text)) problems.push(text);
}

/** What the tests print comes as the arguments of console's functions, together with what VS Code tells of itself. */
function print(type, words) {
  const line = format(...words.map(word => (typeof word === 'object' ? inspect(word) : word)));
  if (noise.test(line)) return;
  (type === 'error' ? process.stderr : process.stdout).write(`${line}\n`);
}

function limit() {
  return new Promise(done => {
    setTimeout(() => {
      process.stderr.write(`The tests did not end within ${limitMs / 1000} s (DSYS_EDITOR_LIMIT_MS).\n`);
      done(1);
    }, limitMs).unref();
  });
}

function interrupted() {
  return new Promise(done => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => done(130));
  });
}

/** Words that begin with a dash are options, `--name=value` or `--name value` for those that are used here. */
function readWords(words) {
  const values = new Map();
  let folder;
  for (let i = 0; i < words.length; i++) {
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(words[i]) ?? [];
    if (name === undefined) {
      if (!words[i].startsWith('-')) folder ??= words[i];
    } else if (/^(?:extensionDevelopmentPath|extensionTestsPath|extensions-dir|user-data-dir)$/.test(name))
      values.set(name, [...(values.get(name) ?? []), value ?? words[++i]]);
  }
  return { folder, one: name => values.get(name)?.at(-1), all: name => values.get(name) ?? [] };
}
