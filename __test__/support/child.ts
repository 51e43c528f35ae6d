import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { packageDir } from './package.js';

/** Exit status and output of a child process. */
export interface ChildResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs the source of an ES module in a Node process, in the folder of the package, until it exits. */
export async function runNode(source: string, env: NodeJS.ProcessEnv = process.env): Promise<ChildResult> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: packageDir,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => killChild(child));
  return await collect(child);
}

/** Runs the source of an ES module like {@link runNode}, and kills the process as soon as `condition` holds. */
export async function killNodeWhen(source: string, condition: () => boolean): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: packageDir,
    stdio: 'ignore',
  });
  onTestFinished(() => killChild(child));
  const exited = once(child, 'exit');
  while (child.exitCode === null && !condition()) await new Promise((resolve) => setTimeout(resolve, 1));
  child.kill('SIGKILL');
  expect(await exited).toEqual([null, 'SIGKILL']);
}

/** Starts an unrelated process; it is killed at the end of the test. */
export async function startUnrelatedProcess(): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  onTestFinished(() => killChild(child));
  return child as ChildProcess & { pid: number };
}

/** Kills a running child and waits for its exit. */
export async function killChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Whether a process runs; on Linux a zombie does not count. */
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
