/** `ktx history`: its flags. */

import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addConnectionFlag, type ConnectionFlag, connectionOf } from '../flags/connection.js';
import { addFormatFlag, outputOf } from '../flags/format.js';
import { projectDirOf } from '../flags/project-dir.js';
import { parseRowCount } from '../flags/row-limit.js';

interface HistoryFlags extends ConnectionFlag {
  top: number;
  table?: string;
}

/** Registers the command. */
export function registerHistoryCommand(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  addConnectionFlag(addFormatFlag(program.command('history')))
    .description('show what has been asked of a database, by total time')
    .addOption(new Option('--top <n>', 'number of statements').argParser(parseRowCount).default(20))
    .option('--table <name>', 'statements on this table or view only')
    .action(async ({ top, table, ...flags }: HistoryFlags, command: Command) => {
      const projectDir = await projectDirOf(command, io);
      const filter = table === undefined ? { top } : { top, table };
      context.exit(await deps.history({ projectDir, ...filter, ...connectionOf(flags), ...outputOf(command) }, io));
    });
}
