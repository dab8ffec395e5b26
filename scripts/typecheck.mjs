// npm run typecheck: everything by the rules of Node, the webviews by those of a browser.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './node.mjs';

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const projects = [
  'tsconfig.json',
  join('extension', 'webview', 'tsconfig.json'),
  join('extension', 'test-ui', 'tsconfig.json'),
];
const failed = projects.filter(
  project =>
    spawnSync(process.execPath, [tsc, '--noEmit', '-p', project], { cwd: root, stdio: 'inherit' }).status !== 0,
);
process.exit(failed.length === 0 ? 0 : 1);
