// For esbuild: `import text from './worker.ts?bundled'` gives the script that the file bundles to, as a text. A page whose
// policy lets it load nothing starts its worker from that.
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { smaller } from './smaller.mjs';

const ending = /\?bundled$/;

/**
 * @param {import('esbuild').BuildOptions} options of the inner bundle
 * @param {string} folder where the text is written as well, for whoever has to know its hash
 */
export function bundledText(options, folder) {
  return {
    name: 'bundled-text',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: ending }, ({ path, resolveDir }) => ({
        path: resolve(resolveDir, path.replace(ending, '')),
        namespace: 'bundled-text',
      }));
      onLoad({ filter: /.*/, namespace: 'bundled-text' }, async ({ path }) => {
        const { outputFiles } = await build({
          ...options,
          entryPoints: [path],
          minify: true,
          sourcemap: false,
          write: false,
        });
        const text = await smaller(outputFiles[0].text);
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, `${basename(path, '.ts')}.js`), text);
        return { contents: text, loader: 'text' };
      });
    },
  };
}
