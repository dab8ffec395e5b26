// For esbuild: `import text from './worker.ts?bundled'` gives the script that the file bundles to, as a text. A page whose
// policy lets it load nothing starts its worker from that.
import { resolve } from 'node:path';
import { build } from 'esbuild';

const ending = /\?bundled$/;

/** @param {import('esbuild').BuildOptions} options of the inner bundle */
export function bundledText(options) {
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
        return { contents: outputFiles[0].text, loader: 'text' };
      });
    },
  };
}
