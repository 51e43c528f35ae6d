/** `ktx table`: its flags. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addConnectionFlag, type ConnectionFlag, connectionOf } from '../flags/connection.js';
import { addFormatFlag, outputOf } from '../flags/format.js';
import { projectDirOf } from '../flags/project-dir.js';

/** Registers the command. */
export function registerTableCommand(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  addConnectionFlag(addFormatFlag(program.command('table')))
    .description('show a table of the newest scan, or list them')
    .argument('[name]', 'name of a table or view, with or without its schema')
    .action(async (name: string | undefined, flags: ConnectionFlag, command: Command) => {
      const args = { projectDir: await projectDirOf(command, io), ...connectionOf(flags), ...outputOf(command) };
      context.exit(await deps.table(name === undefined ? args : { ...args, name }, io));
    });
}
