// What ours is held against: an environment of the reference dependency set, and its daemon.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findFreePort } from '../../scripts/lib/ports.mjs';
import { findPython, root, run, venvExecutable } from '../../scripts/lib/steps.mjs';
import { request, waitUntil } from './processes.mjs';

const folder = path.join(root, 'benches', 'reference');

/** The list of what the reference needs. */
export const requirementsFile = path.join(folder, 'requirements.txt');

/** The reference daemon. */
export const daemonFile = path.join(folder, 'daemon.py');

/** How often the reference's client polls its daemon at the start, as the replaced code did. */
export const POLL_MS = 100;

/** The interpreter of the reference environment, which is made by pip and kept until the list changes. */
export function referencePython() {
  const venv = path.join(root, 'target', 'bench', 'reference');
  const [python, done] = [venvExecutable(venv, 'python'), path.join(venv, '.prepared')];
  const wanted = readFileSync(requirementsFile, 'utf8');
  if (!existsSync(done) || readFileSync(done, 'utf8') !== wanted) {
    rmSync(venv, { recursive: true, force: true });
    mkdirSync(path.dirname(venv), { recursive: true });
    run(findPython(), ['-m', 'venv', venv]);
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirementsFile]);
    writeFileSync(done, wanted);
  }
  return python;
}

/** Starts the reference daemon and waits until it serves: `{ baseUrl, pid, stop() }`. */
export async function startReferenceDaemon() {
  const port = await findFreePort();
  const child = spawn(referencePython(), [daemonFile, String(port)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const baseUrl = `http://127.0.0.1:${port}`;
  const serves = () =>
    request(`${baseUrl}/health`).then(
      ({ status }) => status === 200,
      () => false,
    );
  await waitUntil(
    async () => {
      if (child.exitCode !== null) throw new Error('The reference daemon ended');
      return serves();
    },
    'the reference daemon serves',
    POLL_MS,
  );
  const stop = async () => {
    child.kill();
    await ended;
  };
  return { baseUrl, pid: child.pid, stop };
}
