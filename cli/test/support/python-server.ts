/** Servers that modules of the Python tests run. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PACKAGE_DIR } from './ktx.js';

/** Starts a server until the end of the test, and returns the line that it prints: where it listens. */
export async function startPythonServer(module: string, ...args: string[]): Promise<string> {
  const cwd = join(PACKAGE_DIR, 'python-runtime');
  const child = spawn(join(cwd, '.venv', 'bin', 'python'), ['-m', module, ...args], {
    cwd,
    env: { ...process.env, PYTHONPATH: 'src' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  });
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`${module} exited with code ${code}`);
  });
  const [line] = await Promise.race([once(child.stdout, 'data'), exited]);
  exited.catch(() => undefined);
  return String(line).trim();
}
