/** Prints the trace hash of the determinism suite's runs: `node hash-run.ts SEED…`, one line each. Any Node that strips types. */
import { hashOf } from './hash.ts';

const host = globalThis as unknown as { process: { argv: string[]; stdout: { write(text: string): void } } };
for (const seed of host.process.argv.slice(2)) host.process.stdout.write(`${hashOf(Number(seed))}\n`);
