/** The newest ClickHouse, which the Python tests run as chDB behind an HTTP front. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PACKAGE_DIR } from './ktx.js';

/** A running server. */
export interface ClickHouse {
  port: number;
  /** Runs statements by plain HTTP, without the driver. */
  run(...statements: string[]): Promise<void>;
}

/** Starts a server until the end of the test. */
export async function startClickHouse(): Promise<ClickHouse> {
  const cwd = join(PACKAGE_DIR, 'python-runtime');
  const child = spawn(join(cwd, '.venv', 'bin', 'python'), ['-m', 'tests.clickhouse'], {
    cwd,
    env: { ...process.env, PYTHONPATH: 'src' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  });
  const [line] = await once(child.stdout, 'data');
  const port = Number(String(line));
  const run = async (...statements: string[]) => {
    for (const body of statements) {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
      if (!response.ok) throw new Error(await response.text());
    }
  };
  return { port, run };
}
