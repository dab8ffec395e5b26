// npm test: installs what it needs and passes the whole suite; ends with one summed line. With --long: full counts.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { installedNode } from './install.mjs';
import { root } from './node.mjs';

const node = installedNode();
const long = process.argv.includes('--long');
const env = {
  ...process.env,
  PATH: dirname(node) + delimiter + (process.env.PATH ?? ''),
  ...(long && { DSYS_LONG: '1' }),
};
const started = Date.now();
let passed = 0;
let failed = 0;
let skipped = 0;
/** Why something was skipped, and what helps. */
const reasons = [];

function step(name, words) {
  process.stdout.write(`\n== ${name}\n`);
  const status = spawnSync(node, words, { cwd: root, stdio: 'inherit', env }).status ?? 1;
  if (status === 0) passed++;
  else {
    failed++;
    process.stdout.write(`${name} failed\n`);
  }
  return status;
}

const bin = (...parts) => join(root, 'node_modules', ...parts);
if (step('build', [join('scripts', 'build.mjs')]) === 0) {
  step('types', [join('scripts', 'typecheck.mjs')]);
  step('lint and format', [bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '.']);
  const results = join(root, '.cache', 'vitest.json');
  mkdirSync(dirname(results), { recursive: true });
  rmSync(results, { force: true });
  process.stdout.write('\n== tests\n');
  spawnSync(
    node,
    [bin('vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`],
    { cwd: root, stdio: 'inherit', env },
  );
  try {
    const report = JSON.parse(readFileSync(results, 'utf8'));
    passed += report.numPassedTests;
    // A file that does not even load has no tests that could fail.
    failed +=
      report.numFailedTests +
      report.testResults.filter(file => file.status === 'failed' && file.assertionResults.length === 0).length;
    skipped += report.numPendingTests;
    if (report.numTotalTests === 0) failed++;
  } catch {
    failed++;
    process.stdout.write('the tests ended without a report\n');
  }
  // The extension in a real VS Code. Where none can be had, that is said, and counted as skipped.
  const editor = join(root, '.cache', 'editor.json');
  rmSync(editor, { force: true });
  spawnSync(node, [join('scripts', 'vscode', 'test.mjs'), '--built', '--may-skip'], {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  try {
    const report = JSON.parse(readFileSync(editor, 'utf8'));
    passed += report.passed;
    failed += report.failed;
    skipped += report.skipped;
    reasons.push(...report.reasons);
  } catch {
    failed++;
    process.stdout.write('the tests of the extension ended without a report\n');
  }
}
process.stdout.write(
  `\n${long ? 'full counts' : 'standard counts'}, ${((Date.now() - started) / 1000).toFixed(0)} s, Node ${spawnSync(node, ['--version']).stdout}`,
);
for (const reason of reasons) process.stdout.write(`skipped: ${reason}\n`);
if (skipped > 0) process.stdout.write(`${skipped} skipped\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
