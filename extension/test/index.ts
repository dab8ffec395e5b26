/**
 * The suite that VS Code runs inside the extension host: every `*.test.ts` of this folder, by mocha. The results also go
 * to a file, for whoever started VS Code; none at all is a failure.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

const limitMs = 60_000;

interface Result {
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly error?: string;
}

export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  // A test that is only for one's own eyes must not make the others disappear.
  const mocha = new Mocha({ ui: 'bdd', timeout: limitMs, color: false, forbidOnly: process.env.CI !== undefined });
  const wanted = process.env.DSYS_EDITOR_TESTS;
  if (wanted) mocha.grep(wanted);
  for (const name of readdirSync(__dirname).sort()) if (name.endsWith('.test.js')) mocha.addFile(join(__dirname, name));
  const results = await runAll(mocha);
  const count = (state: Result['state']) => results.filter(result => result.state === state).length;
  const file = process.env.DSYS_EDITOR_RESULTS;
  if (file) writeFileSync(file, JSON.stringify(results, undefined, 2));
  if (results.length === 0) throw new Error('There are no tests.');
  if (count('failed') > 0) throw new Error(`${count('failed')} failed`);
}

function runAll(mocha: Mocha): Promise<Result[]> {
  const results: Result[] = [];
  return new Promise(resolve => {
    mocha
      .run(() => resolve(results))
      .on('pass', test => results.push({ title: test.fullTitle(), state: 'passed' }))
      .on('pending', test => results.push({ title: test.fullTitle(), state: 'skipped' }))
      .on('fail', (test, error) =>
        results.push({ title: test.fullTitle(), state: 'failed', error: error.stack ?? error.message }),
      );
  });
}
