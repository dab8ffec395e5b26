// Bundles what people run: the command line (and, as they come, server and extension). Generates the parser first.

import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { findNode, root } from './node.mjs';

const parser = join(root, 'grammar', 'src', 'generated', 'ast.ts');
const grammar = join(root, 'grammar', 'dsys.langium');
if (!existsSync(parser) || statSync(parser).mtimeMs < statSync(grammar).mtimeMs) {
  const generated = spawnSync(findNode() ?? process.execPath, [join(root, 'scripts', 'generate.mjs')], {
    cwd: root,
    stdio: 'inherit',
  });
  if (generated.status !== 0) process.exit(1);
}

const options = { bundle: true, target: 'node22', sourcemap: true, logLevel: 'warning' };
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

// The names of shared parts change with what is in them.
for (const folder of ['cli', 'language-server']) rmSync(join(root, folder, 'out'), { recursive: true, force: true });
await Promise.all([
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
  // One file that a web worker can load, wherever it comes from. Whatever needs Node fails here, not at the user's.
  build({
    ...options,
    target: 'es2022',
    platform: 'browser',
    format: 'iife',
    entryPoints: [server('main-browser')],
    outdir: join(root, 'language-server', 'out'),
  }),
]);
