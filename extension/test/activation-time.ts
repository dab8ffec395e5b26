/** For the benchmark: how long VS Code waits for the extension when the first design is opened. */
import { writeFileSync } from 'node:fs';
import { dsysExtension } from './support.ts';

export async function run(): Promise<void> {
  const extension = dsysExtension();
  if (extension.isActive) throw new Error('The extension is active already.');
  const started = performance.now();
  await extension.activate();
  writeFileSync(process.env.DSYS_EDITOR_RESULTS!, JSON.stringify({ ms: performance.now() - started }));
}
