import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Every suite of the project: tests stand beside what they test (`*.test.ts`), cross-room ones under `tests/`. */
export default defineConfig({
  test: {
    include: ['{grammar,runtime,language-server,cli,extension}/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/out/**', 'extension/test/**', 'extension/test-ui/**'],
    // Full counts take their time; a test that hangs is stopped all the same.
    testTimeout: process.env.DSYS_LONG === '1' || process.env.DSYS_FUZZ ? 3_600_000 : 300_000,
    hookTimeout: 120_000,
    // By itself vitest leaves one processor idle, which on two is half of them.
    maxWorkers: availableParallelism(),
    passWithNoTests: false,
  },
});
