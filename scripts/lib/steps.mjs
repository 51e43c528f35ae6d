// Helpers of the scripts: running commands, failing, finding Python.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** Root folder of the project. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

const windows = process.platform === 'win32';

/** Runs a command in the root folder; exits with its exit code if it fails. */
export function run(command, args, { env = {}, cwd = root } = {}) {
  console.log(`\n$ ${[command, ...args].join(' ')}`);
  // npm and its executables are scripts on Windows, which need a shell.
  const shell = windows && /^(npm|npx)$/.test(command);
  const result = spawnSync(command, args, { cwd, stdio: 'inherit', shell, env: { ...process.env, ...env } });
  if (result.error) fail(`${command} could not be run: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Runs an executable that npm installed. */
export function runTool(name, args, options) {
  run('npx', ['--no-install', name, ...args], options);
}

/** Prints a message and exits with 1. */
export function fail(message) {
  console.error(message);
  process.exit(1);
}

/** Finds an interpreter that is recent enough for the wheel. */
export function findPython() {
  const candidates = [
    process.env.KTX_PYTHON,
    'python3',
    'python',
    'python3.13',
    'python3.12',
    'python3.11',
    'python3.10',
  ];
  const probe = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  const found = candidates.find((name) => name && spawnSync(name, ['-c', probe]).status === 0);
  return (
    found ?? fail('Python 3.10 or later with venv and pip is required to build the wheel. Install it and try again')
  );
}

/** Whether a file is missing or older than one of its sources. */
export function isOutdated(target, sources) {
  const file = path.join(root, target);
  if (!existsSync(file)) return true;
  const time = statSync(file).mtimeMs;
  return sources.some((source) => statSync(path.join(root, source)).mtimeMs > time);
}

/** Path of an executable in a virtual environment. */
export function venvExecutable(venv, name) {
  return windows ? path.join(venv, 'Scripts', `${name}.exe`) : path.join(venv, 'bin', name);
}
