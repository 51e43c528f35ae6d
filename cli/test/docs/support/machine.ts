/** Isolated machines, made of a home folder and environment variables, and shells on them. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { devNull, homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KTX, type ProcessResult } from '../../support/ktx.js';
import type { Internet } from './internet.js';

/** Variables that machines inherit, for the tools of the pages. */
const INHERITED_VARIABLES = /^(PATH|LANG|LC_ALL|TMPDIR|CARGO_HOME|RUSTUP_HOME|PYENV_\w+)$/;

const COMMAND_TIMEOUT_MS = 240_000;

/** Shell script that runs a command with the working folder and variables of the previous one. */
const RUN = `
if [ -f "$2/env" ]; then . "$2/env"; fi
cd "$(cat "$2/cwd")" || exit 99
trap 'pwd >"$2/cwd"; export -p >"$2/env"' EXIT
set -a
eval "$1"`;

/** An isolated machine with an empty home folder. */
export interface Machine {
  home: string;
  env: NodeJS.ProcessEnv;
  /** Opens a shell in a new, empty folder below the home. */
  openShell(folder: string): Promise<Shell>;
  /** Stops its daemons and removes its home folder. */
  remove(): Promise<void>;
}

/** A shell session. */
export interface Shell {
  /** Runs one command and waits for its end. */
  run(command: string): Promise<ProcessResult>;
  /** Working folder of the next command. */
  cwd(): Promise<string>;
}

/** Creates a machine; without `network` it has no uv and no configured registries. */
export async function createMachine(internet: Internet, { network }: { network: boolean }): Promise<Machine> {
  // PIP_FIND_LINKS separates folders by spaces.
  const name = network ? 'ktx docs größe ' : 'ktx-docs-größe-';
  const home = await realpath(await mkdtemp(join(tmpdir(), name)));
  const inherited = Object.entries(process.env).filter(([name]) => INHERITED_VARIABLES.test(name));
  const prefix = join(home, '.npm-global');
  const systemPath = pathFolders();
  const tools = network
    ? [internet.uvFolder, ...systemPath]
    : systemPath.filter((folder) => !existsSync(join(folder, 'uv')));
  const env: NodeJS.ProcessEnv = {
    // Cargo caches are shared with the host, for builds of the clone.
    CARGO_HOME: join(homedir(), '.cargo'),
    RUSTUP_HOME: join(homedir(), '.rustup'),
    ...Object.fromEntries(inherited),
    HOME: home,
    PATH: [join(prefix, 'bin'), ...tools].join(delimiter),
    // pip reads no configuration files if this is the null device.
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

/** Folders of PATH, without those that npm adds for scripts. */
function pathFolders(): string[] {
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

/** Runs a command and waits for its end, up to {@link COMMAND_TIMEOUT_MS}. */
export function finish(command: string, args: string[], env: NodeJS.ProcessEnv, cwd: string): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: COMMAND_TIMEOUT_MS });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
