// Holds the documentation to the code: environment variables, and links between files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fail, root } from './steps.mjs';

const SOURCES = ['src', 'cli/src', 'python-runtime/src', 'scripts'];
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...markdownIn('docs')];

/** Ends the script if a variable is not documented, a documented one is gone, or a link leads nowhere. */
export function checkDocumentation() {
  const known = new Set(SOURCES.flatMap(filesBelow).flatMap((file) => variablesIn(read(file))));
  const told = new Set(variablesIn(read('docs/environment.md')));
  const errors = [...errorCodes()];
  const missing = [...known].filter((name) => !told.has(name) && !errors.includes(name));
  if (missing.length > 0) fail(`docs/environment.md lacks ${missing.join(', ')}`);
  const gone = [...told].filter((name) => !known.has(name));
  if (gone.length > 0) fail(`docs/environment.md explains what no code has: ${gone.join(', ')}`);
  const broken = PAGES.flatMap((page) => linksOf(page).filter((target) => !existsSync(path.join(root, target))));
  if (broken.length > 0) fail(`Links of the documentation lead nowhere: ${broken.join(', ')}`);
  console.log('The documentation knows every variable, and its links lead somewhere');
}

function* errorCodes() {
  for (const [, code] of read('src/error.rs').matchAll(/"(KTX_\w+)"/g)) yield code;
  // The command line's own.
  yield 'KTX_INTERRUPTED';
}

/** Names that begin so; what ends with an underscore is the beginning of several. */
function variablesIn(text) {
  return [...text.matchAll(/\bKTX_[A-Z0-9_]*[A-Z0-9]\b/g)].map(([name]) => name);
}

/** Targets of relative links, from the project's folder. */
function linksOf(page) {
  const targets = [...read(page).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target]) => target);
  return targets.filter((target) => !target.includes('://')).map((target) => path.join(path.dirname(page), target));
}

function markdownIn(folder) {
  return readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}

function filesBelow(folder) {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(rs|ts|mjs|py)$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));
}

function read(file) {
  return readFileSync(path.join(root, file), 'utf8');
}
