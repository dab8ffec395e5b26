// Runs extension/test-ui/: the packed extension, driven as a user would.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { countVitest } from '../counts.mjs';
import { root } from '../node.mjs';
import { chromium } from './chromium.mjs';
import { packExtension } from './package.mjs';
import { vscodeServer } from './server.mjs';

/** How many tests passed, failed and were skipped. */
export async function testUserInterface() {
  await Promise.all([chromium(), vscodeServer()]);
  const { path } = await packExtension();
  const results = join(root, '.cache', 'user-interface-tests.json');
  rmSync(results, { force: true });
  const status = await vitest(results, { DSYS_VSIX: path });
  if (!existsSync(results)) {
    process.stdout.write('the tests ended without a report\n');
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const counts = countVitest(JSON.parse(readFileSync(results, 'utf8')));
  if (status !== 0 && counts.failed === 0) {
    process.stdout.write(`the tests ended with ${status} and without a failed test\n`);
    counts.failed = 1;
  }
  return counts;
}

function vitest(results, env) {
  const config = join(root, 'extension', 'test-ui', 'vitest.config.mts');
  const words = ['run', '--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  return new Promise(resolve => {
    spawn(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), ...words], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...env },
    }).on('close', resolve);
  });
}
