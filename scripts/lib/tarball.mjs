// Reads packed npm packages.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Unpacks the tarballs of a folder, calls `use` with them, and removes the unpacked files. */
export async function withUnpackedTarballs(folder, use) {
  const base = mkdtempSync(path.join(os.tmpdir(), 'ktx-unpacked-'));
  try {
    return await use(tarballsIn(folder).map((file) => unpack(file, path.join(base, path.basename(file)))));
  } finally {
    rmSync(base, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Paths of the tarballs in a folder. */
export function tarballsIn(folder) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  return names.sort().map((name) => path.join(folder, name));
}

/** Unpacks one tarball: `{ file, folder, manifest, bytes }`. */
function unpack(file, base) {
  mkdirSync(base);
  const { status, stderr } = spawnSync('tar', ['-xzf', file, '-C', base], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} is not a package: ${stderr.trim()}`);
  const folder = path.join(base, 'package');
  return { file, folder, manifest: readJson(path.join(folder, 'package.json')), bytes: statSync(file).size };
}

/** Digest of a file. */
export function digest(file, algorithm = 'sha256', encoding = 'hex') {
  return createHash(algorithm).update(readFileSync(file)).digest(encoding);
}

/** Parses a JSON file. */
export function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Newest glibc version that a Linux binary requires, as `2.28`; `undefined` if it requires none. */
export function newestGlibc(binary) {
  const { status, stdout, stderr, error } = spawnSync('readelf', ['--wide', '--version-info', binary], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`readelf (of binutils) could not read ${binary}: ${error?.message ?? stderr}`);
  const minor = [...stdout.matchAll(/GLIBC_2\.(\d+)/g)].map(([, number]) => Number(number));
  return minor.length === 0 ? undefined : `2.${Math.max(...minor)}`;
}
