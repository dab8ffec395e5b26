import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;
const settings = { root, testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false };

/** The packaged extension as a user sees it; `npm run test:editor` runs it with DSYS_VSIX set. */
export default defineConfig({
  test: {
    root,
    passWithNoTests: false,
    // Run beside each other, each takes about half of the time: a VS Code with its browser needs a processor of its own.
    projects: [
      { test: { ...settings, name: 'viewer', include: ['trace/**/*.test.ts'], exclude: ['trace/report.test.ts'] } },
      { test: { ...settings, name: 'others', include: ['*.test.ts', 'design/*.test.ts', 'trace/report.test.ts'] } },
    ],
  },
});
