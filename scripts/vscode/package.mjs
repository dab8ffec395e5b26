// npm run package: builds, and packs the extension into out/dsys-VERSION.vsix.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import { root } from '../node.mjs';

const limitBytes = 2 * 1024 * 1024;
const extension = join(root, 'extension');
const stage = join(root, '.cache', 'vsix');

/** Packs what `npm run build` made. */
export async function packExtension() {
  const manifest = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8'));
  // All that the bundles use is in them.
  const { dependencies: _, devDependencies: __, private: ___, scripts: ____, ...shipped } = manifest;
  rmSync(stage, { recursive: true, force: true });
  cpSync(extension, stage, {
    recursive: true,
    filter: path => !/[\\/](?:node_modules|test|test-ui)$|\.map$/.test(path),
  });
  writeFileSync(join(stage, 'package.json'), JSON.stringify(shipped, undefined, 2));
  copyFileSync(join(root, 'LICENSE'), join(stage, 'LICENSE'));
  const path = join(root, 'out', `dsys-${manifest.version}.vsix`);
  mkdirSync(join(root, 'out'), { recursive: true });
  await createVSIX({ cwd: stage, packagePath: path, dependencies: false, allowMissingRepository: true });
  return { path, bytes: statSync(path).size };
}

/** Builds first; ends the process when that fails. */
export function buildOrExit() {
  const built = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  buildOrExit();
  const { path, bytes } = await packExtension();
  const megabytes = size => `${(size / 1024 / 1024).toFixed(2)} MB`;
  process.stdout.write(`out/${basename(path)}: ${megabytes(bytes)}, limit ${megabytes(limitBytes)}\n`);
  if (bytes > limitBytes) process.exit(1);
}
