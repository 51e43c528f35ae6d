// Reference for comparisons: an environment with the reference dependencies, and its daemon.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findFreePort } from '../../scripts/lib/ports.mjs';
import { findPython, root, run, venvExecutable } from '../../scripts/lib/steps.mjs';
import { request, waitUntil } from './processes.mjs';

const folder = path.join(root, 'benches', 'reference');

/** Requirements of the reference. */
export const requirementsFile = path.join(folder, 'requirements.txt');

/** The reference daemon. */
export const daemonFile = path.join(folder, 'daemon.py');

/** Interval at which the reference client polls its starting daemon, as the replaced code did. */
export const POLL_INTERVAL_MS = 100;

/** Interpreter of the reference environment, which pip creates again if the requirements change. */
export function referencePython() {
  const venv = path.join(root, 'target', 'bench', 'reference');
  const [python, marker] = [venvExecutable(venv, 'python'), path.join(venv, '.prepared')];
  const requirements = readFileSync(requirementsFile, 'utf8');
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== requirements) {
    rmSync(venv, { recursive: true, force: true });
    mkdirSync(path.dirname(venv), { recursive: true });
    run(findPython(), ['-m', 'venv', venv]);
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirementsFile]);
    writeFileSync(marker, requirements);
  }
  return python;
}

/** Starts the reference daemon and waits until it is healthy: `{ baseUrl, pid, stop() }`. */
export async function startReferenceDaemon() {
  const port = await findFreePort();
  const child = spawn(referencePython(), [daemonFile, String(port)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const baseUrl = `http://127.0.0.1:${port}`;
  const isHealthy = () =>
    request(`${baseUrl}/health`).then(
      ({ status }) => status === 200,
      () => false,
    );
  await waitUntil(
    async () => {
      if (child.exitCode !== null) throw new Error('The reference daemon ended');
      return isHealthy();
    },
    'the reference daemon is healthy',
    POLL_INTERVAL_MS,
  );
  const stop = async () => {
    child.kill();
    await ended;
  };
  return { baseUrl, pid: child.pid, stop };
}
