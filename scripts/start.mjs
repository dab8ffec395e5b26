// npm start: installs, builds, and executes a real design, so that a new user sees what dsys does.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { installedNode } from './install.mjs';
import { root } from './node.mjs';

const node = installedNode();
const run = (...words) => spawnSync(node, words, { cwd: root, stdio: 'inherit' }).status ?? 1;

process.stdout.write('building …\n');
if (run(join('scripts', 'build.mjs')) !== 0) process.exit(1);

const sample = join('samples', 'leader-crash.dsys');
const trace = join('out', 'leader-crash.dsystrace');
process.stdout.write(`executing ${sample}: three regions, Raft, and the leader crashes\n`);
const status = run(join('cli', 'out', 'dsys.js'), 'run', sample, '--trace', trace);
process.stdout.write(`
The design is in ${sample}; change it and run it again:
  npx dsys run ${sample}
Every sample as a test, under many seeds:
  npx dsys test samples
The project's own suite:
  npm test
`);
process.exit(status);
