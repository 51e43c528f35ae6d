/** The flags `--yes` and `--no-input` of commands that may need the managed runtime. */

import type { KtxManagedPythonInstallPolicy } from '@kaelio/ktx';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { projectDirOf } from './project-dir.js';

/** Parsed flags. */
export interface RuntimeFlags {
  yes?: boolean;
  input?: boolean;
}

/** Adds `--yes` and `--no-input`. */
export function addRuntimeFlags(command: Command): Command {
  return command
    .option('--yes', 'install the managed Python runtime without asking if it is needed')
    .option('--no-input', 'never ask: fail if the managed Python runtime is needed and missing');
}

/** Converts the flags into an install policy. Errors: `--yes` together with `--no-input`. */
export async function runtimeInstallPolicy(flags: RuntimeFlags): Promise<KtxManagedPythonInstallPolicy> {
  const { runtimeInstallPolicyFromFlags } = await import('@kaelio/ktx');
  return runtimeInstallPolicyFromFlags({
    ...(flags.yes === undefined ? {} : { yes: flags.yes }),
    ...(flags.input === undefined ? {} : { input: flags.input }),
  });
}

/** Arguments that all commands with the managed runtime share. */
export async function runtimeArgs(flags: RuntimeFlags, command: Command, { deps, io }: CommandContext) {
  const installPolicy = await runtimeInstallPolicy(flags);
  return { projectDir: await projectDirOf(command, io), cliVersion: deps.cliVersion, installPolicy };
}
