// Bundles what people run: the command line, the server, the extension for VS Code and its webviews. Generates the parser first.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundledText } from './bundled-text.mjs';
import { findNode, root } from './node.mjs';
import { noticesOf } from './notices.mjs';
import { makeSmaller } from './smaller.mjs';

const parser = join(root, 'grammar', 'src', 'generated', 'ast.ts');
const grammar = join(root, 'grammar', 'dsys.langium');
if (!existsSync(parser) || statSync(parser).mtimeMs < statSync(grammar).mtimeMs) {
  const generated = spawnSync(findNode() ?? process.execPath, [join(root, 'scripts', 'generate.mjs')], {
    cwd: root,
    stdio: 'inherit',
  });
  if (generated.status !== 0) process.exit(1);
}

const options = { bundle: true, target: 'node22', sourcemap: true, logLevel: 'warning', metafile: true };
const node = {
  ...options,
  platform: 'node',
  format: 'esm',
  // The server is read only by those who ask for it.
  splitting: true,
  // Some dependencies are CommonJS and call require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};
const server = name => join(root, 'language-server', 'src', `${name}.ts`);
// One file that a web worker can load, wherever it comes from. Whatever needs Node fails here, not at the user's.
const browser = { ...options, target: 'es2022', platform: 'browser', format: 'iife' };
const extension = (...path) => join(root, 'extension', ...path);
const webviews = readdirSync(extension('webview'), { withFileTypes: true })
  .map(({ name }) => ({ in: extension('webview', name, 'main.tsx'), out: name }))
  .filter(entry => existsSync(entry.in));
// What users download is small; what developers debug here has source maps.
const shipped = { minify: true, keepNames: true };

// The names of shared parts change with what is in them.
for (const folder of ['cli', 'language-server', 'extension'])
  rmSync(join(root, folder, 'out'), { recursive: true, force: true });
const built = await Promise.all([
  build({
    ...node,
    entryPoints: { dsys: join(root, 'cli', 'src', 'main.ts'), 'run-worker': server('run-worker') },
    outdir: join(root, 'cli', 'out'),
  }),
  build({
    ...node,
    entryPoints: [server('main'), server('run-worker')],
    outdir: join(root, 'language-server', 'out'),
  }),
  build({ ...browser, entryPoints: [server('main-browser')], outdir: join(root, 'language-server', 'out') }),

  // VS Code loads extensions as CommonJS, and waits: keeping the names of functions would take as long as all the rest.
  build({
    ...options,
    minify: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    entryPoints: [extension('src', 'extension.ts')],
    outdir: extension('out'),
  }),
  build({
    ...browser,
    minify: true,
    format: 'cjs',
    external: ['vscode'],
    entryPoints: [extension('src', 'browser.ts')],
    outdir: extension('out'),
  }),
  // The server, and the command line for tasks: they share most of what they are.
  build({
    ...node,
    ...shipped,
    entryPoints: {
      main: server('main'),
      'run-worker': server('run-worker'),
      dsys: join(root, 'cli', 'src', 'main.ts'),
    },
    outdir: extension('out', 'server'),
  }),
  build({ ...browser, ...shipped, entryPoints: [server('main-browser')], outdir: extension('out', 'server') }),
  // Every page that opens reads all of it: names of functions would be a sixth more.
  build({
    ...browser,
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    plugins: [
      bundledText(
        { ...browser, alias: { fflate: extension('webview', 'trace', 'opening', 'no-gzip.ts') } },
        extension('out', 'webview'),
      ),
    ],
    entryPoints: webviews,
    outdir: extension('out', 'webview'),
  }),
]);
await Promise.all(webviews.map(({ out }) => makeSmaller(extension('out', 'webview', `${out}.js`))));
writeFileSync(extension('out', 'THIRD-PARTY-NOTICES.txt'), noticesOf(built.map(({ metafile }) => metafile)));
// Elsewhere in the extension `.js` is CommonJS.
writeFileSync(extension('out', 'server', 'package.json'), '{ "type": "module" }\n');
// Diagnostics lead to the page of their rule; the ending has VS Code show it as a page and not as text.
const pages = join(root, 'docs', 'rules');
mkdirSync(extension('out', 'rules'), { recursive: true });
for (const name of readdirSync(pages)) {
  const text = readFileSync(join(pages, name), 'utf8').replace(/\]\(([\w-]+)\.md/g, ']($1.dsys-rule.md');
  writeFileSync(extension('out', 'rules', name.replace(/\.md$/, '.dsys-rule.md')), text);
}
