// npm run test:nightly: the tests that draw random cases, with more of them and from a new seed, which is printed.
// DSYS_FUZZ multiplies the counts (default 20); DSYS_SEED repeats a night.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './node.mjs';

const { DSYS_FUZZ = '20', DSYS_SEED = String(Math.floor(Math.random() * 2 ** 31)) } = process.env;
const tests = ['lsp/mutation', 'format/format', 'lsp/fuzz', 'testing/random-design'];
process.stdout.write(`DSYS_FUZZ=${DSYS_FUZZ} DSYS_SEED=${DSYS_SEED} npm run test:nightly\n`);
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...tests.map(test => `language-server/src/${test}`)],
  { cwd: root, stdio: 'inherit', env: { ...process.env, DSYS_FUZZ, DSYS_SEED } },
);
process.exit(status ?? 1);
