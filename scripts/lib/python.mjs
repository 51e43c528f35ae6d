// The Python environment that the wheel's sources are linted and tested in; the wheel itself is not installed there.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { findPython, isOutdated, root, run, venvExecutable } from './steps.mjs';

const venv = path.join(root, 'python-runtime', '.venv');

/** Its interpreter. */
export const python = venvExecutable(venv, 'python');

/** Makes the environment, or makes it anew when its requirements have changed. */
export function preparePython() {
  const requirements = 'python-runtime/requirements-dev.txt';
  const done = 'python-runtime/.venv/.prepared';
  if (!isOutdated(done, [requirements])) return;
  run(findPython(), ['-m', 'venv', '--clear', venv]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--require-hashes', '-r', requirements]);
  writeFileSync(path.join(root, done), '');
}
