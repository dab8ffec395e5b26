// npm run docs: writes docs/rules/ anew from the rules of the catalogue.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './node.mjs';

const source = join(root, 'language-server', 'src', 'rules', 'page.ts');
const { rulePages } = await import(pathToFileURL(source).href);
const pages = await rulePages();
const folder = join(root, 'docs', 'rules');
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name));
for (const [name, text] of pages) writeFileSync(join(folder, name), text);
process.stdout.write(`${pages.size} pages in docs/rules\n`);
