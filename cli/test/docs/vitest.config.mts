import { defineConfig } from 'vitest/config';

/** The pages of the documentation, on a machine of their own. They rebuild and pack the package: nothing runs beside. */
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
