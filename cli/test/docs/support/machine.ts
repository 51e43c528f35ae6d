/** A fresh machine, as far as folders and variables can make one, and a shell on it. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { devNull, homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Finished, KTX } from '../../support/ktx.js';
import type { Internet } from './internet.js';

/** Variables of the tests' own machine that the tools of a page need to work at all. */
const KEPT = /^(PATH|LANG|LC_ALL|TMPDIR|CARGO_HOME|RUSTUP_HOME|PYENV_\w+)$/;

const COMMAND_LIMIT_MS = 240_000;

/** Runs a command where the last one ended: its folder and its variables are still there. */
const RUN = `
if [ -f "$2/env" ]; then . "$2/env"; fi
cd "$(cat "$2/cwd")" || exit 99
trap 'pwd >"$2/cwd"; export -p >"$2/env"' EXIT
set -a
eval "$1"`;

/** A home folder with nothing in it. */
export interface Machine {
  home: string;
  env: NodeJS.ProcessEnv;
  /** Opens a shell in a new, empty folder below the home. */
  openShell(folder: string): Promise<Shell>;
  /** Ends the daemons that were started there, and removes all of it. */
  remove(): Promise<void>;
}

/** A shell that a page's commands are typed into. */
export interface Shell {
  /** Runs one command to its end. */
  run(command: string): Promise<Finished>;
  /** Folder that the next command runs in. */
  cwd(): Promise<string>;
}

/** Makes a machine; without `network` it has no uv, and knows no registries but those that its user names. */
export async function createMachine(internet: Internet, { network }: { network: boolean }): Promise<Machine> {
  // A variable of pip that lists folders cannot have one with a space in its name.
  const name = network ? 'ktx docs größe ' : 'ktx-docs-größe-';
  const home = await realpath(await mkdtemp(join(tmpdir(), name)));
  const kept = Object.entries(process.env).filter(([name]) => KEPT.test(name));
  const prefix = join(home, '.npm-global');
  const found = foldersOfPath();
  const tools = network ? [internet.uvFolder, ...found] : found.filter((folder) => !existsSync(join(folder, 'uv')));
  const env: NodeJS.ProcessEnv = {
    // Builds of the clone go on where the last one ended.
    CARGO_HOME: join(homedir(), '.cargo'),
    RUSTUP_HOME: join(homedir(), '.rustup'),
    ...Object.fromEntries(kept),
    HOME: home,
    PATH: [join(prefix, 'bin'), ...tools].join(delimiter),
    // No settings of this machine: pip takes the null device as that.
    PIP_CONFIG_FILE: devNull,
    npm_config_prefix: prefix,
    npm_config_update_notifier: 'false',
    ...(network ? { npm_config_registry: internet.registry, UV_DEFAULT_INDEX: internet.index } : {}),
  };
  return {
    home,
    env,
    openShell: (folder) => openShell(env, home, folder),
    async remove() {
      await finish(process.execPath, [KTX, 'runtime', 'stop', '--all'], env, home);
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Without those that npm puts there for what it runs. */
function foldersOfPath(): string[] {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => !/[\\/]node_modules[\\/]/.test(folder));
}

async function openShell(env: NodeJS.ProcessEnv, home: string, folder: string): Promise<Shell> {
  const state = await mkdtemp(join(home, '.shell-'));
  const start = join(home, folder);
  await mkdir(start);
  await writeFile(join(state, 'cwd'), start);
  return {
    run: (command) => finish('sh', ['-c', RUN, 'sh', command, state], env, home),
    cwd: async () => (await finish('cat', [join(state, 'cwd')], env, home)).stdout.trimEnd(),
  };
}

/** Runs a command to its end; one that takes too long is ended. */
export function finish(command: string, args: string[], env: NodeJS.ProcessEnv, cwd: string): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: COMMAND_LIMIT_MS });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
