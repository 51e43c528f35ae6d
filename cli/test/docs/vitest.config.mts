import { defineConfig } from 'vitest/config';

/** Tests of the documentation. They rebuild and pack the package, so no other test may run at the same time. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
