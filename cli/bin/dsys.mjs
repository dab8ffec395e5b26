#!/usr/bin/env node
// The dsys command. Committed, so that npm links it before anything is built; it finds a Node that is new enough
// (npm brings one on Linux x64) and builds the bundle on first use.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const root = dirname(dirname(here));
const bundle = join(root, 'cli', 'out', 'dsys.js');
const { nodeOrExit } = await import(pathToFileURL(join(root, 'scripts', 'node.mjs')).href);

const node = nodeOrExit();
if (!existsSync(bundle)) {
  const built = spawnSync(node, [join(root, 'scripts', 'build.mjs')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (built.status !== 0) {
    process.stderr.write('dsys could not be built: run "npm install" and then "npm run build" in the project.\n');
    process.exit(2);
  }
}
if (node === process.execPath) {
  await import(pathToFileURL(bundle).href);
} else {
  // Ctrl-C reaches the child by itself; this process only has to outlive it.
  process.on('SIGINT', () => {});
  const result = spawnSync(node, [bundle, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(result.status ?? (result.signal === 'SIGINT' ? 130 : 1));
}
