// npm run editor: builds and packs the extension, and opens the samples with it: in the VS Code of this machine where its
// `code` is on the PATH, else in a VS Code server with its page in the browser. Words: [--browser] [--port N] [FOLDER]
import { spawn, spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { root } from '../node.mjs';
import { buildOrExit, packExtension } from './package.mjs';
import { run } from './run.mjs';
import { serve } from './serve.mjs';
import { vscodeServer } from './server.mjs';
import { writeSettings } from './settings.mjs';
import { isUnavailable } from './unavailable.mjs';

const words = process.argv.slice(2);
const optionOf = name => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
const port = optionOf('--port');
if (port !== undefined && !/^\d{1,5}$/.test(port)) {
  process.stderr.write(`--port takes a number, not ${port}\n`);
  process.exit(2);
}
const folder = resolve(
  words.find((word, i) => !word.startsWith('--') && words[i - 1] !== '--port') ?? join(root, 'samples'),
);

buildOrExit();
const { path } = await packExtension();
const code = spawnSync('code', ['--version'], { shell: process.platform === 'win32' }).status === 0;
try {
  if (code && !words.includes('--browser')) await onDesktop();
  else await inBrowser();
} catch (error) {
  process.stderr.write(`${isUnavailable(error) ? error.message : error.stack}\n`);
  process.exit(isUnavailable(error) ? 2 : 1);
}

async function onDesktop() {
  const shell = process.platform === 'win32';
  const { status, said } = await run('code', ['--install-extension', path, '--force'], { shell });
  if (status !== 0) throw new Error(`VS Code does not install the extension:\n${said}`);
  spawnSync('code', [folder], { stdio: 'inherit', shell });
  process.stdout.write(`${folder} is open in VS Code, with the extension.\n`);
}

/** Keeps its settings and extensions beside the server, away from the user's own VS Code. */
async function inBrowser() {
  const server = await vscodeServer();
  const home = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dsys', 'editor');
  const folders = { home, userDataDir: join(home, 'u'), extensionsDir: join(home, 'e') };
  writeSettings(folders.userDataDir);
  const { status, said } = await run(
    server.node,
    [
      server.main,
      '--install-extension',
      path,
      '--force',
      '--extensions-dir',
      folders.extensionsDir,
      '--accept-server-license-terms',
    ],
    { env: { ...process.env, EXTENSIONS_GALLERY: '{}' } },
  );
  if (status !== 0) throw new Error(`VS Code does not install the extension:\n${said}`);
  const served = await serve(server, { ...folders, words: port === undefined ? [] : ['--port', port] });
  const url = `${served.url}?folder=${encodeURI(folder)}`;
  process.stdout.write(`\nVS Code with the extension:\n\n  ${url}\n\nCtrl-C ends it.\n`);
  openInBrowser(url);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => served.stop().then(() => process.exit(0)));
  await served.left;
}

/** Where there is a screen; else the address that was printed is enough. */
function openInBrowser(url) {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return;
  const [command, ...first] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[process.platform] ?? ['xdg-open'];
  spawn(command, [...first, url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
