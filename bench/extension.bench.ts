/** What people pay for having the extension: its download, and what VS Code waits for when it activates. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle, runInHost } from '../scripts/vscode/in-host.mjs';
import { packExtension } from '../scripts/vscode/package.mjs';
import { type Row, row } from './table.ts';

const root = join(import.meta.dirname, '..');
const megabyte = 1024 * 1024;

async function activationMs(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'dsys-bench-'));
  const results = join(folder, 'time.json');
  try {
    const status = await runInHost('activation-time', { DSYS_EDITOR_RESULTS: results }, { folder: null });
    if (status !== 0) throw new Error(`the extension host ended with ${status}`);
    return (JSON.parse(readFileSync(results, 'utf8')) as { ms: number }).ms;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function rows(): Promise<Row[]> {
  const { bytes } = await packExtension();
  await bundle({ 'activation-time': join(root, 'extension', 'test', 'activation-time.ts') });
  const times: number[] = [];
  for (let i = 0; i < 5; i++) times.push(await activationMs());
  const median = times.sort((a, b) => a - b)[2]!;
  const view = (name: string): Row => {
    const size = ['js', 'css']
      .map(ending => gzipSync(readFileSync(join(root, 'extension', 'out', 'webview', `${name}.${ending}`))).length)
      .reduce((sum, one) => sum + one);
    return row(`${name} viewer, gzipped`, `${(size / 1024).toFixed(0)} KiB`, '≤ 98 KiB', (size / 1024 / 98).toFixed(2));
  };
  return [
    row('activation of the extension, median of 5', `${median.toFixed(0)} ms`, '≤ 150 ms', (median / 150).toFixed(2)),
    row('.vsix', `${(bytes / megabyte).toFixed(2)} MB`, '≤ 2 MB', (bytes / megabyte / 2).toFixed(2), `${bytes}`),
    view('trace'),
  ];
}
