// Finds a Chrome or Chromium; on Debian and its like installs one when it may.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { aptInstall } from './apt.mjs';
import { run } from './run.mjs';
import { unavailable } from './unavailable.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge'];
const usual = {
  linux: ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome'].flatMap(folder =>
    names.map(name => join(folder, name)),
  ),
  darwin: ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
    name => `/Applications/${name}.app/Contents/MacOS/${name}`,
  ),
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    .filter(folder => folder !== undefined)
    .flatMap(folder => ['Google\\Chrome', 'Chromium', 'Microsoft\\Edge'].map(name => `${folder}\\${name}\\Application`))
    .flatMap(folder => [`${folder}\\chrome.exe`, `${folder}\\msedge.exe`]),
};

const remedy = 'Install Chromium or Google Chrome, or say in CHROME_PATH where one is.';

/** Path of a browser that starts, installed if need be. */
export async function chromium() {
  const given = process.env.CHROME_PATH;
  if (given) {
    if (await starts(given)) return given;
    throw unavailable(`CHROME_PATH is ${given}, which does not start.`, remedy);
  }
  return (await findChromium()) ?? (await installed());
}

export async function findChromium() {
  const inPath = (process.env.PATH ?? '')
    .split(delimiter)
    .filter(folder => folder !== '')
    .flatMap(folder => names.map(name => join(folder, name)));
  for (const path of [...(usual[process.platform] ?? []), ...inPath])
    if (existsSync(path) && (await starts(path))) return path;
}

/** Ubuntu has a `chromium-browser` that only says which other package to take. On Windows asking for it opens a window. */
async function starts(path) {
  if (process.platform === 'win32') return existsSync(path);
  return (await run(path, ['--version'])).status === 0;
}

async function installed() {
  const why = await aptInstall(['chromium'], async () => (await findChromium()) !== undefined);
  if (why === undefined) return findChromium();
  throw unavailable(`There is no Chromium or Chrome. ${why}`, remedy);
}
