// Sizes of what the package has of the page, compressed as npm does.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../../scripts/lib/steps.mjs';

const dist = path.join(root, 'web', 'dist');

/** Goals of the files of the page together, and of what a browser loads. */
const MAX_PACKED_KB = 1500;
const MAX_LOADED_KB = 300;

/** Rows with the sizes. */
export function bundleSizes() {
  const all = readdirSync(dist, { recursive: true }).filter((name) => statSync(path.join(dist, name)).isFile());
  const loaded = all.filter((name) => /^assets[\\/]app\.(js|css)$/.test(name));
  return [
    { name: 'bundle in the package, gzipped', unit: 'kB', values: [kilobytes(all)], limit: MAX_PACKED_KB },
    { name: 'script and styles of a page, gzipped', unit: 'kB', values: [kilobytes(loaded)], limit: MAX_LOADED_KB },
  ];
}

function kilobytes(names) {
  const sizes = names.map((name) => gzipSync(readFileSync(path.join(dist, name)), { level: 9 }).length);
  return sizes.reduce((sum, size) => sum + size, 0) / 1000;
}
