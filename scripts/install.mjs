// Installs dependencies when they are missing or older than the lock file. Needs only the Node of the shell.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { nodeOrExit, root } from './node.mjs';

const lock = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');

/** Path of a Node that is new enough, with all dependencies installed; ends the process with a message when there is none. */
export function installedNode() {
  refuseOldNode();
  ensureInstalled();
  return nodeOrExit();
}

function ensureInstalled() {
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  process.stdout.write('installing dependencies (npm ci) …\n');
  // npm is a script of its own on every system; a shell finds it, whatever its name.
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    process.stderr.write('npm ci failed: is the npm registry reachable? Its message is above.\n');
    process.exit(1);
  }
}

/** Node 18 and older cannot even start what installs the newer one. */
function refuseOldNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 20) return;
  process.stderr.write(
    `dsys needs Node 20.20.2 or newer to start; this is Node ${process.versions.node}. Install a current one from https://nodejs.org.\n`,
  );
  process.exit(2);
}
