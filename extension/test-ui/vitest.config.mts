import { defineConfig } from 'vitest/config';

/** What only needs a browser. */
const pages = ['trace/**/*.test.ts', 'design/**/*.test.ts', 'goldens.test.ts'];
const timeouts = { testTimeout: 180_000, hookTimeout: 180_000 };
const root = import.meta.dirname;

/** The packaged extension as a user sees it; `npm run test:editor` runs it with DSYS_VSIX set. */
export default defineConfig({
  test: {
    root,
    passWithNoTests: false,
    projects: [
      { test: { ...timeouts, root, name: 'pages', include: pages, fileParallelism: false } },
      // One VS Code with its browser takes more than a processor and a gigabyte.
      {
        test: {
          ...timeouts,
          root,
          name: 'editor',
          include: ['**/*.test.ts'],
          exclude: pages,
          fileParallelism: false,
        },
      },
    ],
  },
});
