// Bundles what people run: the command line (and, as they come, server and extension). Generates the parser first.

import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
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

await build({
  entryPoints: [join(root, 'cli', 'src', 'main.ts')],
  outfile: join(root, 'cli', 'out', 'dsys.js'),
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  // Some dependencies are CommonJS and call require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  sourcemap: true,
  logLevel: 'warning',
});
