// npm run bench [NAME]: runs the benchmarks in bench/, each a table of ours beside a baseline or a target.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node.mjs';

const wanted = process.argv[2] ?? '';
const files = readdirSync(join(root, 'bench')).filter(file => file.endsWith('.bench.ts') && file.includes(wanted));
if (files.length === 0) {
  process.stderr.write(`no benchmark is called ${wanted}\n`);
  process.exit(2);
}
for (const file of files) {
  const { status } = spawnSync(process.execPath, ['--expose-gc', '--no-warnings', join(root, 'bench', file)], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
