import { defineConfig } from 'vitest/config';

// The addon is CommonJS around a native library: Node loads it, not the test runner.
const server = { deps: { external: [/\/index\.js$/, /\.node$/] } };

export default defineConfig({
  test: {
    coverage: {
      include: ['src/**/*.ts'],
      reporter: ['text'],
      // Of the unit tests, which run in the process that is measured; raised when they are.
      thresholds: { statements: 92, branches: 86, functions: 89, lines: 92 },
    },
    projects: [
      {
        root: import.meta.dirname,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // No file replaces modules; without isolation each module is loaded once per worker.
          isolate: false,
          setupFiles: ['test/support/isolated-config.ts'],
          testTimeout: 60_000,
          server,
        },
      },
      {
        root: import.meta.dirname,
        test: {
          // Compares declarations with schemas. Takes seconds; `npm run check -- generated` runs it, too.
          name: 'generated',
          include: ['test/generated/**/*.test.ts'],
          testTimeout: 60_000,
          server,
        },
      },
      {
        root: import.meta.dirname,
        test: {
          name: 'real',
          include: ['test/real/**/*.test.ts'],
          globalSetup: ['test/support/real-runtime.ts'],
          // One daemon serves all of them; a first answer after an installation may take its time.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          server,
        },
      },
    ],
  },
});
