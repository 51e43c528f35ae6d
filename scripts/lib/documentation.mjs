// Holds the documentation to the code: environment variables, codes of errors, names of tests, links between files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fail, root } from './steps.mjs';

const SOURCES = ['src', 'cli/src', 'python-runtime/src', 'scripts'];
const PAGES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...markdownIn('docs')];

/** Ends the script if the documentation lacks something or tells of what is not there. */
export function checkDocumentation() {
  checkVariables();
  const unknown = PAGES.flatMap(testsOf).filter(([file, name]) => !exists(file) || !read(file).includes(name));
  if (unknown.length > 0) fail(`The documentation names tests that are not there: ${unknown.join(', ')}`);
  const broken = PAGES.flatMap(linksOf).filter((target) => !leadsSomewhere(target));
  if (broken.length > 0) fail(`Links of the documentation lead nowhere: ${broken.join(', ')}`);
  console.log('The documentation fits the code');
}

function checkVariables() {
  const errors = new Set(read('src/error/code.rs').match(/KTX_\w+/g));
  // The loader's and the command line's own.
  for (const code of ['KTX_BINARY_UNAVAILABLE', 'KTX_INTERRUPTED']) errors.add(code);
  const known = variablesBelow(SOURCES);
  const documented = new Set(variablesIn(read('docs/environment.md')));
  const missing = [...known].filter((name) => !documented.has(name) && !errors.has(name));
  if (missing.length > 0) fail(`docs/environment.md lacks ${missing.join(', ')}`);
  const gone = [...documented].filter((name) => !known.has(name));
  if (gone.length > 0) fail(`docs/environment.md explains what no code has: ${gone.join(', ')}`);
  const anywhere = new Set([...known, ...errors, ...variablesBelow(['python-runtime/tests'])]);
  const unknown = PAGES.flatMap((page) => variablesIn(read(page))).filter((name) => !anywhere.has(name));
  if (unknown.length > 0) fail(`The documentation names codes or variables that no code has: ${unknown.join(', ')}`);
}

function variablesBelow(folders) {
  return new Set(folders.flatMap(filesBelow).flatMap((file) => variablesIn(read(file))));
}

/** Names that begin so; what ends with an underscore is the beginning of several. */
function variablesIn(text) {
  return [...text.matchAll(/\bKTX_[A-Z0-9_]*[A-Z0-9]\b/g)].map(([name]) => name);
}

/** Tests that a page names, as `file: name`. */
function testsOf(page) {
  return [...read(page).matchAll(/`([\w./-]+\.(?:rs|py|ts)): ([^`]+)`/g)].map(([, file, name]) => [file, name]);
}

/** Targets of relative links, from the project's folder, each with the heading that it names. */
function linksOf(page) {
  const targets = [...read(page).matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target);
  const local = targets.filter((target) => !target.includes('://'));
  return local.map((target) => (target.startsWith('#') ? page + target : path.join(path.dirname(page), target)));
}

function leadsSomewhere(target) {
  const [file, heading] = target.split('#');
  return exists(file) && (heading === undefined || headingsOf(read(file)).includes(heading));
}

/** Headings of a page in the form in which GitHub lets links name them. */
function headingsOf(text) {
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
