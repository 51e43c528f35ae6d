/**
 * Builds the page twice into `dist`: `assets` for browsers, in one classic script, as modules do not load from files; and
 * `node.cjs`, which renders and serves the pages.
 */
import path from 'node:path';
import { defineConfig } from 'vite';
import { bundledPackages } from './bundled-packages.mts';

const folder = import.meta.dirname;
const dist = path.join(folder, 'dist');

export default defineConfig(({ mode }) => ({
  root: folder,
  logLevel: 'warn',
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [bundledPackages(path.join(dist, `packages-${mode}.json`))],
  ...(mode === 'node' ? nodeBuild() : browserBuild()),
}));

function browserBuild() {
  return {
    build: {
      outDir: path.join(dist, 'assets'),
      // One file beside the script: without this, the script would add the styles, which the policy forbids.
      cssCodeSplit: false,
      target: 'es2022',
      rolldownOptions: {
        input: path.join(folder, 'src/client/main.tsx'),
        output: { format: 'iife' as const, entryFileNames: 'app.js', assetFileNames: 'app[extname]' },
      },
    },
  };
}

function nodeBuild() {
  return {
    ssr: { noExternal: true as const, external: ['@kaelio/ktx', 'zod'] },
    build: {
      outDir: dist,
      emptyOutDir: false,
      copyPublicDir: false,
      ssr: path.join(folder, 'src/node/index.ts'),
      target: 'node20',
      rolldownOptions: { output: { format: 'cjs' as const, entryFileNames: 'node.cjs' } },
    },
  };
}
