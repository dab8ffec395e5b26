/**
 * The dsys command. What it does runs in a worker, so that Ctrl-C is heard while a simulation computes: the worker looks
 * at a shared flag between slices of virtual time, writes what it has, and ends. A second Ctrl-C does not wait.
 */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { parseQuantity } from '@dsys/grammar';
import { listenTo } from './cancel.ts';
import { complain, exitCode } from './output.ts';
import { dsys } from './program.ts';

if (isMainThread && process.argv[2] === 'lsp') {
  // The server has threads of its own, and standard input belongs to the main one.
  process.exitCode = await dsys(process.argv);
} else if (isMainThread) {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const limit = memoryLimit();
  const worker = new Worker(new URL(import.meta.url), {
    argv: process.argv.slice(2),
    workerData: flag,
    env: { ...process.env, ...(process.stdout.columns > 0 && { COLUMNS: `${process.stdout.columns}` }) },
    ...(limit !== undefined && { resourceLimits: { maxOldGenerationSizeMb: limit } }),
  });
  process.on('SIGINT', () => {
    if (Atomics.exchange(flag, 0, 1) === 1) process.exit(exitCode.cancelled);
  });
  worker.on('error', error => {
    const outOfMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
    complain(
      outOfMemory
        ? 'dsys: out of memory. Give it more with --memory-limit, or run less at once.\n'
        : `dsys has a bug: ${(error as Error).stack}\n`,
    );
    process.exitCode = exitCode.unusable;
  });
  worker.on('exit', code => {
    process.exitCode ??= code;
  });
} else {
  listenTo(workerData as Int32Array);
  process.exitCode = await dsys(process.argv);
}

/** In MiB; undefined: Node's own. Bad values are told by the option's own check. */
function memoryLimit(): number | undefined {
  const at = process.argv.findIndex(word => word === '--memory-limit' || word.startsWith('--memory-limit='));
  if (at < 0) return undefined;
  const text = process.argv[at]!.split('=')[1] ?? process.argv[at + 1] ?? '';
  const parsed = parseQuantity('size', text);
  return 'value' in parsed ? Math.max(16, Math.floor(parsed.value / 1048576)) : undefined;
}
