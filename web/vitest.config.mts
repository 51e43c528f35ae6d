import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** Tests of the local page: parts of it, and the built pages in a browser. */
export default defineConfig({
  resolve: { alias: { '@kaelio/ktx': path.join(import.meta.dirname, '..', 'index.js') } },
  test: {
    // The addon is CommonJS around a native library: Node loads it, not the test runner.
    server: { deps: { external: [/[\\/]index\.js$/, /\.node$/, /[\\/]dist[\\/]node\.cjs$/] } },
    projects: [
      {
        extends: true,
        root: import.meta.dirname,
        test: { name: 'unit', include: ['test/unit/**/*.test.{ts,tsx}'], testTimeout: 30_000 },
      },
      {
        extends: true,
        root: import.meta.dirname,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['../cli/test/support/real-runtime.ts', 'test/support/global-setup.ts'],
          // Two processes of a browser on two cores would wait for each other.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
