/** `ktx init`: its flags. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { namedProjectDir, resolveDir } from '../flags/project-dir.js';
import { workingDirOf } from '../terminal/io.js';

/** Registers the command. */
export function registerInitCommand(program: Command, context: CommandContext): void {
  const { io } = context;
  addJsonFlag(program.command('init'))
    .description('create a project: a folder with a ktx.yaml')
    .argument('[dir]', 'folder of the project (default: KTX_PROJECT_DIR, else the working folder)')
    .option('--name <name>', "name of the project (default: the folder's name)")
    .action(async (dir: string | undefined, flags: { name?: string }, command: Command) => {
      const named = dir === undefined ? namedProjectDir(command, io) : resolveDir('The argument dir', dir, io);
      const projectDir = named ?? workingDirOf(io);
      const projectName = flags.name === undefined ? {} : { projectName: flags.name };
      context.exit(await context.deps.init({ projectDir, ...projectName, ...jsonFlag(command) }, io));
    });
}
