// npm test: installs what it needs and passes the whole suite; ends with one summed line. With --long: full counts.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { countVitest } from './counts.mjs';
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
const total = { passed: 0, failed: 0, skipped: 0 };
const reasons = [];

const run = words => spawnSync(node, words, { cwd: root, stdio: 'inherit', env }).status ?? 1;

/** Counts as one test. */
function step(name, words) {
  process.stdout.write(`\n== ${name}\n`);
  const status = run(words);
  if (status === 0) total.passed++;
  else {
    total.failed++;
    process.stdout.write(`${name} failed\n`);
  }
  return status;
}

/** Counts what it leaves in a report. */
function suite(name, words, report, read) {
  const path = join(root, '.cache', report);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  process.stdout.write(`\n== ${name}\n`);
  const status = run(words(path));
  try {
    const counts = read(JSON.parse(readFileSync(path, 'utf8')));
    for (const state of Object.keys(total)) total[state] += counts[state];
    reasons.push(...(counts.reasons ?? []));
    // Tests that were never reached are in no report: a worker that could not be started takes its files with it.
    if (status !== 0 && counts.failed === 0) {
      total.failed++;
      process.stdout.write(`${name} ended with ${status} and without a failed test\n`);
    }
  } catch {
    total.failed++;
    process.stdout.write(`${name} ended without a report\n`);
  }
}

const bin = (...parts) => join(root, 'node_modules', ...parts);
if (step('build', [join('scripts', 'build.mjs')]) === 0) {
  step('types', [join('scripts', 'typecheck.mjs')]);
  step('lint and format', [bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '.']);
  suite(
    'tests',
    path => [bin('vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${path}`],
    'vitest.json',
    countVitest,
  );
  suite(
    'the extension in VS Code',
    () => [join('scripts', 'vscode', 'test.mjs'), '--built', '--may-skip'],
    'editor.json',
    counts => counts,
  );
}
process.stdout.write(
  `\n${long ? 'full counts' : 'standard counts'}, ${((Date.now() - started) / 1000).toFixed(0)} s, Node ${spawnSync(node, ['--version']).stdout}`,
);
if (total.skipped > 0) process.stdout.write(`${total.skipped} skipped\n`);
for (const reason of reasons) process.stdout.write(`  ${reason.replace(/\n/g, '\n  ')}\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exit(total.failed === 0 ? 0 : 1);
