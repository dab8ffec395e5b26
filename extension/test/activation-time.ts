/** For the benchmark: how long VS Code waits for the extension when the first design is opened. */
import { writeFileSync } from 'node:fs';
import { dsysExtension } from './support.ts';

/** Until VS Code itself has started: what is measured is the extension, on a machine that does nothing else. */
const settledMs = 5000;

export async function run(): Promise<void> {
  const extension = dsysExtension();
  if (extension.isActive) throw new Error('The extension is active already.');
  await new Promise(resolve => setTimeout(resolve, settledMs));
  const started = performance.now();
  await extension.activate();
  writeFileSync(process.env.DSYS_EDITOR_RESULTS!, JSON.stringify({ ms: performance.now() - started }));
}
