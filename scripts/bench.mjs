// npm run bench [-- NAME…]: runs every bench/*.bench.ts (or those whose name contains a NAME) and prints one table.
// Words that begin with -- are for the benchmarks.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './node.mjs';

const wanted = process.argv.slice(2).filter(word => !word.startsWith('--'));
const folder = join(root, 'bench');
const files = readdirSync(folder).filter(
  name => name.endsWith('.bench.ts') && (wanted.length === 0 || wanted.some(word => name.includes(word))),
);
if (files.length === 0) {
  process.stderr.write(`no benchmark is called ${wanted.join(' or ')}\n`);
  process.exit(2);
}
const load = name => import(pathToFileURL(join(folder, name)).href);
const { printTable } = await load('table.ts');
const rows = [];
for (const name of files.sort()) {
  process.stderr.write(`${name} …\n`);
  rows.push(...(await (await load(name)).rows()));
}
process.stdout.write(`Node ${process.version}\n`);
printTable(rows);
