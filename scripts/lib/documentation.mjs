// Checks the documentation against the code: environment variables, error codes, test names, links between files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fail, root } from './steps.mjs';

const SOURCES = ['src', 'cli/src', 'python-runtime/src', 'scripts', 'web/src', 'web/test'];
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...markdownIn('docs')];

/** Fails if the documentation lacks something, or refers to something that does not exist. */
export function checkDocumentation() {
  checkVariables();
  const unknown = PAGES.flatMap(referencedTests).filter(([file, name]) => !exists(file) || !read(file).includes(name));
  if (unknown.length > 0) fail(`The documentation refers to missing tests: ${unknown.join(', ')}`);
  const broken = PAGES.flatMap(relativeLinks).filter((target) => !linkExists(target));
  if (broken.length > 0) fail(`Broken links in the documentation: ${broken.join(', ')}`);
  console.log('The documentation matches the code');
}

function checkVariables() {
  const errors = new Set(read('src/error/code.rs').match(/KTX_\w+/g));
  // Codes of the loader and of the command line.
  for (const code of ['KTX_BINARY_UNAVAILABLE', 'KTX_INTERRUPTED']) errors.add(code);
  const defined = variablesInFolders(SOURCES);
  const documented = new Set(variablesIn(read('docs/environment.md')));
  const missing = [...defined].filter((name) => !documented.has(name) && !errors.has(name));
  if (missing.length > 0) fail(`docs/environment.md lacks ${missing.join(', ')}`);
  const stale = [...documented].filter((name) => !defined.has(name));
  if (stale.length > 0) fail(`docs/environment.md has unknown variables: ${stale.join(', ')}`);
  const allNames = new Set([...defined, ...errors, ...variablesInFolders(['python-runtime/tests'])]);
  const unknown = PAGES.flatMap((page) => variablesIn(read(page))).filter((name) => !allNames.has(name));
  if (unknown.length > 0) fail(`The documentation refers to unknown codes or variables: ${unknown.join(', ')}`);
}

function variablesInFolders(folders) {
  return new Set(folders.flatMap(filesBelow).flatMap((file) => variablesIn(read(file))));
}

/** Names with the prefix `KTX_`; one that ends with an underscore is a prefix of several. */
function variablesIn(text) {
  return [...text.matchAll(/\bKTX_[A-Z0-9_]*[A-Z0-9]\b/g)].map(([name]) => name);
}

/** Tests that a page refers to, as `file: name`. */
function referencedTests(page) {
  return [...read(page).matchAll(/`([\w./-]+\.(?:rs|py|ts)): ([^`]+)`/g)].map(([, file, name]) => [file, name]);
}

/** Targets of relative links, relative to the project, with their anchors. */
function relativeLinks(page) {
  const targets = [...read(page).matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target);
  const local = targets.filter((target) => !target.includes('://'));
  return local.map((target) => (target.startsWith('#') ? page + target : path.join(path.dirname(page), target)));
}

function linkExists(target) {
  const [file, heading] = target.split('#');
  return exists(file) && (heading === undefined || headingAnchors(read(file)).includes(heading));
}

/** Anchors that GitHub generates for the headings of a page. */
function headingAnchors(text) {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
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

function exists(file) {
  return existsSync(path.join(root, file));
}

function read(file) {
  return readFileSync(path.join(root, file), 'utf8');
}
