// npm test: installs what it needs and passes the whole suite; ends with one summed line. With --long: full counts.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { broken, counts, countVitest, printCounts, summed } from './counts.mjs';
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
const all = [];

const run = words => spawnSync(node, words, { cwd: root, stdio: 'inherit', env }).status ?? 1;

/** Counts as one test. */
function step(name, words) {
  process.stdout.write(`\n== ${name}\n`);
  const status = run(words);
  all.push(status === 0 ? counts({ passed: 1 }) : broken(name));
  return status;
}

/** Counts what it leaves in a report. */
function suite(name, words, report, read) {
  const path = join(root, '.cache', report);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  process.stdout.write(`\n== ${name}\n`);
  const status = run(words(path));
  const { failures, ...sums } = reported(status, path, read);
  all.push({ ...sums, failures: failures.map(failure => `${name}: ${failure}`) });
}

function reported(status, path, read) {
  try {
    const result = read(JSON.parse(readFileSync(path, 'utf8')));
    // Tests that were never reached are in no report: a worker that could not be started takes its files with it.
    if (status === 0 || result.failed > 0) return result;
    return summed([result, broken(`ended with ${status} and without a failed test`)]);
  } catch {
    return broken('ended without a report');
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
    result => result,
  );
}
process.stdout.write(
  `\n${long ? 'full counts' : 'standard counts'}, ${((Date.now() - started) / 1000).toFixed(0)} s, Node ${spawnSync(node, ['--version']).stdout}`,
);
const total = summed(all);
printCounts(total);
process.exit(total.failed === 0 ? 0 : 1);
