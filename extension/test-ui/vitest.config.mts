import { defineConfig } from 'vitest/config';

/** The packaged extension as a user sees it; `npm run test:editor` runs it with DSYS_VSIX set. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts', '{trace,design}/*.test.ts'],
    // One VS Code with its browser takes both processors and a gigabyte.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    passWithNoTests: false,
  },
});
