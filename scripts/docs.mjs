// npm run docs: writes docs/rules/ and docs/mechanisms/ anew, from the rules and the protocols themselves.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './node.mjs';

const load = path => import(pathToFileURL(join(root, 'language-server', 'src', path)).href);
const { rulePages } = await load('rules/page.ts');
const { mechanismPages } = await load('mechanisms/page.ts');
const matrix = JSON.parse(readFileSync(join(root, 'tests', 'data', 'matrix.json'), 'utf8'));
const shown = ['samples', 'tests/scenarios'].flatMap(folder =>
  readdirSync(join(root, folder))
    .sort()
    .map(name => `${folder}/${name}`)
    .map(path => ({ path, text: readFileSync(join(root, path), 'utf8') })),
);
write('rules', await rulePages());
write('mechanisms', await mechanismPages(shown, matrix));

function write(name, pages) {
  const folder = join(root, 'docs', name);
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) if (!pages.has(file)) rmSync(join(folder, file));
  for (const [file, text] of pages) writeFileSync(join(folder, file), text);
  process.stdout.write(`${pages.size} pages in docs/${name}\n`);
}
