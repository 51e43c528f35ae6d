/** What the command groups share when they turn flags into arguments. */

import { isAbsolute, resolve } from 'node:path';
import type { KtxManagedPythonInstallPolicy } from '@kaelio/ktx';
import type { Command } from 'commander';
import type { KtxCliDeps } from '../deps.js';
import { CliError } from '../errors.js';
import { type CliIo, workingDirOf } from '../io.js';

/** One call of the command line while its tree is built and run. */
export interface CommandContext {
  io: CliIo;
  deps: KtxCliDeps;
  /** Called by each action with its exit code. */
  exit(code: number): void;
}

/** Flags of every command that may need the managed runtime. */
export interface RuntimeFlags {
  yes?: boolean;
  input?: boolean;
}

/** The flag of every command that reads schemas into the project. */
export interface IntrospectionFlags {
  databaseIntrospectionUrl?: string;
}

/** Adds `--yes` and `--no-input`. */
export function addRuntimeFlags(command: Command): Command {
  return command
    .option('--yes', 'install the managed Python runtime without asking when it is needed')
    .option('--no-input', 'never ask: fail when the managed Python runtime is needed and missing');
}

/** Adds `--database-introspection-url`. */
export function addIntrospectionUrlFlag(command: Command): Command {
  const description = 'daemon to read databases through, in place of the managed one';
  return command.option('--database-introspection-url <url>', description);
}

function introspectionUrl({ databaseIntrospectionUrl: url }: IntrospectionFlags): IntrospectionFlags {
  return url === undefined ? {} : { databaseIntrospectionUrl: httpUrl('--database-introspection-url', url) };
}

/** A daemon's URL. The addon checks it as well, but knows the option under its own name only. */
export function httpUrl(flag: string, text: string): string {
  if (URL.canParse(text) && /^https?:/i.test(text)) return text;
  const message = `${flag} is not an http or https URL`;
  throw new CliError('KTX_HTTP_URL_INVALID', message, 'Set it to one such as http://127.0.0.1:8765, or leave it out');
}

/** Adds `--json`. */
export function addJsonFlag(command: Command): Command {
  return command.option('--json', 'print one JSON document');
}

/** `{ json: true }` where the flag stands before or after the last word of the command, else nothing. */
export function jsonFlag(command: Command): { json?: true } {
  return command.optsWithGlobals<{ json?: boolean }>().json === true ? { json: true } : {};
}

/** The install policy that the flags mean; refuses `--yes` together with `--no-input`. */
export async function runtimeInstallPolicy(flags: RuntimeFlags): Promise<KtxManagedPythonInstallPolicy> {
  const { runtimeInstallPolicyFromFlags } = await import('@kaelio/ktx');
  return runtimeInstallPolicyFromFlags({
    ...(flags.yes === undefined ? {} : { yes: flags.yes }),
    ...(flags.input === undefined ? {} : { input: flags.input }),
  });
}

/** The folder of `--project-dir`, absolute, if it was given. */
export function explicitProjectDir(command: Command, io: CliIo): string | undefined {
  const { projectDir } = command.optsWithGlobals<{ projectDir?: string }>();
  return projectDir === undefined ? undefined : absoluteDir('--project-dir', projectDir, io);
}

/** A folder that the user named, absolute. */
export function absoluteDir(argument: string, dir: string, io: CliIo): string {
  if (dir.trim() === '') throw new CliError('KTX_ARGUMENT_INVALID', `${argument} needs a folder`);
  return isAbsolute(dir) ? resolve(dir) : resolve(workingDirOf(io), dir);
}

/** The project of a command: `--project-dir`, else the nearest folder upwards with a `ktx.yaml`. */
export async function projectDirOf(command: Command, io: CliIo): Promise<string> {
  const explicit = explicitProjectDir(command, io);
  if (explicit !== undefined) return explicit;
  const { findKtxProjectDir } = await import('@kaelio/ktx');
  return findKtxProjectDir({ startDir: workingDirOf(io) });
}

/** What every command is told that may need the managed runtime. */
export async function runtimeArgs(flags: RuntimeFlags, command: Command, { deps, io }: CommandContext) {
  const installPolicy = await runtimeInstallPolicy(flags);
  return { projectDir: await projectDirOf(command, io), cliVersion: deps.cliVersion, installPolicy };
}

/** The same for commands that pull sources into the project. */
export async function ingestArgs(flags: RuntimeFlags & IntrospectionFlags, command: Command, context: CommandContext) {
  const { installPolicy, ...rest } = await runtimeArgs(flags, command, context);
  return { ...rest, ...introspectionUrl(flags), runtimeInstallPolicy: installPolicy };
}
