// Copies the version of package.json into every other file that has one.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Files with the version, and a pattern: group 1 is the text before it, group 2 the version. */
const VERSION_LOCATIONS = [
  ['package-lock.json', /^(\{\n {2}"name": .+\n {2}"version": ")([^"]+)/],
  ['package-lock.json', /("": \{\n {6}"name": .+\n {6}"version": ")([^"]+)/],
  ['Cargo.toml', /^(version = ")([^"]+)/m],
  ['Cargo.lock', /^(name = "ktx"\nversion = ")([^"]+)/m],
  ['python-runtime/pyproject.toml', /^(version = ")([^"]+)/m],
  ['python-runtime/src/ktx_daemon/__init__.py', /^(__version__ = ")([^"]+)/m],
  ['README.md', /(cliVersion: ')([^']+)/],
  ['plugin/.claude-plugin/plugin.json', /^( {2}"version": ")([^"]+)/m],
  ['plugin/gemini-extension.json', /^( {2}"version": ")([^"]+)/m],
  ['server.json', /^( {2}"version": ")([^"]+)/m],
  ['server.json', /^( {6}"version": ")([^"]+)/m],
  ['CHANGELOG.md', /^(## )(\S+)/m],
];

/** Versions that npm, Cargo and Python write identically. */
const VERSION_PATTERN = /^\d+\.\d+\.\d+$/;

/** Version of package.json. */
export function packageVersion(root) {
  const { version } = JSON.parse(read(root, 'package.json'));
  if (!VERSION_PATTERN.test(version))
    throw new Error(`package.json has version ${version}. Give it one of the form 1.2.3`);
  return version;
}

/** Files with another version, as `{ file, version }`. */
export function staleVersions(root) {
  const expected = packageVersion(root);
  return versionLocations(root)
    .map(([file, pattern]) => ({ file, version: pattern.exec(read(root, file))?.[2] }))
    .filter(({ version }) => version !== expected);
}

/** Writes the version of package.json into every other file; returns the changed files. */
export function writeVersions(root) {
  const expected = packageVersion(root);
  const stale = staleVersions(root).map(({ file }) => file);
  for (const [file, pattern] of versionLocations(root).filter(([name]) => stale.includes(name))) {
    const text = read(root, file);
    writeFileSync(
      path.join(root, file),
      file === 'CHANGELOG.md' ? withSection(text, expected) : withVersion(text, pattern),
    );
  }
  return [...new Set(stale)];

  function withVersion(text, pattern) {
    return text.replace(pattern, (_, before) => `${before}${expected}`);
  }
}

/** Sets the version of an unreleased section, or adds a section above a released one. */
function withSection(text, version) {
  const unreleased = /^## \S+ \(unreleased\)$/m;
  if (unreleased.test(text)) return text.replace(unreleased, `## ${version} (unreleased)`);
  return text.replace(/^## /m, `## ${version} (unreleased)\n\n## `);
}

function versionLocations(root) {
  const platforms = readdirSync(path.join(root, 'npm')).map((name) => `npm/${name}/package.json`);
  return [...VERSION_LOCATIONS, ...platforms.map((file) => [file, /^( {2}"version": ")([^"]+)/m])];
}

function read(root, file) {
  return readFileSync(path.join(root, file), 'utf8');
}
