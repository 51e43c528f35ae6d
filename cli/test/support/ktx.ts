/** Runs the built command line as a process. */

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';

/** Folder of the package. */
export const PACKAGE_DIR = join(import.meta.dirname, '..', '..', '..');

/** The built executable. */
export const KTX = join(PACKAGE_DIR, 'cli', 'dist', 'ktx.js');

/** Exit code and output of a finished process. */
export interface ProcessResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A started process. */
export interface RunningProcess {
  child: ChildProcess;
  finished: Promise<ProcessResult>;
  stdout(): string;
  stderr(): string;
  /** Waits until `stdout` satisfies the condition; rejects if the process ends first. */
  waitForStdout(condition: (stdout: string) => boolean): Promise<void>;
}

/** Working folder and variables of a process; `undefined` removes a variable. */
export interface ProcessOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** Opens a pipe to standard input. */
  input?: boolean;
}

/** Runs `ktx` and waits for its end. */
export function ktx(args: string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  return startKtx(args, options).finished;
}

/** Starts `ktx`. */
export function startKtx(args: string[], options: ProcessOptions = {}): RunningProcess {
  return start(process.execPath, [KTX, ...args], options);
}

/** Starts a command and captures its output. */
export function start(command: string, args: string[], { cwd, env, input }: ProcessOptions = {}): RunningProcess {
  const stdio: SpawnOptions['stdio'] = [input ? 'pipe' : 'ignore', 'pipe', 'pipe'];
  const options: SpawnOptions = {
    env: { ...cleanEnvironment(), ...env },
    stdio,
    ...(cwd === undefined ? {} : { cwd }),
  };
  const child = spawn(command, args, options);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const finished = new Promise<ProcessResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  const waitForStdout = async (condition: (stdout: string) => boolean) => {
    await vi.waitUntil(() => condition(stdout) || child.exitCode !== null, { timeout: 60_000 });
    if (!condition(stdout)) throw new Error(`The process ended first. stdout: ${stdout} stderr: ${stderr}`);
  };
  return { child, finished, stdout: () => stdout, stderr: () => stderr, waitForStdout };
}

/** Starts the daemon if it is not running; resolves with the path of its log. */
export async function startDaemon(): Promise<string> {
  return JSON.parse((await ktx(['runtime', 'start', '--json'])).stdout).state.stderrLog;
}

/** Creates a folder for the test, with a space and non-ASCII letters in its name. */
export async function temporaryDir(): Promise<string> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'ktx größe ')));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** The environment without variables of the developer's shell that change results. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { KTX_DAEMON_URL, KTX_SQL_ANALYSIS_URL, KTX_DEBUG, NO_COLOR, FORCE_COLOR, ...rest } = process.env;
  return rest;
}
