// Runs code in the extension host of a VS Code: the one from the internet, the one that VSCODE_EXECUTABLE names, or, where
// there is only npm, the VS Code server with its page in a Chromium. All by @vscode/test-electron, and the same suite.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { broken, countMocha, summed } from '../counts.mjs';
import { root } from '../node.mjs';
import { chromium } from './chromium.mjs';
import { vscodeServer } from './server.mjs';
import { writeSettings } from './settings.mjs';
import { unavailable } from './unavailable.mjs';

const extension = join(root, 'extension');
const bundles = join(extension, 'out', 'test');
const standIn = join(root, 'scripts', 'vscode', 'code.mjs');

/** Bundles files of extension/test/, each by itself: `{ name: path }`. The extension host gets them as CommonJS. */
export async function bundle(entryPoints) {
  rmSync(bundles, { recursive: true, force: true });
  await build({
    entryPoints,
    outdir: bundles,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    sourcemap: 'inline',
    logLevel: 'warning',
    external: ['vscode', 'mocha'],
  });
}

/** Every test of extension/test/, and what runs them. */
export function testFiles() {
  const folder = join(extension, 'test');
  const names = ['index.ts', ...readdirSync(folder).filter(name => name.endsWith('.test.ts'))];
  return Object.fromEntries(names.map(name => [name.replace(/\.ts$/, ''), join(folder, name)]));
}

/** The stand-in on Linux, where it needs a browser and the server; undefined lets test-electron download VS Code. */
export async function executable() {
  if (process.env.VSCODE_EXECUTABLE) return process.env.VSCODE_EXECUTABLE;
  if (process.platform !== 'linux') return undefined;
  await Promise.all([chromium(), vscodeServer()]);
  return standIn;
}

/**
 * @param entry name of the bundle whose `run` is called
 * @param env what that code reads of its environment
 * @param {{ folder?: string | null }} options a folder of which a copy is open; null: an empty one
 * @returns the exit code
 */
export async function runInHost(entry, env = {}, { folder = join(root, 'samples') } = {}) {
  const vscodeExecutablePath = await executable();
  // Short: sockets are made below it.
  const home = mkdtempSync(join(tmpdir(), 'dsys-host-'));
  try {
    const workspace = join(home, 'samples');
    if (folder === null) mkdirSync(workspace);
    else cpSync(folder, workspace, { recursive: true });
    writeSettings(join(home, 'u'));
    return await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: extension,
      extensionTestsPath: join(bundles, `${entry}.js`),
      extensionTestsEnv: env,
      launchArgs: [
        workspace,
        '--user-data-dir',
        join(home, 'u'),
        '--extensions-dir',
        join(home, 'e'),
        '--disable-extensions',
      ],
    });
  } catch (error) {
    if (error.code !== undefined) {
      printLogs(home);
      return error.code;
    }
    if (vscodeExecutablePath !== undefined) throw error;
    throw unavailable(
      `VS Code cannot be downloaded: ${error.message}`,
      'Say in VSCODE_EXECUTABLE where a desktop VS Code is.',
    );
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** What the extension wrote, the errors of its server among it: a failed test seldom tells of them. */
function printLogs(home) {
  for (const path of readdirSync(home, { recursive: true }).filter(path => basename(path) === 'dsys.log'))
    process.stdout.write(`The end of ${path}:\n${readFileSync(join(home, path), 'utf8').slice(-8_000)}\n`);
}

/** The suite of extension/test/: how many tests passed, failed and were skipped. */
export async function testInHost() {
  const folder = join(root, '.cache');
  const results = join(folder, 'editor-tests.json');
  mkdirSync(folder, { recursive: true });
  rmSync(results, { force: true });
  await bundle(testFiles());
  const status = await runInHost('index', { DSYS_EDITOR_RESULTS: results });
  const tests = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : [];
  const result = countMocha(tests);
  // An end before all were through is a failure of its own.
  if (status === 0 || result.failed > 0) return result;
  return summed([result, broken(`the editor's tests ended with ${status} and without a failure`)]);
}
