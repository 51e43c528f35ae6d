import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { packageDir } from './package.js';

/** How a child process ended and what it said. */
export interface ChildResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs an ES module given as text in a Node process of its own, in the package's folder, until it exits by itself. */
export async function runNode(source: string, env: NodeJS.ProcessEnv = process.env): Promise<ChildResult> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: packageDir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => endChild(child));
  return await collect(child);
}

/** An innocent process that waits until it is ended; ended with the test. */
export async function startBystander(): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  onTestFinished(() => endChild(child));
  return child as ChildProcess & { pid: number };
}

/** Kills a child that still runs and waits until it is gone. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Whether a process runs; a zombie does not count where the platform says so. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

async function collect(child: ChildProcess): Promise<ChildResult> {
  const result: ChildResult = { code: null, signal: null, stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (result.stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (result.stderr += chunk));
  [result.code, result.signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return result;
}
