import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;
/** Of the viewer's, those that stand with the others: so both take about as long. */
const elsewhere = ['trace/report.test.ts', 'trace/svg.test.ts'];
const settings = { root, testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false };

/** The packaged extension as a user sees it; `npm run test:editor` runs it with DSYS_VSIX set. */
export default defineConfig({
  test: {
    root,
    passWithNoTests: false,
    // Run beside each other, each takes about half of the time: a VS Code with its browser needs a processor of its own.
    projects: [
      { test: { ...settings, name: 'viewer', include: ['trace/**/*.test.ts'], exclude: elsewhere } },
      { test: { ...settings, name: 'others', include: ['*.test.ts', 'design/*.test.ts', ...elsewhere] } },
    ],
  },
});
