/** The command, as people and programs start it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const launcher = join(import.meta.dirname, '..', '..', 'cli', 'bin', 'dsys.mjs');

/** Runs it in a folder and waits for its end. `json` reads what it printed. */
export function dsysIn(folder: string, words: readonly string[], input?: string | Buffer) {
  const result = spawnSync(process.execPath, [launcher, ...words], { cwd: folder, encoding: 'utf8', input });
  return { status: result.status, out: result.stdout, err: result.stderr, json: () => JSON.parse(result.stdout) };
}

export const small = `cluster db { nodes 3 }
store accounts on db { consensus raft  claims { consistency linearizable } }
workload load on accounts { clients 3 }
scenario crash { run load for 2s  settle 1s  at 1s crash leader of accounts for 500ms  expect no lost-writes }
`;

/** A new folder with `small` in it. A space in the path does no harm. */
export function folderWithSmall(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'dsys ')), 'my designs');
  mkdirSync(folder);
  writeFileSync(join(folder, 'small.dsys'), small);
  return folder;
}
