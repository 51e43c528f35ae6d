/** `ktx trust`: its flags. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { projectDirOf, resolveDir } from '../flags/project-dir.js';

/** Registers the command. */
export function registerTrustCommand(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  addJsonFlag(program.command('trust'))
    .summary('allow a project from elsewhere to use its secrets')
    .description('allow a project from elsewhere to use the secrets that it refers to')
    .argument('[dir]', 'folder of the project (default: the nearest one upwards with a ktx.yaml)')
    .action(async (dir: string | undefined, _: unknown, command: Command) => {
      const projectDir = dir === undefined ? await projectDirOf(command, io) : resolveDir('The argument dir', dir, io);
      context.exit(await deps.trust({ projectDir, ...jsonFlag(command) }, io));
    });
}
