/** `ktx status`: its flags. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { projectDirOf } from '../flags/project-dir.js';

/** Registers the command. */
export function registerStatusCommand(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  addJsonFlag(program.command('status'))
    .description('what works in a project, and how to fix the rest')
    .action(async (_: unknown, command: Command) => {
      const projectDir = await projectDirOf(command, io);
      context.exit(await deps.status({ projectDir, cliVersion: deps.cliVersion, ...jsonFlag(command) }, io));
    });
}
