/** `ktx trust`, and the flag `--trust` of other commands. */

import type { Command } from 'commander';
import type { TrustFlag } from '../trust.js';
import { absoluteDir, addJsonFlag, type CommandContext, jsonFlag, projectDirOf } from './context.js';

/** Registers the command. */
export function registerTrustCommand(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  addJsonFlag(program.command('trust'))
    .description('say that a project that was not made here may use the secrets that it refers to')
    .argument('[dir]', 'folder of the project (default: the nearest one upwards with a ktx.yaml)')
    .action(async (dir: string | undefined, _: unknown, command: Command) => {
      const projectDir = dir === undefined ? await projectDirOf(command, io) : absoluteDir('The argument dir', dir, io);
      context.exit(await deps.trust({ projectDir, ...jsonFlag(command) }, io));
    });
}

/** The flag as it is parsed. */
export interface ParsedTrustFlag {
  trust?: boolean;
}

/** Adds `--trust`. */
export function addTrustFlag(command: Command): Command {
  return command.option('--trust', 'use the secrets that the project refers to, this time without asking');
}

/** What the flag means. */
export function trustOf({ trust }: ParsedTrustFlag): TrustFlag {
  return trust === true ? { trust: 'always' } : {};
}
