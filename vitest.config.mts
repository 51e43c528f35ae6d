import { defineConfig } from 'vitest/config';

/** Files that start programs of their own, install the wheel, or measure: not for the unit suite. */
const real = [
  'cli',
  'daemon-process',
  'exit',
  'limits',
  'loading',
  'managed-daemon',
  'managed-uv',
  'projects',
  'provisioned-runtime',
  'races',
  'real-embeddings',
  'real-runtime',
  'runtime-asset',
  'transport-connections',
  'types',
].map((name) => `__test__/${name}.test.ts`);

/** Tests of the built addon. The command line has its own configuration in `cli/`. */
export default defineConfig({
  test: {
    setupFiles: ['__test__/support/isolated-home.ts'],
    // The addon is loaded by Node itself, as a consumer's Node would, not through the test runner's module transform.
    server: { deps: { external: [/[\\/]index\.js$/, /[\\/]native\.js$/, /\.node$/] } },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 240_000,
    hookTimeout: 300_000,
    unstubEnvs: true,
    projects: [
      {
        extends: true,
        // Without isolation a worker loads modules and the addon once; its registry of daemons outlives a file.
        test: { name: 'unit', include: ['__test__/**/*.test.ts'], exclude: real, isolate: false },
      },
      { extends: true, test: { name: 'real', include: real } },
    ],
  },
});
