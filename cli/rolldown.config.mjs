import path from 'node:path';
import { defineConfig } from 'rolldown';

const source = path.join(import.meta.dirname, 'src');

/** Name of the file of a chunk, after the module that imports the others in it: `setup-run.js` for `setup/run.ts`. */
function chunkName({ name, moduleIds }) {
  const main = moduleIds.findLast((id) => id.startsWith(source));
  return main === undefined ? `${name}.js` : `${path.relative(source, main).split(path.sep).join('-').slice(0, -3)}.js`;
}

/**
 * Bundles the command line into a file for each part that a command loads on demand: resolving and reading each module
 * would take a third of the time of a short command. Dependencies are installed, not bundled.
 */
export default defineConfig({
  input: { ktx: path.join(source, 'ktx.ts'), index: path.join(source, 'index.ts') },
  platform: 'node',
  external: /^[^./]/,
  tsconfig: path.join(import.meta.dirname, 'tsconfig.json'),
  output: {
    dir: path.join(import.meta.dirname, 'dist'),
    format: 'cjs',
    esModule: true,
    // In one folder: the modules locate the package from their own folder.
    chunkFileNames: chunkName,
    cleanDir: true,
  },
});
