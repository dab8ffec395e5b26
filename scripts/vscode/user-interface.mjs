// Runs extension/test-ui/: the packed extension, driven as a user would.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { broken, countVitest, summed } from '../counts.mjs';
import { root } from '../node.mjs';
import { chromium } from './chromium.mjs';
import { packExtension } from './package.mjs';
import { vscodeServer } from './server.mjs';

/** Of vitest.config.mts, beside each other. */
const projects = ['viewer', 'others'];

/** How many tests passed, failed and were skipped. */
export async function testUserInterface() {
  await Promise.all([chromium(), vscodeServer()]);
  const { path } = await packExtension();
  return summed(await Promise.all(projects.map(project => countsOf(project, { DSYS_VSIX: path }))));
}

async function countsOf(project, env) {
  const results = join(root, '.cache', `user-interface-${project}.json`);
  rmSync(results, { force: true });
  const status = await vitest(project, results, env);
  if (!existsSync(results)) return broken(`the tests of ${project} ended without a report`);
  const result = countVitest(JSON.parse(readFileSync(results, 'utf8')));
  if (status === 0 || result.failed > 0) return result;
  return summed([result, broken(`the tests of ${project} ended with ${status} and without a failed test`)]);
}

function vitest(project, results, env) {
  const config = join(root, 'extension', 'test-ui', 'vitest.config.mts');
  const output = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const words = ['run', '--config', config, '--project', project, ...output];
  return new Promise(resolve => {
    spawn(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), ...words], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...env },
    }).on('close', resolve);
  });
}
