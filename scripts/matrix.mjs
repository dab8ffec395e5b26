// npm run matrix [seeds]: executes every design of the matrix, and writes down the first seed that violates each model.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './node.mjs';

const load = path => import(pathToFileURL(join(root, path)).href);
const { faults, models, variants } = await load('language-server/src/mechanisms/matrix.ts');
const { violatedModels, matrixDesignOf } = await load('tests/support/matrix.ts');
const seeds = Number(process.argv[2] ?? 100);

const found = [];
for (const variant of variants) {
  const row = [];
  for (const fault of faults) {
    const design = await matrixDesignOf(variant, fault);
    const first = {};
    for (let seed = 1; seed <= seeds; seed++) {
      const open = models.filter(model => first[model] === undefined);
      for (const model of violatedModels(design, seed, open)) first[model] = seed;
    }
    row.push(first);
    process.stdout.write(`${variant.store} | ${fault.name}: ${JSON.stringify(first)}\n`);
  }
  found.push(row);
}
writeFileSync(join(root, 'tests', 'data', 'matrix.json'), `${JSON.stringify({ seeds, found }, null, 1)}\n`);
