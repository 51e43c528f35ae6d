/** The built command line, as a process of its own. */

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';

/** Folder of the package. */
export const PACKAGE_DIR = join(import.meta.dirname, '..', '..', '..');

/** The built executable. */
export const KTX = join(PACKAGE_DIR, 'cli', 'dist', 'ktx.js');

/** What a finished process left. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A process that may still run. */
export interface Running {
  child: ChildProcess;
  finished: Promise<Finished>;
  stdout(): string;
  stderr(): string;
  /** Waits until `stdout` satisfies the condition; a process that ends before it does is a failure. */
  shows(condition: (stdout: string) => boolean): Promise<void>;
}

/** Where and with which variables a command runs; `undefined` takes a variable away. */
export interface Surroundings {
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** Leaves standard input open to be written to. */
  input?: boolean;
}

/** Runs `ktx` to its end. */
export function ktx(args: string[], surroundings: Surroundings = {}): Promise<Finished> {
  return startKtx(args, surroundings).finished;
}

/** Starts `ktx`. */
export function startKtx(args: string[], surroundings: Surroundings = {}): Running {
  return start(process.execPath, [KTX, ...args], surroundings);
}

/** Starts any command with its output caught. */
export function start(command: string, args: string[], { cwd, env, input }: Surroundings = {}): Running {
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
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  const shows = async (condition: (stdout: string) => boolean) => {
    await vi.waitUntil(() => condition(stdout) || child.exitCode !== null, { timeout: 60_000 });
    if (!condition(stdout)) throw new Error(`The process ended first. stdout: ${stdout} stderr: ${stderr}`);
  };
  return { child, finished, stdout: () => stdout, stderr: () => stderr, shows };
}

/** Starts the daemon if need be; the path of its log. */
export async function daemonLog(): Promise<string> {
  return JSON.parse((await ktx(['runtime', 'start', '--json'])).stdout).state.stderrLog;
}

/** A folder of the test's own, with a space and letters outside ASCII in its name. */
export async function temporaryDir(): Promise<string> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'ktx größe ')));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** What the developer's own shell says must not decide a test. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { KTX_DAEMON_URL, KTX_SQL_ANALYSIS_URL, KTX_DEBUG, NO_COLOR, FORCE_COLOR, ...rest } = process.env;
  return rest;
}
