// The version stands in package.json; every other place that has one is known here.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Files with the version, and the pattern whose second group it is. The first group is what stands before it. */
const PLACES = [
  ['package-lock.json', /^(\{\n {2}"name": .+\n {2}"version": ")([^"]+)/],
  ['package-lock.json', /("": \{\n {6}"name": .+\n {6}"version": ")([^"]+)/],
  ['Cargo.toml', /^(version = ")([^"]+)/m],
  ['Cargo.lock', /^(name = "ktx"\nversion = ")([^"]+)/m],
  ['python-runtime/pyproject.toml', /^(version = ")([^"]+)/m],
  ['python-runtime/src/ktx_daemon/__init__.py', /^(__version__ = ")([^"]+)/m],
  ['README.md', /(cliVersion: ')([^']+)/],
  ['CHANGELOG.md', /^(## )(\S+)/m],
];

/** What can be released: the three parts that npm, Cargo and Python write alike. */
const FORM = /^\d+\.\d+\.\d+$/;

/** The version that all others follow. */
export function wantedVersion(root) {
  const { version } = JSON.parse(read(root, 'package.json'));
  if (!FORM.test(version)) throw new Error(`package.json has version ${version}. Give it one of the form 1.2.3`);
  return version;
}

/** Places whose version is another one, as `{ file, version }`. */
export function staleVersions(root) {
  const wanted = wantedVersion(root);
  return placesIn(root)
    .map(([file, pattern]) => ({ file, version: pattern.exec(read(root, file))?.[2] }))
    .filter(({ version }) => version !== wanted);
}

/** Writes the version of package.json into every other place; gives the files that changed. */
export function stampVersions(root) {
  const wanted = wantedVersion(root);
  const stale = staleVersions(root).map(({ file }) => file);
  for (const [file, pattern] of placesIn(root).filter(([name]) => stale.includes(name))) {
    const text = read(root, file);
    writeFileSync(path.join(root, file), file === 'CHANGELOG.md' ? withSection(text, wanted) : stamped(text, pattern));
  }
  return [...new Set(stale)];

  function stamped(text, pattern) {
    return text.replace(pattern, (_, before) => `${before}${wanted}`);
  }
}

/** A section that was never released takes the new version; one that was stays, below a new one. */
function withSection(text, version) {
  const unreleased = /^## \S+ \(unreleased\)$/m;
  if (unreleased.test(text)) return text.replace(unreleased, `## ${version} (unreleased)`);
  return text.replace(/^## /m, `## ${version} (unreleased)\n\n## `);
}

function placesIn(root) {
  const platforms = readdirSync(path.join(root, 'npm')).map((name) => `npm/${name}/package.json`);
  return [...PLACES, ...platforms.map((file) => [file, /^( {2}"version": ")([^"]+)/m])];
}

function read(root, file) {
  return readFileSync(path.join(root, file), 'utf8');
}
