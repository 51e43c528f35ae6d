import { defineConfig } from 'vitest/config';

/** Tests of the built addon. The command line has its own configuration in `cli/`. */
export default defineConfig({
  test: {
    include: ['__test__/**/*.test.ts'],
    // The addon is loaded by Node itself, as a consumer's Node would, not through the test runner's module transform.
    server: { deps: { external: [/[\\/]index\.js$/, /[\\/]native\.js$/, /\.node$/] } },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 300_000,
    unstubEnvs: true,
  },
});
