/** `ktx docs …`: its flags. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { projectDirOf, resolveDir } from '../flags/project-dir.js';

/** Registers the group. */
export function registerDocsCommands(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  const docs = program.command('docs').description('write the local page as static files');
  addJsonFlag(docs.command('build'))
    .description('write the page into a folder that any static host can serve')
    .argument('<dir>', 'folder to write: a new or empty one, or one that this command wrote')
    .action(async (dir: string, _: unknown, command: Command) => {
      const args = {
        command: 'build' as const,
        projectDir: await projectDirOf(command, io),
        folder: resolveDir('DIR', dir, io),
        ...jsonFlag(command),
      };
      context.exit(await deps.docs(args, io));
    });
}
